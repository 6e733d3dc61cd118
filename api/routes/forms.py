"""Forms as JSON: for the mini-program, other systems and the pages' own script; schema, values, files, decisions."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, File, Path, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api import form_actions
from api.auditing import note_reading
from api.desk_actions import doer
from api.form_view import form_json
from api.policies import CustomerOf, QualityReader, QualityReviewer, RuleKeeper, ServicesOf, TalkReader, TicketWorker
from api.problems import language_of_request
from api.routes.chat import file_response
from kit.ids import ID_PATTERN
from tickets.auditing import AuditAction
from tickets.lifecycle.schemas import CUSTOMER
from tickets.schemas import IncomingFile

router = APIRouter(tags=["forms"])
_OWN = "/api/chat/conversations/{conversation_id}/forms/{number}"
_LIMIT = 10_000_000
FileId = Annotated[str, Path(pattern=ID_PATTERN)]
Place = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HandIn(_Body):
    """A whole form."""

    values: dict[str, Any] = Field(description="Field → value, as the schema has it.")
    as_is: bool = Field(default=False, description="Incomplete as it is: quality decides, where the form allows it.")
    base_version: int | None = Field(default=None, ge=0, description="The version that this one corrects.")


class Decision(_Body):
    """Quality's word on an incomplete form."""

    accept: bool
    reason: str = Field(default="", max_length=500)


class SaveBook(_Body):
    """The book of forms, whole."""

    templates: list[dict[str, Any]]
    base_version: int = Field(ge=0)
    note: str = Field(default="", max_length=300)


@router.get(_OWN)
def own_form(number: int, request: Request, conversation_id: CustomerOf, services: ServicesOf) -> dict[str, Any]:
    """Return the form of the customer's own ticket."""
    with services.database.reading() as session:
        ticket = form_actions.of_customer(services, session, conversation_id, number)
        view = services.desk.forms.view(session, ticket.summary.id)
    return form_json(view, language_of_request(request))


@router.post(_OWN)
def hand_in_own(
    number: int, body: HandIn, request: Request, conversation_id: CustomerOf, services: ServicesOf
) -> dict[str, Any]:
    """Hand in or correct the form; 422 names every place that is wrong."""
    with services.database.transaction() as session:
        ticket = form_actions.of_customer(services, session, conversation_id, number)
        view = services.desk.forms.submit(
            session, ticket.summary.id, body.values, CUSTOMER, as_is=body.as_is, base_version=body.base_version
        )
    return form_json(view, language_of_request(request))


@router.post(_OWN + "/files/{form_field}", status_code=HTTPStatus.CREATED)
def upload_own(
    number: int,
    form_field: Place,
    conversation_id: CustomerOf,
    services: ServicesOf,
    file: Annotated[UploadFile, File()],
) -> dict[str, Any]:
    """Keep a file for a place of the form; its id goes into the values."""
    incoming = _incoming(file)
    with services.database.transaction() as session:
        ticket = form_actions.of_customer(services, session, conversation_id, number)
        stored = services.desk.forms.add_file(session, ticket.summary.id, form_field, incoming, CUSTOMER)
    return {"id": stored.id, "media_type": stored.media_type, "size_bytes": stored.size_bytes}


@router.get("/api/forms/{number}")
def form(number: int, request: Request, services: ServicesOf, member: TalkReader) -> dict[str, Any]:
    """Return a ticket's form, secure values masked."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
        view = services.desk.forms.view(session, ticket.summary.id)
    note_reading(services, member, AuditAction.TICKET_READ, ("ticket", ticket.summary.id))
    return form_json(view, language_of_request(request))


@router.post("/api/forms/{number}")
def hand_in(number: int, body: HandIn, request: Request, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Hand in or correct a form for the customer."""
    with services.database.transaction() as session:
        ticket = services.seen.by_number(session, member, number)
        view = services.desk.forms.submit(
            session, ticket.summary.id, body.values, doer(member), as_is=body.as_is, base_version=body.base_version
        )
    return form_json(view, language_of_request(request))


@router.post("/api/forms/{number}/files/{form_field}", status_code=HTTPStatus.CREATED)
def upload(
    number: int,
    form_field: Place,
    services: ServicesOf,
    member: TicketWorker,
    file: Annotated[UploadFile, File()],
) -> dict[str, Any]:
    """Keep a file for a place of a ticket's form."""
    incoming = _incoming(file)
    with services.database.transaction() as session:
        ticket = services.seen.by_number(session, member, number)
        stored = services.desk.forms.add_file(session, ticket.summary.id, form_field, incoming, doer(member))
    return {"id": stored.id, "media_type": stored.media_type, "size_bytes": stored.size_bytes}


@router.get("/api/forms/{number}/files/{file_id}")
def form_file(number: int, file_id: FileId, services: ServicesOf, member: TalkReader) -> Response:
    """Return a file of a ticket's form; never as something a browser would run."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
        found, content = services.desk.forms.file(session, ticket.summary.id, file_id)
    note_reading(services, member, AuditAction.ATTACHMENT_READ, ("attachment", found.id), ticket=ticket.summary.id)
    return file_response(found.media_type, content)


@router.post("/api/forms/{number}/fields/{form_field}/reveal")
def reveal(number: int, form_field: Place, services: ServicesOf, member: TalkReader) -> dict[str, str]:
    """Return a secure value whole; each time is on the record."""
    with services.database.transaction() as session:
        ticket = services.seen.by_number(session, member, number)
        value = services.desk.forms.reveal(session, ticket.summary.id, form_field, member.username)
    return {"field": form_field, "value": value}


@router.get("/api/quality/forms")
def waiting(services: ServicesOf, member: QualityReader) -> dict[str, Any]:
    """Return incomplete forms that wait for a decision, the longest first."""
    with services.database.reading() as session:
        found = services.desk.form_overview.waiting(session, member.sight(), 100)
    return {"forms": [{"ticket_number": f.number, "missing": f.missing, "score": f.score} for f in found]}


@router.post("/api/quality/forms/{number}")
def decide(
    number: int, body: Decision, request: Request, services: ServicesOf, member: QualityReviewer
) -> dict[str, Any]:
    """Accept an incomplete form, or send it back with a reason."""
    with services.database.transaction() as session:
        view = form_actions.decide(services, session, member, number, accept=body.accept, reason=body.reason)
    return form_json(view, language_of_request(request))


@router.get("/api/admin/forms")
def book(services: ServicesOf, _: RuleKeeper) -> dict[str, Any]:
    """Return the book of forms in force."""
    with services.database.reading() as session:
        edition = services.desk.form_overview.edition(session)
    return {"version": edition.version, **edition.body.model_dump(mode="json", exclude_defaults=True)}


@router.post("/api/admin/forms")
def save_book(body: SaveBook, services: ServicesOf, member: RuleKeeper) -> dict[str, Any]:
    """Write a new edition of the book; 422 names every place that is wrong, 409 where somebody was faster."""
    with services.database.transaction() as session:
        edition = services.desk.form_overview.save(
            session,
            {"templates": body.templates},
            base_version=body.base_version,
            actor=member.username,
            note=body.note,
        )
    return {"version": edition.version}


def _incoming(file: UploadFile) -> IncomingFile:
    content = file.file.read(_LIMIT + 1)
    return IncomingFile(file.filename or "file", file.content_type or "application/octet-stream", content)
