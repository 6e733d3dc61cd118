"""What is sent, to whom, and how far it got."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from kit.jobs.schemas import JobKind, QueueName

EndpointId = NewType("EndpointId", str)
DeliveryId = NewType("DeliveryId", str)

DELIVER = JobKind("webhooks.deliver", QueueName.MODEL)
"""Sends one delivery; waiting for somebody else's server costs seconds, like a model."""


class WebhookEvent(StrEnum):
    """What other systems can be told."""

    TICKET_CREATED = "ticket.created"
    TICKET_UPDATED = "ticket.updated"
    LABEL_WRITTEN = "label.written"
    SUGGESTION_DECIDED = "suggestion.decided"
    SUMMARY_CONFIRMED = "summary.confirmed"
    QUALITY_FLAGGED = "quality.flagged"
    RULE_FIRED = "rule.fired"  # only to the endpoint that a rule names
    TEST = "test"  # sent by hand, to see whether the other side listens


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # every try of the schedule failed, or the receiver said 410
    CANCELLED = "cancelled"  # its endpoint was switched off


class EndpointState(StrEnum):
    """Whether an endpoint is sent to."""

    ACTIVE = "active"
    PAUSED = "paused"  # by a person
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # nothing arrived for as long as a whole schedule


RETRY_PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
    timedelta(hours=8),
)
"""Between the tries of a delivery: the standard's example schedule, cut so that the last try comes within 24 hours."""

LONGEST_QUIET = timedelta(minutes=5)
"""How long a failed retry holds back what is new for the same endpoint, unless the endpoint asks for more."""

ROTATION = timedelta(hours=24)
"""How long a replaced secret still signs beside the new one (RELIABILITY A49)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to tell.

    Attributes:
        id: The same whenever the same thing is told; an endpoint gets it once.
        event: Its kind.
        body: Ids, states and numbers; never what a person wrote (RELIABILITY A52).
    """

    id: str
    event: WebhookEvent
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A receiver.

    Attributes:
        events: What it is told; empty: everything.
        quiet_until: After a failed retry nothing new is tried before this, so that a dead receiver costs little.
        rotating_until: Until then the replaced secret signs too.
    """

    id: EndpointId
    url: str
    events: frozenset[WebhookEvent]
    state: EndpointState
    created_by: str
    created_at: datetime
    last_success_at: datetime | None
    quiet_until: datetime | None
    rotating_until: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One fact on its way to one endpoint.

    Attributes:
        status: HTTP status of the last try; 0: no answer.
        error: Why the last try failed, one word; empty where it did not.
        next_at: When the next try is due, while it is pending.
    """

    id: DeliveryId
    endpoint_id: EndpointId
    event: WebhookEvent
    state: DeliveryState
    attempts: int
    status: int
    error: str
    created_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
