"""Values of entries."""

from dataclasses import dataclass
from datetime import datetime

from tickets.schemas import Field, IncomingFile
from tickets.words import LabelPath, Priority

CHANNEL, ACCOUNT = "api", "default"
"""Where the customers and talks of entries live: nobody writes to them there but this house."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A ticket as another system files it, in this house's words.

    Attributes:
        source: The system, one word.
        reference: Its own number of the ticket; empty: it has none. The same one twice is one ticket.
        customer_ref: Its own id of the customer.
        channel: Where the customer reported the problem.
        label: A path of the taxonomy; empty: the classifier is asked.
        priority: ``None``: as filed otherwise.
        facts: Order number, model, fault code, as far as given.
        links: Addresses of files elsewhere; they are kept as text and never fetched.
        files: Files that came along.
        quiet: It is old: nobody is told of what happens while it is brought.
        closed_at: It was over in the other system since then; ``None``: it is to be worked on here.
        opened_at: When it began there; ``None``: now.
    """

    source: str
    customer_ref: str
    title: str
    description: str
    channel: str = CHANNEL
    reference: str = ""
    customer_name: str = ""
    label: LabelPath = ()
    priority: Priority | None = None
    facts: tuple[Field, ...] = ()
    region: str = ""
    sku: str = ""
    entitlement: str = ""
    links: tuple[str, ...] = ()
    files: tuple[IncomingFile, ...] = ()
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class EntryNotes:
    """What came with a ticket from elsewhere, beside the ticket itself; all empty where it was filed here."""

    source: str = ""
    reference: str = ""
    customer_ref: str = ""
    region: str = ""
    sku: str = ""
    entitlement: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerNotes:
    """A customer as colleagues and programs see one.

    Attributes:
        name: Empty where the reader may not see it, or the customer was erased.
    """

    id: str
    channel: str
    external_id: str
    level: str
    created_at: datetime
    name: str = ""
