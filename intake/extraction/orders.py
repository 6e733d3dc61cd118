"""Order numbers: whatever matches the shop's patterns, and nothing else.

The order book says whether a number exists; a phone, parcel, serial or card number is never taken for one.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import re2
import structlog
from stdnum.cn import ric

from intake.extraction.errors import CatalogInvalid
from intake.extraction.lookalikes import letter_head, loose_pattern, squeezed_pattern, variants
from intake.extraction.passages import ORDER_WINDOW, Found, Passage, Window, squeeze
from intake.extraction.schemas import Flag, Method
from kit.errors import ErrorKind, JiedaiError
from tickets.ports import OrderBook
from tickets.words import FieldName, Verdict

_log = structlog.get_logger(__name__)

# What a number is said to be, right before it. Longer labels of other numbers hold the word for ours: 快递单号.
_LABEL = re.compile(
    r"(?P<other>(?:快递|物流|运单|配送|退款|退货|换货|工单|发票|合同|流水|交易|支付|包裹|取件|服务)[\u4e00-\u9fff]{0,2}?"
    r"(?:单号|编号|号码?|码)|快递|运单|手机|电话|联系方式|(?<![A-Z])S/?N(?![A-Z])码?|序列号|机身[号码]|机器[号码]|串号|"
    r"条形?码|身份证|银行卡|卡号|QQ|微信号?|(?<![A-Z])TEL(?![A-Z])|PHONE|MOBILE|SERIAL|TRACKING|WAYBILL|INVOICE|"
    r"(?<![A-Z])CARD)|(?P<order>订单|定单|单号|单子|ORDER)"
)
_LABEL_REACH = 18  # characters before a number where its label is looked for
_LABEL_GAP = 9  # 「订单号是：」 and "order number is " end this close to the number
# Another number's label must touch the number: 「快递没到，LT2026…」 is about an order.
_TOUCHING = re.compile(r"(?:[\s:=#.(]|号|码|是|为|的|NUMBER|NO|IS)*")
_GLUED_LABEL = re.compile(r"(?:ORDER(?:NO|ID)?|NO|ID)(?=[A-Z]*\d)")
_CARRIER = re.compile(r"(?:SF|YT|JDV?[A-Z]?|ZTO|STO|YD|EMS|DPK|JT|HTKY|TT|DB)\d{9,}")
_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}")
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:\d{4}|\d{6})?")
_AMOUNT_AFTER = re.compile(r"\s*(?:元|块|円|RMB|CNY|USD|ML|MAH|KM|公里|米|克|瓦|\.\d{1,2}(?!\d))")
_AMOUNT_BEFORE = re.compile(r"[¥$￥€]\s*$")


class OrderFinder:
    """Finds the shop's order numbers in a passage.

    Args:
        patterns: RE2 patterns of whole order numbers (see ``ShopCatalog``).
        book: Says whether an order exists.

    Raises:
        CatalogInvalid: RE2 refuses a pattern.
    """

    def __init__(self, patterns: tuple[str, ...], book: OrderBook) -> None:
        squeezed = [squeezed_pattern(p) for p in patterns]
        self._exact = _compiled(squeezed)
        self._loose = _compiled([loose_pattern(p) for p in squeezed])
        self._heads = tuple(head for p in squeezed if (head := letter_head(p)))
        self._book = book

    def find(self, passage: Passage, *, asked: bool = False) -> list[Found]:
        """Return all order numbers from left to right.

        Args:
            passage: The text.
            asked: Whether the bot had asked for the order number.
        """
        found: list[Found] = []
        index = 0
        while index < len(passage.chunks):
            hit = self._starting_at(passage, index, asked=asked)
            if hit is None:
                index += 1
                continue
            window, one = hit
            found.append(one)
            index = window.last + 1
        return found

    def fits(self, squeezed: str) -> bool:
        """Tell whether a number without separators has the form of the shop's order numbers."""
        return self._exact is not None and self._exact.fullmatch(squeezed) is not None

    def validated(self, text: str) -> tuple[str, Verdict, frozenset[Flag]]:
        """Judge what a person typed as an order number: canonical form, verdict and flags."""
        normal = squeeze(text)
        if not self.fits(normal):
            return normal, Verdict.INVALID, frozenset()
        return normal, *self._verdict(normal)

    def _starting_at(self, passage: Passage, index: int, *, asked: bool) -> tuple[Window, Found] | None:
        windows = [w for w in _readings(passage, index) if any(c.isdigit() for c in w.text)]
        # A chunk that is a whole number by itself is never joined to its neighbour; else the longest reading wins.
        ordered = [*windows[:1], *reversed(windows[1:])]
        for window in ordered:
            if self.fits(window.text):
                return self._judged(passage, window, window.text, frozenset(), asked=asked)
        for window in ordered:
            if self._loose is not None and self._loose.fullmatch(window.text) and (normal := self._unique(window.text)):
                return self._judged(passage, window, normal, frozenset({Flag.LOOKALIKE}), asked=asked)
        return self._headless(passage, ordered, asked=asked)

    def _judged(
        self, passage: Passage, window: Window, normal: str, flags: frozenset[Flag], *, asked: bool
    ) -> tuple[Window, Found] | None:
        label = _label_of(passage.flat, window.start)
        if not self._plausible(passage, window, normal, sure=label == "order" or asked):
            return None
        verdict, more = self._verdict(normal)
        if label == "other" and verdict is not Verdict.VALID:
            return None
        found = Found(FieldName.ORDER_NO, window.start, window.end, normal, verdict, Method.PATTERN, flags | more)
        return window, found

    def _headless(self, passage: Passage, windows: list[Window], *, asked: bool) -> tuple[Window, Found] | None:
        """Accept a number without the letters before it where the bot or the label asks for it and the book has it."""
        for window in windows:
            if not window.text.isdigit() or not (asked or _label_of(passage.flat, window.start) == "order"):
                continue
            for head in self._heads:
                normal = head + window.text
                if self.fits(normal) and self._verdict(normal) == (Verdict.VALID, frozenset()):
                    found = Found(FieldName.ORDER_NO, window.start, window.end, normal, Verdict.VALID, Method.PATTERN)
                    return window, found
        return None

    def _plausible(self, passage: Passage, window: Window, normal: str, *, sure: bool) -> bool:
        """Tell whether a match may be an order number: bare digits are most often something else."""
        if sure:
            return True
        if not normal.isdigit():
            return not _CARRIER.fullmatch(normal) or normal.startswith(tuple(h for h in self._heads if len(h) > 1))
        before, after = passage.flat[: window.start], passage.flat[window.end :]
        return not (
            window.last > window.first
            or _MOBILE.fullmatch(normal)
            or _DATE.fullmatch(normal)
            or ric.is_valid(normal)
            or before[-1:] in ("-", ".")
            or after[:1] == "-"
            or _AMOUNT_AFTER.match(after[:8])
            or _AMOUNT_BEFORE.search(before[-3:])
        )

    def _unique(self, text: str) -> str:
        """Return the only order number that a misread one can have been, or the only one the book knows."""
        fitting = {variant: changed for variant, changed in variants(text) if self.fits(variant)}
        if len(fitting) == 1:
            return next(iter(fitting))
        known = [v for v in fitting if self._verdict(v)[0] is Verdict.VALID]
        return known[0] if len(known) == 1 else ""

    def _verdict(self, normal: str) -> tuple[Verdict, frozenset[Flag]]:
        try:
            record = self._book.find(normal)
        except JiedaiError as error:
            if error.kind is not ErrorKind.UNAVAILABLE:
                raise
            _log.warning("extraction.order_book.unavailable", code=error.code)
            return Verdict.UNKNOWN, frozenset({Flag.UNVERIFIED})
        return (Verdict.VALID if record is not None else Verdict.UNKNOWN), frozenset()


def _readings(passage: Passage, index: int) -> Iterator[Window]:
    """Yield the windows at a chunk, and the same without a label grown onto it: ``OrderLT2026…``."""
    windows = passage.windows(index, ORDER_WINDOW)
    yield from windows
    if glued := _GLUED_LABEL.match(windows[0].text):
        for window in windows:
            yield replace(window, start=window.start + glued.end(), text=window.text[glued.end() :])


def _label_of(flat: str, start: int) -> str:
    """Return what the number at ``start`` is said to be: ``order``, ``other`` or nothing."""
    before = flat[max(0, start - _LABEL_REACH) : start]
    last = None
    for match in _LABEL.finditer(before):
        last = match
    if last is None:
        return ""
    between = before[last.end() :]
    if len(between) > _LABEL_GAP or "\n" in between.strip() or any(c.isdigit() for c in between):
        return ""
    if last.lastgroup == "other" and not _TOUCHING.fullmatch(between):
        return ""
    return last.lastgroup or ""


def _compiled(patterns: list[str]) -> "re2._Regexp | None":
    """Compile patterns as one; RE2 takes linear time whatever the shop configures."""
    if not patterns:
        return None
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        return re2.compile("|".join(f"(?:{p})" for p in patterns), options)
    except re2.error as error:
        what = f"order pattern refused by RE2: {error}"
        raise CatalogInvalid(what) from error
