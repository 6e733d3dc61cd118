"""SQL of webhooks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from kit.db import Session
from tickets.webhooks.models import WebhookDeliveryRow, WebhookEndpointRow
from tickets.webhooks.schemas import (
    DeliveryId,
    DeliveryState,
    Endpoint,
    EndpointId,
    EndpointState,
    WebhookDelivery,
    WebhookEvent,
)

_PRUNE_ROWS = 20  # at each delivery: more than one, so that the table cannot grow for ever


def add(session: Session, row: WebhookEndpointRow | WebhookDeliveryRow) -> None:
    """Insert a row."""
    session.add(row)
    session.flush()


def endpoint(session: Session, endpoint_id: str) -> WebhookEndpointRow | None:
    """Return an endpoint."""
    return session.get(WebhookEndpointRow, endpoint_id)


def endpoint_of(session: Session, url: str) -> WebhookEndpointRow | None:
    """Return the endpoint of an address."""
    return session.scalar(select(WebhookEndpointRow).where(WebhookEndpointRow.url == url))


def endpoints(session: Session) -> Sequence[WebhookEndpointRow]:
    """Return all endpoints, oldest first."""
    return session.scalars(select(WebhookEndpointRow).order_by(WebhookEndpointRow.id)).all()


def anybody_listens(session: Session) -> bool:
    """Tell whether there is an endpoint that is told anything."""
    active = select(WebhookEndpointRow.id).where(WebhookEndpointRow.state == EndpointState.ACTIVE)
    return session.scalar(active.limit(1)) is not None


def delivery(session: Session, delivery_id: str) -> WebhookDeliveryRow | None:
    """Return a delivery."""
    return session.get(WebhookDeliveryRow, delivery_id)


def known_facts(session: Session, fact_id: str) -> set[str]:
    """Return the endpoints that have been given a fact."""
    found = select(WebhookDeliveryRow.endpoint_id).where(WebhookDeliveryRow.fact_id == fact_id)
    return set(session.scalars(found))


def deliveries(session: Session, endpoint_id: str, limit: int, before: str | None) -> Sequence[WebhookDeliveryRow]:
    """Return an endpoint's deliveries, newest first, after the one with id ``before``."""
    found = select(WebhookDeliveryRow).where(WebhookDeliveryRow.endpoint_id == endpoint_id)
    if before:
        found = found.where(WebhookDeliveryRow.id < before)
    return session.scalars(found.order_by(WebhookDeliveryRow.id.desc()).limit(limit)).all()


def cancel_pending(session: Session, endpoint_id: str, now: datetime) -> None:
    """End what is still on its way to an endpoint."""
    session.execute(
        update(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.endpoint_id == endpoint_id, WebhookDeliveryRow.state == DeliveryState.PENDING)
        .values(state=DeliveryState.CANCELLED, ended_at=now, next_at=None)
    )


def prune(session: Session, before: datetime) -> None:
    """Delete deliveries that ended before an instant, some at a time."""
    old = select(WebhookDeliveryRow.id).where(WebhookDeliveryRow.ended_at < before).limit(_PRUNE_ROWS)
    session.execute(delete(WebhookDeliveryRow).where(WebhookDeliveryRow.id.in_(old)))


def endpoint_view(row: WebhookEndpointRow) -> Endpoint:
    """Return an endpoint without its secrets."""
    return Endpoint(
        id=EndpointId(row.id),
        url=row.url,
        events=frozenset(WebhookEvent(event) for event in row.events),
        state=EndpointState(row.state),
        created_by=row.created_by,
        created_at=row.created_at,
        last_success_at=row.last_success_at,
        quiet_until=row.quiet_until,
        rotating_until=row.rotating_until,
    )


def delivery_view(row: WebhookDeliveryRow) -> WebhookDelivery:
    """Return a delivery without its body."""
    return WebhookDelivery(
        id=DeliveryId(row.id),
        endpoint_id=EndpointId(row.endpoint_id),
        event=WebhookEvent(row.event),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        status=row.status,
        error=row.error,
        created_at=row.created_at,
        next_at=row.next_at,
        ended_at=row.ended_at,
    )
