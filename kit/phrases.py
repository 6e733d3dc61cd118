"""Multi-pattern phrase matching over untrusted text: folded for matching, with the way back to the raw text.

Folding is that of ``kit.text.normalise`` (NFKC per character, invisible characters dropped), lower-cased, so that
full-width letters or a zero-width space inside a word change nothing. All phrases are searched for in one pass of an
Aho-Corasick automaton (Aho and Corasick, CACM 18(6), 1975); time does not grow with the number of phrases.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kit.text import Normalised, normalise

# Full-width punctuation of nearly every Chinese message. Replacing these in C and looking whether anything unusual is
# left takes 14 us on 1,200 characters, the general table 71 us, ``normalise`` 333 us (measured, 2 cores).
_COMMON = tuple((wide, normalise(wide).text) for wide in "，！？：；（）～\N{IDEOGRAPHIC SPACE}")
_UNUSUAL = re.compile("[^\t\n\x20-\x7e\u3001\u3002\u3008-\u3011\u4e00-\u9fff]")
_TABLE_LIMIT = 50_000  # entries; more than the characters of any real text, so that hostile text cannot fill memory
_CURLY_QUOTES = {0x2018: "'", 0x2019: "'"}  # a phone types "can’t", a rule says "can't"


class _FoldTable(dict[int, str]):
    """What each code point folds to, filled in as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = _CURLY_QUOTES.get(code) or "".join(map(_lower, normalise(chr(code)).text))
        if len(self) < _TABLE_LIMIT:
            self[code] = folded
        return folded


def _lower(char: str) -> str:
    """Lower-case one character, unless that would make two of it and shift every later position."""
    lowered = char.lower()
    return lowered if len(lowered) == 1 else char


_TABLE = _FoldTable()


@dataclass(slots=True)
class Folded:
    """A text folded for matching; the way back is worked out only when somebody asks for a raw position.

    Attributes:
        raw: The text as it was sent.
        text: Its folded form.
        same_places: Whether every character stands where it stood, which is so for nearly every message.
    """

    raw: str
    text: str
    same_places: bool
    _way_back: Normalised | None = field(default=None, repr=False, compare=False)

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a half-open, non-empty span of ``text`` to code-point offsets of ``raw``."""
        if self.same_places:
            return start, end
        if self._way_back is None:
            self._way_back = normalise(self.raw)
        return self._way_back.raw_span(start, end)


def fold(raw: str) -> Folded:
    """Fold a text for matching.

    Args:
        raw: Any text, NUL and lone surrogates included.

    Returns:
        The folded text; it has exactly as many characters as ``normalise(raw).text``.
    """
    text = raw
    for wide, narrow in _COMMON:
        text = text.replace(wide, narrow)
    if _UNUSUAL.search(text):
        return Folded(raw, raw.translate(_TABLE), same_places=False)
    return Folded(raw, text.lower(), same_places=True)


class PhraseHit(NamedTuple):
    """A phrase found in a text.

    Attributes:
        phrase: Its place in the list the matcher was built from.
        start: First character, in code points.
        end: Just past the last one.
    """

    phrase: int
    start: int
    end: int


class PhraseMatcher:
    """Finds any number of phrases in one pass; overlapping hits are all reported.

    A phrase that begins or ends with a Latin letter or digit matches whole words only ("id card" is not in "void
    cards"); Chinese has no word breaks, so Chinese phrases match anywhere.

    Args:
        phrases: What to look for; folded here. Repeats are allowed and each is reported.

    Raises:
        ValueError: A phrase is empty or has nothing but invisible characters.
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        # Imported on first use: a package that only states phrases need not load the extension.
        import ahocorasick_rs

        folded = [fold(phrase).text for phrase in phrases]
        for phrase, text in zip(phrases, folded, strict=True):
            if not text.strip():
                message = f"empty phrase: {phrase!r}"
                raise ValueError(message)
        self._opens_word = [_is_word(text[0]) for text in folded]
        self._closes_word = [_is_word(text[-1]) for text in folded]
        self._automaton = ahocorasick_rs.AhoCorasick(folded, store_patterns=False) if folded else None

    def find(self, raw: str) -> list[PhraseHit]:
        """Find every phrase in a raw text.

        Args:
            raw: Any text, NUL and lone surrogates included.

        Returns:
            Hits by their end, with positions in ``raw``.
        """
        folded = fold(raw)
        return [PhraseHit(hit.phrase, *folded.raw_span(hit.start, hit.end)) for hit in self.find_folded(folded.text)]

    def find_folded(self, text: str) -> list[PhraseHit]:
        """Find every phrase in a text that ``fold`` has made, with positions in that folded text."""
        if self._automaton is None:
            return []
        return [
            PhraseHit(phrase, start, end)
            for phrase, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True)
            if self._stands_alone(phrase, text, start, end)
        ]

    def _stands_alone(self, phrase: int, text: str, start: int, end: int) -> bool:
        if self._opens_word[phrase] and start and _is_word(text[start - 1]):
            return False
        return not (self._closes_word[phrase] and end < len(text) and _is_word(text[end]))


def _is_word(char: str) -> bool:
    return char.isascii() and char.isalnum()
