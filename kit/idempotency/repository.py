"""SQL of kept answers."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select

from kit.db import Session
from kit.idempotency.models import KeptAnswerRow


def get(session: Session, scope: str, key_hash: str) -> KeptAnswerRow | None:
    """Return what is kept for a key."""
    return session.get(KeptAnswerRow, (scope, key_hash))


def add(session: Session, row: KeptAnswerRow) -> None:
    """Keep an answer, in the place of one that is too old."""
    session.merge(row)
    session.flush()


def lock(session: Session, number: int) -> bool:
    """Take a key for this transaction; ``False`` where another one has it. SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(number))))


def delete_before(session: Session, instant: datetime) -> int:
    """Delete what was kept before an instant and return how many."""
    gone = session.execute(delete(KeptAnswerRow).where(KeptAnswerRow.created_at < instant))
    return cast("CursorResult[Any]", gone).rowcount
