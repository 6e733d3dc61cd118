"""How a ticket is worked: taken, answered, waited for, escalated, reviewed, resolved, reopened, closed."""

from collections.abc import Mapping
from types import MappingProxyType

from kit.db import Session
from tickets.errors import EmptyRecord, NodeNotFound, TicketTaken
from tickets.events import TicketAssigned, TicketResolved
from tickets.ledger import Ledger
from tickets.lifecycle.engine import choices
from tickets.lifecycle.errors import CaseHasOpenTicket, TransitionRefused
from tickets.lifecycle.loading import bundled
from tickets.lifecycle.schemas import CUSTOMER, Choice, Doer, Given, Part, TicketAction
from tickets.models import TicketRow
from tickets.repository import tickets as repository
from tickets.repository import work as work_repository
from tickets.rights import Right
from tickets.schemas import Node, Record, StaffMember, Ticket
from tickets.words import CloseKind, RecordKind, TicketStatus

_A = TicketAction
_NOTHING = Given()
_NO_WORDS: Mapping[str, str] = MappingProxyType({})
_WORDS = 500  # of a reason or a fix, in the timeline; the whole text is a record

_KINDS: Mapping[TicketAction, str] = {
    _A.SET_STAGE: "stage_set",
    _A.HOLD: "held",
    _A.ESCALATE: "escalated",
    _A.RESUME: "resumed",
    _A.SUBMIT: "submitted",
    _A.SEND_BACK: "sent_back",
    _A.APPROVE: "approved",
    _A.SETTLE: "resolved",
    _A.RESOLVE: "resolved",
    _A.CONFIRM: "confirmed",
    _A.REOPEN: "reopened",
    _A.CLOSE: "closed",
    _A.CANCEL: "cancelled",
    _A.EXPIRE: "expired",
}
"""Step → what the timeline calls it afterwards."""

STEPS = frozenset(_KINDS)
"""What ``take`` can do; assigning, replying and routing have verbs of their own."""

_CLOSES = {
    _A.CLOSE: CloseKind.SOLVED,
    _A.CONFIRM: CloseKind.USER_CONFIRMED,
    _A.CANCEL: CloseKind.NOT_NEEDED,
    _A.EXPIRE: CloseKind.AUTOMATIC,
}


def part_of(member: StaffMember) -> Part:
    """Return in which part a member of staff acts on tickets: who may review decides as a lead."""
    return Part.LEAD if member.may(Right.REVIEW) else Part.AGENT


class WorkService:
    """What people and time do to tickets."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def assign(
        self, session: Session, ticket_id: str, username: str, doer: Doer, why: Mapping[str, str] = _NO_WORDS
    ) -> None:
        """Give a ticket to a person; one who did not take it is told (NT-07).

        Args:
            session: The unit of work.
            ticket_id: Which.
            username: To whom.
            doer: Who gives it.
            why: The reason as the timeline keeps it.
        """
        row = self._ledger.row(session, ticket_id)
        self._ledger.step(row, _A.ASSIGN, doer)
        row.assignee = username
        entry = self._ledger.note(session, row, doer.name, "assigned", {"to": username, **why})
        if username != doer.name:
            self._ledger.publisher.publish(session, TicketAssigned(entry, serial_key=row.conversation_id))

    def claim(self, session: Session, ticket_id: str, doer: Doer, *, holder: str | None = None) -> None:
        """Take a ticket for oneself.

        Args:
            session: The unit of work.
            ticket_id: Which.
            doer: Who takes it.
            holder: Who had it when the doer looked; ``None``: nobody.

        Raises:
            TicketTaken: Somebody else has taken it meanwhile.
        """
        row = self._ledger.row(session, ticket_id)
        if row.assignee not in {holder, doer.name}:
            raise TicketTaken(row.assignee or "")
        self.assign(session, ticket_id, doer.name, doer)

    def note_reply(
        self, session: Session, ticket_id: str, doer: Doer, *, asks: bool = False, conversation_id: str = ""
    ) -> None:
        """Record that a person answered: the first such answer stops the first-response clock (SL-17).

        Args:
            session: The unit of work.
            ticket_id: Which.
            doer: Who wrote.
            asks: The answer asks the customer for something: the ticket waits for them (LC-05).
            conversation_id: Where it was said; empty: in the ticket's own conversation.
        """
        row = self._ledger.row(session, ticket_id)
        self._ledger.step(row, _A.ASK_CUSTOMER if asks else _A.REPLY, doer)
        now = self._ledger.clock.now()
        row.first_responded_at = row.first_responded_at or now
        row.assignee = row.assignee or doer.name
        self._ledger.was_told(row)
        said_in = conversation_id or row.conversation_id
        self._ledger.note(session, row, doer.name, "asked" if asks else "replied", {"conversation": said_in})

    def customer_wrote(self, session: Session, conversation_id: str) -> None:
        """Let tickets that wait for the customer go on; whoever has been answered before waits for the next answer."""
        for row in repository.of_conversation(session, conversation_id):
            if row.status == TicketStatus.WAITING_CUSTOMER:
                self._ledger.step(row, _A.CUSTOMER_WROTE, CUSTOMER)
                self._ledger.note(session, row, CUSTOMER.name, "customer_wrote", {})
            self._ledger.clocks.customer_waits(session, row, conversation_id, self._ledger.clock.now())

    def ai_answered(self, session: Session, conversation_id: str) -> None:
        """Note that the AI answered the customer: recorded apart from a person's first answer (SL-17)."""
        for row in repository.of_conversation(session, conversation_id):
            if row.status not in {TicketStatus.RESOLVED, TicketStatus.CLOSED}:
                self._ledger.clocks.ai_answered(session, row, self._ledger.clock.now())

    def take(self, session: Session, ticket_id: str, action: TicketAction, doer: Doer, given: Given = _NOTHING) -> None:
        """Take a step of the lifecycle.

        Args:
            session: The unit of work.
            ticket_id: Which.
            action: One of ``STEPS``.
            doer: Who takes it.
            given: The words and the stage that come with it.

        Raises:
            TransitionRefused, StepNotAllowed, StepNeeds, GuardRefused: See ``tickets.lifecycle.engine.decide``.
            CaseHasOpenTicket: Reopening would give a matter two open tickets.
            TicketChanged: Somebody else changed the ticket in the same moment.
        """
        row = self._ledger.row(session, ticket_id)
        if action not in STEPS:
            raise TransitionRefused(row.status, action)
        fix = self._settled_fix(session, row) if action is _A.SETTLE else given.fix
        self._ledger.step(row, action, doer, given)
        self._apply(session, row, action, doer)
        # Between the step and its entry nothing may be read or written: a flush would hide what has changed.
        data = self._data(row, given, fix)
        if given.proof:
            data["proof"] = self._record(session, row, RecordKind.PAUSE_PROOF, given.proof, doer)
        self._ledger.note(session, row, doer.name, _KINDS[action], data)
        if given.fix:
            self._record(session, row, RecordKind.FINAL_FIX, given.fix, doer)
        if row.status == TicketStatus.RESOLVED:
            self._ledger.publisher.publish(session, TicketResolved(row.id, serial_key=row.conversation_id))

    def allowed(self, session: Session, ticket_id: str, action: TicketAction, doer: Doer, given: Given) -> None:
        """Raise what ``take`` would raise of the lifecycle, and change nothing."""
        self._ledger.judged(self._ledger.row(session, ticket_id), action, doer, given)

    def resolve(self, session: Session, ticket_id: str, doer: Doer, fix: str) -> None:
        """Mark a ticket resolved, with what was done; raises as ``take``."""
        self.take(session, ticket_id, _A.RESOLVE, doer, Given(fix=fix))

    @staticmethod
    def choices(ticket: Ticket, part: Part) -> list[Choice]:
        """Return the steps of ``STEPS`` that a part may take with a ticket as it stands."""
        found = choices(bundled()[ticket.course.scheme], ticket.summary.status, part)
        return [choice for choice in found if choice.action in STEPS]

    @staticmethod
    def status_name(ticket: Ticket) -> tuple[str, str] | None:
        """Return what the ticket's scheme calls its status (zh, en), where that is not the usual."""
        return bundled()[ticket.course.scheme].names.get(ticket.summary.status)

    def write_down(self, session: Session, ticket_id: str, kind: RecordKind, text: str, doer: Doer) -> None:
        """Keep a note, a cause, a fix or a remote session for colleagues; the customer sees none of it.

        Raises:
            EmptyRecord: No words.
            TicketArchived: The ticket is closed.
        """
        row = self._ledger.writable(session, ticket_id)
        record_id = self._record(session, row, kind, text, doer)
        self._ledger.note(session, row, doer.name, "recorded", {"kind": kind, "record": record_id})

    def records(self, session: Session, ticket_id: str) -> list[Record]:
        """Return what was written down about a ticket, oldest first."""
        return work_repository.records(session, self._ledger.vault, self._ledger.row(session, ticket_id))

    def nodes(self, session: Session, ticket_id: str) -> list[Node]:
        """Return a ticket's procedure, in its order (LC-11)."""
        return [work_repository.node_view(row) for row in work_repository.node_rows(session, ticket_id)]

    def mark_node(self, session: Session, ticket_id: str, node_id: str, doer: Doer, *, done: bool) -> None:
        """Mark a step of the procedure as done, or as not done after all.

        Raises:
            NodeNotFound: Not of this ticket.
            TicketArchived: The ticket is closed.
        """
        row = self._ledger.writable(session, ticket_id)
        node = work_repository.node(session, node_id)
        if node is None or node.ticket_id != row.id:
            raise NodeNotFound
        if done == (node.done_at is not None):
            return
        node.done_at, node.done_by = (self._ledger.clock.now(), doer.name) if done else (None, "")
        kind = "node_done" if done else "node_undone"
        self._ledger.note(
            session, row, doer.name, kind, {"ordinal": node.ordinal, "zh": node.task_zh, "en": node.task_en}
        )

    def _record(self, session: Session, row: TicketRow, kind: RecordKind, text: str, doer: Doer) -> str:
        if not text.strip():
            raise EmptyRecord
        now = self._ledger.clock.now()
        return work_repository.add_record(
            session, self._ledger.vault, row, kind=kind, text=text, author=doer.name, now=now
        )

    def _settled_fix(self, session: Session, row: TicketRow) -> str:
        records = work_repository.records(session, self._ledger.vault, row)
        return next((r.text for r in reversed(records) if r.kind is RecordKind.FINAL_FIX), "")

    @staticmethod
    def _data(row: TicketRow, given: Given, fix: str) -> dict[str, object]:
        data = {
            "reason": given.reason[:_WORDS],
            "action": fix[:_WORDS],
            "stage": given.stage,
            "pause": given.pause,
            "kind": row.close_kind,
        }
        return {name: value for name, value in data.items() if value}

    def _apply(self, session: Session, row: TicketRow, action: TicketAction, doer: Doer) -> None:
        """Change what a step changes beside the status."""
        now = self._ledger.clock.now()
        if action in _CLOSES:
            row.closed_at, row.close_kind = now, _CLOSES[action]
        elif action in {_A.RESOLVE, _A.SETTLE}:
            row.resolved_at = now
        elif action is _A.SUBMIT:
            row.submitted_by = doer.name
        elif action is _A.REOPEN:
            other = repository.open_of_case(session, row.case_id, but=row.id)
            if other is not None:
                raise CaseHasOpenTicket(other.number)
            row.reopened_count += 1
            row.resolved_at, row.submitted_by = None, ""
            self._ledger.was_told(row)
