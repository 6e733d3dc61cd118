"""Fault codes: short tokens that only their neighbourhood tells from sizes, places and models."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from intake.extraction import code_words as words
from intake.extraction.catalogue import CodeHit, CodeIndex
from intake.extraction.passages import Found, Origin, Passage, squeeze
from intake.extraction.schemas import Flag, Method
from tickets.words import FieldName, Verdict

_TOKEN = re.compile(
    rf"(?<![A-Z0-9])(?<![^A-Z][A-Z]-)(?<!^[A-Z]-)(?:ERR(?:OR)?[ \t]?-?[0-9]{{2,3}}|"
    rf"[A-Z]{{1,3}}(?P<gap>[ \t]?[-_.][ \t]?|[ \t]{{1,2}}|{words.DASH_WORD})?"
    rf"(?:[0-9]{{1,3}}|(?P<han>[{words.HAN_NUMBER}]{{1,3}}))|[0-9]{{1,2}}[A-Z]{{1,2}})(?![A-Z0-9])"
)
# The same with letters where digits belong; only looked at right behind a word such as 显示 or alone on a display.
_LOOKALIKE = re.compile(r"(?<![A-Z0-9])(?:[A-Z£€]{1,2}[-_]?[0-9OILSBZ]{1,3}|[0-9OILSBZ]{1,2}[A-Z]{1,2})(?![A-Z0-9])")
_CLAUSE = re.compile(r"[，,、]")
_ERROR_WORD = re.compile(r"ERR(?:OR)?[ \t]?-?(?=[0-9])")
_ERROR_DASH = re.compile(r"(?:ERROR|ERR|CODE|FAULT)-$")
_CODE_SHAPE = re.compile(r"(?:[A-Z]{1,2}|ERR?)[0-9]{1,3}")
_CURRENCY_E = str.maketrans("£€", "EE")  # readers take a stylised E for a currency sign
_ENGLISH = frozenset({"IS", "SO", "IO", "OS", "OIL", "ILL", "SOS", "LO", "BIOS", "PSI", "DSL", "USB", "LOL", "BOIL"})
_REACH_BEFORE, _REACH_AFTER = 14, 12  # characters; English words are longer, see _LATIN_REACH
_LATIN_REACH = 30
_BESIDE = 4  # characters between an appliance's name and its code: 「洗衣机 E3」「空调是E6」
_MAX_TOKENS = 60  # of one text, so that hostile text costs little; a person types fewer than ten
_TABLE_OF_CODES = 3  # a picture with more distinct codes is a page of the manual, not a fault


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around a passage.

    Attributes:
        families: Families in question, worked out when first needed; empty where unknown.
        taken: Spans that are something else.
        appliances: Spans of family words and models.
        asked: Whether the bot had asked for the fault code.
    """

    families: Callable[[], Collection[str]] = tuple
    taken: Sequence[tuple[int, int]] = ()
    appliances: Sequence[tuple[int, int]] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    """Something written like a code; ``compact`` where nothing but a dash or dot lies inside."""

    start: int
    end: int
    writing: str
    form: "_Form"
    compact: bool = False


class _Form(Enum):
    """How a token is written."""

    CODE = auto()  # letters and a number
    ODD = auto()  # as the catalogue spells a code that has another form
    LOOKALIKE = auto()  # letters where digits belong


def find_codes(passage: Passage, index: CodeIndex, around: Surroundings) -> list[Found]:
    """Return the fault codes in a passage, from left to right.

    Args:
        passage: The text.
        index: The shop's fault codes.
        around: What is known around it.

    Returns:
        Codes of the families in question (``VALID``), and writings in a code's place that none of them has
        (``INVALID``).
    """
    tokens = [t for t in _tokens(passage, index)[:_MAX_TOKENS] if _may_be_code(passage, t, around)]
    if not tokens:
        return []
    place, families = _Place(passage, tokens, around), around.families()
    if passage.origin is not Origin.MESSAGE and _is_table(tokens, index):
        return []
    return [f for t in tokens if (f := _judge(t, place, index, families))]


def _is_table(tokens: Sequence[_Token], index: CodeIndex) -> bool:
    """Tell whether a picture lists codes, as a page of the manual does."""
    hits = (index.find(t.writing) for t in tokens if t.form is not _Form.LOOKALIKE)
    return len({hit.code for hit in hits if hit is not None}) > _TABLE_OF_CODES


def _tokens(passage: Passage, index: CodeIndex) -> list[_Token]:
    """Return everything that is written like a code, whatever it means."""
    flat, tokens = passage.flat, list[_Token]()
    for match in _TOKEN.finditer(flat):
        compact = match["han"] is None and set(match["gap"] or "") <= set("-_.")
        tokens.append(_Token(match.start(), match.end(), words.arabic(match.group()), _Form.CODE, compact))
    if index.odd_pattern is not None:
        tokens += [_Token(m.start(), m.end(), m.group(), _Form.ODD) for m in index.odd_pattern.finditer(flat)]
    seen = [(t.start, t.end) for t in tokens]
    for match in _LOOKALIKE.finditer(flat):
        if not _hits(match.start(), match.end(), seen) and match.group() not in _ENGLISH:
            writing = match.group().translate(_CURRENCY_E)
            tokens.append(_Token(match.start(), match.end(), writing, _Form.LOOKALIKE))
    return sorted(tokens, key=lambda t: t.start)


def _may_be_code(passage: Passage, token: _Token, around: Surroundings) -> bool:
    """Tell whether a token is not plainly something else: part of a number, a place, a size, a count."""
    flat = passage.flat
    if _hits(token.start, token.end, around.taken):
        return False
    before, after = flat[max(0, token.start - 12) : token.start], flat[token.end : token.end + 12]
    if words.NOT_AFTER.match(after) or words.NOT_BEFORE.search(before):
        return False
    if not token.compact and token.form is _Form.CODE and words.COUNTED.match(after):
        return False
    glued_after = after[:1] in ("-", "_") and _latin(after[1:2]) and not _TOKEN.match(flat, token.end + 1)
    glued_before = before[-1:] in ("-", "_") and _latin(before[-2:-1])
    hangs_on = glued_before and not _ends_token(flat, token.start - 1) and not _ERROR_DASH.search(before)
    return not (glued_after or hangs_on)


def _judge(token: _Token, place: "_Place", index: CodeIndex, families: Collection[str]) -> Found | None:
    method = place.method(token) or place.presumed(token, appliance_known=bool(families))
    if method is None:
        return None
    flags = frozenset({Flag.ANSWER}) if place.asked else frozenset[Flag]()
    writing, exact = _ERROR_WORD.sub("ER", token.writing), _ERROR_WORD.match(token.writing) is not None
    likely = place.asked or method is Method.STANDALONE or place.tight(token)
    hit = index.find(writing, families, lookalike=likely and token.form is not _Form.ODD)
    if place.picture and hit is not None and Flag.ZEROS in hit.flags:
        hit = _with_r(writing, families, index) or hit
    if hit is not None and not (exact and Flag.ZEROS in hit.flags) and not (hit.flags and method is Method.PRESUMED):
        flags |= hit.flags
        return Found(FieldName.FAULT_CODE, token.start, token.end, hit.code, Verdict.VALID, method, flags)
    normal = squeeze(writing)
    shaped = token.form is _Form.CODE and token.compact and _CODE_SHAPE.fullmatch(normal) is not None
    if shaped and not exact and likely and method is not Method.STANDALONE:
        return Found(FieldName.FAULT_CODE, token.start, token.end, normal, Verdict.INVALID, Method.UNLISTED, flags)
    return None


def _with_r(writing: str, families: Collection[str], index: CodeIndex) -> CodeHit | None:
    """Return the code with the small r of a display, which readers take for a dash: Er05 for 「E-05」."""
    hit = index.find(writing.replace("-", "R"), families) if "-" in writing else None
    return CodeHit(hit.code, hit.families, frozenset({Flag.LOOKALIKE})) if hit and not hit.flags else None


class _Place:
    """The neighbourhood of the tokens of one passage."""

    def __init__(self, passage: Passage, tokens: Sequence[_Token], around: Surroundings) -> None:
        self._flat = passage.flat
        self._appliances = around.appliances
        self.asked = around.asked
        self.picture = passage.origin is not Origin.MESSAGE
        self._document = self.picture and words.DOCUMENT.search(passage.flat) is not None
        rest = list(passage.flat)
        for token in (t for t in tokens if t.form is not _Form.LOOKALIKE):
            rest[token.start : token.end] = " " * (token.end - token.start)
        self._rest = "".join(rest)

    def method(self, token: _Token) -> Method | None:
        """Return what makes a token a fault code here, or ``None``."""
        tight = self.tight(token)
        if self._document and not tight:
            return None
        if tight or self.asked:
            return Method.CONTEXT
        if self._alone(token):
            return Method.STANDALONE
        if token.form is not _Form.CODE or _needs_word(token):
            return None
        return self._by_words(token)

    def _by_words(self, token: _Token) -> Method | None:
        before, after = self._sentence(token)
        reach = _LATIN_REACH if before[-_REACH_BEFORE:].isascii() else _REACH_BEFORE
        reach_after = _LATIN_REACH if after[:_REACH_AFTER].isascii() else _REACH_AFTER
        if words.BEFORE.search(before[-reach:]) or words.AFTER.search(after[:reach_after]):
            return Method.CONTEXT
        if self._beside_appliance(token):
            return Method.APPLIANCE
        if self.picture or not token.compact:
            return None
        clause = _CLAUSE.split(before)[-1] + " " + _CLAUSE.split(after)[0]
        nearby = words.TOUCHING.search(before) or words.ANYWHERE.search(before + " " + after) or words.is_filler(clause)
        return Method.NEARBY if nearby else None

    def presumed(self, token: _Token, *, appliance_known: bool) -> Method | None:
        """Presume a code where a message is about an appliance or a thing that does not work."""
        if self.picture or not token.compact or _needs_word(token):
            return None
        before, after = self._sentence(token)
        if words.PLACE.search(before + " " + after):
            return None
        return Method.PRESUMED if appliance_known or words.TROUBLE.search(self._flat) else None

    def tight(self, token: _Token) -> bool:
        """Tell whether a word such as 显示 or "error" stands right before a token."""
        before, _ = self._sentence(token)
        return words.TIGHT.search(before[-_LATIN_REACH:]) is not None

    def _alone(self, token: _Token) -> bool:
        """Tell whether a message, or a line of a picture, is nothing but this code and small words."""
        rest = self._rest[: token.start] + " " * (token.end - token.start) + self._rest[token.end :]
        if not self.picture:
            return words.is_filler(rest)
        start, end = self._flat.rfind("\n", 0, token.start) + 1, self._flat.find("\n", token.end)
        return not any(c.isalnum() for c in rest[start : end if end >= 0 else None])

    def _beside_appliance(self, token: _Token) -> bool:
        for start, end in self._appliances:
            between = self._flat[end : token.start] if end <= token.start else self._flat[token.end : start]
            if len(between) <= _BESIDE and not words.SENTENCE_END.search(between) and not re.search("[0-9]", between):
                return True
        return False

    def _sentence(self, token: _Token) -> tuple[str, str]:
        """Return the sentence before and after a token, other tokens blanked; a picture's rows belong together."""
        start, end = 0, len(self._flat)
        for match in words.SENTENCE_END.finditer(self._flat):
            if self.picture and match.group() == "\n":
                continue
            if match.end() <= token.start:
                start = match.end()
            elif match.start() >= token.end:
                end = match.start()
                break
        return self._rest[start : token.start], self._rest[token.end : end]


def _needs_word(token: _Token) -> bool:
    """Tell whether a token reads as a quantity: 3C, 4K, 2H."""
    return token.writing[:1].isdigit() and token.writing[-1:] in words.UNIT_LETTERS


def _ends_token(flat: str, end: int) -> bool:
    """Tell whether another code ends at ``end``: the second of 「E3-E5」."""
    return any(m.end() == end for m in _TOKEN.finditer(flat, max(0, end - 6), end))


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _hits(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < e and s < end for s, e in spans)
