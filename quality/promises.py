"""Finds follow-ups that an agent or a bot promises, and the words that say by when."""

import re
from collections.abc import Sequence
from typing import Any

from kit.patterns import compile_pattern
from quality.filters import HitFilter
from quality.reading import ReadTurn, Span, Talk, merge, overlaps
from quality.ruleset import PromiseRule
from quality.schemas import Promise

_BOUND = re.compile("之?前|以前|之?内|以内|左右|之?后")


class PromiseFinder:
    """Finds promises by the patterns of a rule.

    Args:
        rule: The rule; its patterns find promises, its parameters the words of time.
    """

    def __init__(self, rule: PromiseRule) -> None:
        self._roles = rule.applies_to
        self._filter = HitFilter(rule.name, rule, rule.parameters.negation_reach)
        self._patterns: list[tuple[str, Any]] = [
            (f"{rule.name}:triggers{number}", compile_pattern(pattern.re2))
            for number, pattern in enumerate(rule.patterns)
        ]
        self._due: list[Any] = [compile_pattern(pattern) for pattern in rule.parameters.due]
        self._not_due: list[Any] = [compile_pattern(pattern) for pattern in rule.parameters.not_due]
        self._triggers = {group for group, _ in self._patterns}
        self.groups: dict[str, Sequence[str]] = {
            **{group: p.triggers for (group, _), p in zip(self._patterns, rule.patterns, strict=True)},
            **self._filter.groups,
        }

    def find(self, talk: Talk) -> list[tuple[ReadTurn, Promise]]:
        """Return the promises made by the rule's roles, in order, with the turn of each."""
        if self._triggers.isdisjoint(talk.groups):
            return []
        return [(turn, promise) for turn in talk.by(self._roles) for promise in self._in_turn(turn)]

    def _in_turn(self, turn: ReadTurn) -> list[Promise]:
        spans = [
            match.span()
            for group, pattern in self._patterns
            if turn.has(group)
            for match in pattern.finditer(turn.text)
            if self._filter.counts(turn, *match.span())
        ]
        return [self._promise(turn, span) for span in merge(sorted({_trim(turn, *turn.sentence(*s)) for s in spans}))]

    def _promise(self, turn: ReadTurn, sentence: Span) -> Promise:
        place = turn.evidence(*sentence)
        return Promise(turn.turn.index, place.start, place.end, place.quote, self._due_words(turn, sentence))

    def _due_words(self, turn: ReadTurn, sentence: Span) -> str | None:
        """Look for a time in the sentence, then in the one after it, then in the one before it."""
        start, end = turn.sentence(*sentence)
        after = turn.sentence(end, end + 1) if end < len(turn.text) else (end, end)
        before = turn.sentence(start - 1, start) if start else (0, 0)
        for span in ((start, end), after, before):
            if found := self._time_in(turn, span):
                return turn.evidence(*found).quote
        return None

    def _time_in(self, turn: ReadTurn, span: Span) -> Span | None:
        text = turn.text[span[0] : span[1]]
        if not text:
            return None
        times = sorted(match.span() for pattern in self._due for match in pattern.finditer(text))
        barred = merge(sorted(match.span() for pattern in self._not_due for match in pattern.finditer(text)))
        times = [time for time in times if not overlaps(barred, time)]
        if not times:
            return None
        start, end = times[0]
        for time in times:
            if time[0] <= end + 1:  # "明天" and "下午" and "3点" are one time; a single character may stand between
                end = max(end, time[1])
        bound = _BOUND.match(text, end)
        return span[0] + start, span[0] + (bound.end() if bound else end)


def _trim(turn: ReadTurn, start: int, end: int) -> Span:
    """Take white space and full stops off the ends of a sentence."""
    while end > start and turn.text[end - 1] in " 。!?;\n.~":
        end -= 1
    while start < end and turn.text[start] == " ":
        start += 1
    return start, end
