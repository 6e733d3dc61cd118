"""SQL of who sees which tickets; the one place where a reader's view is narrowed (SE-03)."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from kit.db import Session
from tickets.merging.models import MergeRow
from tickets.models import TicketRow
from tickets.rights import ALL_LINES, DataScope, Sight
from tickets.routing.models import ParticipantRow, SubTaskRow
from tickets.words import TRIAGE


def within(sight: Sight) -> ColumnElement[bool]:
    """Return the condition that a ticket is seen."""
    own = TicketRow.assignee == sight.username
    # A ticket without a known product is everybody's: somebody has to find out.
    of_lines = true() if ALL_LINES in sight.lines else TicketRow.line.in_(["", *sight.lines])
    if sight.everything:
        return true()
    own = or_(own, _asked(sight))
    if sight.scope is DataScope.OWN:
        return own
    if sight.scope is DataScope.LINE:
        return or_(own, of_lines)
    group = and_(TicketRow.group_id == sight.group_id, of_lines) if sight.group_id else false()
    if sight.group_id:
        group = or_(group, _takes_part(sight.group_id))
    unrouted = or_(TicketRow.group_id.is_(None), TicketRow.group_id == TRIAGE)
    return or_(own, group, and_(unrouted, TicketRow.assignee.is_(None)))


def _asked(sight: Sight) -> ColumnElement[bool]:
    """Say that somebody, or the own group, was asked for something on a ticket: whoever helps must see what with."""
    whose: ColumnElement[bool] = SubTaskRow.owner == sight.username
    if sight.group_id and sight.scope is not DataScope.OWN:
        whose = or_(whose, SubTaskRow.group_id == sight.group_id)
    return exists().where(SubTaskRow.ticket_id == TicketRow.id, whose)


def _takes_part(group_id: str) -> ColumnElement[bool]:
    """Say that a group works on a ticket beside the one it belongs to (RT-12)."""
    return exists().where(ParticipantRow.ticket_id == TicketRow.id, ParticipantRow.group_id == group_id)


def ticket_of_number(session: Session, sight: Sight, number: int) -> TicketRow | None:
    """Return the ticket of a number, where it is seen."""
    return session.scalar(select(TicketRow).where(TicketRow.number == number, within(sight)))


def ticket(session: Session, sight: Sight, ticket_id: str) -> TicketRow | None:
    """Return a ticket, where it is seen."""
    return session.scalar(select(TicketRow).where(TicketRow.id == ticket_id, within(sight)))


def conversations(session: Session, sight: Sight, ids: Collection[str]) -> set[str]:
    """Return those of some conversations that have a ticket which is seen, or which goes on in one that is."""
    direct = select(TicketRow.conversation_id).where(TicketRow.conversation_id.in_(ids), within(sight))
    merged = aliased(TicketRow)
    through = (
        select(merged.conversation_id)
        .join(MergeRow, and_(MergeRow.ticket_id == merged.id, MergeRow.undone_at.is_(None)))
        .join(TicketRow, TicketRow.id == MergeRow.survivor_id)
        .where(merged.conversation_id.in_(ids), within(sight))
    )
    return {*session.scalars(direct), *session.scalars(through)}


def survivor_of_number(session: Session, sight: Sight, number: int) -> TicketRow | None:
    """Return the ticket in which that of a number goes on, where it is seen."""
    merged = aliased(TicketRow)
    query = (
        select(TicketRow)
        .join(MergeRow, and_(MergeRow.survivor_id == TicketRow.id, MergeRow.undone_at.is_(None)))
        .join(merged, merged.id == MergeRow.ticket_id)
        .where(merged.number == number, within(sight))
    )
    return session.scalar(query)
