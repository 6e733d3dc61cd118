"""Groups, people, saved views and webhook receivers."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from api import webhook_actions
from api.list_params import ListParams
from api.policies import ServicesOf, TicketReader, WebhookKeeper
from api.routes.v1 import shapes
from api.routes.v1.answering import PROBLEMS, Answer, CallerOf, IfNoneMatch, done, shown
from kit.db import Session
from kit.ids import ID_PATTERN
from tickets.lists.schemas import SavedView
from tickets.schemas import StaffMember
from tickets.webhooks.schemas import Endpoint, WebhookEvent

router = APIRouter(prefix="/api/v1", tags=["desk"], responses=PROBLEMS)
ViewPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of a view.")]
EndpointPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of a receiver.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewView(_Body):
    """A list to come back to."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "今晚到期", "state": {"overdue": True}}]}
    )

    name: str = Field(min_length=1, max_length=60)
    state: ListParams = ListParams()
    group: str = Field(default="", max_length=40, description="Share it with this group (team leads).")


class NewEndpoint(_Body):
    """A receiver to add; no events: everything."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://erp.example.com/hooks", "events": ["ticket.updated"]}]},
    )

    url: str = Field(max_length=500)
    events: frozenset[WebhookEvent] = frozenset()


class EndpointSecret(shapes.EndpointShape):
    """A receiver that was just added."""

    secret: str = Field(description="Signs what is sent; it is in this answer and nowhere else.")


@router.get("/groups", response_model=shapes.GroupsShape)
def list_groups(services: ServicesOf, _: TicketReader, if_none_match: IfNoneMatch = None) -> Response:
    """List the skill groups."""
    with services.database.reading() as session:
        groups = services.staff.groups(session)
    found = [shapes.GroupShape(id=key, name_zh=zh, name_en=en) for key, (zh, en) in groups.items()]
    return shown(shapes.GroupsShape(items=found), if_none_match)


@router.get("/people", response_model=shapes.PeopleShape)
def list_people(services: ServicesOf, _: TicketReader, if_none_match: IfNoneMatch = None) -> Response:
    """List who works here, for names and assignments."""
    with services.database.reading() as session:
        members = services.staff.members(session)
    found = [shapes.PersonShape(username=m.username, name=m.name, role=m.role, group=m.group_id) for m in members]
    return shown(shapes.PeopleShape(items=found), if_none_match)


@router.get("/views", response_model=shapes.ViewsShape)
def list_views(services: ServicesOf, member: TicketReader, if_none_match: IfNoneMatch = None) -> Response:
    """List the caller's saved views and the group's."""
    with services.database.reading() as session:
        views = services.desk.views.seen_by(session, member)
    return shown(shapes.ViewsShape(items=[_view(view) for view in views]), if_none_match)


@router.post("/views", status_code=HTTPStatus.CREATED, response_model=shapes.ViewShape)
def create_view(body: NewView, services: ServicesOf, member: TicketReader, caller: CallerOf) -> Response:
    """Save a list."""

    def act(session: Session) -> Answer:
        view = services.desk.views.create(session, member, body.name, body.state.state(), group=body.group)
        return Answer(_view(view), _own_key(member), HTTPStatus.CREATED)

    return done(services, member, caller, body, act)


@router.delete("/views/{view_id}", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
def delete_view(view_id: ViewPath, services: ServicesOf, member: TicketReader) -> Response:
    """Delete a view."""
    with services.database.transaction() as session:
        services.desk.views.delete(session, member, view_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/webhooks", response_model=shapes.EndpointsShape)
def list_webhooks(services: ServicesOf, _: WebhookKeeper) -> Response:
    """List the receivers, oldest first."""
    with services.database.reading() as session:
        endpoints = services.webhooks.endpoints(session)
    return shown(_endpoints(endpoints))


@router.post("/webhooks", status_code=HTTPStatus.CREATED, response_model=EndpointSecret)
def add_webhook(body: NewEndpoint, services: ServicesOf, member: WebhookKeeper, caller: CallerOf) -> Response:
    """Add a receiver."""

    def act(session: Session) -> Answer:
        endpoint, secret = webhook_actions.add(services, session, member, body.url, body.events)
        return Answer(EndpointSecret(**_endpoint(endpoint), secret=secret), _own_key(member), HTTPStatus.CREATED)

    return done(services, member, caller, body, act)


@router.post("/webhooks/{endpoint_id}/{act}", response_model=shapes.EndpointsShape)
def act_on_webhook(
    endpoint_id: EndpointPath,
    act: Annotated[str, Path(pattern="^(test|pause|resume)$", description="`test`, `pause` or `resume`.")],
    services: ServicesOf,
    member: WebhookKeeper,
    caller: CallerOf,
) -> Response:
    """Send a test, pause or resume a receiver."""

    def perform(session: Session) -> Answer:
        webhook_actions.perform(services, session, member, endpoint_id, act)
        return Answer(_endpoints(services.webhooks.endpoints(session)), _own_key(member))

    return done(services, member, caller, None, perform)


def _own_key(member: StaffMember) -> str:
    """Return whose key seals an answer without any customer in it."""
    return f"staff:{member.username}"[:64]


def _endpoints(endpoints: Iterable[Endpoint]) -> shapes.EndpointsShape:
    return shapes.EndpointsShape(items=[shapes.EndpointShape(**_endpoint(one)) for one in endpoints])


def _view(view: SavedView) -> shapes.ViewShape:
    return shapes.ViewShape(
        id=view.id,
        name=view.name,
        state=dict(view.state),
        owner=view.owner,
        group=view.group,
        is_default=view.is_default,
    )


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": sorted(endpoint.events),
        "state": endpoint.state,
        "created_by": endpoint.created_by,
        "created_at": endpoint.created_at,
        "last_success_at": endpoint.last_success_at,
    }
