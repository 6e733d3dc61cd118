"""What every verb on tickets stands on: find the row, take a step of its lifecycle, write down that it happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kit.audit.service import AuditLog
from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Session, StaleDataError, after_commit
from kit.events import Publisher
from kit.live import LiveSignal
from tickets.auditing import ticket_act
from tickets.books.service import BookService
from tickets.errors import TicketChanged, TicketNotFound
from tickets.events import TicketUpdated
from tickets.lifecycle.engine import DONE, decide
from tickets.lifecycle.errors import TicketArchived
from tickets.lifecycle.loading import bundled
from tickets.lifecycle.schemas import Doer, Given, Patience, Scheme, Situation, TicketAction, Transition
from tickets.models import TicketRow
from tickets.repository import tickets as repository
from tickets.schemas import NodeTemplate, Ticket
from tickets.sla.announcing import Told
from tickets.sla.keeping import ClockKeeper, Said
from tickets.words import LabelPath, TicketStatus

QUEUE = "queue"
SLA_ACTOR = "system:sla"
_NEWS = frozenset({"filed", "sla_warned", "sla_breached", "sla_escalated"})
"""Entries that others are told of although no column changes."""
_NOTHING = Given()


@dataclass(frozen=True, slots=True)
class DeskRules:
    """The shop's tables that tickets obey.

    Attributes:
        labels: Every full path of the taxonomy; nothing else can be written (CL-06).
        scheme: Name of the lifecycle that new tickets begin.
        patience: How long the service waits for customers.
        procedures: Label → the steps of its procedure; the longest label that fits wins.
        lines: Product lines.
    """

    labels: frozenset[LabelPath]
    scheme: str = "full"
    patience: Patience = field(default_factory=Patience)
    procedures: Mapping[LabelPath, tuple[NodeTemplate, ...]] = field(default_factory=dict)
    lines: frozenset[str] = frozenset()


class Ledger:
    """Changes ticket rows by their lifecycle and keeps their timeline.

    Args:
        vault: Seals personal text.
        clock: The time.
        publisher: Where facts are stated.
        live: Wakes the screens that show the queue.
        rules: The shop's tables.
        books: What the business may change while the service runs.
    """

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        publisher: Publisher,
        live: LiveSignal,
        rules: DeskRules,
        *,
        books: BookService,
    ) -> None:
        self.vault = vault
        self.clock = clock
        self.publisher = publisher
        self.rules = rules
        self.books = books
        self.clocks = ClockKeeper(books)
        self._live = live
        self._audit = AuditLog(vault, clock)

    def row(self, session: Session, ticket_id: str) -> TicketRow:
        """Return a ticket's row.

        Raises:
            TicketNotFound: No such ticket.
        """
        row = repository.get(session, ticket_id)
        if row is None:
            raise TicketNotFound
        return row

    def writable(self, session: Session, ticket_id: str) -> TicketRow:
        """Return the row of a ticket that may still be changed.

        Raises:
            TicketNotFound: No such ticket.
            TicketArchived: It is closed (LC-06).
        """
        row = self.row(session, ticket_id)
        if row.status == TicketStatus.CLOSED:
            raise TicketArchived
        return row

    def view(self, session: Session, row: TicketRow) -> Ticket:
        """Return a ticket as others see it."""
        return repository.view(session, self.vault, row)

    def scheme_of(self, row: TicketRow) -> Scheme:
        """Return the lifecycle that a ticket began with, whatever the settings say now."""
        return bundled()[row.scheme]

    def step(self, row: TicketRow, action: TicketAction, doer: Doer, given: Given = _NOTHING) -> None:
        """Take a step of the lifecycle; raises as ``tickets.lifecycle.engine.decide``."""
        transition, now = self.judged(row, action, doer, given), self.clock.now()
        if transition.to != row.status:
            row.status, row.status_since, row.stage = transition.to, now, ""
            row.reminders_sent = 0
        if given.stage is not None:
            row.stage = given.stage
        row.aftercare_at = self.aftercare_at(row)

    def judged(self, row: TicketRow, action: TicketAction, doer: Doer, given: Given) -> Transition:
        """Return what a step would do; raises as ``tickets.lifecycle.engine.decide``."""
        situation = Situation(
            TicketStatus(row.status), row.status_since, row.submitted_by, self.clock.now(), self.rules.patience
        )
        return decide(self.scheme_of(row), action, doer, given, situation)

    def aftercare_at(self, row: TicketRow) -> datetime | None:
        """Return when time alone will do something to a ticket: remind, tell of progress, close."""
        patience, status = self.rules.patience, TicketStatus(row.status)
        if status is TicketStatus.RESOLVED:
            return row.status_since + patience.confirm_window
        if status is TicketStatus.WAITING_CUSTOMER:
            over = row.status_since + patience.silence_closes_after
            if row.reminders_sent >= patience.reminders:
                return over
            return min(over, row.status_since + patience.remind_after * (row.reminders_sent + 1))
        if status in DONE or not patience.progress_every:
            return None
        return row.told_at + patience.progress_every

    def was_told(self, row: TicketRow) -> None:
        """Note that the customer has just heard from the service: the wait for the next word begins anew (LC-19)."""
        row.told_at = self.clock.now()
        row.aftercare_at = self.aftercare_at(row)

    def note(self, session: Session, row: TicketRow, actor: str, kind: str, data: Mapping[str, object]) -> str:
        """Write what happened into the timeline, with what it changed, and state it (LC-14); the clocks follow.

        Returns:
            The entry's id.

        Raises:
            TicketChanged: Somebody else changed the ticket in the same moment.
        """
        row.updated_at = self.clock.now()
        changes = repository.unwritten_changes(row)
        urgent = self.clocks.follow(session, row, Said(kind, actor, data, changes, row.updated_at))
        _flush(session.flush)
        entry = repository.add_event(session, row.id, actor, kind, data, changes=changes, now=row.updated_at)
        act = ticket_act(row.customer_id, row.id, actor, kind, entry, changes=changes, data=data)
        self._audit.record(session, act)
        if changes or kind in _NEWS:
            self.publisher.publish(session, TicketUpdated(entry, serial_key=row.conversation_id))
        talk = row.conversation_id
        after_commit(session, lambda: self._live.publish(QUEUE))
        after_commit(session, lambda: self._live.publish(talk))  # who else has the ticket open sees it at once (RT-12)
        for told in urgent:
            self.tell(session, row, told)
        return entry

    def tell(self, session: Session, row: TicketRow, told: Told) -> None:
        """Write down what the service levels say of a ticket, and state it."""
        self.note(session, row, SLA_ACTOR, told.kind, told.data)
        self.publisher.publish(session, told.event)


def _flush(flush: Callable[[], None]) -> None:
    try:
        flush()
    except StaleDataError as error:
        raise TicketChanged from error
