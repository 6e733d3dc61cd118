"""Tickets: list, read, file, change."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import ConfigDict

from api import amending
from api.auditing import note_reading
from api.entering import NewTicket, entry_of
from api.list_params import ListFilter
from api.policies import ServicesOf, TicketReader, TicketWorker
from api.routes.v1 import shapes, source
from api.routes.v1.answering import (
    PROBLEMS,
    Answer,
    CallerOf,
    IfNoneMatch,
    check_version,
    done,
    etag_of,
    is_known,
    shown,
)
from api.routes.v1.shaping import filed_ticket, line_shape, source_record, ticket_shape
from kit.db import Session
from tickets.auditing import AuditAction
from tickets.rights import Right

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"], responses=PROBLEMS)
Number = Annotated[int, Path(ge=1, le=2_000_000_000, description="The ticket's number.", examples=[1001])]


class TicketQuery(ListFilter):
    """What a list shows; days are those of the shop's clock, the last one included."""

    model_config = ConfigDict(extra="forbid")


class TicketChange(amending.Change):
    """What to change; what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"priority": "P1", "reason": "客户家中漏水，有财产损失风险"}]},
    )


@router.get("", response_model=shapes.TicketPage)
def list_tickets(services: ServicesOf, member: TicketReader, params: Annotated[TicketQuery, Query()]) -> Response:
    """List the tickets that the caller sees, the most urgent first unless asked otherwise."""
    query = params.query(member)
    with services.database.reading() as session:
        found = services.desk.lists.page(session, query)
    page = shapes.TicketPage(items=[line_shape(line) for line in found.lines], next=found.after or None)
    return Response(page.model_dump_json(), media_type="application/json")


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=source.FiledTicket,
    responses={200: {"model": source.FiledTicket, "description": "Filed before under this reference."}},
)
def file_ticket(body: NewTicket, services: ServicesOf, member: TicketWorker, caller: CallerOf) -> Response:
    """File a ticket; the source's sample is taken as it is. Without a category the classifier is asked."""
    entry = entry_of(services, body)

    def act(session: Session) -> Answer:
        ticket, created = services.desk.entries.file(session, entry, member.username)
        status = HTTPStatus.CREATED if created else HTTPStatus.OK
        filed = filed_ticket(services, session, ticket, created=created)
        return Answer(filed, ticket.customer_id, status, {"Location": filed.url, "ETag": etag_of(ticket)})

    return done(services, member, caller, body, act)


@router.get("/{number}", response_model=shapes.TicketShape)
def get_ticket(
    number: Number, services: ServicesOf, member: TicketReader, if_none_match: IfNoneMatch = None
) -> Response:
    """Read a ticket. Its version is the `ETag`. A merged ticket's number gives the one in which it goes on."""
    with services.database.reading() as session:
        ticket = services.seen.resolve(session, member, number)
        if is_known(if_none_match, etag_of(ticket)):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag_of(ticket)})
        shape = ticket_shape(services, session, member, ticket)
    if member.may(Right.READ_PERSONAL_DATA):
        note_reading(services, member, AuditAction.TICKET_READ, ("ticket", ticket.summary.id))
    return shown(shape, etag=etag_of(ticket))


@router.get("/{number}/record", response_model=source.SourceRecord)
def get_record(number: Number, services: ServicesOf, member: TicketReader) -> Response:
    """Read a ticket in the source's own data model: ticket, details, logistics, finance, audit."""
    with services.database.reading() as session:
        ticket = services.seen.resolve(session, member, number)
        record = source_record(services, session, member, ticket)
    if member.may(Right.READ_PERSONAL_DATA):
        note_reading(services, member, AuditAction.TICKET_READ, ("ticket", ticket.summary.id))
    return shown(record, etag=etag_of(ticket))


@router.patch("/{number}", response_model=shapes.TicketShape)
def change_ticket(
    number: Number, body: TicketChange, services: ServicesOf, member: TicketWorker, caller: CallerOf
) -> Response:
    """Change title, priority, category, group, person or facts; all of it or nothing."""

    def act(session: Session) -> Answer:
        ticket = services.seen.by_number(session, member, number)
        check_version(caller, ticket)
        amending.change(services, session, member, ticket, body)
        after = services.tickets.get(session, ticket.summary.id)
        shape = ticket_shape(services, session, member, after)
        return Answer(shape, after.customer_id, headers={"ETag": etag_of(after)})

    return done(services, member, caller, body, act)
