"""Merging, linking and taking both back, on the desk; all of it works without script."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api import merge_actions
from api.policies import ServicesOf, TicketWorker
from api.routes.desk_pages import act_on
from kit.db import Session
from tickets.merging.schemas import LinkKind

router = APIRouter(prefix="/desk/tickets/{number}", tags=["desk pages"])
_Other = Annotated[int, Form(ge=1, le=2**31 - 1)]
_Reason = Annotated[str, Form(max_length=500)]


@router.post("/merge")
def merge(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    other: _Other,
    reason: _Reason = "",
    across: Annotated[bool, Form()] = False,
) -> Response:
    """Let another ticket go on in this one (DM-05)."""

    def act(session: Session) -> None:
        merge_actions.merge(services, session, member, number, other, reason=reason, across_customers=across)

    return act_on(request, services, member, number, act)


@router.post("/unmerge")
def unmerge(
    request: Request, number: int, services: ServicesOf, member: TicketWorker, other: _Other, reason: _Reason = ""
) -> Response:
    """Take a merge back (DM-06)."""

    def act(session: Session) -> None:
        merge_actions.unmerge(services, session, member, number, other, reason=reason)

    return act_on(request, services, member, number, act)


@router.post("/link")
def link(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    other: _Other,
    kind: Annotated[LinkKind, Form()] = LinkKind.RELATED,
    reason: _Reason = "",
) -> Response:
    """Link another ticket (DM-06)."""

    def act(session: Session) -> None:
        merge_actions.link(services, session, member, number, other, kind=kind, reason=reason)

    return act_on(request, services, member, number, act)


@router.post("/unlink")
def unlink(
    request: Request, number: int, services: ServicesOf, member: TicketWorker, other: _Other, reason: _Reason = ""
) -> Response:
    """Take a link back (DM-06)."""

    def act(session: Session) -> None:
        merge_actions.unlink(services, session, member, number, other, reason=reason)

    return act_on(request, services, member, number, act)
