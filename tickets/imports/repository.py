"""SQL of imports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select

from kit.db import Session
from tickets.imports.models import ImportChunkRow, TicketImportRow


def add(session: Session, row: TicketImportRow) -> None:
    """Insert an import."""
    session.add(row)
    session.flush()


def get(session: Session, import_id: str) -> TicketImportRow | None:
    """Return an import."""
    return session.get(TicketImportRow, import_id)


def lock(session: Session, import_id: str) -> TicketImportRow | None:
    """Return an import, held until the transaction ends: it is begun or cancelled once."""
    held = select(TicketImportRow).where(TicketImportRow.id == import_id).with_for_update()
    return session.scalar(held.execution_options(populate_existing=True))


def newest(session: Session, limit: int) -> Sequence[TicketImportRow]:
    """Return imports, newest first."""
    return session.scalars(select(TicketImportRow).order_by(TicketImportRow.created_at.desc()).limit(limit)).all()


def add_chunks(session: Session, rows: Sequence[ImportChunkRow]) -> None:
    """Insert lines that wait."""
    session.add_all(rows)
    session.flush()


def first_chunk(session: Session, import_id: str) -> ImportChunkRow | None:
    """Return the lines that are next."""
    waiting = select(ImportChunkRow).where(ImportChunkRow.import_id == import_id)
    return session.scalar(waiting.order_by(ImportChunkRow.ordinal).limit(1))


def remove_chunk(session: Session, import_id: str, ordinal: int) -> bool:
    """Delete lines that are filed; ``False`` where somebody else filed them."""
    gone = delete(ImportChunkRow).where(ImportChunkRow.import_id == import_id, ImportChunkRow.ordinal == ordinal)
    return cast("CursorResult[Any]", session.execute(gone)).rowcount == 1


def remove_chunks(session: Session, import_id: str) -> None:
    """Delete whatever waits."""
    session.execute(delete(ImportChunkRow).where(ImportChunkRow.import_id == import_id))


def waiting(session: Session, import_id: str) -> int:
    """Count the chunks that wait."""
    counted = select(func.count()).select_from(ImportChunkRow).where(ImportChunkRow.import_id == import_id)
    return session.scalar(counted) or 0


def delete_before(session: Session, instant: datetime) -> int:
    """Delete imports of before an instant, with whatever they still hold."""
    old = select(TicketImportRow.id).where(TicketImportRow.created_at < instant)
    session.execute(delete(ImportChunkRow).where(ImportChunkRow.import_id.in_(old)))
    gone = session.execute(delete(TicketImportRow).where(TicketImportRow.created_at < instant))
    return cast("CursorResult[Any]", gone).rowcount
