"""SQL of the copilot."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from copilot.models import SuggestionRow, SummaryRow
from kit.db import Session


def add_suggestion(session: Session, row: SuggestionRow) -> SuggestionRow:
    """Insert a suggestion."""
    session.add(row)
    session.flush()
    return row


def suggestion(session: Session, suggestion_id: str) -> SuggestionRow | None:
    """Return a suggestion as the database has it now."""
    return session.get(SuggestionRow, suggestion_id, populate_existing=True)


def newest_suggestion(session: Session, ticket_id: str) -> SuggestionRow | None:
    """Return a ticket's newest suggestion."""
    query = select(SuggestionRow).where(SuggestionRow.ticket_id == ticket_id).order_by(SuggestionRow.id.desc())
    return session.scalars(query.limit(1)).first()


def newest_suggestions(session: Session, ticket_ids: Collection[str]) -> Sequence[SuggestionRow]:
    """Return the newest suggestion of each ticket that has one."""
    newest = select(func.max(SuggestionRow.id)).where(SuggestionRow.ticket_id.in_(ticket_ids))
    query = select(SuggestionRow).where(SuggestionRow.id.in_(newest.group_by(SuggestionRow.ticket_id)))
    return session.scalars(query).all()


def decide(
    session: Session,
    suggestion_id: str,
    outcome: str,
    *,
    reason: str,
    edit_distance: float | None,
    actor: str,
    now: datetime,
) -> bool:
    """Close an open suggestion; ``False`` where it was not open any more."""
    done = session.execute(
        update(SuggestionRow)
        .where(SuggestionRow.id == suggestion_id, SuggestionRow.outcome == "")
        .values(outcome=outcome, reason=reason, edit_distance=edit_distance, decided_by=actor, decided_at=now)
        .returning(SuggestionRow.id)
    )
    return done.first() is not None


def counts_by(session: Session, column: str) -> dict[str, int]:
    """Count suggestions by ``outcome``, ``blocker_kind`` or ``source``."""
    field = getattr(SuggestionRow, column)
    rows = session.execute(select(field, func.count()).group_by(field))
    return {str(value): int(count) for value, count in rows}


def mean_edit_distance(session: Session) -> float | None:
    """Return the mean edit distance of what was sent."""
    found = session.scalar(select(func.avg(SuggestionRow.edit_distance)))
    return None if found is None else float(found)


def add_summary(session: Session, row: SummaryRow) -> SummaryRow:
    """Insert a summary."""
    session.add(row)
    session.flush()
    return row


def summary(session: Session, summary_id: str) -> SummaryRow | None:
    """Return a summary as the database has it now."""
    return session.get(SummaryRow, summary_id, populate_existing=True)


def newest_summary(session: Session, ticket_id: str) -> SummaryRow | None:
    """Return a ticket's newest summary."""
    query = select(SummaryRow).where(SummaryRow.ticket_id == ticket_id).order_by(SummaryRow.id.desc())
    return session.scalars(query.limit(1)).first()


def confirm_summary(
    session: Session, row: SummaryRow, *, content_sealed: bytes, mood: str, reproduced: str, actor: str, now: datetime
) -> bool:
    """Write a confirmed summary; ``False`` where somebody confirmed it before."""
    done = session.execute(
        update(SummaryRow)
        .where(SummaryRow.id == row.id, SummaryRow.confirmed_by == "")
        .values(content_sealed=content_sealed, mood=mood, reproduced=reproduced, confirmed_by=actor, confirmed_at=now)
        .returning(SummaryRow.id)
    )
    return done.first() is not None
