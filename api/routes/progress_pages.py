"""What a customer sees of a ticket with nothing but the link of a notice: how far it is, and where to be told more."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from api.policies import Anyone, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.wiring import Services
from kit.errors import JiedaiError
from tickets.errors import TicketNotFound
from tickets.notices.schemas import Channel
from tickets.schemas import Ticket

router = APIRouter(prefix="/progress", tags=["progress"])
Token = Annotated[str, Path(min_length=32, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]
_Address = Annotated[str, Form(max_length=300)]


@router.get("/{token}")
def progress(request: Request, token: Token, services: ServicesOf, _: Anyone, saved: bool = False) -> Response:
    """Show how far a ticket is; a link that is nobody's finds nothing."""
    return _page(request, services, _ticket(services, token), token, saved=saved)


@router.post("/{token}")
def keep_addresses(
    request: Request,
    token: Token,
    services: ServicesOf,
    _: Anyone,
    mail: _Address = "",
    sms: _Address = "",
    forget: Annotated[bool, Form()] = False,
) -> Response:
    """Keep where the customer wants to be told; what was left empty stays as it is, unless all is to be forgotten."""
    ticket = _ticket(services, token)
    given = {Channel.MAIL: mail, Channel.SMS: sms}
    try:
        with services.database.transaction() as session:
            for channel, address in given.items():
                if address.strip() or forget:
                    wanted = "" if forget else address
                    services.desk.notices.inbox.set_address(session, ticket.customer_id, channel, wanted)
    except JiedaiError as refused:
        return _page(request, services, ticket, token, error=refused)
    return RedirectResponse(f"/progress/{token}?saved=true", status_code=HTTPStatus.SEE_OTHER)


def _ticket(services: Services, token: str) -> Ticket:
    ticket_id = services.desk.notices.links.subject("progress", token)
    if ticket_id is None:
        raise TicketNotFound
    with services.database.reading() as session:
        return services.tickets.get(session, ticket_id)


def _page(
    request: Request,
    services: Services,
    ticket: Ticket,
    token: str,
    *,
    saved: bool = False,
    error: JiedaiError | None = None,
) -> Response:
    with services.database.reading() as session:
        known = services.desk.notices.inbox.addresses(session, ticket.customer_id)
    return page(
        request,
        "progress.html",
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        ticket=ticket.summary,
        token=token,
        status_name=services.work.status_name(ticket),
        saved=saved,
        known=sorted(known),
        error=error.message(language_of_request(request)) if error else "",
    )
