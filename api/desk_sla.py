"""A ticket's deadlines on the desk: how each stands, and why it is when it is."""

from dataclasses import dataclass
from datetime import datetime

from api.clocks import Clock
from api.wiring import Services
from kit.db import Session
from tickets.sla.schemas import ClockState, Explanation, SlaClock
from tickets.sla.words import ClockKind, Promise

_MAIN = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE, ClockKind.RESOLVE)
_STATES = {
    ClockState.RUNNING: "ok",
    ClockState.NEAR: "near",
    ClockState.LATE: "late",
    ClockState.MISSED: "missed",
    ClockState.MET: "met",
    ClockState.PAUSED: "paused",
    ClockState.ENDED: "none",
    ClockState.NONE: "none",
}


@dataclass(frozen=True, slots=True)
class ShownDeadline:
    """A deadline of a ticket.

    Attributes:
        word: Key of what it is called.
        clock: How it stands, in words for the macro.
        explained: The clock with the way to its due time.
        asks_cause: It was missed, and nobody has said why.
    """

    word: str
    clock: Clock
    explained: Explanation
    asks_cause: bool

    @property
    def ticking(self) -> bool:
        """Whether its time is running out, or has run out, while somebody looks."""
        return self.clock.state in {"ok", "near", "late"}


def deadlines(services: Services, session: Session, ticket_id: str) -> tuple[ShownDeadline, ...]:
    """Return what is promised of a ticket: the newest of the main kinds, and whatever else runs or was missed."""
    now = services.clock.now()
    found = services.desk.sla.explanations(session, ticket_id)
    newest = {e.clock.kind: e.clock.id for e in found}
    shown = [e for e in found if _is_shown(e.clock, newest)]
    return tuple(
        ShownDeadline(
            word=_word(e.clock),
            clock=Clock(_STATES[e.clock.state], _minutes(e.clock, now), e.clock.due_at),
            explained=e,
            asks_cause=e.clock.breached_at is not None and e.clock.cause is None,
        )
        for e in sorted(shown, key=lambda e: (list(ClockKind).index(e.clock.kind), e.clock.started_at))
    )


def _is_shown(clock: SlaClock, newest: dict[ClockKind, str]) -> bool:
    if not clock.minutes or clock.state is ClockState.ENDED:
        return False
    missed = clock.breached_at is not None and clock.cause is None
    if clock.kind in _MAIN:
        return missed or newest[clock.kind] == clock.id
    if clock.kind is ClockKind.DWELL:  # of use to those above, who are told; near its end it concerns the agent too
        return clock.state in {ClockState.NEAR, ClockState.LATE}
    return clock.ended_at is None or missed


def _word(clock: SlaClock) -> str:
    named = clock.promise in {Promise.RESTORE, Promise.OFFER} and clock.kind is ClockKind.RESOLVE
    return f"sla_{clock.kind}_{clock.promise}" if named else f"sla_{clock.kind}"


def _minutes(clock: SlaClock, now: datetime) -> int:
    if clock.due_at is None:
        return 0
    return int((clock.due_at - (clock.ended_at or now)).total_seconds() // 60)
