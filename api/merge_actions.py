"""Joining tickets and parting them, each as one unit of work; the JSON routes and the pages both call these."""

from api.desk_actions import doer
from api.wiring import Services
from kit.db import Session
from tickets.errors import TicketNotFound
from tickets.merging.schemas import LinkKind
from tickets.schemas import StaffMember, Ticket


def merge(
    services: Services,
    session: Session,
    member: StaffMember,
    number: int,
    other: int,
    *,
    reason: str,
    across_customers: bool = False,
) -> Ticket:
    """Let the ticket of another number go on in one; the member sees both.

    Raises:
        TicketNotFound, MergeWithItself, AlreadyMerged, MergeOfDone, AnotherCustomer, StepNeeds: Nothing was merged.
    """
    into = services.seen.by_number(session, member, number)
    merged = services.seen.by_number(session, member, other)
    services.desk.merging.merge(
        session, into.summary.id, merged.summary.id, doer(member), reason, across_customers=across_customers
    )
    return services.tickets.get(session, into.summary.id)


def unmerge(
    services: Services, session: Session, member: StaffMember, number: int, other: int, *, reason: str
) -> Ticket:
    """Take back that the ticket of another number goes on in one; who sees the survivor may.

    Raises:
        NotMerged, PartOuterFirst, CaseHasOpenTicket, ReasonMissing: Nothing was parted.
    """
    into = services.seen.by_number(session, member, number)
    merged = services.tickets.by_number(session, other)
    if services.desk.merging.survivor(session, merged.summary.id) != into.summary.id:
        services.seen.check(session, member, merged.summary.id)
    services.desk.merging.unmerge(session, merged.summary.id, doer(member), reason)
    return services.tickets.get(session, into.summary.id)


def link(
    services: Services,
    session: Session,
    member: StaffMember,
    number: int,
    other: int,
    *,
    kind: LinkKind,
    reason: str,
) -> Ticket:
    """Link two tickets that the member sees.

    Raises:
        TicketNotFound, MergeWithItself, AlreadyLinked, ReasonMissing: Nothing was linked.
    """
    one = services.seen.by_number(session, member, number)
    two = services.seen.by_number(session, member, other)
    services.desk.merging.link(session, one.summary.id, two.summary.id, kind, doer=doer(member), reason=reason)
    return services.tickets.get(session, one.summary.id)


def unlink(
    services: Services, session: Session, member: StaffMember, number: int, other: int, *, reason: str
) -> Ticket:
    """Take a link back; who sees one of the two may.

    Raises:
        NotLinked, ReasonMissing: Nothing was taken back.
    """
    one = services.seen.by_number(session, member, number)
    numbers = {found.number for found in services.desk.merging.joined(session, one.summary.id).links}
    if other not in numbers:
        raise TicketNotFound
    two = services.tickets.by_number(session, other)
    services.desk.merging.unlink(session, one.summary.id, two.summary.id, doer=doer(member), reason=reason)
    return services.tickets.get(session, one.summary.id)
