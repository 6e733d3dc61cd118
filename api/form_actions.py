"""What is done about forms at the edge, each as one unit of work; JSON routes, pages and jobs call these."""

from api.desk_actions import doer
from api.wiring import Services
from kit.db import Session
from kit.jobs.schemas import JobKind, JobRequest, Lease
from tickets.errors import TicketNotFound
from tickets.forms.schemas import FORMS
from tickets.forms.values import FormView, Values
from tickets.lifecycle.schemas import CUSTOMER
from tickets.schemas import StaffMember, Ticket
from tickets.words import Role

_BATCH = 200  # open tickets assessed in one transaction
_RETURNED = {
    "zh": "您为工单 T-{number} 提交的资料需要补充：{reason}",
    "en": "What you handed in for ticket T-{number} needs something more: {reason}",
}


def of_customer(services: Services, session: Session, conversation_id: str, number: int) -> Ticket:
    """Return a ticket of a customer's own conversation.

    Raises:
        TicketNotFound: It is another's; nobody learns that it exists.
    """
    ticket = services.tickets.by_number(session, number)
    if ticket.summary.conversation_id != conversation_id:
        raise TicketNotFound
    return ticket


def hand_in_by_customer(
    services: Services, session: Session, ticket: Ticket, values: Values, *, as_is: bool, base_version: int | None
) -> FormView:
    """Take a customer's form; raises as ``FormService.submit``."""
    return services.desk.forms.submit(
        session, ticket.summary.id, values, CUSTOMER, as_is=as_is, base_version=base_version
    )


def decide(
    services: Services, session: Session, member: StaffMember, number: int, *, accept: bool, reason: str
) -> FormView:
    """Accept an incomplete form or send it back; the customer is told why in the talk, by the house's own words.

    Raises:
        TicketNotFound, FormNotWaiting, ReasonMissing: Nothing has changed.
    """
    ticket = services.seen.by_number(session, member, number)
    view = services.desk.forms.decide(session, ticket.summary.id, doer(member), accept=accept, reason=reason)
    if not accept:
        conversation_id = ticket.summary.conversation_id
        lang = services.conversations.get(session, conversation_id).lang
        words = _RETURNED["zh" if lang == "zh" else "en"].format(number=number, reason=view.reason)
        data = {"kind": "form", "ticket_number": number}
        services.conversations.say(session, conversation_id, Role.BOT, words, data=data)
    return view


def assess(services: Services, session: Session, ticket_id: str) -> None:
    """Compute anew how a ticket's form stands."""
    services.desk.forms.assess(session, ticket_id)


def reassess(services: Services, session: Session, lease: Lease, kind: JobKind) -> None:
    """Compute anew how the forms of open tickets stand, some at a time; a job of its own goes on with the rest."""
    book, _, after = lease.subject_id.partition(":")
    if book != FORMS.name:
        return
    ids = services.desk.form_overview.open_ids(session, after, _BATCH)
    for ticket_id in ids:
        services.desk.forms.assess(session, ticket_id)
    if len(ids) == _BATCH:
        services.queue.enqueue(session, JobRequest(kind, f"{book}:{ids[-1]}", f"book:{book}"))
