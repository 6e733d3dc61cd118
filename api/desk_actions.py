"""What an agent does on the desk, each as one unit of work; the JSON routes and the pages both call these."""

from api.auditing import note
from api.wiring import Services
from copilot.errors import SuggestionNotFound, SummaryNotFound
from copilot.events import SuggestionDecided, SummaryConfirmed
from kit.db import Session
from tickets.auditing import AuditAction
from tickets.errors import ConversationNotFound
from tickets.schemas import StaffMember, Ticket
from tickets.service import DONE, Doer, Given, TicketAction, part_of
from tickets.sla.words import BreachCause
from tickets.words import LabelPath, RecordKind, Role


def reply(
    services: Services,
    session: Session,
    member: StaffMember,
    number: int,
    text: str,
    *,
    suggestion_id: str = "",
    asks: bool = False,
    talk: str = "",
) -> Ticket:
    """Send an agent's reply; where it began as a suggestion, what became of that is recorded as feedback (CP-03).

    Args:
        services: The house.
        session: The unit of work.
        member: Who writes.
        number: Of the ticket.
        text: What the customer reads.
        suggestion_id: The suggestion it began as, if any.
        asks: The ticket waits for the customer's answer from here (LC-05).
        talk: In which of the ticket's conversations; empty: where the customer wrote last.

    Raises:
        ConversationNotFound: Not one of this ticket's.
    """
    ticket = services.seen.by_number(session, member, number)
    conversation_id = _talk_of(services, session, ticket, talk)
    services.conversations.say(session, conversation_id, Role.AGENT, text, author=member.name)
    services.work.note_reply(session, ticket.summary.id, doer(member), asks=asks, conversation_id=conversation_id)
    if suggestion_id:
        _check_of_ticket(services, session, suggestion_id, ticket.summary.id)
        services.suggestions.edit(session, suggestion_id, member.username, text)
        _note_decided(services, session, member, suggestion_id)
        services.bus.publish(session, SuggestionDecided(suggestion_id, serial_key=conversation_id))
    return services.tickets.get(session, ticket.summary.id)


def _talk_of(services: Services, session: Session, ticket: Ticket, talk: str) -> str:
    merging, ticket_id = services.desk.merging, ticket.summary.id
    if talk and talk not in merging.talks(session, ticket_id):
        raise ConversationNotFound
    return talk or merging.talk_to(session, ticket_id)


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


def claim(
    services: Services, session: Session, member: StaffMember, number: int, *, holder: str | None = None
) -> Ticket:
    """Take a ticket from the pool, or from the one who had it when the member looked."""
    ticket = services.seen.by_number(session, member, number)
    services.desk.taking.claim(session, ticket.summary.id, doer(member), holder=holder)
    return services.tickets.get(session, ticket.summary.id)


def set_label(services: Services, session: Session, member: StaffMember, number: int, label: LabelPath) -> Ticket:
    """Decide a ticket's category."""
    ticket = services.seen.by_number(session, member, number)
    services.tickets.set_label(session, ticket.summary.id, label, member.username)
    return services.tickets.get(session, ticket.summary.id)


def resolve(services: Services, session: Session, member: StaffMember, number: int, action: str) -> Ticket:
    """Resolve a ticket and end its conversation: the summary is drafted and the transcript judged from here."""
    return step(services, session, member, number, TicketAction.RESOLVE, given=Given(fix=action))


def step(
    services: Services,
    session: Session,
    member: StaffMember,
    number: int,
    action: TicketAction,
    *,
    given: Given,
) -> Ticket:
    """Take a step of a ticket's lifecycle; where nobody works on it afterwards, its conversation ends too.

    Raises:
        TransitionRefused, StepNotAllowed, StepNeeds, GuardRefused: The scheme says no; nothing has changed.
        PauseNeeds: A hold lacks what is waited for, or its proof.
    """
    ticket = services.seen.by_number(session, member, number)
    if action is TicketAction.HOLD:  # what lets the clocks stand still has to be shown (SL-07)
        services.desk.sla.hold(session, ticket.summary.id, given, doer(member))
    else:
        services.work.take(session, ticket.summary.id, action, doer(member), given)
    after = services.tickets.get(session, ticket.summary.id)
    if after.summary.status in DONE:
        services.conversations.end(session, ticket.summary.conversation_id)
    return after


def write_down(
    services: Services, session: Session, member: StaffMember, number: int, *, kind: RecordKind, text: str
) -> Ticket:
    """Keep a note, a cause, a fix or a remote session for colleagues (LC-12, LC-15, LC-18)."""
    ticket = services.seen.by_number(session, member, number)
    services.work.write_down(session, ticket.summary.id, kind, text, doer(member))
    return services.tickets.get(session, ticket.summary.id)


def set_cause(
    services: Services,
    session: Session,
    member: StaffMember,
    number: int,
    clock_id: str,
    *,
    cause: BreachCause,
    words: str,
) -> None:
    """Say why a target of a ticket was missed (SL-09)."""
    ticket = services.seen.by_number(session, member, number)
    services.desk.sla.set_cause(session, ticket.summary.id, clock_id, doer(member), cause=cause, words=words)


def mark_node(
    services: Services, session: Session, member: StaffMember, number: int, node_id: str, *, done: bool
) -> Ticket:
    """Tick a step of the ticket's procedure off, or on again (LC-11)."""
    ticket = services.seen.by_number(session, member, number)
    services.work.mark_node(session, ticket.summary.id, node_id, doer(member), done=done)
    return services.tickets.get(session, ticket.summary.id)


def follow_up(services: Services, session: Session, member: StaffMember, number: int) -> Ticket:
    """File a ticket that goes on from a closed one (LC-06)."""
    ticket = services.seen.by_number(session, member, number)
    return services.tickets.follow_up(session, ticket.summary.id, doer(member))


def doer(member: StaffMember) -> Doer:
    """Return who a member of staff is to the lifecycle."""
    return Doer(member.username, part_of(member))


def _check_of_ticket(services: Services, session: Session, suggestion_id: str, ticket_id: str) -> None:
    """Refuse a suggestion that was made for another ticket, perhaps one that this person does not see."""
    if services.suggestions.get(session, suggestion_id).suggestion.ticket_id != ticket_id:
        raise SuggestionNotFound


def _note_decided(services: Services, session: Session, member: StaffMember, suggestion_id: str) -> None:
    stored = services.suggestions.get(session, suggestion_id)
    subject = ("ticket", stored.suggestion.ticket_id)
    outcome = str(stored.outcome)
    note(services, session, member, AuditAction.SUGGESTION_DECIDED, subject, suggestion=suggestion_id, outcome=outcome)
