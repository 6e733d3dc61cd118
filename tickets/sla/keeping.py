"""Keeps a ticket's clocks in step with what happens to it: begins, pauses, ends and reopens them, sets their due times.

Starts, pauses and ends are facts that do not depend on the rules, and due times follow from them, so that computing
anew after a change of rules gives what would have come out had they always held (ADR-0020).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.db import Session
from tickets.books.schemas import Body, Book, Edition
from tickets.books.service import BookService
from tickets.lifecycle.engine import DONE
from tickets.models import TicketRow
from tickets.sla import repository
from tickets.sla.announcing import Told, announce, emergency
from tickets.sla.calendars import CALENDARS, Calendars
from tickets.sla.counting import walk
from tickets.sla.judging import Rules
from tickets.sla.models import ClockRow
from tickets.sla.policies import SERVICE_LEVELS, WATCHED, Facts, ServiceLevels, Target
from tickets.sla.ticket_clocks import TicketClocks, Waiting
from tickets.sla.words import ClockKind, PauseReason
from tickets.words import Priority, Stage, TicketStatus

_REPLIES = frozenset({"replied", "asked"})
_JOINED = frozenset({"merged", "unmerged", "absorbed", "released"})  # these move more than one row's changes tell
_MATTERS = frozenset({"status", "stage", "priority", "group_id"})
_KEPT_RULES = 4
AI = "bot"
"""Who met a first response that the policy lets the AI give."""

_STATE_PAUSES: Mapping[str, PauseReason] = {
    TicketStatus.WAITING_CUSTOMER: PauseReason.CUSTOMER,
    TicketStatus.ON_HOLD: PauseReason.VENDOR,  # unless the person who holds it says otherwise
    TicketStatus.RESOLVED: PauseReason.SOLVED,
    Stage.AWAITING_MATERIAL: PauseReason.CUSTOMER,
    Stage.AWAITING_PARTS: PauseReason.PARTS,
    Stage.VENDOR: PauseReason.VENDOR,
}
"""State or stage → what is waited for in it; in every other one the clocks run (LC-05, SL-07)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the timeline says has just happened.

    Attributes:
        kind: Its entry's kind.
        actor: By whom.
        data: The entry's data; ``pause`` and ``proof`` say why a hold pauses.
        changes: Column → (before, after).
        at: When.
    """

    kind: str
    actor: str
    data: Mapping[str, object]
    changes: Mapping[str, tuple[object, object]]
    at: datetime


class ClockKeeper:
    """Looks after the clocks of tickets; the ledger tells it of every step.

    Args:
        books: Where calendars and targets are kept.
    """

    def __init__(self, books: BookService) -> None:
        self.books = books
        self._rules: dict[tuple[int, int], Rules] = {}

    def rules(self, session: Session) -> Rules:
        """Return the rules in force."""
        return self._made(self.books.current(session, SERVICE_LEVELS), self.books.current(session, CALENDARS))

    def rules_at(self, session: Session, levels_version: int, calendars_version: int) -> Rules:
        """Return the rules of two editions."""
        levels = self._edition(session, SERVICE_LEVELS, levels_version)
        return self._made(levels, self._edition(session, CALENDARS, calendars_version))

    def working_due(self, session: Session, start: datetime, minutes: int) -> datetime:
        """Return when minutes of the standard calendar have passed."""
        rules = self.rules(session)
        due = walk(rules.hours(rules.calendars.standard), start, timedelta(minutes=minutes)).due_at
        return due or start + timedelta(minutes=minutes)

    def open(self, session: Session, row: TicketRow, now: datetime) -> TicketClocks:
        """Take a ticket's clocks in hand, under the rules in force."""
        with session.no_autoflush:  # the ledger alone writes the ticket, and says so if somebody else did
            facts = Facts(Priority(row.priority), repository.level_of(session, row.customer_id), row.group_id or "")
            clocks, pauses = repository.clocks(session, row.id), repository.pauses(session, row.id)
            return TicketClocks(row, clocks, pauses, rules=self.rules(session), facts=facts, now=now)

    def follow(self, session: Session, row: TicketRow, said: Said) -> list[Told]:
        """Bring a ticket's clocks in line with a step; returns what is to be told at once."""
        filed = said.kind == "filed"
        if not (filed or said.kind in _REPLIES | _JOINED or said.changes.keys() & _MATTERS):
            return []
        clocks = self.open(session, row, said.at)
        if filed:
            clocks.start(session, ClockKind.FIRST_RESPONSE, row.clock_origin_at)
            clocks.start(session, ClockKind.RESOLVE, row.clock_origin_at)
        waiting = _waiting(row, said)
        pause = clocks.pause
        moves_on = pause is not None and (waiting is None or waiting.state != pause.state)
        if pause is not None and moves_on:
            clocks.end_pause(self._went_on(session, row, said, pause.since))
        _end_what_is_over(clocks, said)
        if waiting is not None and (pause is None or moves_on):
            clocks.begin_pause(session, waiting)
        _move_stage(session, clocks, said)
        _move_dwell(session, clocks, said)
        clocks.settle()
        urgent = clocks.rules.levels.escalation
        if (filed or "priority" in said.changes) and row.priority in urgent.emergency:
            return [emergency(row.id, row.conversation_id, urgent)]
        return []

    def customer_waits(self, session: Session, row: TicketRow, conversation_id: str, now: datetime) -> None:
        """Start the next response's clock, unless it runs or the first one is still owed."""
        if row.first_responded_at is None or TicketStatus(row.status) in DONE:
            return
        clocks = self.open(session, row, now)
        last = clocks.last(ClockKind.NEXT_RESPONSE)
        answered = row.first_responded_at if last is None else last.ended_at
        since = repository.spoke_after(session, conversation_id, answered) if answered is not None else None
        if since is None:
            return
        clocks.start(session, ClockKind.NEXT_RESPONSE, since)
        clocks.settle()

    def ai_answered(self, session: Session, row: TicketRow, now: datetime) -> None:
        """Note the AI's first answer; it satisfies the first response only where the policy says so (SL-17)."""
        clocks = self.open(session, row, now)
        for clock in clocks.running(ClockKind.FIRST_RESPONSE):
            clock.ai_answered_at = clock.ai_answered_at or now
            if clocks.rules.levels.ai_answer_counts(clocks.facts):
                clocks.end(clock, clock.ai_answered_at, AI)
        clocks.settle()

    def start_timer(self, session: Session, row: TicketRow, name: str, target: Target, now: datetime) -> ClockRow:
        """Start a named timer; one that runs already is returned as it is."""
        clocks = self.open(session, row, now)
        running = next((clock for clock in clocks.running(ClockKind.TIMER) if clock.name == name), None)
        if running is not None:
            return running
        clock = clocks.start(session, ClockKind.TIMER, now, name, target)
        clocks.settle()
        return clock

    def attend(self, session: Session, row: TicketRow, now: datetime) -> list[Told]:
        """Return what a ticket's clocks have to tell now; it is told once."""
        rules = self.rules(session).levels.escalation
        told = []
        for clock in repository.clocks(session, row.id):
            if clock.next_at is not None and clock.next_at <= now:
                told += announce(clock, rules, now, row.conversation_id)
        return told

    def _went_on(self, session: Session, row: TicketRow, said: Said, since: datetime) -> datetime:
        """Return when a pause ended: where the customer ended it, at their message, not when it was read (SL-08)."""
        if said.kind != "customer_wrote":
            return said.at
        with session.no_autoflush:
            return repository.spoke_after(session, row.conversation_id, since) or said.at

    def _edition(self, session: Session, book: Book[Body], version: int) -> Edition[Body]:
        return self.books.at(session, book, version) if version else Edition(0, book.default())

    def _made(self, levels: Edition[ServiceLevels], calendars: Edition[Calendars]) -> Rules:
        key = (levels.version, calendars.version)
        known = self._rules.get(key)
        if known is None:
            while len(self._rules) >= _KEPT_RULES:
                self._rules.pop(next(iter(self._rules)), None)
            known = self._rules[key] = Rules(levels.body, calendars.body, *key)
        return known


def _waiting(row: TicketRow, said: Said) -> Waiting | None:
    state = row.stage if row.stage in _STATE_PAUSES else row.status
    reason = _STATE_PAUSES.get(state)
    if reason is None:
        return None
    given = said.data.get("pause")
    proof = said.data.get("proof")
    return Waiting(PauseReason(str(given)) if given else reason, state, said.actor, str(proof) if proof else None)


def _end_what_is_over(clocks: TicketClocks, said: Said) -> None:
    row, status = clocks.row, TicketStatus(clocks.row.status)
    if row.first_responded_at is not None:
        for clock in clocks.running(ClockKind.FIRST_RESPONSE):
            clocks.end(clock, row.first_responded_at, said.actor)
    if said.kind in _REPLIES:
        for clock in clocks.running(ClockKind.NEXT_RESPONSE):
            clocks.end(clock, said.at, said.actor)
    if status in DONE:
        met = status is TicketStatus.RESOLVED
        for clock in clocks.running():
            solved = met and ClockKind(clock.kind) in {ClockKind.RESOLVE, ClockKind.TIMER}
            clocks.end(clock, said.at, said.actor if solved else None)
        return
    owed = {ClockKind.RESOLVE} if row.first_responded_at else {ClockKind.RESOLVE, ClockKind.FIRST_RESPONSE}
    for clock in filter(None, map(clocks.last, owed)):
        if clock.ended_at is not None and clock.met_by != AI:
            clocks.reopen(clock)


def _move_stage(session: Session, clocks: TicketClocks, said: Said) -> None:
    row = clocks.row
    at = row.stage or row.status
    wanted = at if at in WATCHED and TicketStatus(row.status) not in DONE else ""
    for clock in clocks.running(ClockKind.STAGE):
        if clock.name != wanted:
            clocks.end(clock, said.at, said.actor)
    if wanted and not clocks.running(ClockKind.STAGE):
        clocks.start(session, ClockKind.STAGE, said.at, wanted)


def _move_dwell(session: Session, clocks: TicketClocks, said: Said) -> None:
    row = clocks.row
    wanted = row.group_id if row.group_id and TicketStatus(row.status) not in DONE else ""
    for clock in clocks.running(ClockKind.DWELL):
        if clock.name != wanted:
            clocks.end(clock, said.at, said.actor)
    if wanted and not clocks.running(ClockKind.DWELL):
        clocks.start(session, ClockKind.DWELL, said.at, wanted)
