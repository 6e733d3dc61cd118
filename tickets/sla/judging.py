"""From what is promised to when it is due: one pure function, for the living clock, the recompute and the preview."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tickets.sla.calendars import Calendars
from tickets.sla.counting import Pause, Walk, walk
from tickets.sla.hours import Always, Hours, WorkingHours
from tickets.sla.policies import Chosen, Facts, ServiceLevels, Target
from tickets.sla.words import PAUSABLE, ClockKind

_ALWAYS = Always()


@dataclass(frozen=True)
class Rules:
    """The books as they stand at their versions.

    Attributes:
        levels: What is promised.
        calendars: When time counts.
        levels_version: Edition of the former.
        calendars_version: Edition of the latter.
    """

    levels: ServiceLevels
    calendars: Calendars
    levels_version: int
    calendars_version: int
    _hours: dict[str, Hours] = field(default_factory=dict, repr=False, compare=False)

    def hours(self, name: str) -> Hours:
        """Return when a calendar counts; an unknown name means the standard calendar."""
        known = self._hours.get(name)
        if known is None:
            calendar = self.calendars.get(name)
            known = self._hours[name] = _ALWAYS if calendar is None else WorkingHours(calendar)
        return known


@dataclass(frozen=True, slots=True)
class Started:
    """What of a clock is a fact: nothing that the books say.

    Attributes:
        kind: What it measures.
        name: Of a stage, a group or a timer.
        at: Since when.
        promised: The target that holds where the book has no word on it any more: a timer once started goes on.
    """

    kind: ClockKind
    name: str
    at: datetime
    promised: Target | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the books make of it.

    Attributes:
        chosen: Target and policy; ``None``: nothing is promised.
        warn_minutes: After how many minutes it is warned of.
        due_at: ``None``: paused, or nothing promised.
        warn_at: ``None`` likewise.
    """

    chosen: Chosen | None
    warn_minutes: int = 0
    due_at: datetime | None = None
    warn_at: datetime | None = None


def judge(rules: Rules, started: Started, facts: Facts, pauses: Sequence[Pause]) -> Judged:
    """Return when a clock is due under the rules.

    Args:
        rules: The books.
        started: The clock.
        facts: What policies look at.
        pauses: The ticket's; a clock that cannot be paused leaves them alone.
    """
    chosen = rules.levels.choose(started.kind, started.name, facts)
    if chosen is None and started.promised is not None:
        chosen = Chosen(started.name, started.promised)
    if chosen is None:
        return Judged(None)
    target = chosen.target
    warn_minutes = rules.levels.warn_minutes(started.kind, target.minutes)
    hours = rules.hours(target.calendar)
    return Judged(
        chosen,
        warn_minutes,
        due_at=way(hours, started, target.minutes, pauses).due_at,
        warn_at=way(hours, started, warn_minutes, pauses).due_at,
    )


def way(hours: Hours, started: Started, minutes: int, pauses: Sequence[Pause]) -> Walk:
    """Walk a clock's minutes."""
    stops = pauses if started.kind in PAUSABLE else ()
    return walk(hours, started.at, timedelta(minutes=minutes), stops)
