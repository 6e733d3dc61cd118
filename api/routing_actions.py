"""What people do about who works on a ticket, each as one unit of work; JSON routes and pages both call these."""

from datetime import datetime

from api.desk_actions import doer
from api.wiring import Services
from kit.db import Session
from tickets.routing.errors import TransferNeedsTarget
from tickets.routing.schemas import Standing
from tickets.routing.sharing import NewSubTask
from tickets.schemas import StaffMember, Ticket

GROUP, PERSON = "group", "person"


def take_next(services: Services, session: Session, member: StaffMember) -> Ticket:
    """Take the most urgent ticket of the own group's pool that fits."""
    return services.tickets.get(session, services.desk.taking.take_next(session, doer(member), member.sight()))


def transfer(
    services: Services, session: Session, member: StaffMember, number: int, *, group: str, person: str, words: str
) -> Ticket:
    """Hand a ticket over to a group or a person, with its context (RT-09)."""
    ticket = services.seen.by_number(session, member, number)
    services.desk.routing.transfer(
        session, ticket.summary.id, doer(member), words, group_id=group.strip(), username=person.strip()
    )
    return services.tickets.get(session, ticket.summary.id)


def assign(
    services: Services, session: Session, member: StaffMember, number: int, *, person: str, reason: str = ""
) -> Ticket:
    """Give a ticket to a person of one's choice."""
    ticket = services.seen.by_number(session, member, number)
    services.desk.routing.assign_person(session, ticket.summary.id, person, doer(member), reason)
    return services.tickets.get(session, ticket.summary.id)


def reserve(
    services: Services, session: Session, member: StaffMember, number: int, *, person: str, until: datetime | None
) -> Ticket:
    """Keep a ticket for a person (RT-08)."""
    ticket = services.seen.by_number(session, member, number)
    services.desk.routing.reserve(session, ticket.summary.id, person, doer(member), until)
    return services.tickets.get(session, ticket.summary.id)


def share(services: Services, session: Session, member: StaffMember, number: int, group: str) -> None:
    """Let another group take part (RT-12)."""
    ticket = services.seen.by_number(session, member, number)
    services.desk.sharing.share(session, ticket.summary.id, group, doer(member))


def unshare(services: Services, session: Session, member: StaffMember, number: int, group: str) -> None:
    """Let a group's part end."""
    ticket = services.seen.by_number(session, member, number)
    services.desk.sharing.unshare(session, ticket.summary.id, group, doer(member))


def ask(services: Services, session: Session, member: StaffMember, number: int, new: NewSubTask) -> str:
    """Ask a group or a person for something by a time (RT-16); a visit is dispatched (RT-09)."""
    ticket = services.seen.by_number(session, member, number)
    return services.desk.sharing.ask(session, ticket.summary.id, new, doer(member))


def answer(
    services: Services, session: Session, member: StaffMember, number: int, *, task_id: str, words: str, done: bool
) -> None:
    """Answer what one was asked for."""
    ticket = services.seen.by_number(session, member, number)
    services.desk.sharing.answer(session, ticket.summary.id, task_id, member, words, done=done)


def know_customer(services: Services, session: Session, member: StaffMember, number: int, standing: Standing) -> None:
    """Write what routing knows of a ticket's customer (RT-05, RT-06)."""
    ticket = services.seen.by_number(session, member, number)
    services.desk.profiles.save_standing(session, ticket.customer_id, standing, member.username)


def target(to: str) -> tuple[str, str]:
    """Read a form's choice (``group:repair``, ``person:he.qing``) as group and person.

    Raises:
        TransferNeedsTarget: Neither.
    """
    kind, _, name = to.partition(":")
    if not name or kind not in {GROUP, PERSON}:
        raise TransferNeedsTarget
    return (name, "") if kind == GROUP else ("", name)
