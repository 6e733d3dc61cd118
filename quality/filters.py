"""Decides whether a hit counts: exceptions that touch it, negations just before it, excuses in its sentence."""

from collections.abc import Sequence

from quality.reading import ReadTurn, ending_between
from quality.ruleset import PHRASE_CHARS, Filters


class HitFilter:
    """The filters of one rule or form.

    Args:
        name: Prefix of its groups of phrases; unique in the rule set.
        filters: The phrases.
        negation_reach: How far before a hit a negation may end, in characters of the same clause.
    """

    def __init__(self, name: str, filters: Filters, negation_reach: int) -> None:
        self._exceptions = f"{name}:exceptions"
        self._negations = f"{name}:negations"
        self._unless = f"{name}:unless"
        self._reach = negation_reach
        self.groups: dict[str, Sequence[str]] = {
            self._exceptions: filters.exceptions,
            self._negations: filters.negations,
            self._unless: filters.unless,
        }

    def counts(self, turn: ReadTurn, start: int, end: int) -> bool:
        """Tell whether the hit ``start`` to ``end`` stands, in positions of the folded text."""
        touching = ending_between(turn.spans(self._exceptions), start + 1, end + PHRASE_CHARS)
        if any(first < end for first, _ in touching):
            return False
        if turn.has(self._negations):
            clause = turn.clause_before(start, self._reach + PHRASE_CHARS)[0]
            before = ending_between(turn.spans(self._negations), start - self._reach, start)
            if any(first >= clause for first, _ in before):
                return False
        if turn.has(self._unless):
            opens, closes = turn.sentence(start, end)
            inside = ending_between(turn.spans(self._unless), opens + 1, closes)
            return all(first < opens for first, _ in inside)
        return True
