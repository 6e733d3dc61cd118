"""Facts that the ticket store states."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True, slots=True)
class MessageReceived(Event):
    """A customer's message is stored; the subject is the conversation.

    Attributes:
        has_files: Whether pictures or files came with it: reading them is dear.
    """

    has_files: bool = False


class TicketUpdated(Event):
    """A ticket began or changed; the subject is the entry of its timeline that says so."""


class TicketReworded(Event):
    """A ticket's title or facts were put right; the subject is the ticket."""


class TicketFiled(Event):
    """A case became a ticket; the subject is the ticket."""


class TicketClassified(Event):
    """A ticket's label was decided or left open; the subject is the ticket."""


class TicketRouted(Event):
    """A ticket found its group and clocks; the subject is the ticket."""


class TicketAssigned(Event):
    """Somebody else gave a ticket to a member of staff; the subject is the timeline's entry, whose ``to`` says whom."""


class StaffTold(Event):
    """Staff are to know something of a ticket: a sub-task asked or answered, a reservation, a customer they look after.

    The subject is the timeline's entry; its ``to`` names a person, its ``to_group`` a group.
    """


class AgentReplied(Event):
    """A member of staff wrote to the customer; the subject is the conversation."""


class TicketResolved(Event):
    """A ticket is resolved; the subject is the ticket."""


class ConversationEnded(Event):
    """A talk is over for now: answered, resolved or left; the subject is the conversation."""
