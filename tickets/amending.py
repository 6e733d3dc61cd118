"""What is put right on a ticket afterwards: title, priority, group, facts; each with a reason where it moves clocks."""

from collections.abc import Collection

from kit.db import Session
from kit.text import displayable, is_blank
from tickets.errors import FactEmpty, ReasonMissing, TitleEmpty
from tickets.events import TicketReworded
from tickets.ledger import Ledger
from tickets.lifecycle.schemas import Doer, Part
from tickets.people.errors import GroupNotFound
from tickets.repository import people as people_repository
from tickets.repository import tickets as repository
from tickets.routing.service import RoutingService
from tickets.schemas import Field, PersonStatement
from tickets.words import FieldName, FieldState, Priority, Verdict

_TITLE_CHARS = 120
_REASON_CHARS = 500
_FACT_CHARS = 200


class AmendService:
    """Changes a ticket's columns beside its lifecycle; a closed ticket takes none of it (LC-06)."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._routing = RoutingService(ledger)

    def set_title(self, session: Session, ticket_id: str, title: str, actor: str) -> None:
        """Call a ticket something else.

        Raises:
            TitleEmpty: No words.
            TicketArchived: It is closed.
        """
        row = self._ledger.writable(session, ticket_id)
        words = " ".join(displayable(title).split())[:_TITLE_CHARS]
        if not words:
            raise TitleEmpty
        if words != row.title:
            row.title = words
            self._ledger.note(session, row, actor, "title_set", {})
            self._ledger.publisher.publish(session, TicketReworded(row.id, serial_key=row.conversation_id))

    def set_priority(self, session: Session, ticket_id: str, priority: Priority, actor: str, *, reason: str) -> None:
        """Change the priority; the clocks follow.

        Raises:
            ReasonMissing: No reason.
            TicketArchived: It is closed.
        """
        row = self._ledger.writable(session, ticket_id)
        if is_blank(reason):
            raise ReasonMissing
        if row.priority == priority:
            return
        before = row.priority
        row.priority = priority
        data = {"from": before, "to": priority, "reason": reason.strip()[:_REASON_CHARS]}
        self._ledger.note(session, row, actor, "priority_set", data)

    def set_group(self, session: Session, ticket_id: str, group_id: str, actor: str, *, reason: str) -> None:
        """Hand a ticket to another group; nobody has it there yet.

        Raises:
            GroupNotFound: No such group.
            ReasonMissing: No reason.
            TicketArchived: It is closed.
            TransitionRefused: It is resolved.
        """
        row = self._ledger.writable(session, ticket_id)
        if is_blank(reason):
            raise ReasonMissing
        if group_id not in {group.id for group in people_repository.groups(session)}:
            raise GroupNotFound
        if row.group_id == group_id:
            return
        data = {"from": row.group_id or "", "to": group_id, "reason": reason.strip()[:_REASON_CHARS]}
        self._routing.move(session, row, group_id, Doer(actor, Part.AGENT), data, kind="group_set")

    def set_facts(
        self, session: Session, ticket_id: str, facts: Collection[tuple[FieldName, str, Verdict]], actor: str
    ) -> None:
        """Write facts as a person gives them: name, value in its normal form, what the shop's records say of it.

        Raises:
            FactEmpty: A value without anything in it.
            TicketArchived: It is closed.
        """
        row = self._ledger.writable(session, ticket_id)
        empty = [name for name, value, _ in facts if is_blank(value)]
        if empty:
            raise FactEmpty(empty[0])
        evidence = (PersonStatement(actor),)
        written = [
            Field(name, value[:_FACT_CHARS], value[:_FACT_CHARS], verdict, 1.0, FieldState.CORRECTED, evidence)
            for name, value, verdict in facts
        ]
        repository.add_fields(session, row.id, written, actor)
        self._ledger.note(session, row, actor, "fields_set", {"fields": [name for name, _, _ in facts]})
        self._ledger.publisher.publish(session, TicketReworded(row.id, serial_key=row.conversation_id))
