"""How a due time stands, for the screens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.schemas import TicketSummary

_NEAR_BREACH = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Clock:
    """A due time: how it stands (``ok``, ``near``, ``late``, ``met``, ``none``) and how long is left, in minutes."""

    state: str
    minutes: int
    due_at: datetime | None


def clock_of(due_at: datetime | None, met_at: datetime | None, now: datetime) -> Clock:
    """Say how a due time stands at ``now``."""
    if due_at is None:
        return Clock("none", 0, None)
    if met_at is not None:
        return Clock("met" if met_at <= due_at else "late", int((due_at - met_at).total_seconds() // 60), due_at)
    left = due_at - now
    state = "late" if left < timedelta() else "near" if left < _NEAR_BREACH else "ok"
    return Clock(state, int(left.total_seconds() // 60), due_at)


def queue_clock(ticket: TicketSummary, now: datetime) -> Clock:
    """Return the clock that runs: the first response until it is given, then the resolution."""
    owed = ticket.first_response_due_at is not None  # the AI may have given it, where the policy lets it
    if owed and ticket.first_responded_at is None and ticket.resolved_at is None:
        return clock_of(ticket.first_response_due_at, None, now)
    return clock_of(ticket.resolve_due_at, ticket.resolved_at, now)
