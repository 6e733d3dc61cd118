"""Tickets: filed from a confirmed case, classified, routed, found again; how they are worked is in ``working``."""

from collections.abc import Collection

from kit.db import Session
from kit.ids import new_id
from tickets.errors import ConversationNotFound, TicketNotFound, UnknownLabel
from tickets.events import TicketClassified, TicketFiled, TicketRouted
from tickets.ledger import Ledger
from tickets.lifecycle.engine import DONE
from tickets.lifecycle.errors import TransitionRefused
from tickets.lifecycle.loading import bundled
from tickets.lifecycle.schemas import Doer, TicketAction
from tickets.models import TicketRow
from tickets.repository import conversations as conversation_repository
from tickets.repository import tickets as repository
from tickets.repository import work as work_repository
from tickets.routing.service import ROUTER, RoutingService
from tickets.schemas import Field, Prediction, Ticket, TicketDraft, TicketEvent
from tickets.words import LabelPath, Priority, TicketStatus, Zone

AI_CLASSIFIER = "ai:classifier"
_TITLE_CHARS = 120
_REASON_CHARS = 300

PERSON = "person"
"""Source of a label that somebody decided; no model writes over it."""


class TicketService:
    """How tickets come about, and how they are found."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._routing = RoutingService(ledger)
        labels = ledger.rules.labels
        self._known = frozenset(path[:n] for path in labels for n in range(1, len(path) + 1))

    def file(self, session: Session, draft: TicketDraft, actor: str) -> Ticket:
        """File a draft; filing a case that has an open ticket returns that ticket.

        Args:
            session: The unit of work.
            draft: What the customer confirmed, or what the bot files without them (safety, hand-over).
            actor: ``customer``, ``bot`` or a user name.
        """
        known = self._going_on(session, draft.case_id)
        if known is not None:
            return self._ledger.view(session, known)
        conversation = conversation_repository.get(session, draft.conversation_id)
        if conversation is None:
            raise ConversationNotFound
        now, scheme = self._ledger.clock.now(), bundled()[self._ledger.rules.scheme]
        ticket_id, customer_id = new_id(), conversation.customer_id
        sealed = self._ledger.vault.seal(session, customer_id, f"tickets.description:{ticket_id}", draft.description)
        row = TicketRow(
            id=ticket_id,
            number=repository.next_number(session),
            case_id=draft.case_id,
            conversation_id=conversation.id,
            customer_id=customer_id,
            channel=conversation.channel,
            title=draft.title[:_TITLE_CHARS],
            description_sealed=sealed,
            scheme=scheme.name,
            status=scheme.initial,
            status_since=now,
            told_at=now,
            priority=draft.priority or Priority.P3,
            created_at=now,
            clock_origin_at=now,
            updated_at=now,
        )
        repository.add(session, row)
        repository.add_fields(session, row.id, draft.fields, actor)
        self._ledger.note(session, row, actor, "filed", {"fields": [f.name for f in draft.fields]})
        self._ledger.publisher.publish(session, TicketFiled(row.id, serial_key=row.conversation_id))
        return self._ledger.view(session, row)

    def record_prediction(self, session: Session, ticket_id: str, prediction: Prediction) -> None:
        """Keep a prediction; in the auto zone it also becomes the ticket's label. A closed ticket takes none.

        Raises:
            UnknownLabel: The taxonomy has no such path.
        """
        row = self._ledger.row(session, ticket_id)
        if row.status == TicketStatus.CLOSED:
            return  # it was closed while the classifier thought
        self._check_label(prediction.label)
        repository.add_prediction(session, row.id, prediction, self._ledger.clock.now())
        if prediction.zone is Zone.AUTO and row.label_source in {"", "ai"}:
            self._write_label(row, prediction.label, "ai")
        data = {"label": list(prediction.label), "probability": prediction.probability, "zone": prediction.zone}
        self._ledger.note(session, row, AI_CLASSIFIER, "classified", data)
        self._ledger.publisher.publish(session, TicketClassified(row.id, serial_key=row.conversation_id))

    def set_label(self, session: Session, ticket_id: str, label: LabelPath, actor: str) -> None:
        """Let a person decide the label; it is kept beside the prediction it overrides (CL-18).

        Raises:
            UnknownLabel: The taxonomy has no such path.
            TicketArchived: It is closed.
        """
        row = self._ledger.writable(session, ticket_id)
        self._check_label(label)
        before = list(row.label)
        self._write_label(row, label, PERSON)
        self._ledger.note(session, row, actor, "label_set", {"from": before, "to": list(label)})
        self._ledger.publisher.publish(session, TicketClassified(row.id, serial_key=row.conversation_id))

    def route(
        self, session: Session, ticket_id: str, *, line: str | None, urgent: bool, customer_level: str = ""
    ) -> None:
        """Send a ticket to its group and start its clocks; one that is done already stays where it is.

        Args:
            session: The unit of work.
            ticket_id: Which.
            line: Product line, where known.
            urgent: Safety wording was found: priority rises to P1 (CL-15).
            customer_level: As the order book has it; empty: unknown.
        """
        row = self._ledger.row(session, ticket_id)
        if TicketStatus(row.status) in DONE:
            return
        decision = self._routing.decide(session, row, line=line, urgent=urgent, customer_level=customer_level)
        self._ledger.step(row, TicketAction.ROUTE, ROUTER)
        row.group_id, row.route_reason, row.line = decision.group_id, decision.reason[:_REASON_CHARS], line or ""
        if urgent:
            row.priority = Priority.P1
        data = {"group": decision.group_id, "priority": row.priority, **decision.why.data()}
        self._ledger.note(session, row, ROUTER.name, "routed", data)
        self._plant_procedure(session, row)  # its queries write the row, whose changes the timeline has to see first
        self._ledger.publisher.publish(session, TicketRouted(row.id, serial_key=row.conversation_id))
        self._routing.place(session, row, decision.share)

    def follow_up(self, session: Session, ticket_id: str, doer: Doer) -> Ticket:
        """File a new ticket that goes on from a closed one, with its facts and its description (LC-06).

        Raises:
            TransitionRefused: The ticket is not closed: it can be worked on, or reopened.
        """
        earlier = self._ledger.row(session, ticket_id)
        if earlier.status != TicketStatus.CLOSED:
            raise TransitionRefused(earlier.status, "follow_up")
        known = self._going_on(session, earlier.case_id)
        if known is not None:
            return self._ledger.view(session, known)
        before = self._ledger.view(session, earlier)
        draft = TicketDraft(
            case_id=before.case_id,
            conversation_id=before.summary.conversation_id,
            title=before.summary.title,
            description=before.description,
            fields=tuple(
                Field(f.name, f.value, f.normal, f.verdict, f.confidence, f.state, f.evidence) for f in before.fields
            ),
            priority=before.summary.priority,
        )
        filed = self.file(session, draft, doer.name)
        row = self._ledger.row(session, filed.summary.id)
        row.follows_id = earlier.id
        self._ledger.note(session, row, doer.name, "follows", {"number": earlier.number})
        return self._ledger.view(session, row)

    def get(self, session: Session, ticket_id: str) -> Ticket:
        """Return a ticket.

        Raises:
            TicketNotFound: No such ticket.
        """
        return self._ledger.view(session, self._ledger.row(session, ticket_id))

    def by_number(self, session: Session, number: int) -> Ticket:
        """Return a ticket by its number; raises as ``get``."""
        row = repository.by_number(session, number)
        if row is None:
            raise TicketNotFound
        return self._ledger.view(session, row)

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
        """Return a conversation's tickets and those into which they were merged, oldest first."""
        rows = repository.of_conversation(session, conversation_id)
        return [self._ledger.view(session, row) for row in rows]

    def open_number(self, session: Session, conversation_id: str) -> int | None:
        """Return the number of the newest ticket that a conversation's customer waits for; ``None``: none is open."""
        rows = repository.of_conversation(session, conversation_id)
        return next((row.number for row in reversed(rows) if TicketStatus(row.status) not in DONE), None)

    def numbers(self, session: Session, ids: Collection[str]) -> dict[str, int]:
        """Return the number of each ticket and of each conversation's newest ticket among ``ids``; others have none."""
        return repository.numbers(session, ids)

    def figures(self, session: Session) -> dict[str, dict[str, int]]:
        """Return the counts that the report shows."""
        by = {name: repository.counts_by(session, name) for name in ("status", "group", "priority", "label")}
        return {
            "all": repository.counts(session, self._ledger.clock.now()),
            "zone": repository.zone_counts(session),
            **by,
        }

    @staticmethod
    def _going_on(session: Session, case_id: str) -> TicketRow | None:
        """Return the open ticket of a case: its own, or the one into which that was merged."""
        return repository.open_of_case(session, case_id) or repository.survivor_of_case(session, case_id)

    def _check_label(self, label: LabelPath) -> None:
        if label and label not in self._known:
            raise UnknownLabel(label)

    def _write_label(self, row: TicketRow, label: LabelPath, source: str) -> None:
        row.label, row.label_source = list(label), source
        row.label_type = label[0] if label else ""

    def _plant_procedure(self, session: Session, row: TicketRow) -> None:
        """Give a ticket the steps that the shop has for its label; a ticket that has some keeps them (LC-11)."""
        procedures, label = self._ledger.rules.procedures, tuple(row.label)
        best = next((procedures[label[:n]] for n in range(len(label), -1, -1) if label[:n] in procedures), ())
        if not best or work_repository.node_rows(session, row.id):
            return
        now = self._ledger.clock.now()
        work_repository.add_nodes(
            session, row.id, [(node, self._ledger.clocks.working_due(session, now, node.minutes)) for node in best]
        )
