"""Forms on pages: the customer's, the desk's and quality's; all of it works without script."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import form_actions
from api.auditing import note_reading
from api.desk_actions import doer
from api.form_input import Posted, PostedOf, keep_files, values_of
from api.form_view import ShownForm, shown_form
from api.policies import CustomerOf, QualityReader, QualityReviewer, ServicesOf, TalkReader, TicketWorker
from api.problems import language_of_request
from api.rendering import page
from api.routes.chat import file_response
from api.routes.forms import FileId
from api.wiring import Services
from kit.errors import Issue, JiedaiError
from tickets.auditing import AuditAction
from tickets.forms.errors import FormIncomplete
from tickets.lifecycle.schemas import CUSTOMER, Doer
from tickets.rights import Right
from tickets.schemas import StaffMember

router = APIRouter(tags=["form pages"])
_OWN = "/chat/{conversation_id}/forms/{number}"
_DESK = "/desk/tickets/{number}/form"
_QUEUE = 100


@router.get(_OWN)
def own_form(
    request: Request, number: int, conversation_id: CustomerOf, services: ServicesOf, *, saved: bool = False
) -> Response:
    """Show the customer the form of their ticket."""
    with services.database.reading() as session:
        ticket = form_actions.of_customer(services, session, conversation_id, number)
        view = services.desk.forms.view(session, ticket.summary.id)
    shown = shown_form(view, language_of_request(request))
    return _own_page(request, conversation_id, shown, saved=saved)


@router.post(_OWN)
def hand_in_own(
    request: Request, number: int, conversation_id: CustomerOf, services: ServicesOf, sent: PostedOf
) -> Response:
    """Take the customer's form; what is wrong is shown at its place, with everything typed still there."""
    with services.database.reading() as session:
        ticket = form_actions.of_customer(services, session, conversation_id, number)
    refused = _take(request, services, ticket.summary.id, sent, CUSTOMER)
    if refused is None:
        return RedirectResponse(f"/chat/{conversation_id}/forms/{number}?saved=true", status_code=HTTPStatus.SEE_OTHER)
    return _own_page(request, conversation_id, refused)


@router.get(_OWN + "/files/{file_id}")
def own_file(number: int, file_id: FileId, conversation_id: CustomerOf, services: ServicesOf) -> Response:
    """Return a file that the customer handed in."""
    with services.database.reading() as session:
        ticket = form_actions.of_customer(services, session, conversation_id, number)
        found, content = services.desk.forms.file(session, ticket.summary.id, file_id)
    return file_response(found.media_type, content)


@router.get(_DESK)
def desk_form(
    request: Request, number: int, services: ServicesOf, member: TalkReader, *, saved: bool = False
) -> Response:
    """Show a ticket's form to be filled in or corrected for the customer."""
    return _desk_page(request, services, member, number, saved=saved)


@router.post(_DESK)
def hand_in(request: Request, number: int, services: ServicesOf, member: TicketWorker, sent: PostedOf) -> Response:
    """Take a form that an agent filled in."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
    refused = _take(request, services, ticket.summary.id, sent, doer(member))
    if refused is None:
        return RedirectResponse(f"/desk/tickets/{number}/form?saved=true", status_code=HTTPStatus.SEE_OTHER)
    return _desk_page(request, services, member, number, shown=refused)


@router.post(_DESK + "/reveal")
def reveal(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TalkReader,
    field: Annotated[str, Form(max_length=40)],
) -> Response:
    """Show a secure value whole, once; each time is on the record."""
    with services.database.transaction() as session:
        ticket = services.seen.by_number(session, member, number)
        value = services.desk.forms.reveal(session, ticket.summary.id, field, member.username)
    return _desk_page(request, services, member, number, revealed=(field, value))


@router.get("/quality/forms")
def queue(request: Request, services: ServicesOf, member: QualityReader) -> Response:
    """Show incomplete forms that wait for a decision."""
    return _queue_page(request, services, member)


@router.post("/quality/forms/{number}")
def decide(
    request: Request,
    number: int,
    services: ServicesOf,
    member: QualityReviewer,
    decision: Annotated[str, Form(pattern="^(accept|return)$")],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Accept an incomplete form or send it back; the customer is told why."""
    try:
        with services.database.transaction() as session:
            form_actions.decide(services, session, member, number, accept=decision == "accept", reason=reason)
    except JiedaiError as refused:
        return _queue_page(request, services, member, error=refused.message(language_of_request(request)))
    return RedirectResponse("/quality/forms", status_code=HTTPStatus.SEE_OTHER)


def _take(request: Request, services: Services, ticket_id: str, sent: Posted, by: Doer) -> ShownForm | None:
    """Store files and form; return the form to show again where something is wrong."""
    with services.database.reading() as session:
        template = services.desk.forms.template_of(session, ticket_id)
    texts, issues = keep_files(services, ticket_id, sent, by)
    values = values_of(template, texts)
    try:
        with services.database.transaction() as session:
            services.desk.forms.submit(
                session, ticket_id, values, by, as_is=sent.own.get("as_is") == "true" and not issues
            )
            if issues:  # a file was refused: nothing else is taken either, so that nobody thinks all is well
                raise FormIncomplete(issues)
    except JiedaiError as refused:
        own = Issue("form", refused.message_zh, refused.message_en)
        found = [*issues, *(refused.issues or [own])]
    else:
        return None
    with services.database.reading() as session:
        view = services.desk.forms.view(session, ticket_id)
    return shown_form(view, language_of_request(request), typed=values, issues=found)


def _own_page(request: Request, conversation_id: str, shown: ShownForm, *, saved: bool = False) -> Response:
    address = f"/chat/{conversation_id}/forms/{shown.number}"
    return page(
        request,
        "form.html",
        status_code=_status(shown),
        form=shown,
        saved=saved,
        address=address,
        files=f"{address}/files",
        may_write=shown.writable,
    )


def _desk_page(
    request: Request,
    services: Services,
    member: StaffMember,
    number: int,
    *,
    shown: ShownForm | None = None,
    saved: bool = False,
    revealed: tuple[str, str] = ("", ""),
) -> Response:
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
        view = services.desk.forms.view(session, ticket.summary.id)
    note_reading(services, member, AuditAction.TICKET_READ, ("ticket", ticket.summary.id))
    form = shown or shown_form(view, language_of_request(request))
    values: dict[str, Any] = {"address": f"/desk/tickets/{number}/form", "files": f"/api/forms/{number}/files"}
    return page(
        request,
        "desk_form.html",
        status_code=_status(form),
        member=member,
        form=form,
        saved=saved,
        revealed=revealed,
        title=ticket.summary.title,
        may_write=form.writable and member.may(Right.WORK),
        **values,
    )


def _status(shown: ShownForm) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if shown.wrong or shown.others else HTTPStatus.OK


def _queue_page(request: Request, services: Services, member: StaffMember, *, error: str = "") -> Response:
    with services.database.reading() as session:
        found = services.desk.form_overview.waiting(session, member.sight(), _QUEUE)
        book = services.desk.form_overview.edition(session).body
    names = {
        template.id: {place.name: (place.zh, place.en) for place in template.fields} for template in book.templates
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    titles = {template.id: (template.zh, template.en) for template in book.templates}
    values: dict[str, Any] = {"found": found, "places": names, "titles": titles, "error": error}
    return page(request, "quality_forms.html", status_code=status, member=member, **values)
