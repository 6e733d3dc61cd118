"""What screens, health and metrics ask of the job table."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, text

from kit.db import Session
from kit.jobs.models import IS_HEARTBEAT, JobRow
from kit.jobs.schemas import ASIDE_STATES, HEARTBEAT, JobState, JobView, QueueHealth, QueueName

# A heartbeat is planted every 15 s; with leases of 7 s, a consumer that stands still is seen in at most 15 + 25 s.
STALLED_SECONDS = 25.0
UNTENDED_SECONDS = 45.0
_ENDED = (JobState.DONE, JobState.CANCELLED)


def counts(session: Session) -> dict[JobState, int]:
    """Count jobs by state."""
    rows = session.execute(select(JobRow.state, func.count()).group_by(JobRow.state)).all()
    return {JobState(state): count for state, count in rows}


def overdue_queues(session: Session, now: datetime) -> list[QueueName]:
    """Return the queues in which a job is due and not yet taken."""
    rows = session.scalars(select(JobRow.queue).where(JobRow.state == JobState.DUE, JobRow.next_at <= now).distinct())
    return [QueueName(name) for name in rows]


def health(session: Session, now: datetime) -> list[QueueHealth]:
    """Return how each queue stands."""
    waiting = {row.queue: row for row in _waiting(session, now)}
    return [_health(session, queue, waiting.get(queue), now) for queue in QueueName]


def listing(
    session: Session,
    states: Collection[JobState],
    limit: int,
    *,
    before: str | None = None,
    queue: QueueName | None = None,
) -> list[JobView]:
    """List jobs of some states, of one queue where it is named, newest first and before an id (ids rise with time)."""
    query = (
        select(JobRow)
        # Four heartbeats each quarter of a minute would bury the work that was done.
        .where(JobRow.state.in_(states), or_(JobRow.kind != HEARTBEAT, JobRow.state.not_in(_ENDED)))
        .order_by(JobRow.id.desc())
        .limit(limit)
    )
    if before:
        query = query.where(JobRow.id < before)
    if queue:
        query = query.where(JobRow.queue == queue)
    return [_view(row) for row in session.scalars(query)]


def find(session: Session, job_id: str) -> JobView | None:
    """Return one job."""
    row = session.get(JobRow, job_id)
    return None if row is None else _view(row)


def _waiting(session: Session, now: datetime) -> list[Any]:
    overdue = and_(JobRow.state == JobState.DUE, JobRow.next_at <= now)
    open_or_aside = [JobState.DUE, JobState.LEASED, *ASIDE_STATES]
    query = (
        select(
            JobRow.queue,
            func.count().filter(JobRow.state == JobState.DUE).label("due"),
            func.count().filter(JobRow.state == JobState.LEASED, JobRow.lease_until >= now).label("leased"),
            func.count().filter(JobRow.state.in_(ASIDE_STATES)).label("aside"),
            func.min(JobRow.next_at).filter(overdue).label("oldest"),
        )
        .where(JobRow.state.in_(open_or_aside))
        .group_by(JobRow.queue)
    )
    return list(session.execute(query).all())


def _health(session: Session, queue: QueueName, row: Any, now: datetime) -> QueueHealth:  # noqa: ANN401 - a result row
    last_done = session.scalar(select(func.max(JobRow.done_at)).where(JobRow.queue == queue))
    planted = session.scalar(select(func.max(JobRow.created_at)).where(text(IS_HEARTBEAT), JobRow.queue == queue))
    overdue = (now - row.oldest).total_seconds() if row is not None and row.oldest else 0.0
    idle = last_done is None or (now - last_done).total_seconds() > STALLED_SECONDS
    heartbeat_age = (now - planted).total_seconds() if planted else None
    leased = row.leased if row is not None else 0
    return QueueHealth(
        queue=queue,
        due=row.due if row is not None else 0,
        leased=leased,
        aside=row.aside if row is not None else 0,
        overdue_seconds=overdue,
        heartbeat_age_seconds=heartbeat_age,
        stalled=(overdue > STALLED_SECONDS and idle and not leased)
        or heartbeat_age is None
        or heartbeat_age > UNTENDED_SECONDS,
    )


def _view(row: JobRow) -> JobView:
    return JobView(
        job_id=row.id,
        kind=row.kind,
        subject_id=row.subject_id,
        queue=QueueName(row.queue),
        state=JobState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        created_at=row.created_at,
        last_error=row.last_error,
        note=row.note,
    )
