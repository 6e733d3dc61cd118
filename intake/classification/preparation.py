"""A customer's words made ready for the classifier: folded, codes masked, length bounded.

Masking makes every order number look the same, so that the head cannot learn the digits of the examples and the
encoder's cache meets fewer different texts. Measured on 2,028 utterances (5-fold, detail accuracy): codes as written
.808, masked for the n-grams only .808, masked for both .814.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import re2

from intake.classification.schemas import Taxonomy
from kit.text import has_words, normalise
from tickets.words import FieldName, LabelPath

NUMBER, MODEL, CODE = "单号", "型号", "故障码"

# The encoder sees some 500 tokens at most; of a longer story the beginning and the end matter.
_HEAD_CHARS, _TAIL_CHARS = 700, 300

# Digits in groups as customers write order and tracking numbers: LT20261103004821, lt 2026 1103 004821, JD-0098123377.
_GROUPED = re2.compile(r"(?:[a-z]{1,4}[ -]?)?[0-9][0-9 -]{8,20}[0-9]")
_WORD = re2.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FAULT = re2.compile(r"(?:er|err|[a-z])-?[0-9]{1,3}|[0-9][efhlpu]")
_MODEL = re2.compile(r"[a-z]{2,3}-?[0-9]{2,4}(?:-?[a-z]{1,4})?")
_SERIAL_MIN_CHARS, _SERIAL_MIN_DIGITS = 10, 6
_CLAUSE_END = re2.compile(r"[,，、。.]|或")
_MIN_CLAUSE_CHARS = 3


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A text as the classifier reads it.

    Attributes:
        text: Folded, lower-cased, codes replaced by words.
        usable: Whether anything is left that says what the matter is.
    """

    text: str
    usable: bool


def prepare(raw: str, context: Mapping[FieldName, str] | None = None) -> PreparedText:
    """Make a text ready.

    Args:
        raw: A customer's words, untrusted.
        context: Normal forms of facts known from elsewhere, e.g. a fault code read off a picture; it counts as said.
            The product line is left out on purpose: naming it measured 0.2 to 2 points worse (447 utterances).

    Returns:
        The text; unusable where it holds nothing but white space, signs and order or model numbers.
    """
    folded = " ".join(normalise(raw).text.lower().split())
    if len(folded) > _HEAD_CHARS + _TAIL_CHARS:
        folded = f"{folded[:_HEAD_CHARS]} {folded[-_TAIL_CHARS:]}"
    # A function, since re2 garbles a replacement that is not ASCII.
    masked = str(_WORD.sub(_mask, _GROUPED.sub(lambda _: f" {NUMBER} ", folded)))
    if context and context.get(FieldName.FAULT_CODE) and CODE not in masked:
        masked = f"{masked} {CODE}"
    text = " ".join(masked.split())
    usable = has_words(text.replace(NUMBER, "").replace(MODEL, ""))
    return PreparedText(text, usable)


def label_texts(taxonomy: Taxonomy) -> list[tuple[str, LabelPath]]:
    """Return texts that the taxonomy itself says of its leaves: names, definition, and the definition's clauses.

    Added to the examples they lift detail accuracy from .705 to .724 with 24 examples a label (1,462 utterances,
    5-fold) and from .50 to .63 with 6. What follows a semicolon speaks of other labels and is left out.
    """
    texts: list[tuple[str, LabelPath]] = []
    for path in taxonomy.leaves:
        label = taxonomy.label(path)
        own = label.definition.replace(";", "；").split("；", maxsplit=1)[0]
        clauses = [clause for clause in _CLAUSE_END.split(own) if len(clause) >= _MIN_CLAUSE_CHARS]
        said = dict.fromkeys(prepare(text).text for text in (label.zh, label.en, own, *clauses))
        texts += [(text, path) for text in said if text]
    return texts


def _mask(match: "re2._Match[str]") -> str:
    word = str(match.group(0))
    digits = sum(char.isdigit() for char in word)
    if len(word) >= _SERIAL_MIN_CHARS and digits >= _SERIAL_MIN_DIGITS:
        return f" {NUMBER} "
    if _FAULT.fullmatch(word):
        return f" {CODE} "
    return f" {MODEL} " if _MODEL.fullmatch(word) else word
