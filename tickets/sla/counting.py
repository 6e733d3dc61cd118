"""Counts time: from a start over working hours, without pauses, to the instant a target is due, and how it came there.

The instant and its explanation come out of the same walk, so that they cannot disagree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tickets.sla.hours import FAR, Day, Hours
from tickets.sla.words import PauseReason

_NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch of a ticket's life that does not count; ``until`` is ``None`` while it goes on."""

    since: datetime
    until: datetime | None
    reason: PauseReason


@dataclass(frozen=True, slots=True)
class Leg:
    """A piece of the way to a due time.

    Attributes:
        day: Of the calendar.
        begin: Start of the piece; with ``end`` the same as ``begin``, the day counts nothing.
        end: Its end; ``None``: a pause that goes on.
        pause: Why it doesn't count; ``None``: it counts.
        left: What is to be counted after it.
    """

    day: Day
    begin: datetime
    end: datetime | None
    pause: PauseReason | None
    left: timedelta

    @property
    def counted(self) -> timedelta:
        """How much of the target it used."""
        return _NOTHING if self.pause is not None or self.end is None else self.end - self.begin


@dataclass(frozen=True, slots=True)
class Walk:
    """The way from a start to a due time.

    Attributes:
        due_at: ``None``: it is paused, or so far away that nobody plans for it.
        left: What is not counted yet; zero where there is a due time.
        legs: How it came there.
    """

    due_at: datetime | None
    left: timedelta
    legs: tuple[Leg, ...]


def walk(hours: Hours, start: datetime, length: timedelta, pauses: Sequence[Pause] = ()) -> Walk:
    """Count ``length`` of working time from ``start``.

    Args:
        hours: What counts.
        start: Aware instant.
        length: More than zero; zero is due at once.
        pauses: In any order; what overlaps is left out once.
    """
    start = start.astimezone(UTC)
    legs: list[Leg] = []
    left = length
    if left <= _NOTHING:
        return Walk(start, _NOTHING, ())
    stops = _merged(pauses)
    for day in hours.days(start):
        before = len(legs)
        for begin, end, pause in _pieces(day, start, stops):
            if pause is not None:
                legs.append(Leg(day, begin, None if end == FAR else end, pause, left))
                if end == FAR:
                    return Walk(None, left, tuple(legs))
                continue
            reached = min(end, begin + left)
            left -= reached - begin
            legs.append(Leg(day, begin, reached, None, left))
            if left <= _NOTHING:
                return Walk(reached, _NOTHING, tuple(legs))
        if len(legs) == before and (not day.spans or day.spans[-1][1] > start):
            at = day.spans[0][0] if day.spans else start
            legs.append(Leg(day, at, at, None, left))
    return Walk(None, left, tuple(legs))


def counted(hours: Hours, start: datetime, until: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    """Return how much of the time from ``start`` to ``until`` counts."""
    total, stops = _NOTHING, _merged(pauses)
    start, until = start.astimezone(UTC), until.astimezone(UTC)
    for day in hours.days(start):
        for begin, end, pause in _pieces(day, start, stops):
            if begin >= until:
                return total
            if pause is None:
                total += min(end, until) - begin
        if day.on is not None and day.spans and day.spans[-1][1] >= until:
            return total
        if day.on is not None and not day.spans and (day.on - until.date()).days > 1:
            return total
    return total


def _pieces(
    day: Day, start: datetime, stops: Sequence[Pause]
) -> Iterator[tuple[datetime, datetime, PauseReason | None]]:
    """Cut a day's spans after ``start`` at the borders of pauses."""
    for opens, closes in day.spans:
        at, end = max(opens, start), closes
        for stop in stops:
            until = stop.until or FAR
            if until <= at or stop.since >= end:
                continue
            if stop.since > at:
                yield at, stop.since, None
                at = stop.since
            reached = until if until == FAR else min(until, end)
            yield at, reached, stop.reason
            at = reached
        if at < end:
            yield at, end, None


def _merged(pauses: Sequence[Pause]) -> list[Pause]:
    """Return pauses in order without overlaps; the earlier one gives the reason."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda p: p.since):
        last = merged[-1] if merged else None
        if last is None or (last.until is not None and pause.since >= last.until):
            if pause.until is None or pause.until > pause.since:
                merged.append(pause)
        elif last.until is not None and (pause.until is None or pause.until > last.until):
            merged.append(Pause(last.until, pause.until, pause.reason))
    return merged
