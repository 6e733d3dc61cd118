"""Reads a transcript once for all rules: every turn folded, every phrase of every rule found in one pass."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter

from kit.phrases import Folded, PhraseMatcher, fold
from quality.schemas import Transcript, Turn, TurnEvidence
from tickets.words import Role

Span = tuple[int, int]
"""Half-open span of a turn's folded text."""

# A space after a Han character separates two messages that a source has joined, or stands for a comma.
_SENTENCE_END = re.compile(r"[。!?;\n]|(?<=[\u4e00-\u9fff\]~]) +|\.(?= |$)")
_CLAUSE_END = re.compile(r"[。!?;\n,、:~]|(?<=[\u4e00-\u9fff\]]) +|\.(?= |$)")


def ending_between(spans: Sequence[Span], low: int, high: int) -> Iterator[Span]:
    """Yield the spans whose end is ``low`` to ``high``, both included.

    Args:
        spans: Sorted by their end, as the matcher finds them.
        low: First end.
        high: Last end.
    """
    for place in range(bisect_left(spans, low, key=itemgetter(1)), len(spans)):
        if spans[place][1] > high:
            return
        yield spans[place]


def merge(spans: Sequence[Span]) -> list[Span]:
    """Join overlapping spans; ``spans`` must be sorted by their start."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def overlaps(merged: Sequence[Span], span: Span) -> bool:
    """Tell whether a span overlaps one of those that ``merge`` has made."""
    place = bisect_right(merged, span[0], key=itemgetter(1))
    return place < len(merged) and merged[place][0] < span[1]


@dataclass(slots=True)
class ReadTurn:
    """A turn with what was found in it.

    Attributes:
        turn: As it was given.
        folded: Its text, folded for matching.
        hits: Spans by group of phrases.
        stops: Where its sentences end, once somebody has asked.
    """

    turn: Turn
    folded: Folded
    hits: dict[str, list[Span]] = field(default_factory=dict)
    stops: list[int] | None = None

    @property
    def text(self) -> str:
        """The folded text."""
        return self.folded.text

    @property
    def role(self) -> Role:
        """Who speaks."""
        return self.turn.role

    def has(self, group: str) -> bool:
        """Tell whether a phrase of the group stands in the turn."""
        return group in self.hits

    def spans(self, group: str) -> Sequence[Span]:
        """Return where phrases of the group stand, by their end."""
        return self.hits.get(group, ())

    def evidence(self, start: int, end: int) -> TurnEvidence:
        """Turn a span of the folded text into evidence in the raw text."""
        raw_start, raw_end = self.folded.raw_span(start, end)
        return TurnEvidence(self.turn.index, raw_start, raw_end, self.turn.text[raw_start:raw_end])

    def whole(self) -> TurnEvidence:
        """Return the whole turn as evidence."""
        return TurnEvidence(self.turn.index, 0, len(self.turn.text), self.turn.text)

    def sentence(self, start: int, end: int) -> Span:
        """Return the span of the sentence, or the sentences, that a span lies in."""
        if self.stops is None:
            self.stops = [0, *(m.end() for m in _SENTENCE_END.finditer(self.text)), len(self.text)]
        first = bisect_right(self.stops, start) - 1
        last = bisect_left(self.stops, end, first + 1)
        return self.stops[first], self.stops[min(last, len(self.stops) - 1)]

    def clause_before(self, start: int, reach: int) -> Span:
        """Return the span of up to ``reach`` characters before ``start`` that belong to the same clause."""
        floor = max(0, start - reach)
        # One more character is looked at, for a space is a break only after a Han character.
        return max((m.end() for m in _CLAUSE_END.finditer(self.text, max(0, floor - 1), start)), default=floor), start


@dataclass(frozen=True, slots=True)
class Talk:
    """A transcript that has been read.

    Attributes:
        transcript: As it was given.
        turns: Its turns; those of the system are left out.
        groups: Groups of phrases that were found anywhere, so that a check can stop early.
    """

    transcript: Transcript
    turns: tuple[ReadTurn, ...]
    groups: frozenset[str]

    def by(self, roles: Iterable[Role]) -> list[ReadTurn]:
        """Return the turns of some speakers."""
        wanted = set(roles)
        return [turn for turn in self.turns if turn.role in wanted]


class TalkReader:
    """Finds the phrases of all groups at once.

    Args:
        groups: Phrases by name of the group.
    """

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        members: dict[str, list[str]] = {}
        for group, phrases in groups.items():
            for phrase in dict.fromkeys(phrases):
                members.setdefault(phrase, []).append(group)
        self._groups = list(members.values())
        self._matcher = PhraseMatcher(list(members))

    def read(self, transcript: Transcript) -> Talk:
        """Read a transcript.

        Args:
            transcript: Any transcript; its texts are not trusted.

        Returns:
            Its turns with what was found in them, in time linear in its length.
        """
        turns = tuple(ReadTurn(turn, fold(turn.text)) for turn in transcript.turns if turn.role is not Role.SYSTEM)
        # One call for the whole talk; phrases hold no line break, so that none is found across two turns.
        starts = list(accumulate((len(turn.text) + 1 for turn in turns), initial=0))
        groups: set[str] = set()
        for phrase, start, end in self._matcher.find_folded("\n".join([turn.folded.text for turn in turns])):
            place = bisect_right(starts, start) - 1
            span = start - starts[place], end - starts[place]
            for group in self._groups[phrase]:
                turns[place].hits.setdefault(group, []).append(span)
                groups.add(group)
        return Talk(transcript, turns, frozenset(groups))
