"""Finds phones, identity cards, bank cards and plates in folded text by form, checksum and the label before them.

Orders, parcels and serial numbers look the same: what is labelled as one of those, or has letters grown onto it, is
left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stdnum import luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError


class PersonalKind(StrEnum):
    """Kinds of personal data, most certain first: where two overlap, the earlier one stays."""

    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    PHONE = "phone"
    LANDLINE = "landline"
    EMAIL = "email"
    PLATE = "plate"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place of a folded text; ``hidden`` are the characters that masking replaces."""

    kind: PersonalKind
    start: int
    end: int
    hidden: tuple[int, ...]


_REACH: Final = 24  # characters before a number in which its label is looked for
_DIGITS_OF_HAN = str.maketrans("零〇一幺二三四五六七八九", "001123456789")
_HAN_RUN = re.compile(r"[-\s0-9零〇一幺二三四五六七八九]{11,24}")
_MIN_HAN_DIGITS: Final = 4  # fewer are a count beside a number: 「13800138000一个」
# One separator throughout, in the groups people use: else a price and a date beside it make a phone.
_PHONE = re.compile(
    r"(?<![0-9])(?<![0-9][-.])(?:\(?\+?(?:00)?86\)?[-\s]{0,2})?(?P<national>1(?:[3-9](?:"
    r"[0-9]{9}|[0-9](?P<a>[-\s._·]{1,2})[0-9]{4}(?P=a)[0-9]{4}|[0-9][-\s][0-9]{8}|[0-9]{5}[-\s][0-9]{4}|"
    r"[0-9]{2}(?P<b>[-\s._])[0-9]{3}(?P=b)[0-9]{4}|[0-9]{2}(?P<c>[-\s._])[0-9]{4}(?P=c)[0-9]{3}"
    r")|(?P<d>[-\s._])[3-9](?:(?P=d)[0-9]){9}))(?![0-9])"
)
_DATE = r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_ID_CARD = re.compile(
    rf"(?<![0-9A-Z])[1-9][0-9]{{5}}(?P<s>[-\s]?){_DATE}(?P=s)[0-9]{{3}}[0-9X](?![0-9A-Z])|"
    r"(?<![0-9A-Z])[1-9][0-9]{2} [0-9]{3} [0-9]{4} [0-9]{4} [0-9]{3}[0-9X](?![0-9A-Z])"
)
_CARD = re.compile(
    r"(?<![0-9A-Z])(?<![0-9][-.])(?:[0-9]{16,19}|"
    r"[0-9]{4}(?P<s>[-\s])[0-9]{4}(?P=s)[0-9]{4}(?P=s)[0-9]{4}(?:(?P=s)[0-9]{1,3})?)(?![0-9A-Z])"
)
# ISO/IEC 7812 issuer ranges in use in China: UnionPay 62 (and 60, 9558 before), Visa, MasterCard, JCB.
_ISSUER = re.compile(r"62[0-9]{14,17}|9558[0-9]{15}|60[0-9]{14,17}|(?:4[0-9]|5[1-5]|35)[0-9]{14}")
_PLATE = re.compile(
    r"(?P<place>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼])[A-HJ-NP-Z](?P<dot>[.·•\- ]?)"
    r"(?P<rest>[A-HJ-NP-Z0-9]{4}(?:[A-HJ-NP-Z0-9]{1,2}|[挂学警港澳]))(?![A-Z0-9-])"
)
_NEW_ENERGY = re.compile(r"[A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK]")  # GA 36-2018
# These provinces' signs are also words: 「新WX75G」「云E3…」 are no plates.
_WORDLIKE: Final = frozenset("新云青宁贵川")
_MIN_PLATE_DIGITS: Final = 2
_LANDLINE = re.compile(
    r"(?<![0-9A-Z])(?<![0-9][-.])\(?(?:010|02[0-57-9]|0[3-9][0-9]{2})(?:[-)\s]{1,2}(?P<apart>[1-9][0-9]{2,3}[-\s]?[0-9]{4})|"
    r"(?P<joined>[2-8][0-9]{6,7}))(?:[-转][0-9]{1,5})?(?![0-9])"
)
_OTHER_LABEL = re.compile(
    r"(?:订单|定单|单|运单|快递|物流|序列|编|条|串|货|批次|发票|合同|机身|流水|交易|券|版本|SKU|ID|S/?N|ORDER|TRACKING|SERIAL|IMEI|MAC)"
    r"(?:单?号码?|码|编号| NO\.?| NUMBER)?\s?(?:是|为|IS)?\s?[:#=]?\s?$"
)
_GROWN = re.compile(r"[A-Z]{1,6}[\s.#-]?$")
_PHONE_LABEL = re.compile(r"(?:TEL|PHONE|MOBILE|CALL|WX|VX|V|WECHAT|AT|IS|ME|ON|OR|AND|TO|NUMBER|NO\.?)[\s.]?$")
_AMOUNT = re.compile(r"\s?(?:元|块|RMB|CNY|毫安|MAH)")
_ID_LABEL = re.compile(
    r"(?:身份证|证件|(?<![A-Z])ID(?: CARD)?)(?:号码?|信息| NO\.?| NUMBER)?\s?(?:是|为|IS)?\s?[:#]?\s?$"
)
_CARD_LABEL = re.compile(
    r"(?:卡|账户|帐户|账|CARD|ACCOUNT|VISA|MASTERCARD|UNIONPAY)(?:号码?| NO\.?| NUMBER)?\s?(?:是|为|IS)?\s?[:#]?\s?$"
)
_PLATE_LABEL = re.compile(r"(?:车牌|车号|牌照)(?:号码?)?\s?(?:是|为)?\s?:?\s?$")


def find_numbers(text: str) -> Iterator[Hit]:
    """Yield the personal numbers of a text.

    Args:
        text: Folded, upper case.
    """
    yield from _phones(text)
    for run in _HAN_RUN.finditer(text):
        if sum(not (c.isascii() or c.isspace()) for c in run.group()) >= _MIN_HAN_DIGITS:
            yield from _phones(text, run.start(), run.group().translate(_DIGITS_OF_HAN))
    yield from _cards(text)
    for match in _LANDLINE.finditer(text):
        if not _labelled(_OTHER_LABEL, text, match.start()):
            places = _places(text, *match.span("apart" if match["apart"] else "joined"))
            yield Hit(PersonalKind.LANDLINE, *match.span(), tuple(places[-4:]))
    for match in _PLATE.finditer(text):
        if _is_plate(text, match):
            yield _hit(PersonalKind.PLATE, text, match.span(), keep=(2, 2))


def _cards(text: str) -> Iterator[Hit]:
    """Yield identity cards and bank cards."""
    for match in _ID_CARD.finditer(text):
        digits = _digits(match.group())
        if _is_identity(digits) or (_labelled(_ID_LABEL, text, match.start())):
            yield _hit(PersonalKind.ID_CARD, text, match.span(), keep=(6, 4))
    for match in _CARD.finditer(text):
        if _is_card(text, match):
            yield _hit(PersonalKind.BANK_CARD, text, match.span(), keep=(6, 4))


def _phones(text: str, offset: int = 0, part: str | None = None) -> Iterator[Hit]:
    """Yield the mobile numbers of a text, or of a part of it that has been spelt in digits."""
    for match in _PHONE.finditer(text if part is None else part):
        start = offset + match.start()
        before = text[max(0, start - _REACH) : start]
        grown = _GROWN.search(before) and not _PHONE_LABEL.search(before)
        if grown or _OTHER_LABEL.search(before) or _AMOUNT.match(text, offset + match.end()):
            continue
        first, last = match.span("national")
        hidden = _places(match.string, first, last)[3:7]
        yield Hit(PersonalKind.PHONE, start, offset + match.end(), tuple(offset + place for place in hidden))


def _is_identity(digits: str) -> bool:
    """Check date and check digit (GB 11643-1999, ISO 7064 MOD 11-2); the region may be one of any year."""
    try:
        ric.get_birth_date(digits)
    except ValidationError:
        return False
    return str(ric.calc_check_digit(digits)) == digits[-1]


def _is_card(text: str, match: re.Match[str]) -> bool:
    digits = _digits(match.group())
    if not _ISSUER.fullmatch(digits) or _labelled(_OTHER_LABEL, text, match.start()):
        return False
    if _labelled(_CARD_LABEL, text, match.start()):
        return True
    valid: bool = luhn.is_valid(digits)
    return valid and not _GROWN.search(text[max(0, match.start() - _REACH) : match.start()])


def _is_plate(text: str, match: re.Match[str]) -> bool:
    """Check the form of a plate (GA 36-2018): five characters with at most two letters, or six of a new-energy car."""
    rest: str = match["rest"]
    if len(rest) == 6 and not _NEW_ENERGY.fullmatch(rest):  # noqa: PLR2004 - the length of a new-energy number
        return False
    if match["dot"] not in ("", " ") or _labelled(_PLATE_LABEL, text, match.start()):
        return True
    digits = sum(c.isdigit() for c in rest)
    return digits >= (4 if match["place"] in _WORDLIKE else _MIN_PLATE_DIGITS)


def _labelled(label: re.Pattern[str], text: str, start: int) -> bool:
    return label.search(text[max(0, start - _REACH) : start]) is not None


def _hit(kind: PersonalKind, text: str, span: tuple[int, int], *, keep: tuple[int, int]) -> Hit:
    """Make a hit that shows the first and last characters of a number, separators aside."""
    places = _places(text, *span)
    return Hit(kind, *span, tuple(places[keep[0] : len(places) - keep[1]]))


def _places(text: str, start: int, end: int) -> list[int]:
    return [place for place in range(start, end) if text[place].isalnum()]


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isalnum())
