"""Duplicates, links and merges as JSON."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api import merge_actions
from api.policies import ServicesOf, TicketReader, TicketWorker
from api.views import joined_view, ticket_line, ticket_view
from tickets.merging.schemas import LinkKind

router = APIRouter(prefix="/api/desk/tickets/{number}", tags=["desk"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Merge(_Body):
    """Another ticket is to go on in this one."""

    other: int = Field(description="Number of the ticket that is closed as merged.")
    reason: str = Field(max_length=500)
    across_customers: bool = Field(default=False, description="The two are meant though of different customers.")


class Part(_Body):
    """A merge or a link is taken back."""

    other: int = Field(description="Number of the other ticket.")
    reason: str = Field(max_length=500)


class MakeLink(Part):
    """Two tickets have to do with each other."""

    kind: LinkKind = LinkKind.RELATED


@router.get("/duplicates")
def duplicates(number: int, services: ServicesOf, member: TicketReader) -> dict[str, Any]:
    """Return what goes on in a ticket, what is linked to it, and what may be the same matter, with why."""
    with services.database.reading() as session:
        ticket_id = services.seen.resolve(session, member, number).summary.id
        joined = services.desk.merging.joined(session, ticket_id)
        found = services.desk.duplicates.candidates(session, ticket_id)
        seen = services.desk.lists.visible(session, [c.ticket.number for c in found], member.sight())
    candidates = [
        {"ticket": ticket_line(c.ticket), "sure": c.sure, "why": list(c.why), "similarity": c.similarity}
        for c in found
        if c.ticket.number in seen
    ]
    return {**joined_view(joined), "candidates": candidates}


@router.post("/merge")
def merge(number: int, body: Merge, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Let another ticket go on in this one; 409 where somebody was faster or the two are not merged."""
    with services.database.transaction() as session:
        return ticket_view(
            merge_actions.merge(
                services,
                session,
                member,
                number,
                body.other,
                reason=body.reason,
                across_customers=body.across_customers,
            )
        )


@router.post("/unmerge")
def unmerge(number: int, body: Part, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Take a merge back."""
    with services.database.transaction() as session:
        return ticket_view(merge_actions.unmerge(services, session, member, number, body.other, reason=body.reason))


@router.post("/link")
def link(number: int, body: MakeLink, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Link another ticket."""
    with services.database.transaction() as session:
        return ticket_view(
            merge_actions.link(services, session, member, number, body.other, kind=body.kind, reason=body.reason)
        )


@router.post("/unlink")
def unlink(number: int, body: Part, services: ServicesOf, member: TicketWorker) -> dict[str, Any]:
    """Take a link back."""
    with services.database.transaction() as session:
        return ticket_view(merge_actions.unlink(services, session, member, number, body.other, reason=body.reason))
