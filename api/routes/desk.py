"""The agent's side as JSON; the pages under ``/desk`` do the same through ``api.desk_actions``."""

from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import desk_actions
from api.auditing import note_reading
from api.desk_joined import joined_of
from api.list_params import ListParamsOf
from api.policies import ServicesOf, TalkReader, TicketClaimer, TicketReader, TicketWorker
from api.views import joined_view, message_view, node_view, record_view, ticket_line, ticket_view
from kit.ids import ID_PATTERN
from tickets.auditing import AuditAction
from tickets.service import Given, TicketAction
from tickets.sla.words import PauseReason
from tickets.words import RecordKind, Stage

router = APIRouter(prefix="/api/desk", tags=["desk"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Reply(_Body):
    """An agent's answer to the customer."""

    text: str = Field(min_length=1, max_length=8000)
    suggestion_id: str = Field(default="", max_length=36, description="The suggestion it began as, if any.")
    asks: bool = Field(default=False, description="The ticket waits for the customer's answer.")
    talk: str = Field(
        default="", max_length=36, description="Which of the ticket's conversations; empty: where they wrote last."
    )


class Claim(_Body):
    """Taking a ticket."""

    holder: str | None = Field(default=None, max_length=64, description="Who has it now; null: it is in the pool.")


class Step(_Body):
    """A step of the lifecycle."""

    action: TicketAction
    reason: str = Field(default="", max_length=4000)
    fix: str = Field(default="", max_length=4000, description="What was done, where the step asks for it.")
    stage: Stage | None = None
    pause: PauseReason | None = Field(default=None, description="What a hold waits for.")
    proof: str = Field(default="", max_length=4000, description="What shows it, e.g. a waybill's number.")


class WriteDown(_Body):
    """Words for colleagues."""

    kind: RecordKind
    text: str = Field(max_length=4000)


class MarkNode(_Body):
    """A step of the procedure, ticked off or on again."""

    done: bool


class Resolve(_Body):
    """How a ticket was solved."""

    action: str = Field(default="", max_length=500, description="What was done, in a sentence.")


class SetLabel(_Body):
    """A category by hand."""

    label: list[str] = Field(min_length=1, max_length=3)


class Reject(_Body):
    """Why a suggestion is of no use."""

    reason: str = Field(min_length=1, max_length=200)


@router.get("/tickets")
def list_tickets(services: ServicesOf, member: TicketReader, params: ListParamsOf) -> JSONResponse:
    """Return a page of a list, the most urgent first unless asked otherwise; ``next`` goes into ``cursor``."""
    query = params.query(member)
    with services.database.reading() as session:
        if params.after and not params.cursor:
            query = replace(query, cursor=services.desk.lists.after_ticket(session, params.after, query.sort))
        found = services.desk.lists.page(session, query)
    lines = [{**ticket_line(line.ticket), "submitter": line.submitter} for line in found.lines]
    # Plain values already: encoding them once more field by field would be work for nothing.
    return JSONResponse({"tickets": lines, "sort": query.sort, "next": found.after or None})


@router.get("/tickets/{number}")
def get_ticket(number: int, services: ServicesOf, member: TalkReader) -> dict[str, Any]:
    """Return a ticket with its thread, its newest suggestion and summary, and the talk's findings.

    The number of a merged ticket gives the one in which it goes on; ``asked_for`` says which was asked for.
    """
    with services.database.reading() as session:
        ticket = services.seen.resolve(session, member, number)
        conversation_id = ticket.summary.conversation_id
        joined = joined_of(services, session, ticket, member, asked_for=number)
        suggestion = services.suggestions.newest(session, ticket.summary.id)
        summary = services.summaries.newest(session, ticket.summary.id)
        shown = {
            "ticket": ticket_view(ticket),
            "asked_for": number,
            "messages": [message_view(m) for m in joined.said()],
            "suggestion": asdict(suggestion) if suggestion else None,
            "summary": asdict(summary) if summary else None,
            "findings": [asdict(f) for f in services.quality.of_conversation(session, conversation_id)],
            "records": [record_view(r) for r in services.work.records(session, ticket.summary.id)],
            "nodes": [node_view(n) for n in services.work.nodes(session, ticket.summary.id)],
            **joined_view(services.desk.merging.joined(session, ticket.summary.id)),
            "follow_ups": joined.follow_ups,
        }
    note_reading(services, member, AuditAction.TICKET_READ, ("ticket", ticket.summary.id))
    for merged in joined.tickets:
        note_reading(services, member, AuditAction.TICKET_READ, ("ticket", merged.summary.id))
    return shown


@router.post("/tickets/{number}/reply")
def reply(number: int, body: Reply, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Answer the customer."""
    with services.database.transaction() as session:
        ticket = desk_actions.reply(
            services,
            session,
            member,
            number,
            body.text,
            suggestion_id=body.suggestion_id,
            asks=body.asks,
            talk=body.talk,
        )
    return ticket_view(ticket)


@router.post("/tickets/{number}/claim")
def claim(number: int, services: ServicesOf, member: TicketClaimer, body: Claim | None = None) -> dict[str, Any]:
    """Take a ticket from the pool, or from its holder; 409 where somebody was faster."""
    holder = body.holder if body else None
    with services.database.transaction() as session:
        return ticket_view(desk_actions.claim(services, session, member, number, holder=holder))


@router.post("/tickets/{number}/steps")
def take_step(number: int, body: Step, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Take a step of the ticket's lifecycle; 409, 403 or 422 say why not."""
    given = Given(body.reason, body.fix, body.stage, body.pause, body.proof)
    with services.database.transaction() as session:
        return ticket_view(desk_actions.step(services, session, member, number, body.action, given=given))


@router.post("/tickets/{number}/records", status_code=HTTPStatus.CREATED)
def write_down(number: int, body: WriteDown, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Write something down for colleagues; the customer sees none of it."""
    with services.database.transaction() as session:
        return ticket_view(desk_actions.write_down(services, session, member, number, kind=body.kind, text=body.text))


@router.post("/tickets/{number}/nodes/{node_id}")
def mark_node(
    number: int,
    node_id: Annotated[str, Path(pattern=ID_PATTERN)],
    body: MarkNode,
    services: ServicesOf,
    member: TicketWorker,
) -> dict[str, Any]:
    """Tick a step of the procedure off, or on again."""
    with services.database.transaction() as session:
        return ticket_view(desk_actions.mark_node(services, session, member, number, node_id, done=body.done))


@router.post("/tickets/{number}/follow-up", status_code=HTTPStatus.CREATED)
def follow_up(number: int, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """File a ticket that goes on from a closed one."""
    with services.database.transaction() as session:
        return ticket_view(desk_actions.follow_up(services, session, member, number))


@router.post("/tickets/{number}/label")
def set_label(number: int, body: SetLabel, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Decide the category."""
    with services.database.transaction() as session:
        return ticket_view(desk_actions.set_label(services, session, member, number, tuple(body.label)))


@router.post("/tickets/{number}/resolve")
def resolve(number: int, body: Resolve, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Resolve a ticket."""
    with services.database.transaction() as session:
        return ticket_view(desk_actions.resolve(services, session, member, number, body.action))


@router.post("/suggestions/{suggestion_id}/reject")
def reject(suggestion_id: str, body: Reject, services: ServicesOf, member: TicketWorker) -> dict[str, str]:
    """Put a suggestion aside with a reason."""
    with services.database.transaction() as session:
        desk_actions.reject_suggestion(services, session, member, suggestion_id, body.reason)
    return {"status": "rejected"}
