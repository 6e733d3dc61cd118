"""One table for the priorities of every scheme the sources have (REQUIREMENTS, "where the sources disagree", 1).

P1 of a house that counts P0 to P3 is not P1 of one that counts P1 to P4; which is meant must be said, never guessed.
Words mean the same in every scheme.
"""

from collections.abc import Mapping
from enum import StrEnum

from tickets.words import Priority


class PriorityScheme(StrEnum):
    """How another system counts priorities."""

    P1_P4 = "p1_p4"
    P0_P3 = "p0_p3"


_RANKS = tuple(Priority)
_WORDS: Mapping[str, Priority] = {
    **dict.fromkeys(("urgent", "critical", "紧急", "最高"), Priority.P1),
    **dict.fromkeys(("high", "高"), Priority.P2),
    **dict.fromkeys(("normal", "medium", "中", "普通", "一般"), Priority.P3),
    **dict.fromkeys(("low", "低"), Priority.P4),
}
TABLE: Mapping[PriorityScheme, Mapping[str, Priority]] = {
    PriorityScheme.P1_P4: {**_WORDS, **{f"p{n}": rank for n, rank in enumerate(_RANKS, 1)}},
    PriorityScheme.P0_P3: {**_WORDS, **{f"p{n}": rank for n, rank in enumerate(_RANKS)}},
}


def priority_of(name: str, scheme: PriorityScheme = PriorityScheme.P1_P4) -> Priority | None:
    """Return the rank that a name means in a scheme; ``None``: it is no name of it.

    Example:
        >>> priority_of("P1"), priority_of("p1", PriorityScheme.P0_P3), priority_of("紧急"), priority_of("P0")
        (<Priority.P1: 'P1'>, <Priority.P2: 'P2'>, <Priority.P1: 'P1'>, None)
    """
    return TABLE[scheme].get(name.strip().lower())
