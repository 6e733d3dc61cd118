"""Erasing a customer: applied for on a ticket, decided by somebody else; all of it works without script."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from api.policies import Eraser, ErasureApplicant, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.routes.desk_pages import act_on
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.ids import ID_PATTERN
from tickets.erasing.schemas import ErasureGround
from tickets.schemas import StaffMember

router = APIRouter(tags=["erasure pages"])
_PAGE = "/admin/erasure"
_BY_HAND = (ErasureGround.REQUEST, ErasureGround.CONSENT, ErasureGround.MISTAKE)


@router.post("/desk/tickets/{number}/erasure")
def apply(
    request: Request,
    number: int,
    services: ServicesOf,
    member: ErasureApplicant,
    ground: Annotated[Literal["request", "consent", "mistake"], Form()] = "request",
) -> Response:
    """Apply for the erasure of a ticket's customer (SE-04)."""

    def act(session: Session) -> None:
        ticket = services.seen.by_number(session, member, number)
        services.desk.erasing.apply(session, ticket.customer_id, ErasureGround(ground), member.username)

    return act_on(request, services, member, number, act)


@router.get(_PAGE)
def erasures(request: Request, services: ServicesOf, member: Eraser) -> Response:
    """Show who asked for whose erasure, and what became of it."""
    return _page(request, services, member)


@router.post(_PAGE + "/{erasure_id}/{verdict}")
def decide(
    request: Request,
    erasure_id: Annotated[str, Path(pattern=ID_PATTERN)],
    verdict: Literal["approve", "refuse"],
    services: ServicesOf,
    member: Eraser,
) -> Response:
    """Carry an application out, or put it aside."""
    erasing = services.desk.erasing
    decision = erasing.approve if verdict == "approve" else erasing.refuse
    try:
        with services.database.transaction() as session:
            decision(session, erasure_id, member.username)
    except JiedaiError as refused:
        return _page(request, services, member, error=refused)
    return RedirectResponse(_PAGE, status_code=HTTPStatus.SEE_OTHER)


def _page(request: Request, services: Services, member: StaffMember, *, error: JiedaiError | None = None) -> Response:
    with services.database.reading() as session:
        found = services.desk.erasing.applications(session)
        names = services.staff.names(session)
    return page(
        request,
        "admin_erasure.html",
        member=member,
        erasures=found,
        names=names,
        keep=services.settings.tickets.keep_customers,
        error=error.message(language_of_request(request)) if error else "",
        status_code=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )
