"""A ticket's clocks and pauses in one hand: started, ended, reopened, judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import Session
from kit.ids import new_id
from tickets.models import TicketRow
from tickets.sla import repository
from tickets.sla.announcing import mark
from tickets.sla.counting import Pause
from tickets.sla.judging import Rules, Started, judge
from tickets.sla.models import ClockRow, PauseRow
from tickets.sla.policies import Facts, Target
from tickets.sla.words import ClockKind, PauseReason, Promise


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a ticket's clocks are to stand still.

    Attributes:
        reason: What is waited for.
        state: The state or stage in which.
        by: Who brought it there.
        proof_id: The record with the proof.
    """

    reason: PauseReason
    state: str
    by: str
    proof_id: str | None = None


class TicketClocks:
    """The clocks of one ticket while they are looked at.

    Args:
        row: The ticket.
        clocks: Of it; those that ended among them only where they are to be reopened.
        pauses: Of it.
        rules: By which they are judged.
        facts: What policies look at.
        now: The time.
    """

    def __init__(
        self,
        row: TicketRow,
        clocks: Sequence[ClockRow],
        pauses: Sequence[PauseRow],
        *,
        rules: Rules,
        facts: Facts,
        now: datetime,
    ) -> None:
        self.row = row
        self.rules = rules
        self.facts = facts
        self._now = now
        self._clocks = list(clocks)
        self._pauses = list(pauses)

    def running(self, *kinds: ClockKind) -> list[ClockRow]:
        """Return the clocks that have not ended, of some kinds or of all."""
        return [c for c in self._clocks if c.ended_at is None and (not kinds or ClockKind(c.kind) in kinds)]

    def last(self, kind: ClockKind) -> ClockRow | None:
        """Return the newest clock of a kind."""
        return next((clock for clock in reversed(self._clocks) if clock.kind == kind), None)

    def start(
        self, session: Session, kind: ClockKind, at: datetime, name: str = "", promised: Target | None = None
    ) -> ClockRow:
        """Start a clock; ``settle`` gives it its due time."""
        clock = ClockRow(
            id=new_id(), ticket_id=self.row.id, kind=kind, name=name, priority=self.row.priority, started_at=at, rungs=0
        )
        if promised is not None:
            clock.minutes, clock.calendar, clock.promise = promised.minutes, promised.calendar, promised.promise
        repository.add(session, clock)
        self._clocks.append(clock)
        return clock

    def end(self, clock: ClockRow, at: datetime, met_by: str | None) -> None:
        """End a clock: met by somebody, or with ``None`` no longer wanted."""
        clock.ended_at = at
        if met_by is not None:
            clock.met_at, clock.met_by = at, met_by
        self._judge(clock)

    def reopen(self, clock: ClockRow) -> None:
        """Let an ended clock run on from where it stood."""
        clock.ended_at, clock.met_at, clock.met_by = None, None, ""

    @property
    def pause(self) -> PauseRow | None:
        """The pause that goes on."""
        return next((pause for pause in self._pauses if pause.until is None), None)

    def end_pause(self, at: datetime) -> None:
        """Let the clocks run again."""
        pause = self.pause
        if pause is not None:
            pause.until = max(at, pause.since)

    def begin_pause(self, session: Session, waiting: Waiting) -> None:
        """Let pausable clocks stand still from now on."""
        pause = PauseRow(
            id=new_id(),
            ticket_id=self.row.id,
            since=self._now,
            reason=waiting.reason,
            state=waiting.state,
            by=waiting.by,
            proof_id=waiting.proof_id,
        )
        repository.add(session, pause)
        self._pauses.append(pause)

    def settle(self) -> int:
        """Set every running clock's due time; returns how many moved. The ticket's row shows the two main ones."""
        moved = 0
        for clock in self.running():
            if clock.kind in {ClockKind.FIRST_RESPONSE, ClockKind.RESOLVE}:
                clock.started_at = self.row.clock_origin_at  # a merge may have moved it (DM-05)
            before = clock.due_at
            self._judge(clock)
            moved += clock.due_at != before
        first, resolve = self.last(ClockKind.FIRST_RESPONSE), self.last(ClockKind.RESOLVE)
        if first is not None:
            by_ai = first.met_at is not None and self.row.first_responded_at is None
            self.row.first_response_due_at = None if by_ai else first.due_at
        if resolve is not None:
            self.row.resolve_due_at = resolve.due_at
        return moved

    def _judge(self, clock: ClockRow) -> None:
        kind, promised = ClockKind(clock.kind), None
        if kind is ClockKind.TIMER:
            promised = Target(minutes=clock.minutes, calendar=clock.calendar, promise=Promise(clock.promise))
        judged = judge(self.rules, Started(kind, clock.name, clock.started_at, promised), self.facts, self.stops())
        chosen = judged.chosen
        clock.policy = chosen.policy if chosen else ""
        clock.minutes = chosen.target.minutes if chosen else 0
        clock.calendar = chosen.target.calendar if chosen else ""
        clock.promise = chosen.target.promise if chosen else ""
        clock.warn_minutes, clock.due_at, clock.warn_at = judged.warn_minutes, judged.due_at, judged.warn_at
        clock.priority = self.row.priority
        clock.sla_version, clock.calendars_version = self.rules.levels_version, self.rules.calendars_version
        mark(clock, self.rules.levels.escalation, self._now)

    def stops(self) -> list[Pause]:
        """Return the ticket's pauses."""
        return stops_of(self._pauses)


def stops_of(rows: Sequence[PauseRow]) -> list[Pause]:
    """Return pauses as the counting knows them."""
    return [Pause(row.since, row.until, PauseReason(row.reason)) for row in rows]
