"""SQL of staff, groups and sign-in sessions."""

from datetime import datetime

from sqlalchemy import delete, select

from kit.db import Session
from tickets.models import GroupRow, SessionRow, UserRow
from tickets.people.schemas import Person
from tickets.rights import Right
from tickets.schemas import StaffMember
from tickets.words import StaffRole


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


def everybody(session: Session) -> list[UserRow]:
    """Return all staff, those who left last."""
    return list(session.scalars(select(UserRow).order_by(UserRow.active.desc(), UserRow.username)))


def names(session: Session) -> dict[str, str]:
    """Return user name → name of everybody."""
    return {row.username: row.name for row in session.execute(select(UserRow.username, UserRow.name))}


def lock_admins(session: Session) -> set[str]:
    """Return the active administrators and keep them as they are until the transaction ends."""
    admins = select(UserRow).where(UserRow.active, UserRow.role == StaffRole.ADMIN)
    # Two administrators who demote each other in the same instant must not both succeed.
    return {row.username for row in session.scalars(admins.order_by(UserRow.username).with_for_update())}


def member(row: UserRow, scopes: frozenset[Right] | None = None, token: str = "") -> StaffMember:
    """Return somebody signed in, or for whom a token acts."""
    return StaffMember(row.username, row.name, StaffRole(row.role), row.group_id, tuple(row.lines), scopes, token)


def person(row: UserRow) -> Person:
    """Return somebody as those see it who keep people."""
    return Person(row.username, row.name, StaffRole(row.role), row.group_id, tuple(row.lines), active=row.active)


def end_sessions(
    session: Session,
    *,
    token_hash: str | None = None,
    before: datetime | None = None,
    username: str | None = None,
) -> None:
    """Delete one session, those that have expired, or all of somebody's."""
    if username is not None:
        session.execute(delete(SessionRow).where(SessionRow.username == username))
    if token_hash is not None:
        session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))
    if before is not None:
        session.execute(delete(SessionRow).where(SessionRow.expires_at < before))
