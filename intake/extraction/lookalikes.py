"""Characters that readers and people exchange: 0/O, 1/I/L, 2/Z, 5/S, 8/B."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

DIGIT_OF: Final = {"O": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8"}
LETTERS_OF: Final = {"0": "O", "1": "IL", "2": "Z", "5": "S", "8": "B"}
_SKELETON = str.maketrans(DIGIT_OF)
_HEAD = 4  # letters of an order number stand at its head, so only there a digit may have been a letter
_MOST = 512  # variants of one number that are tried
# Pieces of a regular expression: an escape, a character class, a count, a group's opening, one character.
_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{[^}]*\}|\(\?[^:)>]*[:>)]|.", re.DOTALL)
_SEPARATOR = re.compile(r"[-_/ ]|\\[-_/ s]|\[(?:[-_/. ]|\\[-_/.s])+\]")
_COUNT = re.compile(r"[?*+]|\{[^}]*\}")


def skeleton(text: str) -> str:
    """Return a text with every look-alike letter as its digit: two texts that look alike have one skeleton."""
    return text.translate(_SKELETON)


def variants(text: str) -> Iterator[tuple[str, int]]:
    """Yield what a misread number may have been, with the number of characters exchanged; at most ``_MOST``.

    Args:
        text: Upper case, letters and digits.
    """
    options = [
        char + DIGIT_OF.get(char, "") + (LETTERS_OF.get(char, "") if place < _HEAD else "")
        for place, char in enumerate(text)
    ]
    for count, chosen in enumerate(product(*options)):
        if count == _MOST:
            return
        changed = sum(a != b for a, b in zip(chosen, text, strict=True))
        if changed:
            yield "".join(chosen), changed


def squeezed_pattern(pattern: str) -> str:
    """Return a pattern without its separators, for matching numbers that have none."""
    pieces = _PIECE.findall(pattern)
    kept: list[str] = []
    dropped = False
    for piece in pieces:
        if dropped and _COUNT.fullmatch(piece):
            continue
        dropped = _SEPARATOR.fullmatch(piece) is not None
        if not dropped:
            kept.append(piece)
    return "".join(kept)


def loose_pattern(pattern: str) -> str:
    """Return a pattern that also matches every look-alike of what it matches: a cheap filter before ``variants``."""
    return "".join(_loosened(piece) for piece in _PIECE.findall(pattern))


def _loosened(piece: str) -> str:
    if piece in {r"\d", "[0-9]"}:
        return "[0-9OILZSB]"
    if piece == "[A-Z]":
        return "[A-Z01258]"
    if len(piece) == 1 and piece.isalnum():
        upper = piece.upper()
        return f"[{upper}{DIGIT_OF.get(upper, '')}{LETTERS_OF.get(upper, '')}]"
    return piece


def letter_head(pattern: str) -> str:
    """Return the letters that every match of a pattern begins with; empty where there are none."""
    head = ""
    for piece in _PIECE.findall(pattern.removeprefix("^")):
        if len(piece) != 1 or not piece.isalpha():
            break
        head += piece.upper()
    return head
