"""SQL of saved views."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select

from kit.db import Session
from tickets.lists.models import DefaultViewRow, SavedViewRow


def add(session: Session, row: SavedViewRow) -> SavedViewRow:
    """Insert a view."""
    session.add(row)
    session.flush()
    return row


def get(session: Session, view_id: str) -> SavedViewRow | None:
    """Return a view, deleted or not."""
    return session.get(SavedViewRow, view_id)


def seen_by(session: Session, username: str, group_id: str | None) -> list[SavedViewRow]:
    """Return a person's own views and those shared with the group, by name."""
    query = select(SavedViewRow).where(_seen_by(username, group_id), SavedViewRow.deleted_at.is_(None))
    return list(session.scalars(query.order_by(SavedViewRow.name, SavedViewRow.id)))


def named(session: Session, name: str, owner: str, group_id: str | None) -> SavedViewRow | None:
    """Return the view of that name among the person's own, or the group's."""
    own = and_(SavedViewRow.owner == owner, SavedViewRow.group_id.is_(None))
    among = own if group_id is None else SavedViewRow.group_id == group_id
    return session.scalar(
        select(SavedViewRow).where(among, SavedViewRow.name == name, SavedViewRow.deleted_at.is_(None))
    )


def kept(session: Session, owner: str) -> int:
    """Count a person's views."""
    mine = (SavedViewRow.owner == owner, SavedViewRow.deleted_at.is_(None))
    return session.scalar(select(func.count()).select_from(SavedViewRow).where(*mine)) or 0


def purge(session: Session, deleted_before: datetime) -> None:
    """Delete for good what was deleted long enough ago."""
    gone = select(SavedViewRow.id).where(SavedViewRow.deleted_at < deleted_before)
    session.execute(delete(DefaultViewRow).where(DefaultViewRow.view_id.in_(gone)))
    session.execute(delete(SavedViewRow).where(SavedViewRow.deleted_at < deleted_before))


def default_of(session: Session, username: str) -> str:
    """Return the id of a person's default view; empty: none."""
    row = session.get(DefaultViewRow, username)
    return row.view_id if row is not None else ""


def set_default(session: Session, username: str, view_id: str) -> None:
    """Set a person's default view; empty: none."""
    if view_id:
        session.merge(DefaultViewRow(username=username, view_id=view_id))
    else:
        session.execute(delete(DefaultViewRow).where(DefaultViewRow.username == username))
    session.flush()


def _seen_by(username: str, group_id: str | None) -> ColumnElement[bool]:
    own = SavedViewRow.owner == username
    return or_(own, SavedViewRow.group_id == group_id) if group_id else own
