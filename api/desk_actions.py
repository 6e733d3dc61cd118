"""What an agent does on the desk, each as one unit of work; the JSON routes and the pages both call these."""

from api.auditing import note
from api.wiring import Services
from copilot.errors import SuggestionNotFound, SummaryNotFound
from copilot.events import SuggestionDecided, SummaryConfirmed
from kit.db import Session
from tickets.auditing import AuditAction
from tickets.schemas import StaffMember, Ticket
from tickets.words import LabelPath, Role


def reply(
    services: Services, session: Session, member: StaffMember, number: int, text: str, *, suggestion_id: str = ""
) -> Ticket:
    """Send an agent's reply; where it began as a suggestion, what became of that is recorded as feedback (CP-03)."""
    ticket = services.seen.by_number(session, member, number)
    conversation_id = ticket.summary.conversation_id
    services.conversations.say(session, conversation_id, Role.AGENT, text, author=member.name)
    services.tickets.note_reply(session, ticket.summary.id, member.username)
    if suggestion_id:
        _check_of_ticket(services, session, suggestion_id, ticket.summary.id)
        services.suggestions.edit(session, suggestion_id, member.username, text)
        _note_decided(services, session, member, suggestion_id)
        services.bus.publish(session, SuggestionDecided(suggestion_id, serial_key=conversation_id))
    return services.tickets.get(session, ticket.summary.id)


def reject_suggestion(
    services: Services, session: Session, member: StaffMember, suggestion_id: str, reason: str
) -> None:
    """Put a suggestion aside with the agent's reason.

    Raises:
        TicketNotFound: Its ticket is not for this person.
    """
    services.seen.check(session, member, services.suggestions.get(session, suggestion_id).suggestion.ticket_id)
    services.suggestions.reject(session, suggestion_id, member.username, reason)
    _note_decided(services, session, member, suggestion_id)
    services.bus.publish(session, SuggestionDecided(suggestion_id, serial_key=""))


def confirm_summary(services: Services, session: Session, member: StaffMember, number: int, summary_id: str) -> None:
    """Confirm a ticket's summary as it stands (SU-02).

    Raises:
        SummaryNotFound: Not this ticket's, or no longer its newest.
    """
    ticket = services.seen.by_number(session, member, number)
    newest = services.summaries.newest(session, ticket.summary.id)
    if newest is None or newest.id != summary_id:
        raise SummaryNotFound
    services.summaries.confirm(session, summary_id, member.username, {})
    note(services, session, member, AuditAction.SUMMARY_CONFIRMED, ("ticket", ticket.summary.id), summary=summary_id)
    event = SummaryConfirmed(ticket.summary.id, serial_key=ticket.summary.conversation_id)
    services.bus.publish(session, event)


def claim(services: Services, session: Session, member: StaffMember, number: int) -> Ticket:
    """Take a ticket from the pool."""
    ticket = services.seen.by_number(session, member, number)
    services.tickets.assign(session, ticket.summary.id, member.username, member.username)
    return services.tickets.get(session, ticket.summary.id)


def set_label(services: Services, session: Session, member: StaffMember, number: int, label: LabelPath) -> Ticket:
    """Decide a ticket's category."""
    ticket = services.seen.by_number(session, member, number)
    services.tickets.set_label(session, ticket.summary.id, label, member.username)
    return services.tickets.get(session, ticket.summary.id)


def resolve(services: Services, session: Session, member: StaffMember, number: int, action: str) -> Ticket:
    """Resolve a ticket and end its conversation: the summary is drafted and the transcript judged from here."""
    ticket = services.seen.by_number(session, member, number)
    services.tickets.resolve(session, ticket.summary.id, member.username, action)
    services.conversations.end(session, ticket.summary.conversation_id)
    return services.tickets.get(session, ticket.summary.id)


def _check_of_ticket(services: Services, session: Session, suggestion_id: str, ticket_id: str) -> None:
    """Refuse a suggestion that was made for another ticket, perhaps one that this person does not see."""
    if services.suggestions.get(session, suggestion_id).suggestion.ticket_id != ticket_id:
        raise SuggestionNotFound


def _note_decided(services: Services, session: Session, member: StaffMember, suggestion_id: str) -> None:
    stored = services.suggestions.get(session, suggestion_id)
    subject = ("ticket", stored.suggestion.ticket_id)
    outcome = str(stored.outcome)
    note(services, session, member, AuditAction.SUGGESTION_DECIDED, subject, suggestion=suggestion_id, outcome=outcome)
