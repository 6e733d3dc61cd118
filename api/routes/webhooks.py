"""Webhook endpoints and deliveries as JSON; the page ``/admin/webhooks`` shows the same."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api import webhook_actions
from api.policies import ServicesOf, WebhookKeeper
from kit.ids import ID_PATTERN
from tickets.webhooks.schemas import Endpoint, WebhookEvent

router = APIRouter(prefix="/api/admin/webhooks", tags=["webhooks"])
PAGE = 30
ActPath = Annotated[str, Path(pattern="^(test|pause|resume)$")]
UuidPath = Annotated[str, Path(pattern=ID_PATTERN)]
Before = Annotated[str | None, Query(pattern=ID_PATTERN)]


class NewEndpoint(BaseModel):
    """A receiver to add; no events: everything."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=500)
    events: frozenset[WebhookEvent] = frozenset()


@router.get("")
def list_endpoints(services: ServicesOf, _: WebhookKeeper) -> dict[str, Any]:
    """Return all endpoints, oldest first."""
    with services.database.reading() as session:
        return {"endpoints": [endpoint_view(e) for e in services.webhooks.endpoints(session)]}


@router.post("", status_code=HTTPStatus.CREATED)
def add_endpoint(body: NewEndpoint, services: ServicesOf, member: WebhookKeeper) -> dict[str, Any]:
    """Add an endpoint; its secret is in this answer and nowhere else."""
    with services.database.transaction() as session:
        endpoint, secret = webhook_actions.add(services, session, member, body.url, body.events)
    return {**endpoint_view(endpoint), "secret": secret}


@router.get("/{endpoint_id}/deliveries")
def list_deliveries(
    endpoint_id: UuidPath, services: ServicesOf, _: WebhookKeeper, before: Before = None
) -> dict[str, Any]:
    """Return a page of deliveries, newest first; ``more`` goes into ``before``."""
    with services.database.reading() as session:
        found = services.webhooks.deliveries(session, endpoint_id, PAGE + 1, before)
    shown = found[:PAGE]
    return {"deliveries": [asdict(d) for d in shown], "more": shown[-1].id if len(found) > PAGE else None}


@router.post("/{endpoint_id}/rotate")
def rotate(endpoint_id: UuidPath, services: ServicesOf, member: WebhookKeeper) -> dict[str, str]:
    """Replace the secret; for a day the old one signs too."""
    with services.database.transaction() as session:
        return {"secret": webhook_actions.rotate(services, session, member, endpoint_id)}


@router.post("/{endpoint_id}/{act}")
def act_on(
    endpoint_id: UuidPath,
    act: ActPath,
    services: ServicesOf,
    member: WebhookKeeper,
) -> dict[str, str]:
    """Send a test, pause an endpoint or let it go on."""
    with services.database.transaction() as session:
        webhook_actions.perform(services, session, member, endpoint_id, act)
    return {"id": endpoint_id, "act": act}


@router.post("/deliveries/{delivery_id}/resend", name="resend_delivery")
def resend(delivery_id: UuidPath, services: ServicesOf, member: WebhookKeeper) -> dict[str, str]:
    """Send a delivery that has ended once more, under the same id."""
    with services.database.transaction() as session:
        webhook_actions.resend(services, session, member, delivery_id)
    return {"id": delivery_id}


def endpoint_view(endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint as JSON."""
    return {**asdict(endpoint), "events": sorted(endpoint.events)}
