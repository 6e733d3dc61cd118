"""What is done on a ticket: steps of its lifecycle, notes, and the talk with its customer."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api import desk_actions
from api.auditing import note_reading
from api.policies import ServicesOf, TalkReader, TicketReader, TicketWorker
from api.routes.chat import file_response
from api.routes.v1 import shapes
from api.routes.v1.answering import PROBLEMS, Answer, CallerOf, IfNoneMatch, check_version, done, etag_of, shown
from api.routes.v1.shaping import attachment_shapes, event_shape, message_shape, ticket_shape
from api.routes.v1.tickets import Number
from kit.db import Session
from kit.ids import ID_PATTERN
from kit.text import displayable
from tickets.auditing import AuditAction
from tickets.rights import Right
from tickets.service import STEPS, Given, TicketAction, part_of
from tickets.words import RecordKind, Stage

router = APIRouter(prefix="/api/v1/tickets/{number}", tags=["work"], responses=PROBLEMS)
ActionPath = Annotated[TicketAction, Path(description="A step of the lifecycle, as `GET …/actions` offers them.")]
AttachmentPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of a file.")]
After = Annotated[int, Query(ge=0, le=2_000_000_000, description="Only turns after this `seq`.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Step(_Body):
    """What a step may need; `GET …/actions` says which."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"fix": "更换主板，开机正常"}]})

    reason: str = Field(default="", max_length=4000)
    fix: str = Field(default="", max_length=4000, description="What was done.")
    stage: Stage | None = None


class Write(_Body):
    """Words to the customer, or for colleagues."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "note", "text": "已电话联系，客户下午在家"}]}
    )

    text: str = Field(min_length=1, max_length=8000)
    kind: Literal["reply", "note", "workaround", "root_cause", "final_fix", "remote_assistance"] = Field(
        default="reply", description="`reply` goes to the customer; everything else is for colleagues only."
    )
    asks: bool = Field(default=False, description="With `reply`: the ticket waits for the customer's answer.")


@router.get("/actions", response_model=shapes.StepsShape)
def list_actions(number: Number, services: ServicesOf, member: TicketReader) -> Response:
    """List the steps that the caller may take now, and what each needs."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
    found = services.work.choices(ticket, part_of(member)) if member.may(Right.WORK) else []
    steps = [shapes.StepShape(action=c.action, needs=sorted(c.needs), stages=list(c.stages)) for c in found]
    return shown(shapes.StepsShape(items=steps), etag=etag_of(ticket))


@router.post("/actions/{action}", response_model=shapes.TicketShape)
def take_action(
    number: Number,
    action: ActionPath,
    services: ServicesOf,
    member: TicketWorker,
    caller: CallerOf,
    body: Step | None = None,
) -> Response:
    """Take a step of the lifecycle; 409 where the table has no such step, 422 where something it needs is missing."""
    given = body or Step()

    def act(session: Session) -> Answer:
        ticket = services.seen.by_number(session, member, number)
        check_version(caller, ticket)
        words = Given(given.reason, given.fix, given.stage)
        if action in STEPS:
            after = desk_actions.step(services, session, member, number, action, given=words)
        else:  # replying, assigning and routing have addresses of their own; the service says so
            services.work.take(session, ticket.summary.id, action, desk_actions.doer(member), words)
            after = ticket
        shape = ticket_shape(services, session, member, after)
        return Answer(shape, after.customer_id, headers={"ETag": etag_of(after)})

    return done(services, member, caller, given, act)


@router.post("/claim", response_model=shapes.TicketShape)
def claim(number: Number, services: ServicesOf, member: TicketWorker, caller: CallerOf) -> Response:
    """Take a ticket from the pool; 409 where somebody was faster."""

    def act(session: Session) -> Answer:
        check_version(caller, services.seen.by_number(session, member, number))
        after = desk_actions.claim(services, session, member, number)
        shape = ticket_shape(services, session, member, after)
        return Answer(shape, after.customer_id, headers={"ETag": etag_of(after)})

    return done(services, member, caller, None, act)


@router.get("/timeline", response_model=shapes.TimelineShape)
def get_timeline(
    number: Number, services: ServicesOf, member: TicketReader, if_none_match: IfNoneMatch = None
) -> Response:
    """Read what happened to a ticket, oldest first."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
    personal = member.may(Right.READ_PERSONAL_DATA)
    events = [event_shape(event, personal=personal) for event in ticket.timeline]
    return shown(shapes.TimelineShape(items=events), if_none_match, etag=etag_of(ticket))


@router.get("/messages", response_model=shapes.MessagesShape)
def list_messages(number: Number, services: ServicesOf, member: TalkReader, after: After = 0) -> Response:
    """Read the talk with the ticket's customer, in order."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
        messages = services.conversations.messages(session, ticket.summary.conversation_id, after_seq=after)
    note_reading(services, member, AuditAction.TICKET_READ, ("ticket", ticket.summary.id))
    return shown(shapes.MessagesShape(items=[message_shape(m) for m in messages]))


@router.post("/messages", status_code=HTTPStatus.CREATED, response_model=shapes.TicketShape)
def write(number: Number, body: Write, services: ServicesOf, member: TicketWorker, caller: CallerOf) -> Response:
    """Answer the customer, or write something down for colleagues."""

    def act(session: Session) -> Answer:
        check_version(caller, services.seen.by_number(session, member, number))
        if body.kind == "reply":
            after = desk_actions.reply(services, session, member, number, body.text, asks=body.asks)
        else:
            kind = RecordKind(body.kind)
            after = desk_actions.write_down(services, session, member, number, kind=kind, text=body.text)
        shape = ticket_shape(services, session, member, after)
        return Answer(shape, after.customer_id, HTTPStatus.CREATED, {"ETag": etag_of(after)})

    return done(services, member, caller, body, act)


@router.get("/notes", response_model=shapes.NotesShape)
def list_notes(number: Number, services: ServicesOf, member: TalkReader) -> Response:
    """Read what colleagues wrote down, oldest first."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
        records = services.work.records(session, ticket.summary.id)
    note_reading(services, member, AuditAction.TICKET_READ, ("ticket", ticket.summary.id))
    notes = [
        shapes.NoteShape(id=r.id, kind=r.kind, text=displayable(r.text), author=r.author, at=r.at) for r in records
    ]
    return shown(shapes.NotesShape(items=notes))


@router.get("/attachments", response_model=shapes.AttachmentsShape)
def list_attachments(number: Number, services: ServicesOf, member: TalkReader) -> Response:
    """List the files of the ticket's conversation."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
        messages = services.conversations.messages(session, ticket.summary.conversation_id)
    return shown(shapes.AttachmentsShape(items=attachment_shapes(messages)))


@router.get(
    "/attachments/{attachment_id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
def get_attachment(number: Number, attachment_id: AttachmentPath, services: ServicesOf, member: TalkReader) -> Response:
    """Read a file; never as something a browser would run."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
        found, content = services.conversations.attachment(session, ticket.summary.conversation_id, attachment_id)
    note_reading(services, member, AuditAction.ATTACHMENT_READ, ("attachment", attachment_id))
    return file_response(found.media_type, content)
