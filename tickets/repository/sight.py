"""SQL of who sees which tickets; the one place where a reader's view is narrowed (SE-03)."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from kit.db import Session
from tickets.models import TicketRow
from tickets.rights import ALL_LINES, DataScope, Sight
from tickets.routing import TRIAGE


def within(sight: Sight) -> ColumnElement[bool]:
    """Return the condition that a ticket is seen."""
    own = TicketRow.assignee == sight.username
    # A ticket without a known product is everybody's: somebody has to find out.
    of_lines = true() if ALL_LINES in sight.lines else TicketRow.line.in_(["", *sight.lines])
    if sight.everything:
        return true()
    if sight.scope is DataScope.OWN:
        return own
    if sight.scope is DataScope.LINE:
        return or_(own, of_lines)
    group = and_(TicketRow.group_id == sight.group_id, of_lines) if sight.group_id else false()
    unrouted = or_(TicketRow.group_id.is_(None), TicketRow.group_id == TRIAGE)
    return or_(own, group, and_(unrouted, TicketRow.assignee.is_(None)))


def ticket_of_number(session: Session, sight: Sight, number: int) -> TicketRow | None:
    """Return the ticket of a number, where it is seen."""
    return session.scalar(select(TicketRow).where(TicketRow.number == number, within(sight)))


def ticket(session: Session, sight: Sight, ticket_id: str) -> TicketRow | None:
    """Return a ticket, where it is seen."""
    return session.scalar(select(TicketRow).where(TicketRow.id == ticket_id, within(sight)))


def conversations(session: Session, sight: Sight, ids: Collection[str]) -> set[str]:
    """Return those of some conversations that have a ticket which is seen."""
    found = select(TicketRow.conversation_id).where(TicketRow.conversation_id.in_(ids), within(sight))
    return set(session.scalars(found))
