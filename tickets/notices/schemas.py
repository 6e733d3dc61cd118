"""What is told, to whom, over what, and how far it got."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from kit.jobs.schemas import JobKind, QueueName
from tickets.words import TicketId, TicketStatus

SEND = JobKind("notices.send", QueueName.MODEL)
"""Sends one notice; waiting for somebody else's server costs seconds, like a model."""


class NoticeEvent(StrEnum):
    """What somebody can be told of."""

    FILED = "filed"
    ASSIGNED = "assigned"
    STATUS_CHANGED = "status_changed"  # to a status that has no word of its own here
    WAITING_CUSTOMER = "waiting_customer"
    CUSTOMER_REPLIED = "customer_replied"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    REVIEW_ASKED = "review_asked"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    SLA_WARNED = "sla_warned"
    SLA_BREACHED = "sla_breached"
    SLA_ESCALATED = "sla_escalated"
    SURVEY = "survey"
    SURVEY_LOW = "survey_low"
    FOLLOW_UP = "follow_up"
    VISIT_BOOKED = "visit_booked"
    # Of the goods and the money; what states them comes with after-sales orders. Rules may send them already.
    PICKED_UP = "picked_up"
    INBOUND = "inbound"
    JUDGED = "judged"
    REFUND_STARTED = "refund_started"
    REFUND_DONE = "refund_done"
    MESSAGE = "message"  # words of a rule or a person


class Audience(StrEnum):
    """Who is told."""

    CUSTOMER = "customer"
    OWNER = "owner"  # who has the ticket
    LEAD = "lead"  # team leads of its group, else of its product line
    SUPERVISOR = "supervisor"  # administrators
    GROUP = "group"  # everybody of its group, or the group's robot


class Channel(StrEnum):
    """Over what."""

    CHAT = "chat"  # the customer's conversation
    INBOX = "inbox"  # a member of staff's, on the desk
    MAIL = "mail"
    SMS = "sms"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"


PASSIVE = frozenset({Channel.CHAT, Channel.INBOX})
"""Written into the store at once: they wait for their reader and wake nobody, so they keep no quiet hours."""

BY_ADDRESS = frozenset({Channel.MAIL, Channel.SMS})
"""Reach a person where the house knows an address of theirs."""

POSTED = frozenset({Channel.WECOM, Channel.DINGTALK, Channel.FEISHU, Channel.WEBHOOK})
"""Go to a place that was registered, whoever reads there."""

OF_CUSTOMERS = frozenset({Channel.CHAT, Channel.MAIL, Channel.SMS, Channel.WEBHOOK})
"""What may reach a customer; a robot's group is full of staff."""

ALWAYS_TOLD = frozenset({NoticeEvent.SLA_ESCALATED, NoticeEvent.MESSAGE})
"""What nobody can switch off for themselves (NT-10)."""


class NoticeState(StrEnum):
    """Where a notice stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # refused for good, or every try of the schedule failed


RETRY_PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""Between the tries of a notice: after some hours it is old news, and a person looks at it instead."""


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What is read."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One notice as a carrier takes it.

    Attributes:
        id: The same on every try.
        channel: Over what.
        url: Where a robot, gateway or webhook listens; empty for mail.
        secret: What signs or opens that; empty: none.
        to: Whose: a mail address, a phone number, else a name.
        text: What is read.
        facts: Ids and words for programs.
        at: Of this try.
    """

    id: str
    channel: Channel
    url: str
    secret: str
    to: str
    text: NoticeText
    facts: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try.

    Attributes:
        error: Why not, as one word with the other side's code; empty: it arrived.
        final: No further try can help.
        retry_after: How long the other side asked to be left alone.
    """

    error: str = ""
    final: bool = False
    retry_after: timedelta = timedelta()

    @property
    def arrived(self) -> bool:
        """Whether the other side has it."""
        return not self.error


@dataclass(frozen=True, slots=True)
class Notice:
    """One fact on its way to one recipient over one channel.

    Attributes:
        recipient: A user name, the customer's id, or the name of a registered place.
        error: Why the last try failed; empty where it did not.
        next_at: When the next try is due, while it is pending.
        unclear: It was sent or not, nobody knows: a person decides.
    """

    id: str
    event: NoticeEvent
    audience: Audience
    channel: Channel
    recipient: str
    ticket_id: TicketId
    ticket_number: int
    state: NoticeState
    attempts: int
    error: str
    created_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class InboxLine:
    """A notice in somebody's inbox."""

    id: str
    event: NoticeEvent
    ticket_number: int
    zh: NoticeText
    en: NoticeText
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where robots, gateways and webhooks listen; its address and secret are never shown again.

    Attributes:
        group_id: Whose group reads there; empty: nobody's in particular.
        host: Of its address.
    """

    name: str
    channel: Channel
    group_id: str
    host: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell about a ticket.

    Attributes:
        ticket_id: Which.
        event: What.
        key: The same whenever the same thing is told; each recipient gets it once a channel.
        actor: Who did it, and so needs no telling.
        values: Variables beside those of the ticket (zh, en): ``text``, ``due``.
        status: What the ticket became by it: when it is told, the ticket may be further on. ``None``: as it stands.
        audiences: Whom it concerns; empty: everybody for whom there is a template.
    """

    ticket_id: str
    event: NoticeEvent
    key: str
    actor: str = ""
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    status: TicketStatus | None = None
    audiences: frozenset[Audience] = frozenset()


@dataclass(frozen=True, slots=True)
class Order:
    """What a rule or a person wants sent (AR-03, NT-06).

    Attributes:
        ticket_id: About which ticket.
        channel: Over what.
        target: An audience, ``user:<name>``, a group's id, or the name of a registered place.
        key: The same whenever it is the same order.
        text: Its words, with variables; empty: the template of ``event``.
        event: Which template, where there are no words.
    """

    ticket_id: str
    channel: Channel
    target: str
    key: str
    text: str = ""
    event: NoticeEvent = NoticeEvent.MESSAGE
