"""Saved views and bulk actions as JSON; the list itself is ``/api/desk/tickets``, the screen ``/desk/tickets``."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from api.bulk import MAX_ITEMS, BulkAction, ItemResult, act_on_many
from api.list_params import ListParams
from api.policies import ServicesOf, TicketReader, TicketWorker
from api.problems import language_of_request
from api.wiring import Services
from kit.db import Session
from kit.ids import ID_PATTERN
from tickets.schemas import StaffMember

router = APIRouter(prefix="/api/desk", tags=["lists"])
ViewPath = Annotated[str, Path(pattern=ID_PATTERN)]
ViewAct = Annotated[str, Path(pattern="^(delete|restore|default)$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewView(_Body):
    """A list to come back to."""

    name: str = Field(max_length=60)
    state: ListParams = ListParams()
    group: str = Field(default="", max_length=40, description="Share it with this group (team leads).")


class NewName(_Body):
    """What a view is to be called."""

    name: str = Field(max_length=60)


class Bulk(_Body):
    """One action on many tickets."""

    action: BulkAction
    numbers: list[int] = Field(max_length=2 * MAX_ITEMS)
    value: str = Field(
        default="", max_length=500, description="To whom, which label path, which priority, or what was done."
    )
    reason: str = Field(default="", max_length=500, description="Why: with a priority, and to close unresolved ones.")


@router.post("/tickets/bulk")
def bulk(request: Request, body: Bulk, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Do one thing to many tickets and say what became of each."""
    results = act_on_many(services, member, body.action, body.numbers, body.value, reason=body.reason)
    lang = language_of_request(request)
    return {"results": [_result(result, lang) for result in results]}


@router.get("/views")
def list_views(services: ServicesOf, member: TicketReader) -> dict[str, Any]:
    """Return a person's own views and the group's, by name."""
    with services.database.reading() as session:
        return {"views": [asdict(view) for view in services.desk.views.seen_by(session, member)]}


@router.post("/views", status_code=HTTPStatus.CREATED)
def create_view(body: NewView, services: ServicesOf, member: TicketReader) -> dict[str, Any]:
    """Save a list."""
    with services.database.transaction() as session:
        return asdict(services.desk.views.create(session, member, body.name, body.state.state(), group=body.group))


@router.post("/views/{view_id}/rename")
def rename_view(view_id: ViewPath, body: NewName, services: ServicesOf, member: TicketReader) -> dict[str, str]:
    """Call a view something else."""
    with services.database.transaction() as session:
        services.desk.views.rename(session, member, view_id, body.name)
    return {"id": view_id, "name": body.name}


@router.post("/views/{view_id}/{view_act}")
def act_on_view(view_id: ViewPath, view_act: ViewAct, services: ServicesOf, member: TicketReader) -> dict[str, str]:
    """Delete a view, bring it back, or see it first from now on."""
    with services.database.transaction() as session:
        perform(services, session, member, view_id, view_act)
    return {"id": view_id, "act": view_act}


def perform(services: Services, session: Session, member: StaffMember, view_id: str, act: str) -> None:
    """Delete, restore or make default; raises as the service does."""
    acts = {
        "delete": services.desk.views.delete,
        "restore": services.desk.views.restore,
        "default": services.desk.views.set_default,
    }
    acts[act](session, member, view_id)


def _result(result: ItemResult, lang: str) -> dict[str, Any]:
    refused = result.refused
    return {
        "number": result.number,
        "done": refused is None,
        "kind": refused.code if refused else None,
        "reason": refused.message(lang) if refused else None,
    }
