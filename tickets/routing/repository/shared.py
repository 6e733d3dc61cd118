"""SQL of groups that take part in a ticket, and of sub-tasks."""

from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select

from kit.db import Session
from tickets.models import TicketRow
from tickets.routing.models import ParticipantRow, SubTaskRow
from tickets.routing.schemas import Participant, SubTaskState

_MOST = 200


def participants(session: Session, ticket_id: str) -> list[Participant]:
    """Return the groups that take part in a ticket, the first first."""
    rows = select(ParticipantRow).where(ParticipantRow.ticket_id == ticket_id).order_by(ParticipantRow.since)
    return [Participant(row.group_id, row.since, row.added_by) for row in session.scalars(rows)]


def add_participant(session: Session, ticket_id: str, group_id: str, actor: str, now: datetime) -> None:
    """Insert a group that takes part."""
    session.add(ParticipantRow(ticket_id=ticket_id, group_id=group_id, added_by=actor, since=now))
    session.flush()


def remove_participant(session: Session, ticket_id: str, group_id: str) -> bool:
    """Delete a group's part and tell whether it had one."""
    gone = delete(ParticipantRow).where(ParticipantRow.ticket_id == ticket_id, ParticipantRow.group_id == group_id)
    return cast("CursorResult[object]", session.execute(gone)).rowcount > 0


def add_task(session: Session, row: SubTaskRow) -> None:
    """Insert a sub-task."""
    session.add(row)
    session.flush()


def task(session: Session, task_id: str) -> SubTaskRow | None:
    """Return a sub-task."""
    return session.get(SubTaskRow, task_id)


def tasks(session: Session, ticket_id: str) -> list[SubTaskRow]:
    """Return a ticket's sub-tasks, oldest first."""
    return list(session.scalars(select(SubTaskRow).where(SubTaskRow.ticket_id == ticket_id).order_by(SubTaskRow.id)))


def asked_of(session: Session, username: str, group_id: str | None) -> list[tuple[TicketRow, SubTaskRow]]:
    """Return what a person or a group has been asked and not answered, the first due first."""
    own: ColumnElement[bool] = SubTaskRow.owner == username
    if group_id:
        own = or_(own, SubTaskRow.group_id == group_id)
    query = (
        select(TicketRow, SubTaskRow)
        .join(TicketRow, TicketRow.id == SubTaskRow.ticket_id)
        .where(own, SubTaskRow.state == SubTaskState.OPEN)
        .order_by(SubTaskRow.due_at)
        .limit(_MOST)
    )
    return [(row, found) for row, found in session.execute(query)]
