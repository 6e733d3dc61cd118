"""A ticket's course on the desk: steps of its lifecycle, its procedure, what colleagues write down."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from api import desk_actions
from api.policies import ServicesOf, TicketWorker
from api.routes.desk_pages import act_on
from kit.db import Session
from kit.ids import ID_PATTERN
from tickets.service import Given, TicketAction
from tickets.sla.words import BreachCause, PauseReason
from tickets.words import RecordKind, Stage

router = APIRouter(prefix="/desk/tickets/{number}", tags=["desk pages"])
_Words = Annotated[str, Form(max_length=4000)]


@router.post("/step")
def step(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    action: Annotated[TicketAction, Form()],
    reason: _Words = "",
    fix: _Words = "",
    stage: Annotated[Stage | None, Form()] = None,
    pause: Annotated[PauseReason | None, Form()] = None,
    proof: _Words = "",
) -> Response:
    """Take a step of the ticket's lifecycle (LC-10)."""

    def act(session: Session) -> None:
        given = Given(reason, fix, stage, pause, proof)
        desk_actions.step(services, session, member, number, action, given=given)

    return act_on(request, services, member, number, act)


@router.post("/record")
def record(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    kind: Annotated[RecordKind, Form()],
    text: _Words = "",
) -> Response:
    """Write something down for colleagues (LC-12, LC-15, LC-18)."""

    def act(session: Session) -> None:
        desk_actions.write_down(services, session, member, number, kind=kind, text=text)

    return act_on(request, services, member, number, act)


@router.post("/clocks/{clock_id}/cause")
def cause(
    request: Request,
    number: int,
    clock_id: Annotated[str, Path(pattern=ID_PATTERN)],
    services: ServicesOf,
    member: TicketWorker,
    cause: Annotated[BreachCause, Form()],
    words: _Words = "",
) -> Response:
    """Say why a target was missed (SL-09)."""

    def act(session: Session) -> None:
        desk_actions.set_cause(services, session, member, number, clock_id, cause=cause, words=words)

    return act_on(request, services, member, number, act)


@router.post("/nodes/{node_id}")
def node(
    request: Request,
    number: int,
    node_id: Annotated[str, Path(pattern=ID_PATTERN)],
    services: ServicesOf,
    member: TicketWorker,
    done: Annotated[bool, Form()],
) -> Response:
    """Tick a step of the procedure off, or on again (LC-11)."""

    def act(session: Session) -> None:
        desk_actions.mark_node(services, session, member, number, node_id, done=done)

    return act_on(request, services, member, number, act)


@router.post("/follow-up")
def follow_up(number: int, services: ServicesOf, member: TicketWorker) -> Response:
    """File a ticket that goes on from this closed one, and show it (LC-06)."""
    with services.database.transaction() as session:
        new = desk_actions.follow_up(services, session, member, number)
    return RedirectResponse(f"/desk/tickets/{new.summary.number}", status_code=HTTPStatus.SEE_OTHER)
