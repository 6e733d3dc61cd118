"""What one member of staff sees of the store: every screen and route reads tickets and talks through here (SE-03).

What is out of sight is not found, so that nobody learns that it exists.
"""

from collections.abc import Collection

from kit.crypto import Vault
from kit.db import Session
from tickets.errors import ConversationNotFound, TicketNotFound
from tickets.repository import sight as repository
from tickets.repository import tickets as ticket_repository
from tickets.schemas import StaffMember, Ticket


class SeenTickets:
    """Tickets and conversations as far as somebody sees them."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def by_number(self, session: Session, member: StaffMember, number: int) -> Ticket:
        """Return a ticket by its number.

        Raises:
            TicketNotFound: No such ticket, or not for this person.
        """
        row = repository.ticket_of_number(session, member.sight(), number)
        if row is None:
            raise TicketNotFound
        return ticket_repository.view(session, self._vault, row)

    def resolve(self, session: Session, member: StaffMember, number: int) -> Ticket:
        """Return a ticket by its number, or the one in which it goes on, where that is seen (DM-05).

        For reading only: what is done to a merged ticket is refused, not done to another one.

        Raises:
            TicketNotFound: No such ticket, or not for this person.
        """
        row = repository.survivor_of_number(session, member.sight(), number)
        if row is None:
            return self.by_number(session, member, number)
        return ticket_repository.view(session, self._vault, row)

    def check(self, session: Session, member: StaffMember, ticket_id: str) -> None:
        """Make sure that a ticket is seen.

        Raises:
            TicketNotFound: No such ticket, or not for this person.
        """
        if repository.ticket(session, member.sight(), ticket_id) is None:
            raise TicketNotFound

    def conversations(self, session: Session, member: StaffMember, ids: Collection[str]) -> set[str]:
        """Return those of some conversations that this person sees: by a ticket, or because nothing is hidden."""
        sight = member.sight()
        return set(ids) if sight.everything else repository.conversations(session, sight, ids)

    def check_conversation(self, session: Session, member: StaffMember, conversation_id: str) -> None:
        """Make sure that a conversation is seen.

        Raises:
            ConversationNotFound: Not for this person.
        """
        if conversation_id not in self.conversations(session, member, [conversation_id]):
            raise ConversationNotFound
