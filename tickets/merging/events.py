"""Facts that merging states."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True, slots=True)
class TicketsMerged(Event):
    """A ticket goes on in the subject from here."""


@dataclass(frozen=True, slots=True)
class TicketRepeated(Event):
    """A customer came again about the subject, and it was counted."""


@dataclass(frozen=True, slots=True)
class TicketsParted(Event):
    """A merge was undone; the subject is one of the two tickets, each is told of."""
