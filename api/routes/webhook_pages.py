"""The screen of webhooks: who is told what, whether it arrives, and what to do where it does not."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import webhook_actions
from api.policies import ServicesOf, WebhookKeeper
from api.problems import language_of_request
from api.rendering import page
from api.routes.webhooks import PAGE, ActPath, Before, UuidPath
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.ids import ID_PATTERN
from tickets.schemas import StaffMember
from tickets.webhooks.schemas import DeliveryState, EndpointState, WebhookEvent

router = APIRouter(prefix="/admin/webhooks", tags=["webhook pages"])
EVENTS = tuple(event for event in WebhookEvent if event not in {WebhookEvent.TEST, WebhookEvent.RULE_FIRED})
_Of = Annotated[str | None, Query(pattern=ID_PATTERN)]


@router.get("")
def webhooks(
    request: Request, services: ServicesOf, member: WebhookKeeper, of: _Of = None, before: Before = None
) -> Response:
    """Show the endpoints, and the deliveries of one of them."""
    return _page(request, services, member, of=of, before=before)


@router.post("")
def add(
    request: Request,
    services: ServicesOf,
    member: WebhookKeeper,
    url: Annotated[str, Form(max_length=600)] = "",
    event: Annotated[list[WebhookEvent], Form()] = [],  # noqa: B006 - read, never changed
) -> Response:
    """Add an endpoint and show its secret, once."""
    try:
        with services.database.transaction() as session:
            endpoint, secret = webhook_actions.add(services, session, member, url, event)
    except JiedaiError as refused:
        return _page(request, services, member, error=refused, typed_url=url, typed_events=frozenset(event))
    return _page(request, services, member, of=endpoint.id, secret=secret)


@router.post("/{endpoint_id}/rotate")
def rotate(request: Request, endpoint_id: UuidPath, services: ServicesOf, member: WebhookKeeper) -> Response:
    """Replace an endpoint's secret and show the new one, once."""
    with services.database.transaction() as session:
        secret = webhook_actions.rotate(services, session, member, endpoint_id)
    return _page(request, services, member, of=endpoint_id, secret=secret)


@router.post("/deliveries/{delivery_id}/resend")
def resend(
    request: Request, delivery_id: UuidPath, services: ServicesOf, member: WebhookKeeper, of: _Of = None
) -> Response:
    """Send a delivery again."""
    return _act(
        request, services, member, of, lambda session: webhook_actions.resend(services, session, member, delivery_id)
    )


@router.post("/{endpoint_id}/{act}")
def act_on(
    request: Request,
    endpoint_id: UuidPath,
    act: ActPath,
    services: ServicesOf,
    member: WebhookKeeper,
) -> Response:
    """Send a test, pause an endpoint or let it go on."""

    def do(session: Session) -> None:
        webhook_actions.perform(services, session, member, endpoint_id, act)

    return _act(request, services, member, endpoint_id, do)


def _act(
    request: Request, services: Services, member: StaffMember, of: str | None, act: Callable[[Session], None]
) -> Response:
    try:
        with services.database.transaction() as session:
            act(session)
    except JiedaiError as refused:
        return _page(request, services, member, of=of, error=refused)
    target = "/admin/webhooks" + (f"?of={of}#deliveries" if of else "")
    return RedirectResponse(target, status_code=HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    services: Services,
    member: StaffMember,
    *,
    of: str | None = None,
    before: str | None = None,
    error: JiedaiError | None = None,
    **shown: Any,  # noqa: ANN401 - whatever the template shows beside
) -> Response:
    with services.database.reading() as session:
        endpoints = services.webhooks.endpoints(session)
        chosen = next((e for e in endpoints if e.id == of), None)
        found = services.webhooks.deliveries(session, chosen.id, PAGE + 1, before) if chosen else ()
    values = {
        "endpoints": endpoints,
        "chosen": chosen,
        "deliveries": found[:PAGE],
        "more": found[PAGE - 1].id if len(found) > PAGE else None,
        "events": EVENTS,
        "error": error.message(language_of_request(request)) if error else "",
        "secret": "",
        "typed_url": "",
        "typed_events": frozenset(),
        "active": EndpointState.ACTIVE,
        "pending": DeliveryState.PENDING,
        **shown,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return page(request, "admin_webhooks.html", member=member, status_code=status, **values)
