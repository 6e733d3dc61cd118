"""What other systems are told: a fact of the house as the body of a webhook.

A ticket's body is the source's sample; its ``sig`` became the header of the Standard Webhooks rules. Bodies hold ids,
states and numbers, never what a person wrote.
"""

from collections.abc import Iterable

from api.wiring import Services
from copilot.schemas import StoredSuggestion
from kit.db import Session
from quality.schemas import FindingStatus
from tickets.schemas import Changes, Ticket
from tickets.webhooks.schemas import Fact, WebhookEvent
from tickets.words import FieldName

_FILED = "filed"
_NAMES = {"group_id": "group"}
"""Column → its name in a body, where the two differ."""


def tell_of_ticket(services: Services, session: Session, event_id: str) -> None:
    """Tell of an entry of a ticket's timeline, where it is a change (WH-01) or a label (WH-04)."""
    ticket, entry = services.tickets.happening(session, event_id)
    state = _state(services, session, ticket)
    if entry.kind == _FILED:
        _tell(services, session, [Fact(f"ticket:{event_id}", WebhookEvent.TICKET_CREATED, state)])
        return
    facts = []
    if entry.changes:
        body = {**state, "changes": _changes(entry.changes), "actor": entry.actor}
        facts.append(Fact(f"ticket:{event_id}", WebhookEvent.TICKET_UPDATED, body))
    if "label" in entry.changes:
        body = {**state, "label": entry.changes["label"][1], "source": ticket.label_source}
        facts.append(Fact(f"label:{event_id}", WebhookEvent.LABEL_WRITTEN, body))
    _tell(services, session, facts)


def tell_of_suggestion(services: Services, session: Session, suggestion_id: str) -> None:
    """Tell what an agent made of a suggestion (WH-04)."""
    stored = services.suggestions.get(session, suggestion_id)
    fact = Fact(f"suggestion:{suggestion_id}", WebhookEvent.SUGGESTION_DECIDED, _suggestion(stored))
    _tell(services, session, [fact])


def tell_of_summary(services: Services, session: Session, ticket_id: str) -> None:
    """Tell that a ticket's summary is confirmed (WH-04)."""
    stored = services.summaries.newest(session, ticket_id)
    if stored is None or not stored.confirmed_by:
        return
    body = {"ticketId": ticket_id, "summaryId": stored.id, "confirmedBy": stored.confirmed_by}
    _tell(services, session, [Fact(f"summary:{stored.id}", WebhookEvent.SUMMARY_CONFIRMED, body)])


def tell_of_findings(services: Services, session: Session, conversation_id: str) -> None:
    """Tell of each open finding of a conversation, once (WH-04)."""
    found = services.quality.of_conversation(session, conversation_id)
    _tell(
        services,
        session,
        [
            Fact(
                f"finding:{one.id}",
                WebhookEvent.QUALITY_FLAGGED,
                {
                    "findingId": one.id,
                    "conversationId": conversation_id,
                    "ticketId": one.ticket_id,
                    "rule": one.finding.rule,
                    "ruleVersion": one.finding.rule_version,
                    "severity": one.finding.severity,
                    "turns": [place.turn_index for place in one.finding.evidence],
                },
            )
            for one in found
            if one.status is FindingStatus.OPEN
        ],
    )


def _tell(services: Services, session: Session, facts: Iterable[Fact]) -> None:
    for fact in facts:
        services.webhooks.tell(session, fact)


def _state(services: Services, session: Session, ticket: Ticket) -> dict[str, object]:
    summary = ticket.summary
    order = ticket.field(FieldName.ORDER_NO)
    return {
        "ticketId": summary.id,
        "number": summary.number,
        "status": summary.status,
        "priority": summary.priority,
        "group": summary.group_id,
        "assignee": _person(services, session, summary.assignee),
        "tags": list(summary.label),
        "orderId": order.normal if order else None,
        "customerId": ticket.customer_id,
    }


def _person(services: Services, session: Session, username: str | None) -> dict[str, str] | None:
    if username is None:
        return None
    names = {member.username: member.name for member in services.staff.members(session)}
    return {"id": username, "name": names.get(username, username)}


def _changes(changes: Changes) -> dict[str, dict[str, object]]:
    named = {_NAMES.get(column, column): pair for column, pair in changes.items()}
    return {
        "from": {name: before for name, (before, _) in named.items()},
        "to": {name: after for name, (_, after) in named.items()},
    }


def _suggestion(stored: StoredSuggestion) -> dict[str, object]:
    return {
        "suggestionId": stored.id,
        "ticketId": stored.suggestion.ticket_id,
        "outcome": stored.outcome,
        "editDistance": stored.edit_distance,
        "decidedBy": stored.decided_by,
    }
