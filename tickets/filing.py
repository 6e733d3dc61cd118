"""Tickets: filed from a confirmed case, classified, routed, worked and resolved, each step by the tables."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Session, StaleDataError, after_commit
from kit.events import Publisher
from kit.ids import new_id
from kit.live import LiveSignal
from tickets.errors import ConversationNotFound, TicketChanged, TicketNotFound, UnknownLabel
from tickets.events import TicketClassified, TicketFiled, TicketResolved, TicketRouted, TicketUpdated
from tickets.lifecycle import DONE, TicketAction, next_status
from tickets.models import TicketRow
from tickets.repository import conversations as conversation_repository
from tickets.repository import tickets as repository
from tickets.routing import RoutingRow, route
from tickets.schemas import Prediction, Ticket, TicketDraft, TicketEvent
from tickets.sla import SlaPolicy, due_at
from tickets.words import LabelPath, Priority, TicketStatus, Zone

AI_CLASSIFIER = "ai:classifier"
QUEUE = "queue"
_TITLE_CHARS = 120


@dataclass(frozen=True, slots=True)
class DeskRules:
    """The shop's tables that tickets obey.

    Attributes:
        labels: Every full path of the taxonomy; nothing else can be written (CL-06).
        routing: Label → group.
        sla: Priority → targets.
    """

    labels: frozenset[LabelPath]
    routing: Sequence[RoutingRow]
    sla: SlaPolicy


class TicketService:
    """The system of record's verbs on tickets."""

    def __init__(self, vault: Vault, clock: Clock, publisher: Publisher, live: LiveSignal, rules: DeskRules) -> None:
        self._vault = vault
        self._clock = clock
        self._publisher = publisher
        self._live = live
        self._rules = rules
        self._known = frozenset(path[:n] for path in rules.labels for n in range(1, len(path) + 1))

    def file(self, session: Session, draft: TicketDraft, actor: str) -> Ticket:
        """File a draft; filing a case that has an open ticket returns that ticket.

        Args:
            session: The unit of work.
            draft: What the customer confirmed, or what the bot files without them (safety, hand-over).
            actor: ``customer``, ``bot`` or a user name.
        """
        known = repository.open_of_case(session, draft.case_id)
        if known is not None:
            return repository.view(session, self._vault, known)
        conversation = conversation_repository.get(session, draft.conversation_id)
        if conversation is None:
            raise ConversationNotFound
        now = self._clock.now()
        ticket_id, customer_id = new_id(), conversation.customer_id
        sealed = self._vault.seal(session, customer_id, f"tickets.description:{ticket_id}", draft.description)
        row = TicketRow(
            id=ticket_id,
            number=repository.next_number(session),
            case_id=draft.case_id,
            conversation_id=conversation.id,
            customer_id=customer_id,
            channel=conversation.channel,
            title=draft.title[:_TITLE_CHARS],
            description_sealed=sealed,
            priority=draft.priority or Priority.P3,
            created_at=now,
            updated_at=now,
        )
        repository.add(session, row)
        repository.add_fields(session, row.id, draft.fields, actor)
        self._set_clocks(row)
        self._note(session, row, actor, "filed", {"fields": [f.name for f in draft.fields]})
        self._publisher.publish(session, TicketFiled(row.id, serial_key=row.conversation_id))
        return repository.view(session, self._vault, row)

    def record_prediction(self, session: Session, ticket_id: str, prediction: Prediction) -> None:
        """Keep a prediction; in the auto zone it also becomes the ticket's label.

        Raises:
            UnknownLabel: The taxonomy has no such path.
        """
        row = self._row(session, ticket_id)
        self._check_label(prediction.label)
        repository.add_prediction(session, row.id, prediction, self._clock.now())
        if prediction.zone is Zone.AUTO and row.label_source in {"", "ai"}:
            self._write_label(row, prediction.label, "ai")
        data = {"label": list(prediction.label), "probability": prediction.probability, "zone": prediction.zone}
        self._note(session, row, AI_CLASSIFIER, "classified", data)
        self._publisher.publish(session, TicketClassified(row.id, serial_key=row.conversation_id))

    def set_label(self, session: Session, ticket_id: str, label: LabelPath, actor: str) -> None:
        """Let a person decide the label; it is kept beside the prediction it overrides (CL-18).

        Raises:
            UnknownLabel: The taxonomy has no such path.
        """
        row = self._row(session, ticket_id)
        self._check_label(label)
        before = list(row.label)
        self._write_label(row, label, "person")
        self._note(session, row, actor, "label_set", {"from": before, "to": list(label)})
        self._publisher.publish(session, TicketClassified(row.id, serial_key=row.conversation_id))

    def route(self, session: Session, ticket_id: str, *, line: str | None, urgent: bool) -> None:
        """Send a ticket to its group and start its clocks; one that is done already stays where it is.

        Args:
            session: The unit of work.
            ticket_id: Which.
            line: Product line, where known.
            urgent: Safety wording was found: priority rises to P1 (CL-15).
        """
        row = self._row(session, ticket_id)
        if TicketStatus(row.status) in DONE:
            return
        view = repository.view(session, self._vault, row)
        zone = Zone.AUTO if row.label_source == "person" else (view.prediction.zone if view.prediction else Zone.HUMAN)
        decision = route(self._rules.routing, tuple(row.label), line, zone)
        self._advance(row, TicketAction.ROUTE)
        row.group_id, row.route_reason = decision.group_id, decision.reason
        if urgent:
            row.priority = Priority.P1
        self._set_clocks(row)
        data = {"group": decision.group_id, "reason": decision.reason, "priority": row.priority}
        self._note(session, row, "system:routing", "routed", data)
        self._publisher.publish(session, TicketRouted(row.id, serial_key=row.conversation_id))

    def assign(self, session: Session, ticket_id: str, username: str, actor: str) -> None:
        """Give a ticket to a person."""
        row = self._row(session, ticket_id)
        self._advance(row, TicketAction.ASSIGN)
        row.assignee = username
        self._note(session, row, actor, "assigned", {"to": username})

    def note_reply(self, session: Session, ticket_id: str, actor: str) -> None:
        """Record that a person answered: the first such answer stops the first-response clock (SL-17)."""
        row = self._row(session, ticket_id)
        self._advance(row, TicketAction.REPLY)
        now = self._clock.now()
        row.first_responded_at = row.first_responded_at or now
        row.assignee = row.assignee or actor
        self._note(session, row, actor, "replied", {})

    def resolve(self, session: Session, ticket_id: str, actor: str, action: str) -> None:
        """Mark a ticket resolved, with what was done."""
        row = self._row(session, ticket_id)
        self._advance(row, TicketAction.RESOLVE)
        row.resolved_at = self._clock.now()
        self._note(session, row, actor, "resolved", {"action": action[:500]})
        self._publisher.publish(session, TicketResolved(row.id, serial_key=row.conversation_id))

    def customer_wrote(self, session: Session, conversation_id: str) -> None:
        """Let tickets that wait for the customer go on."""
        for row in repository.of_conversation(session, conversation_id):
            if TicketStatus(row.status) is TicketStatus.WAITING_CUSTOMER:
                self._advance(row, TicketAction.CUSTOMER_WROTE)
                self._note(session, row, "customer", "customer_wrote", {})

    def get(self, session: Session, ticket_id: str) -> Ticket:
        """Return a ticket.

        Raises:
            TicketNotFound: No such ticket.
        """
        return repository.view(session, self._vault, self._row(session, ticket_id))

    def by_number(self, session: Session, number: int) -> Ticket:
        """Return a ticket by its number; raises as ``get``."""
        row = repository.by_number(session, number)
        if row is None:
            raise TicketNotFound
        return repository.view(session, self._vault, row)

    def happening(self, session: Session, event_id: str) -> tuple[Ticket, TicketEvent]:
        """Return a timeline's entry with its ticket as it stands.

        Raises:
            TicketNotFound: No such entry.
        """
        row = repository.event(session, event_id)
        if row is None:
            raise TicketNotFound
        return self.get(session, row.ticket_id), repository.timeline_entry(row)

    def of_conversation(self, session: Session, conversation_id: str) -> list[Ticket]:
        """Return a conversation's tickets, oldest first."""
        rows = repository.of_conversation(session, conversation_id)
        return [repository.view(session, self._vault, row) for row in rows]

    def numbers(self, session: Session, ids: Collection[str]) -> dict[str, int]:
        """Return the number of each ticket and of each conversation's newest ticket among ``ids``; others have none."""
        return repository.numbers(session, ids)

    def figures(self, session: Session) -> dict[str, dict[str, int]]:
        """Return the counts that the report shows."""
        by = {name: repository.counts_by(session, name) for name in ("status", "group", "priority", "label")}
        return {"all": repository.counts(session, self._clock.now()), "zone": repository.zone_counts(session), **by}

    def _row(self, session: Session, ticket_id: str) -> TicketRow:
        row = repository.get(session, ticket_id)
        if row is None:
            raise TicketNotFound
        return row

    def _check_label(self, label: LabelPath) -> None:
        if label and label not in self._known:
            raise UnknownLabel(label)

    def _write_label(self, row: TicketRow, label: LabelPath, source: str) -> None:
        row.label, row.label_source = list(label), source
        row.label_type = label[0] if label else ""

    def _advance(self, row: TicketRow, action: TicketAction) -> None:
        row.status = next_status(TicketStatus(row.status), action)

    def _set_clocks(self, row: TicketRow) -> None:
        target = self._rules.sla[Priority(row.priority)]
        row.first_response_due_at = due_at(row.created_at, target.first_response_minutes, target.calendar)
        row.resolve_due_at = due_at(row.created_at, target.resolve_minutes, target.calendar)

    def _note(self, session: Session, row: TicketRow, actor: str, kind: str, data: Mapping[str, object]) -> None:
        row.updated_at = self._clock.now()
        changes = repository.unwritten_changes(row)
        _flush(session.flush)
        entry = repository.add_event(session, row.id, actor, kind, data, changes=changes, now=row.updated_at)
        if changes or kind == "filed":
            self._publisher.publish(session, TicketUpdated(entry, serial_key=row.conversation_id))
        after_commit(session, lambda: self._live.publish(QUEUE))


def _flush(flush: Callable[[], None]) -> None:
    try:
        flush()
    except StaleDataError as error:
        raise TicketChanged from error
