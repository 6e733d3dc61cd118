"""SQL of API tokens."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from kit.db import Session
from tickets.models import ApiTokenRow
from tickets.people.schemas import ApiToken


def add(session: Session, row: ApiTokenRow) -> None:
    """Insert a token."""
    session.add(row)
    session.flush()


def get(session: Session, token_id: str) -> ApiTokenRow | None:
    """Return a token."""
    return session.get(ApiTokenRow, token_id)


def of_hash(session: Session, token_hash: str) -> ApiTokenRow | None:
    """Return the token of a hash."""
    return session.scalar(select(ApiTokenRow).where(ApiTokenRow.token_hash == token_hash))


def current(session: Session) -> Sequence[ApiTokenRow]:
    """Return tokens that are not revoked, newest first."""
    query = select(ApiTokenRow).where(ApiTokenRow.revoked_at.is_(None)).order_by(ApiTokenRow.id.desc())
    return session.scalars(query).all()


def revoke_all(session: Session, username: str, at: datetime) -> None:
    """End every token of somebody."""
    session.execute(
        update(ApiTokenRow)
        .where(ApiTokenRow.username == username, ApiTokenRow.revoked_at.is_(None))
        .values(revoked_at=at)
    )


def set_used(session: Session, token_id: str, at: datetime) -> None:
    """Write when a token was last used."""
    session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(last_used_at=at))


def view(row: ApiTokenRow) -> ApiToken:
    """Return a token without its hash."""
    return ApiToken(
        id=row.id,
        username=row.username,
        name=row.name,
        scopes=tuple(row.scopes),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
