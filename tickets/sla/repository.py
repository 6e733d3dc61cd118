"""SQL of clocks and pauses."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import case, func, select

from kit.db import Session
from tickets.models import CustomerRow, MessageRow, TicketRow
from tickets.sla.models import ClockRow, PauseRow
from tickets.words import Role


def add(session: Session, row: ClockRow | PauseRow) -> None:
    """Insert a row with the unit of work's next flush."""
    session.add(row)


def clocks(session: Session, ticket_id: str) -> list[ClockRow]:
    """Return a ticket's clocks in the order in which they started."""
    query = select(ClockRow).where(ClockRow.ticket_id == ticket_id).order_by(ClockRow.started_at, ClockRow.id)
    return list(session.scalars(query))


def clock(session: Session, clock_id: str) -> ClockRow | None:
    """Return one clock."""
    return session.get(ClockRow, clock_id)


def pauses(session: Session, ticket_id: str) -> list[PauseRow]:
    """Return a ticket's pauses in their order."""
    query = select(PauseRow).where(PauseRow.ticket_id == ticket_id).order_by(PauseRow.since, PauseRow.id)
    return list(session.scalars(query))


def level_of(session: Session, customer_id: str) -> str:
    """Return a customer's level."""
    return session.scalar(select(CustomerRow.level).where(CustomerRow.id == customer_id)) or ""


def spoke_after(session: Session, conversation_id: str, since: datetime) -> datetime | None:
    """Return when the customer first wrote after an instant."""
    query = select(func.min(MessageRow.received_at)).where(
        MessageRow.conversation_id == conversation_id, MessageRow.role == Role.CUSTOMER, MessageRow.received_at > since
    )
    return session.scalar(query)


def due(session: Session, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Return (ticket id, conversation id) of tickets whose clocks have something to tell, the longest due first."""
    waiting = (
        select(ClockRow.ticket_id, ClockRow.next_at)
        .where(ClockRow.next_at.is_not(None), ClockRow.next_at <= now)
        .order_by(ClockRow.next_at)
        .limit(limit)
        .subquery()
    )
    query = select(waiting.c.ticket_id, TicketRow.conversation_id).join(TicketRow, TicketRow.id == waiting.c.ticket_id)
    found = [(ticket_id, conversation_id) for ticket_id, conversation_id in session.execute(query)]
    return list(dict.fromkeys(found))


def running_tickets(session: Session, after: str, limit: int) -> list[str]:
    """Return ids of tickets with a clock that has not ended, after an id, in order."""
    query = (
        select(ClockRow.ticket_id)
        .where(ClockRow.ended_at.is_(None), ClockRow.ticket_id > after)
        .distinct()
        .order_by(ClockRow.ticket_id)
        .limit(limit)
    )
    return list(session.scalars(query))


def tickets_with_levels(session: Session, ids: Collection[str]) -> list[tuple[TicketRow, str]]:
    """Return tickets, each with its customer's level."""
    query = select(TicketRow, CustomerRow.level).join(CustomerRow, CustomerRow.id == TicketRow.customer_id)
    return [(row, level) for row, level in session.execute(query.where(TicketRow.id.in_(ids)).order_by(TicketRow.id))]


def running_of(session: Session, ids: Collection[str]) -> Sequence[ClockRow]:
    """Return the clocks of tickets that have not ended."""
    return session.scalars(select(ClockRow).where(ClockRow.ticket_id.in_(ids), ClockRow.ended_at.is_(None))).all()


def pauses_of(session: Session, ids: Collection[str]) -> Sequence[PauseRow]:
    """Return the pauses of tickets."""
    return session.scalars(select(PauseRow).where(PauseRow.ticket_id.in_(ids)).order_by(PauseRow.since)).all()


def attainment(session: Session, since: datetime) -> list[tuple[str, str, int, int]]:
    """Return (kind, priority, clocks that ended or were missed since, those missed) where a target was promised."""
    missed = func.sum(case((ClockRow.breached_at.is_not(None), 1), else_=0))
    query = (
        select(ClockRow.kind, ClockRow.priority, func.count(), missed)
        .where(
            ClockRow.due_at.is_not(None),
            ClockRow.ended_at >= since,
            ClockRow.met_at.is_not(None) | ClockRow.breached_at.is_not(None),
        )
        .group_by(ClockRow.kind, ClockRow.priority)
        .order_by(ClockRow.kind, ClockRow.priority)
    )
    return [(kind, priority, total, int(late or 0)) for kind, priority, total, late in session.execute(query)]


def causes(session: Session, since: datetime) -> dict[str, int]:
    """Return how often each cause was given for misses of clocks that ended since; empty: not judged yet."""
    query = (
        select(ClockRow.cause, func.count())
        .where(ClockRow.ended_at >= since, ClockRow.breached_at.is_not(None))
        .group_by(ClockRow.cause)
    )
    return {str(cause): int(count) for cause, count in session.execute(query)}
