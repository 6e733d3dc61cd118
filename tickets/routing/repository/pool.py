"""SQL of how tickets came to where they are, of the pool, and of what is due."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select

from kit.db import Session
from tickets.models import POOLED_TICKET, TicketRow, TimelineRow
from tickets.repository.sight import within
from tickets.rights import Sight
from tickets.routing.models import TicketRouteRow
from tickets.routing.schemas import RouteState, Why

# Word for word, as the partial index has it: only so does SQLite see that it holds what is asked for.
_IS_POOLED: ColumnElement[bool] = literal_column(
    POOLED_TICKET.replace("status", "tickets.status", 1).replace("assignee", "tickets.assignee", 1)
)


def route_row(session: Session, ticket_id: str) -> TicketRouteRow:
    """Return how a ticket came to where it is, an empty one where nothing is known."""
    row = session.get(TicketRouteRow, ticket_id)
    if row is None:
        row = TicketRouteRow(ticket_id=ticket_id, tried=[], needs={}, told_manager="", timeouts=0, region="")
        row.customer_level, row.urgent, row.strategy = "", False, ""
        session.add(row)
        session.flush()
    return row


def state(session: Session, ticket_id: str) -> RouteState | None:
    """Return the same for screens."""
    row = session.get(TicketRouteRow, ticket_id)
    if row is None:
        return None
    return RouteState(
        edition=row.edition,
        place=row.place,
        group_why=Why(row.group_zh, row.group_en),
        person_why=Why(row.person_zh, row.person_en),
        pinned=row.pinned,
        reserved_for=row.reserved_for or "",
        reserved_until=row.reserved_until,
        due_at=row.due_at,
    )


def pool(
    session: Session, group_id: str, sight: Sight, *, after: tuple[str, int, int] | None, limit: int
) -> Sequence[tuple[TicketRow, TicketRouteRow | None]]:
    """Return what waits in a group's pool, the first to take first, behind a place in that order."""
    query = _waiting(group_id, sight)
    if after is not None:
        priority, rank, number = after
        row = TicketRow
        query = query.where(
            or_(
                row.priority > priority,
                and_(row.priority == priority, row.pool_rank > rank),
                and_(row.priority == priority, row.pool_rank == rank, row.number > number),
            )
        )
    return [(ticket, route) for ticket, route in session.execute(_in_order(query).limit(limit))]


def _waiting(group_id: str, sight: Sight) -> Any:  # noqa: ANN401 - a Select of two rows, one of them optional
    return (
        select(TicketRow, TicketRouteRow)
        .outerjoin(TicketRouteRow, TicketRouteRow.ticket_id == TicketRow.id)
        .where(TicketRow.group_id == group_id, _IS_POOLED, within(sight))
    )


def _in_order(query: Any) -> Any:  # noqa: ANN401
    return query.order_by(TicketRow.priority, TicketRow.pool_rank, TicketRow.number)


def reserved_for(session: Session, username: str, now: datetime) -> list[str]:
    """Return the tickets that wait for one person alone, the most urgent first."""
    query = (
        select(TicketRow.id)
        .join(TicketRouteRow, TicketRouteRow.ticket_id == TicketRow.id)
        .where(TicketRouteRow.reserved_for == username, TicketRouteRow.reserved_until > now, _IS_POOLED)
    )
    return list(session.scalars(_in_order(query)))


def pool_figures(session: Session, group_id: str, sight: Sight, bound: int) -> tuple[int, datetime | None]:
    """Return how many tickets wait in a pool, no further than a bound, and since when the oldest of those does."""
    first = (
        select(TicketRow.created_at)
        .where(TicketRow.group_id == group_id, _IS_POOLED, within(sight))
        .limit(bound)
        .subquery()
    )
    count, oldest = session.execute(select(func.count(), func.min(first.c.created_at))).one()
    return int(count), oldest


def seize(session: Session, ticket_id: str) -> TicketRow | None:
    """Lock a ticket that nobody has, if nobody else is just taking it."""
    query = (
        select(TicketRow)
        .where(TicketRow.id == ticket_id, _IS_POOLED)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalar(query)


def due(session: Session, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Return (ticket id, conversation id) of tickets whose wait is over, the longest due first."""
    query = (
        select(TicketRow.id, TicketRow.conversation_id)
        .join(TicketRouteRow, TicketRouteRow.ticket_id == TicketRow.id)
        .where(TicketRouteRow.due_at.is_not(None), TicketRouteRow.due_at <= now)
        .order_by(TicketRouteRow.due_at)
        .limit(limit)
    )
    return [(ticket_id, conversation_id) for ticket_id, conversation_id in session.execute(query)]


def acted_since(session: Session, ticket_id: str, username: str, since: datetime) -> bool:
    """Tell whether somebody did anything with a ticket since an instant."""
    own = select(TimelineRow.id).where(
        TimelineRow.ticket_id == ticket_id, TimelineRow.actor == username, TimelineRow.at >= since
    )
    return session.scalar(own.limit(1)) is not None
