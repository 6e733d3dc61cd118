"""The shop's catalogue as extraction sees it, and the words that say how a value was found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from intake.extraction.errors import CatalogInvalid


class Method(StrEnum):
    """How a value was found; an observation's ``method`` is one of these, then flags, joined by ``+``."""

    PATTERN = "pattern"  # an order number of the shop's form
    CATALOGUE = "catalogue"  # a model as the catalogue spells it, separators and case aside
    ALIAS = "alias"  # a name that belongs to one model only
    CONTEXT = "context"  # a fault code beside words such as 显示, 报, error, or as the answer to our question
    NEARBY = "nearby"  # such a word stands elsewhere in the sentence
    STANDALONE = "standalone"  # a fault code that is the whole message or a whole line of a display
    PRESUMED = "presumed"  # a code as the catalogue spells it, in a message about an appliance or its trouble
    APPLIANCE = "appliance"  # a fault code right beside the appliance's name: 洗衣机E3
    UNLISTED = "unlisted"  # has the form of a value, but no record
    CUSTOMER = "customer"  # typed into the card


class Flag(StrEnum):
    """What else is to be known about a sighting."""

    ANSWER = "answer"  # given when the bot had asked for this fact
    LOOKALIKE = "lookalike"  # 0/O, 1/I/L, 2/Z, 5/S, 8/B were exchanged to get it
    ZEROS = "zeros"  # leading zeros were added or dropped: E3 for E-03
    OCR = "ocr"  # read from a picture
    BARCODE = "barcode"
    CORRECTION = "correction"  # replaces what was said before
    DENIED = "denied"  # the customer says that it is not this one
    EITHER = "either"  # one of several contradictory values of one sentence
    AFFIRMED = "affirmed"  # said by us, confirmed by the customer
    UNVERIFIED = "unverified"  # the order book could not be asked


def has(method: str, flag: Flag) -> bool:
    """Tell whether an observation's method carries a flag."""
    return flag in method.split("+")


CONFIDENCE: Final[Mapping[Method, float]] = {
    # Starting points of judgement, ranked by how a wrong one comes about; the development set orders them the same way.
    Method.PATTERN: 0.95,  # 16 characters of a fixed form do not come about by chance
    Method.CATALOGUE: 0.97,
    Method.ALIAS: 0.85,  # everyday words: 「大滚筒」 may be somebody else's drum
    Method.CONTEXT: 0.93,
    Method.NEARBY: 0.80,
    Method.STANDALONE: 0.88,
    Method.APPLIANCE: 0.80,
    Method.PRESUMED: 0.65,
    Method.UNLISTED: 0.30,
    Method.CUSTOMER: 1.0,
}
FACTOR: Final[Mapping[Flag, float]] = {
    # Each is multiplied on: the uncertainty of the reading joins the uncertainty of the rule.
    Flag.LOOKALIKE: 0.80,
    Flag.ZEROS: 0.95,
    Flag.EITHER: 0.60,
    Flag.AFFIRMED: 0.95,
    Flag.UNVERIFIED: 0.90,
}
UNKNOWN_ORDER_FACTOR: Final = 0.85
"""A well-formed order number without a record is most often a slip of one digit."""


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """A model the shop sells, the family of appliances it belongs to and what people call it."""

    model: str
    family: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogCode:
    """A fault code that appliances of a family show, as the manual spells it."""

    family: str
    code: str


@dataclass(frozen=True, slots=True)
class CatalogFamily:
    """A family of appliances with the words for it; common appliances are known without this."""

    id: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShopCatalog:
    """The shop's settings that extraction works by.

    Attributes:
        order_patterns: RE2 patterns; each must match a whole order number in upper case without separators.
        models: All models.
        fault_codes: All fault codes.
        families: Words for the families, where the built-in ones are not enough.
    """

    order_patterns: tuple[str, ...]
    models: tuple[CatalogModel, ...]
    fault_codes: tuple[CatalogCode, ...]
    families: tuple[CatalogFamily, ...] = ()


def catalog_from_mapping(data: Mapping[str, object]) -> ShopCatalog:
    """Read a catalogue from parsed JSON or YAML.

    Args:
        data: ``order_patterns`` (strings), ``models`` (``model``, ``family`` or ``line``, ``aliases``),
            ``fault_codes`` (``family`` or ``line``, ``code``) and optionally ``lines`` (``id``, ``zh``, ``en``); other
            keys are ignored.

    Raises:
        CatalogInvalid: An entry lacks its name or is no mapping.
    """
    return ShopCatalog(
        order_patterns=tuple(str(p) for p in _many(data, "order_patterns")),
        models=tuple(
            CatalogModel(_text(m, "model"), _family(m), tuple(str(a) for a in _many(m, "aliases")))
            for m in _mappings(data, "models")
        ),
        fault_codes=tuple(CatalogCode(_family(c), _text(c, "code")) for c in _mappings(data, "fault_codes")),
        families=tuple(
            CatalogFamily(_text(f, "id"), tuple(str(f[key]) for key in ("zh", "en") if f.get(key)))
            for f in _mappings(data, "lines")
        ),
    )


def _many(data: Mapping[str, object], key: str) -> Iterable[object]:
    value = data.get(key) or ()
    if not isinstance(value, list | tuple):
        what = f"{key} is not a list"
        raise CatalogInvalid(what)
    return value


def _mappings(data: Mapping[str, object], key: str) -> Iterable[Mapping[str, object]]:
    for entry in _many(data, key):
        if not isinstance(entry, Mapping):
            what = f"an entry of {key} is not a mapping"
            raise CatalogInvalid(what)
        yield entry


def _text(entry: Mapping[str, object], key: str) -> str:
    value = entry.get(key)
    if value is None or not str(value).strip():
        what = f"an entry has no {key}"
        raise CatalogInvalid(what)
    return str(value).strip()


def _family(entry: Mapping[str, object]) -> str:
    return str(entry.get("family") or entry.get("line") or "").strip()
