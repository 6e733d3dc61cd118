"""Plain values of linking and merging."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tickets.schemas import TicketSummary
from tickets.words import Priority


class LinkKind(StrEnum):
    """What two linked tickets have to do with each other."""

    RELATED = "related"
    SAME_CAUSE = "same_cause"
    DUPLICATE = "duplicate"  # said to be one matter, not merged (yet)


class Likeness(StrEnum):
    """Why two tickets may be one matter; fixed words, so that a screen can say them in two languages."""

    SAME_CUSTOMER = "same_customer"
    SAME_ORDER = "same_order"
    SAME_MODEL = "same_model"
    SAME_LABEL = "same_label"
    SAME_WORDS = "same_words"


@dataclass(frozen=True, slots=True)
class Link:
    """A link as one of its tickets sees it."""

    number: int
    title: str
    status: str
    kind: LinkKind
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """A ticket that goes on in another one.

    Attributes:
        ticket_id: The merged one.
        into: Number of the ticket it was merged into.
        talk: Its conversation.
        customer_id: Whose it is.
    """

    ticket_id: str
    number: int
    title: str
    talk: str
    customer_id: str
    into: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """All that a ticket is joined with: tickets that go on in it, oldest merge first, and links."""

    merged: tuple[Merged, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another ticket that may be the same matter.

    Attributes:
        ticket: The other one.
        sure: A rule may merge the two by itself; otherwise a person decides.
        why: What they have in common.
        similarity: How far the words of the one are in the other, 0 to 1.
    """

    ticket: TicketSummary
    sure: bool
    why: tuple[Likeness, ...]
    similarity: float


@dataclass(frozen=True, slots=True)
class Preview:
    """What merging two tickets would do.

    Attributes:
        other: Number and title of the ticket that would be closed as merged.
        origin_at: From when the survivor's clocks would count.
        priority: The survivor's afterwards.
        turns: Messages that would come into its thread.
        across_customers: The two belong to different customers: a lead has to say that this is meant.
    """

    other: tuple[int, str]
    origin_at: datetime
    priority: Priority
    turns: int
    across_customers: bool
