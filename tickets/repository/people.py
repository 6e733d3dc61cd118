"""SQL of staff, groups and sign-in sessions."""

from datetime import datetime

from sqlalchemy import delete, select

from kit.db import Session
from tickets.models import GroupRow, SessionRow, UserRow


def save_group(session: Session, group_id: str, name_zh: str, name_en: str) -> None:
    """Insert or rename a group."""
    session.merge(GroupRow(id=group_id, name_zh=name_zh, name_en=name_en))


def groups(session: Session) -> list[GroupRow]:
    """Return all groups."""
    return list(session.scalars(select(GroupRow).order_by(GroupRow.id)))


def user(session: Session, username: str) -> UserRow | None:
    """Return a member of staff."""
    return session.get(UserRow, username)


def users(session: Session) -> list[UserRow]:
    """Return all active staff."""
    return list(session.scalars(select(UserRow).where(UserRow.active).order_by(UserRow.username)))


def save_user(session: Session, row: UserRow) -> None:
    """Insert or change a member of staff."""
    session.merge(row)
    session.flush()


def add_session(session: Session, token_hash: str, username: str, expires_at: datetime) -> None:
    """Insert a sign-in session."""
    session.add(SessionRow(token_hash=token_hash, username=username, expires_at=expires_at))


def find_session(session: Session, token_hash: str) -> SessionRow | None:
    """Return a sign-in session."""
    return session.get(SessionRow, token_hash)


def end_sessions(session: Session, *, token_hash: str | None = None, before: datetime | None = None) -> None:
    """Delete one session, or those that have expired."""
    if token_hash is not None:
        session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))
    if before is not None:
        session.execute(delete(SessionRow).where(SessionRow.expires_at < before))
