"""SQL of editions."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from kit.db import Session
from tickets.books.models import EditionRow


def newest_version(session: Session, book: str) -> int:
    """Return a book's newest version; 0: there is none."""
    return session.scalar(select(func.max(EditionRow.version)).where(EditionRow.book == book)) or 0


def get(session: Session, book: str, version: int) -> EditionRow | None:
    """Return an edition."""
    return session.get(EditionRow, (book, version))


def add(session: Session, row: EditionRow) -> None:
    """Insert an edition."""
    session.add(row)
    session.flush()


def lines(session: Session, book: str, limit: int) -> Sequence[EditionRow]:
    """Return a book's editions without their content, newest first."""
    columns = load_only(EditionRow.version, EditionRow.author, EditionRow.note, EditionRow.at)
    query = select(EditionRow).options(columns).where(EditionRow.book == book)
    return session.scalars(query.order_by(EditionRow.version.desc()).limit(limit)).all()
