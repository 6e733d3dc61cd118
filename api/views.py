"""Plain JSON views of what services return; the templates and the mini-program read the same shapes."""

from dataclasses import asdict, fields
from typing import Any

from kit.text import displayable
from tickets.codec import evidence_to_json
from tickets.merging.schemas import Joined
from tickets.schemas import Message, Node, Record, Ticket, TicketSummary


def message_view(message: Message) -> dict[str, Any]:
    """Return a message as a client sees it; the raw text is made safe to show, its offsets still fit."""
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "role": message.role,
        "author": message.author,
        "text": displayable(message.raw),
        "attachments": [asdict(a) for a in message.attachments],
        "sent_at": message.sent_at.isoformat(),
        "ai": message.role == "bot",
        "data": dict(message.data),
    }


def ticket_line(ticket: TicketSummary) -> dict[str, Any]:
    """Return a line of the queue."""
    # Field by field: asdict copies every value in depth, which took half of a list's time.
    line = {f.name: getattr(ticket, f.name) for f in fields(ticket)}
    for name in ("created_at", "updated_at", "first_response_due_at", "resolve_due_at", "first_responded_at"):
        line[name] = line[name].isoformat() if line[name] else None
    line["resolved_at"] = ticket.resolved_at.isoformat() if ticket.resolved_at else None
    line["label"] = list(ticket.label)
    return line


def record_view(record: Record) -> dict[str, Any]:
    """Return what somebody wrote down for colleagues."""
    return {**asdict(record), "text": displayable(record.text), "at": record.at.isoformat()}


def node_view(node: Node) -> dict[str, Any]:
    """Return a step of a procedure."""
    done_at = node.done_at.isoformat() if node.done_at else None
    return {**asdict(node), "due_at": node.due_at.isoformat(), "done_at": done_at}


def joined_view(joined: Joined) -> dict[str, Any]:
    """Return what a ticket is joined with."""
    return {
        "merged": [{"number": m.number, "into": m.into, "by": m.by, "at": m.at.isoformat()} for m in joined.merged],
        "links": [
            {"number": x.number, "kind": x.kind, "status": x.status, "by": x.by, "at": x.at.isoformat()}
            for x in joined.links
        ],
    }


def ticket_view(ticket: Ticket) -> dict[str, Any]:
    """Return a whole ticket."""
    prediction = ticket.prediction
    return {
        **ticket_line(ticket.summary),
        "description": ticket.description,
        "label_source": ticket.label_source,
        "route_reason": ticket.route_reason,
        "fields": [
            {
                "name": f.name,
                "value": f.value,
                "normal": f.normal,
                "verdict": f.verdict,
                "confidence": round(f.confidence, 3),
                "state": f.state,
                "confirmed_by": f.confirmed_by,
                "evidence": [evidence_to_json(e) for e in f.evidence],
            }
            for f in ticket.fields
        ],
        "prediction": None
        if prediction is None
        else {
            "label": list(prediction.label),
            "probability": round(prediction.probability, 3),
            "zone": prediction.zone,
            "alternatives": [{"label": list(path), "probability": round(p, 3)} for path, p in prediction.alternatives],
            "model_version": prediction.model_version,
            "reason": prediction.reason,
        },
        "course": {
            "scheme": ticket.course.scheme,
            "status_since": ticket.course.status_since.isoformat(),
            "submitted_by": ticket.course.submitted_by,
            "close_kind": ticket.course.close_kind,
            "reopened_count": ticket.course.reopened_count,
            "follows": ticket.course.follows,
            "followed_by": list(ticket.course.followed_by),
        },
        "timeline": [
            {"actor": e.actor, "kind": e.kind, "data": dict(e.data), "at": e.at.isoformat()} for e in ticket.timeline
        ],
    }
