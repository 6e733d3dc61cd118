"""Texts in the one form that all finders read, each with the way back to its evidence."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from intake.extraction.schemas import Flag, Method
from kit.text import Normalised, normalise
from tickets.schemas import Evidence, Message, TextSpan
from tickets.words import FieldName, Verdict

# Letters of other alphabets that look like ours (Unicode TS #39 confusables, the capitals that occur in numbers), all
# dashes, and lower case: every entry maps one character to one, so that offsets stay.
_LOOKS_LATIN = zip("АВЕЅІЈКМНОРСТУХаеорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABESIJKMHOPCTYXAEOPCYXABEZHIKMNOPTYXO", strict=True)
_FLAT = str.maketrans(
    dict(_LOOKS_LATIN)
    | {chr(c): chr(c - 32) for c in range(ord("a"), ord("z") + 1)}
    | dict.fromkeys("‐‒–—―−─ー", "-")
    | dict.fromkeys("·•・∙", ".")
)
_CHUNK = re.compile(r"[A-Z0-9]+")
_JOINERS = frozenset(" \t\r\n-_./")
_MAX_GAP = 4  # "2026 - 1103" has three characters between; a line break may have spaces around it
_MAX_CHUNKS = 600  # of one text; what a person types has fewer than fifty


class Origin(StrEnum):
    """Where a text comes from."""

    MESSAGE = "message"
    PICTURE = "picture"
    BARCODE = "barcode"


@dataclass(frozen=True, slots=True)
class Sight:
    """A place of a passage: what stands there, the evidence for it and how sure the reading is (0 to 1)."""

    value: str
    evidence: Evidence
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A longest run of letters A-Z and digits."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring chunks read as one number, without what separates them."""

    first: int
    last: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to search.

    Attributes:
        flat: Folded, upper case, look-alike letters and dashes unified.
        sight: Maps a half-open span of ``flat`` to value and evidence.
        chunks: Its runs of letters and digits.
    """

    flat: str
    origin: Origin
    sight: Callable[[int, int], Sight]
    chunks: tuple[Chunk, ...]

    def windows(self, first: int, most: int) -> list[Window]:
        """Return the readings that begin with a chunk: alone, with the next, … up to ``most`` chunks.

        A line break may lie inside (numbers wrap); a comma, a Han character or a longer gap ends the number.
        """
        begin = self.chunks[first]
        found = [Window(first, first, begin.start, begin.end, begin.text)]
        for index in range(first + 1, min(first + most, len(self.chunks))):
            chunk, before = self.chunks[index], found[-1]
            if not _joined(self.flat[before.end : chunk.start]):
                break
            found.append(Window(first, index, begin.start, chunk.end, before.text + chunk.text))
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate value in a passage, before its neighbourhood has been judged.

    Attributes:
        start: First character in ``flat``.
        end: Just past the last.
        normal: Canonical form.
        flags: What else is to be known.
        family: Family of a model.
    """

    name: FieldName
    start: int
    end: int
    normal: str
    verdict: Verdict
    method: Method
    flags: frozenset[Flag] = field(default_factory=frozenset)
    family: str = ""


def passage_of(message: Message) -> Passage:
    """Make a message's text searchable; evidence counts code points of its raw text."""
    folded: Normalised = normalise(message.raw)

    def sight(start: int, end: int) -> Sight:
        first, last = folded.raw_span(start, end)
        return Sight(message.raw[first:last], TextSpan(message.id, first, last))

    return make_passage(folded.text, Origin.MESSAGE, sight)


def make_passage(folded: str, origin: Origin, sight: Callable[[int, int], Sight]) -> Passage:
    """Make a folded text searchable.

    Args:
        folded: As ``kit.text.normalise`` folds it.
        origin: Where it comes from.
        sight: Maps a span of it to value and evidence.
    """
    flat = folded.translate(_FLAT)
    return Passage(flat, origin, sight, tuple(_chunks(flat)))


def squeeze(text: str) -> str:
    """Return the canonical form of a number: folded, upper case, letters and digits only."""
    return "".join(c for c in normalise(text).text.translate(_FLAT) if c.isalnum())


def _chunks(flat: str) -> Iterator[Chunk]:
    for count, match in enumerate(_CHUNK.finditer(flat)):
        if count == _MAX_CHUNKS:
            return
        yield Chunk(match.start(), match.end(), match.group())


def _joined(gap: str) -> bool:
    return len(gap) <= _MAX_GAP and _JOINERS.issuperset(gap)


ORDER_WINDOW: Final = 20
"""Most chunks of an order number: somebody who spaces out every character makes sixteen of it."""
MODEL_WINDOW: Final = 4
