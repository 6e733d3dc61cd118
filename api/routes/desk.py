"""The agent's side as JSON; the pages under ``/desk`` do the same through ``api.desk_actions``."""

from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import desk_actions
from api.list_params import ListParamsOf
from api.policies import AnyStaff, ServicesOf
from api.views import message_view, ticket_line, ticket_view

router = APIRouter(prefix="/api/desk", tags=["desk"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Reply(_Body):
    """An agent's answer to the customer."""

    text: str = Field(min_length=1, max_length=8000)
    suggestion_id: str = Field(default="", max_length=36, description="The suggestion it began as, if any.")


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
def list_tickets(services: ServicesOf, member: AnyStaff, params: ListParamsOf) -> JSONResponse:
    """Return a page of a list, the most urgent first unless asked otherwise; ``next`` goes into ``cursor``."""
    query = params.query(member)
    with services.database.reading() as session:
        if params.after and not params.cursor:
            query = replace(query, cursor=services.lists.after_ticket(session, params.after, query.sort))
        found = services.lists.page(session, query)
    lines = [{**ticket_line(line.ticket), "submitter": line.submitter} for line in found.lines]
    # Plain values already: encoding them once more field by field would be work for nothing.
    return JSONResponse({"tickets": lines, "sort": query.sort, "next": found.after or None})


@router.get("/tickets/{number}")
def get_ticket(number: int, services: ServicesOf, _: AnyStaff) -> dict[str, Any]:
    """Return a ticket with its thread, its newest suggestion and summary, and the talk's findings."""
    with services.database.reading() as session:
        ticket = services.tickets.by_number(session, number)
        conversation_id = ticket.summary.conversation_id
        suggestion = services.suggestions.newest(session, ticket.summary.id)
        summary = services.summaries.newest(session, ticket.summary.id)
        return {
            "ticket": ticket_view(ticket),
            "messages": [message_view(m) for m in services.conversations.messages(session, conversation_id)],
            "suggestion": asdict(suggestion) if suggestion else None,
            "summary": asdict(summary) if summary else None,
            "findings": [asdict(f) for f in services.quality.of_conversation(session, conversation_id)],
        }


@router.post("/tickets/{number}/reply")
def reply(number: int, body: Reply, services: ServicesOf, member: AnyStaff) -> dict[str, Any]:
    """Answer the customer."""
    with services.database.transaction() as session:
        ticket = desk_actions.reply(services, session, member, number, body.text, suggestion_id=body.suggestion_id)
    return ticket_view(ticket)


@router.post("/tickets/{number}/claim")
def claim(number: int, services: ServicesOf, member: AnyStaff) -> dict[str, Any]:
    """Take a ticket from the pool."""
    with services.database.transaction() as session:
        return ticket_view(desk_actions.claim(services, session, member, number))


@router.post("/tickets/{number}/label")
def set_label(number: int, body: SetLabel, services: ServicesOf, member: AnyStaff) -> dict[str, Any]:
    """Decide the category."""
    with services.database.transaction() as session:
        return ticket_view(desk_actions.set_label(services, session, member, number, tuple(body.label)))


@router.post("/tickets/{number}/resolve")
def resolve(number: int, body: Resolve, services: ServicesOf, member: AnyStaff) -> dict[str, Any]:
    """Resolve a ticket."""
    with services.database.transaction() as session:
        return ticket_view(desk_actions.resolve(services, session, member, number, body.action))


@router.post("/suggestions/{suggestion_id}/reject")
def reject(suggestion_id: str, body: Reject, services: ServicesOf, member: AnyStaff) -> dict[str, str]:
    """Put a suggestion aside with a reason."""
    with services.database.transaction() as session:
        desk_actions.reject_suggestion(services, session, member, suggestion_id, body.reason)
    return {"status": "rejected"}
