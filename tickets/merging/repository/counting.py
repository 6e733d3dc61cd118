"""SQL of follow-ups and of what repeated contacts amount to."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import case, func, select

from kit.db import Session
from tickets.merging.models import FollowUpRow, MergeRow


def add(session: Session, row: FollowUpRow) -> None:
    """Insert a follow-up."""
    session.add(row)
    session.flush()


def known(session: Session, ticket_id: str, kind: str, key: str) -> bool:
    """Tell whether this follow-up has been written down."""
    query = select(FollowUpRow.id).where(
        FollowUpRow.ticket_id == ticket_id, FollowUpRow.kind == kind, FollowUpRow.key == key
    )
    return session.scalar(query) is not None


def so_far(session: Session, ticket_id: str, kind: str) -> tuple[int, datetime | None]:
    """Return how many of a kind were counted on a ticket, and when the last of those came."""
    query = select(func.count(), func.max(FollowUpRow.at)).where(
        FollowUpRow.ticket_id == ticket_id, FollowUpRow.kind == kind, FollowUpRow.counted
    )
    count, last = session.execute(query).one()
    return int(count), last


def counts(session: Session, ticket_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """Return ticket → kind → count."""
    query = (
        select(FollowUpRow.ticket_id, FollowUpRow.kind, func.count())
        .where(FollowUpRow.ticket_id.in_(ticket_ids), FollowUpRow.counted)
        .group_by(FollowUpRow.ticket_id, FollowUpRow.kind)
    )
    found: dict[str, dict[str, int]] = {}
    for ticket_id, kind, count in session.execute(query):
        found.setdefault(ticket_id, {})[kind] = int(count)
    return found


def totals(session: Session, rule: str) -> dict[str, int]:
    """Count follow-ups by kind, merges that stand, those of them by a rule and those nobody had answered."""
    query = select(FollowUpRow.kind, func.count()).where(FollowUpRow.counted).group_by(FollowUpRow.kind)
    by_kind = {str(kind): int(count) for kind, count in session.execute(query)}
    merged, by_rule, unanswered = session.execute(
        select(
            func.count(),
            func.count(case((MergeRow.by == rule, 1))),
            func.count(case((MergeRow.answered.is_(False), 1))),
        ).where(MergeRow.undone_at.is_(None))
    ).one()
    return {
        "repeat": by_kind.get("repeat", 0),
        "urge": by_kind.get("urge", 0),
        "merged": int(merged),
        "by_rule": int(by_rule),
        "saved": int(unanswered),
    }
