"""What service levels show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tickets.sla.words import BreachCause, ClockKind, PauseReason, Promise
from tickets.words import Priority


class ClockState(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    NEAR = "near"  # its warning is due
    PAUSED = "paused"
    LATE = "late"  # missed, and it still runs
    MET = "met"
    MISSED = "missed"  # ended, too late
    ENDED = "ended"  # no longer wanted
    NONE = "none"  # nothing is promised


@dataclass(frozen=True, slots=True)
class SlaClock:
    """One clock of a ticket.

    Attributes:
        name: Of a stage, a group or a timer; else empty.
        promise: What has to be there in time.
        due_at: ``None``: paused, or nothing is promised.
        ended_at: When it was met, or no longer wanted.
        met_by: Who met it.
        ai_answered_at: The AI's first answer, kept apart from a person's (SL-17).
        cause: Why it was missed, as a person judged.
    """

    id: str
    kind: ClockKind
    name: str
    state: ClockState
    promise: Promise | None
    minutes: int
    calendar: str
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    ended_at: datetime | None
    met_at: datetime | None
    met_by: str
    breached_at: datetime | None
    ai_answered_at: datetime | None
    cause: BreachCause | None
    cause_words: str
    cause_by: str


@dataclass(frozen=True, slots=True)
class SlaPause:
    """A pause of a ticket."""

    since: datetime
    until: datetime | None
    reason: PauseReason
    by: str
    proof_id: str | None


@dataclass(frozen=True, slots=True)
class TicketSla:
    """How a ticket stands with what was promised.

    Attributes:
        clocks: In the order in which they started.
        pauses: In their order.
        next: The running clock that is missed first.
    """

    clocks: tuple[SlaClock, ...]
    pauses: tuple[SlaPause, ...]
    next: SlaClock | None

    @property
    def paused(self) -> SlaPause | None:
        """The pause that goes on."""
        return next((pause for pause in self.pauses if pause.until is None), None)

    def of(self, kind: ClockKind) -> SlaClock | None:
        """Return the newest clock of a kind."""
        return next((clock for clock in reversed(self.clocks) if clock.kind is kind), None)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of an explanation."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a clock is due when it is.

    Attributes:
        due_at: ``None``: paused, or nothing is promised.
        left: What is still to be counted while it is paused.
        lines: The way there, sentence by sentence.
    """

    clock: SlaClock
    due_at: datetime | None
    left: timedelta
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Attainment:
    """How well a kind of target is kept.

    Attributes:
        total: Clocks that ended with a promise.
        missed: Those that ended too late.
    """

    kind: ClockKind
    priority: Priority
    total: int
    missed: int

    @property
    def rate(self) -> float:
        """Share kept, 0 to 1."""
        return 1 - self.missed / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """How well targets are kept since an instant.

    Attributes:
        lines: By kind and priority.
        causes: Cause → misses; the empty cause was not judged yet.
    """

    lines: tuple[Attainment, ...]
    causes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Moves:
    """What new rules would change.

    Attributes:
        looked_at: Tickets with running clocks that were computed.
        tickets: Those with a due time that moves.
        earlier: Clocks due earlier than now.
        later: Clocks due later, or with no due time any more.
        complete: Whether all tickets were looked at.
    """

    looked_at: int
    tickets: int
    earlier: int
    later: int
    complete: bool
