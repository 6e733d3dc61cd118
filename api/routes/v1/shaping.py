"""From the services' values to the shapes of the public API."""

from api.routes.v1 import shapes, source
from api.wiring import Services
from copilot.schemas import SummaryField
from kit.db import Session
from kit.text import displayable
from tickets.entries.schemas import EntryNotes
from tickets.lists.schemas import Line
from tickets.rights import Right
from tickets.schemas import Message, StaffMember, Ticket, TicketEvent, TicketSummary
from tickets.words import FieldName, RecordKind

_PUBLIC_DATA = {"label", "probability", "zone", "group", "priority", "to", "from", "stage", "kind", "number", "fields"}
"""What of a timeline entry is no person's words."""


def line_shape(line: Line) -> shapes.TicketLine:
    """Return a line of a list."""
    return shapes.TicketLine.model_validate({**_line(line.ticket), "submitter": line.submitter})


def ticket_shape(services: Services, session: Session, member: StaffMember, ticket: Ticket) -> shapes.TicketShape:
    """Return a whole ticket as far as somebody may read it."""
    personal = member.may(Right.READ_PERSONAL_DATA)
    notes = services.desk.entries.notes(session, ticket)
    customer = services.desk.entries.customer(session, ticket.customer_id, personal=personal)
    course, prediction = ticket.course, ticket.prediction
    facts = [
        shapes.FactShape(
            name=f.name,
            value=f.value,
            normal=f.normal,
            verdict=f.verdict,
            state=f.state,
            confidence=round(f.confidence, 3),
            confirmed_by=f.confirmed_by,
        )
        for f in ticket.fields
    ]
    return shapes.TicketShape.model_validate(
        {
            **_line(ticket.summary),
            "submitter": customer.name,
            "customer_id": ticket.customer_id,
            "description": displayable(ticket.description) if personal else None,
            "fields": facts if personal else None,
            "label_source": ticket.label_source,
            "route_reason": ticket.route_reason,
            "prediction": prediction
            and {
                "label": list(prediction.label),
                "probability": round(prediction.probability, 3),
                "zone": prediction.zone,
                "model_version": prediction.model_version,
            },
            "scheme": course.scheme,
            "status_since": course.status_since,
            "close_kind": course.close_kind,
            "reopened_count": course.reopened_count,
            "follows": course.follows,
            "followed_by": list(course.followed_by),
            **_notes(notes, personal=personal),
        }
    )


def event_shape(event: TicketEvent, *, personal: bool) -> shapes.EventShape:
    """Return an entry of a timeline; what people typed is left out for those who may not read it."""
    data = {k: v for k, v in event.data.items() if personal or k in _PUBLIC_DATA}
    changes = {name: list(pair) for name, pair in event.changes.items()}
    return shapes.EventShape(at=event.at, actor=event.actor, kind=event.kind, data=data, changes=changes)


def message_shape(message: Message) -> shapes.MessageShape:
    """Return a turn."""
    return shapes.MessageShape(
        id=message.id,
        seq=message.seq,
        role=message.role,
        author=message.author,
        text=displayable(message.raw),
        sent_at=message.sent_at,
        attachments=attachment_shapes([message]),
    )


def attachment_shapes(messages: list[Message]) -> list[shapes.AttachmentShape]:
    """Return the files of some turns."""
    return [
        shapes.AttachmentShape(
            id=a.id, file_name=displayable(a.file_name), media_type=a.media_type, size_bytes=a.size_bytes
        )
        for message in messages
        for a in message.attachments
    ]


def filed_ticket(services: Services, session: Session, ticket: Ticket, *, created: bool) -> source.FiledTicket:
    """Return the answer to a filing."""
    links = list(services.desk.entries.notes(session, ticket).links)
    base = source_ticket(services, session, ticket).model_dump()
    url = f"/api/v1/tickets/{ticket.summary.number}"
    return source.FiledTicket.model_validate({**base, "created": created, "url": url, "attachments": links})


def source_ticket(services: Services, session: Session, ticket: Ticket) -> source.SourceTicket:
    """Return `Ticket` of the source."""
    summary, notes = ticket.summary, services.desk.entries.notes(session, ticket)
    order, model = ticket.field(FieldName.ORDER_NO), ticket.field(FieldName.MODEL)
    facts = services.shop.orders.get(order.normal) if order else None
    known = services.shop.taxonomy.contains(summary.label)
    names = [*(services.shop.taxonomy.name(summary.label) if known else summary.label), None, None, None]
    return source.SourceTicket(
        ticket_id=summary.id,
        number=summary.number,
        channel=summary.channel,
        created_at=summary.created_at,
        customer_id=notes.customer_ref or ticket.customer_id,
        order_id=order.normal if order else None,
        sku=notes.sku or (model.normal if model else None),
        category1=names[0],
        category2=names[1],
        category3=names[2],
        priority=summary.priority,
        status=source.status_word(summary.status, summary.assignee),
        sla_policy_id=summary.priority,
        assignee_id=summary.assignee,
        group_id=summary.group_id,
        region=notes.region or None,
        warranty=facts.warranty if facts else None,
        entitlement=notes.entitlement or None,
        source=notes.source or None,
        tags=list(summary.label),
    )


def source_record(services: Services, session: Session, member: StaffMember, ticket: Ticket) -> source.SourceRecord:
    """Return the five groups of the source's data model (SE-13)."""
    personal = member.may(Right.READ_PERSONAL_DATA)
    history = [event_shape(event, personal=personal) for event in ticket.timeline]
    actors = [event.actor for event in history] or [""]
    return source.SourceRecord(
        ticket=source_ticket(services, session, ticket),
        details=_details(services, session, ticket) if personal else None,
        logistics=source.SourceLogistics(),
        finance=source.SourceFinance(),
        audit=source.SourceAudit(
            created_by=actors[0], updated_by=actors[-1], history=history, pii_masking=not personal
        ),
    )


def _details(services: Services, session: Session, ticket: Ticket) -> source.SourceDetails:
    notes = services.desk.entries.notes(session, ticket)
    records = {record.kind: record.text for record in services.work.records(session, ticket.summary.id)}
    stored = services.summaries.newest(session, ticket.summary.id)
    summary = stored.summary if stored else None
    parts = summary.value(SummaryField.PARTS) if summary else None
    messages = services.conversations.messages(session, ticket.summary.conversation_id)
    root_cause, fix = records.get(RecordKind.ROOT_CAUSE), records.get(RecordKind.FINAL_FIX)
    return source.SourceDetails(
        description=displayable(ticket.description),
        attachments=[*notes.links, *(one.id for one in attachment_shapes(messages))],
        evidence=[f"{f.name}: {f.normal} ({f.verdict})" for f in ticket.fields],
        diagnosis=summary.value(SummaryField.PROBLEM) if summary else None,
        root_cause=displayable(root_cause) if root_cause else None,
        resolution=displayable(fix) if fix else None,
        parts=[parts] if parts else [],
    )


def _line(ticket: TicketSummary) -> dict[str, object]:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "version": ticket.version,
        "title": displayable(ticket.title),
        "label": list(ticket.label),
        "priority": ticket.priority,
        "status": ticket.status,
        "stage": ticket.stage,
        "group": ticket.group_id,
        "assignee": ticket.assignee,
        "channel": ticket.channel,
        "conversation_id": ticket.conversation_id,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "first_response_due_at": ticket.first_response_due_at,
        "resolve_due_at": ticket.resolve_due_at,
        "first_responded_at": ticket.first_responded_at,
        "resolved_at": ticket.resolved_at,
    }


def _notes(notes: EntryNotes, *, personal: bool) -> dict[str, object]:
    return {
        "source": notes.source,
        "reference": notes.reference,
        "region": notes.region,
        "sku": notes.sku,
        "entitlement": notes.entitlement,
        "links": list(notes.links) if personal else [],
    }
