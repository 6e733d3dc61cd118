"""SQL of automation."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from kit.db import Session
from tickets.automation.models import RuleFiringRow, RuleWatchRow, TicketTagRow
from tickets.models import CustomerRow, GroupRow, PredictionRow, TicketFieldRow, TicketRow, UserRow
from tickets.routing.models import TicketRouteRow


def watched(session: Session, event: str) -> bool:
    """Tell whether a rule in force is asked at a moment."""
    return session.get(RuleWatchRow, event) is not None


def watch(session: Session, events: Collection[str]) -> None:
    """Replace the moments that rules in force are asked at."""
    session.execute(delete(RuleWatchRow))
    session.add_all(RuleWatchRow(event=event) for event in sorted(events))
    session.flush()


def add(session: Session, row: RuleFiringRow) -> RuleFiringRow:
    """Insert a firing."""
    session.add(row)
    session.flush()
    return row


def asked_before(session: Session, ticket_id: str, rule: str, cause: str) -> bool:
    """Tell whether a job has asked a rule of a ticket already."""
    query = select(RuleFiringRow.id).where(
        RuleFiringRow.ticket_id == ticket_id, RuleFiringRow.rule == rule, RuleFiringRow.cause == cause
    )
    return session.scalar(query.limit(1)) is not None


def recent(session: Session, ticket_id: str, since: datetime) -> Sequence[RuleFiringRow]:
    """Return a ticket's firings since an instant, newest first."""
    query = select(RuleFiringRow).where(RuleFiringRow.ticket_id == ticket_id, RuleFiringRow.at > since)
    return session.scalars(query.order_by(RuleFiringRow.at.desc(), RuleFiringRow.id.desc())).all()


def trace(
    session: Session, limit: int, *, rule: str = "", ticket_id: str = "", before: str = ""
) -> Sequence[tuple[RuleFiringRow, int]]:
    """Return firings with the numbers of their tickets, newest first, after the one with id ``before``."""
    query = select(RuleFiringRow, TicketRow.number).join(TicketRow, TicketRow.id == RuleFiringRow.ticket_id)
    if rule:
        query = query.where(RuleFiringRow.rule == rule)
    if ticket_id:
        query = query.where(RuleFiringRow.ticket_id == ticket_id)
    if before:
        query = query.where(RuleFiringRow.id < before)
    rows = session.execute(query.order_by(RuleFiringRow.id.desc()).limit(limit))
    return [(row, number) for row, number in rows]


def figures(session: Session, rules: Collection[str], since: datetime) -> Mapping[str, tuple[int, datetime | None]]:
    """Return rule → (firings since an instant, the last of them)."""
    query = select(RuleFiringRow.rule, func.count(), func.max(RuleFiringRow.at)).where(
        RuleFiringRow.rule.in_(rules), RuleFiringRow.at > since, RuleFiringRow.outcome == "fired"
    )
    return {rule: (count, last) for rule, count, last in session.execute(query.group_by(RuleFiringRow.rule))}


def tags(session: Session, ticket_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return ticket → its tags in their order; a ticket without tags is not in it."""
    query = select(TicketTagRow.ticket_id, TicketTagRow.tag).where(TicketTagRow.ticket_id.in_(ticket_ids))
    found: dict[str, tuple[str, ...]] = {}
    for ticket_id, tag in session.execute(query.order_by(TicketTagRow.tag)):
        found[ticket_id] = (*found.get(ticket_id, ()), tag)
    return found


def tag(session: Session, ticket_id: str, name: str, actor: str, now: datetime) -> None:
    """Put a tag on a ticket."""
    session.add(TicketTagRow(ticket_id=ticket_id, tag=name, added_by=actor, at=now))
    session.flush()


def untag(session: Session, ticket_id: str, names: Collection[str]) -> None:
    """Take tags from a ticket."""
    session.execute(delete(TicketTagRow).where(TicketTagRow.ticket_id == ticket_id, TicketTagRow.tag.in_(names)))


def page(session: Session, limit: int, below: int | None) -> Sequence[TicketRow]:
    """Return tickets, newest first, whose number is below another."""
    query = select(TicketRow) if below is None else select(TicketRow).where(TicketRow.number < below)
    return session.scalars(query.order_by(TicketRow.number.desc()).limit(limit)).all()


def levels(session: Session, customer_ids: Collection[str]) -> dict[str, str]:
    """Return customer → level."""
    query = select(CustomerRow.id, CustomerRow.level).where(CustomerRow.id.in_(customer_ids))
    return dict(session.execute(query).all())


def fields(session: Session, ticket_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Return ticket → field → canonical form."""
    query = select(TicketFieldRow.ticket_id, TicketFieldRow.name, TicketFieldRow.normal)
    found: dict[str, dict[str, str]] = {}
    for ticket_id, name, normal in session.execute(query.where(TicketFieldRow.ticket_id.in_(ticket_ids))):
        found.setdefault(ticket_id, {})[name] = normal
    return found


def predictions(session: Session, ticket_ids: Collection[str]) -> dict[str, tuple[float, str]]:
    """Return ticket → (probability, zone) of its newest prediction."""
    newest = (
        select(func.max(PredictionRow.id))
        .where(PredictionRow.ticket_id.in_(ticket_ids))
        .group_by(PredictionRow.ticket_id)
    )
    query = select(PredictionRow.ticket_id, PredictionRow.probability, PredictionRow.zone)
    rows = session.execute(query.where(PredictionRow.id.in_(newest)))
    return {ticket_id: (probability, zone) for ticket_id, probability, zone in rows}


def regions(session: Session, ticket_ids: Collection[str]) -> dict[str, str]:
    """Return ticket → its customer's region, as routing knew it; a ticket that was never routed is not in it."""
    query = select(TicketRouteRow.ticket_id, TicketRouteRow.region).where(TicketRouteRow.ticket_id.in_(ticket_ids))
    return dict(session.execute(query).all())


def groups(session: Session) -> set[str]:
    """Return every group's id."""
    return set(session.scalars(select(GroupRow.id)))


def people(session: Session) -> set[str]:
    """Return who works here."""
    return set(session.scalars(select(UserRow.username).where(UserRow.active)))
