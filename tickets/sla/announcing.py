"""What a clock tells, and when: a warning, a breach, the rungs of the escalation matrix, the days of dwelling."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.events import Event
from tickets.sla.events import SlaBreached, SlaEscalated, SlaWarned
from tickets.sla.models import ClockRow
from tickets.sla.policies import Escalation
from tickets.sla.words import ClockKind, EscalateTo
from tickets.words import Priority

_CLIMBS = frozenset({ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE, ClockKind.RESOLVE})
_RAISED = {Priority.P4: Priority.P3, Priority.P3: Priority.P2}
"""Dwelling raises a rank by one, but never to the one that is an emergency: that is judged by what happened."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that service levels say.

    Attributes:
        kind: Of the entry in the timeline.
        data: The entry's data.
        event: The fact.
        raises: Whether the ticket's priority rises with it.
    """

    kind: str
    data: dict[str, object]
    event: Event
    raises: bool = False


def raised(priority: Priority) -> Priority:
    """Return the rank after one step up."""
    return _RAISED.get(priority, priority)


def mark(clock: ClockRow, rules: Escalation, now: datetime) -> None:
    """Write down how a clock stands after its due time was set: missed or not, and when it has something to tell."""
    due = clock.due_at
    late = due is not None and (due < clock.ended_at if clock.ended_at is not None else due <= now)
    clock.breached_at = due if late else None
    if not late:
        clock.told_at, clock.rungs = None, 0
    if clock.warn_at is None or clock.warn_at > now:
        clock.warned_at = None
    clock.next_at = next_at(clock, rules)


def next_at(clock: ClockRow, rules: Escalation) -> datetime | None:
    """Return when time will do something to a clock; ``None``: nothing any more, or not while it is paused."""
    if clock.due_at is None or (
        clock.ended_at is not None and (clock.breached_at is None or clock.told_at is not None)
    ):
        return None
    if clock.told_at is None:
        warn = clock.warn_at if clock.warned_at is None and clock.ended_at is None else None
        return clock.due_at if warn is None else min(warn, clock.due_at)
    if ClockKind(clock.kind) not in _CLIMBS or clock.rungs >= len(rules.ladder):
        return None
    return clock.due_at + timedelta(minutes=rules.ladder[clock.rungs].after_minutes)


def announce(clock: ClockRow, rules: Escalation, now: datetime, serial_key: str) -> list[Told]:
    """Return what a clock has to tell at ``now``, and note that it was told."""
    about = _About(clock, serial_key)
    told: list[Told] = []
    due = clock.due_at
    if due is None:
        clock.next_at = None
        return told
    dwells = clock.kind == ClockKind.DWELL
    if clock.ended_at is None and clock.warned_at is None and clock.warn_at is not None and clock.warn_at <= now:
        clock.warned_at = now
        if dwells:
            told.append(about.escalated("dwell_lead", (EscalateTo.LEAD,), raises=rules.dwell_raises_priority))
        elif due > now:
            told.append(about.warned())
    if clock.told_at is None and due <= now:
        clock.told_at, clock.breached_at = now, due
        supervisor = about.escalated("dwell_supervisor", (EscalateTo.SUPERVISOR,))
        told.append(supervisor if dwells else about.breached())
    if clock.told_at is not None and clock.ended_at is None and ClockKind(clock.kind) in _CLIMBS:
        while clock.rungs < len(rules.ladder) and due + _after(rules, clock.rungs) <= now:
            told.append(about.escalated(str(clock.rungs + 1), rules.ladder[clock.rungs].to))
            clock.rungs += 1
    clock.next_at = next_at(clock, rules)
    return told


def emergency(ticket_id: str, serial_key: str, rules: Escalation) -> Told:
    """Return the call that waits for no timeout (SL-13)."""
    event = SlaEscalated(ticket_id, serial_key, level="emergency", to=rules.emergency_to)
    return Told("sla_escalated", {"level": "emergency", "to": list(rules.emergency_to)}, event)


def _after(rules: Escalation, rung: int) -> timedelta:
    return timedelta(minutes=rules.ladder[rung].after_minutes)


@dataclass(frozen=True, slots=True)
class _About:
    """Words about one clock."""

    clock: ClockRow
    serial_key: str

    def warned(self) -> Told:
        event = SlaWarned(self.clock.ticket_id, self.serial_key, clock=self.clock.kind, clock_id=self.clock.id)
        return Told("sla_warned", self._data(), event)

    def breached(self) -> Told:
        event = SlaBreached(self.clock.ticket_id, self.serial_key, clock=self.clock.kind, clock_id=self.clock.id)
        return Told("sla_breached", self._data(), event)

    def escalated(self, level: str, to: tuple[EscalateTo, ...], *, raises: bool = False) -> Told:
        event = SlaEscalated(self.clock.ticket_id, self.serial_key, level=level, to=to, clock=self.clock.kind)
        return Told("sla_escalated", {**self._data(), "level": level, "to": list(to)}, event, raises)

    def _data(self) -> dict[str, object]:
        due = self.clock.due_at
        return {"clock": self.clock.kind, "name": self.clock.name, "due": due.isoformat() if due else ""}
