"""How a row is added, leased, completed, put back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, select, tuple_, update

from kit.db import Conflict, Session, savepoint
from kit.ids import new_id
from kit.jobs.models import JobRow
from kit.jobs.schemas import ASIDE_STATES, JobRequest, JobState, Lease, QueueName

# A burst may move its job's time further, but never beyond this after the first message: a customer who types
# without pause still gets an answer.
MAX_POSTPONEMENT = timedelta(seconds=6)
LEASE_RAN_OUT = "the lease ran out: the worker died or hung"
SEND_AGAIN, SEND_ONCE = "again", "once"
_BY_COST = list(QueueName)
_PRUNE_ROWS = 1_000  # a sweep; keeps the lock short

# What every batch runs is built once: building a statement costs more than SQLite needs to run it.
_jobs = cast("Table", JobRow.__table__).c
_DUE = (
    select(_jobs.id, _jobs.kind, _jobs.subject_id, _jobs.token, _jobs.attempts, _jobs.version, _jobs.serial_key)
    .where(
        _jobs.state == JobState.DUE,
        _jobs.next_at <= bindparam("now"),
        _jobs.queue.in_(bindparam("queues", expanding=True)),
        _jobs.serial_key.not_in(
            select(_jobs.serial_key).where(_jobs.state == JobState.LEASED, _jobs.serial_key != "").correlate(None)
        ),
    )
    .order_by(_jobs.priority.desc(), _jobs.next_at, _jobs.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(cast("Table", JobRow.__table__))
    .where(_jobs.id.in_(bindparam("ids", expanding=True)))
    .values(state=JobState.LEASED, token=_jobs.token + 1, attempts=_jobs.attempts + 1, lease_until=bindparam("until"))
)
_FINISH = (
    update(cast("Table", JobRow.__table__))
    .where(
        tuple_(_jobs.id, _jobs.token).in_(bindparam("held", expanding=True)),
        _jobs.state == JobState.LEASED,
    )
    .values(state=JobState.DONE, lease_until=None, done_at=bindparam("now"), last_error="", sending="")
)


def add(session: Session, request: JobRequest, now: datetime) -> str:
    """Insert a job, or move the time of the one that waits under the same dedupe key; return its id."""
    due = now + request.delay
    moved = _postpone(session, request, due)
    if moved:
        return moved
    row = JobRow(
        id=new_id(),
        kind=request.kind.name,
        version=request.kind.version,
        subject_id=request.subject_id,
        queue=request.in_queue(),
        priority=request.kind.priority,
        serial_key=request.serial_key,
        dedupe_key=request.dedupe_key,
        next_at=due,
        first_due_at=due,
        created_at=now,
    )
    if not request.dedupe_key:  # nothing that another transaction could have added too
        session.add(row)
        return row.id
    try:
        with savepoint(session):
            session.add(row)
    except Conflict:  # another transaction added the same key in this instant
        return _postpone(session, request, due) or add(session, request, now)
    return row.id


def lease_due(
    session: Session, now: datetime, lease: timedelta, queues: Collection[QueueName], limit: int = 1
) -> list[Lease]:
    """Lease the first due jobs whose serial keys are free.

    ``SKIP LOCKED`` lets PostgreSQL workers pass each other; SQLite's writers queue by themselves.

    Raises:
        Conflict: Another worker took a job of one of these serial keys in the same instant; try again.
    """
    rows = session.execute(_DUE, {"now": now, "queues": list(queues), "most": limit}).all()
    first_of_key = {row.serial_key or row.id: row for row in reversed(rows)}
    taken = _apart([row for row in rows if first_of_key[row.serial_key or row.id] is row])
    if taken:
        session.execute(_TAKE, {"ids": [row.id for row in taken], "until": now + lease})
    return [Lease(r.id, r.kind, r.subject_id, r.token + 1, r.attempts + 1, r.version) for r in taken]


def _apart(rows: list[Any]) -> list[Any]:
    """Take a job that failed before alone: if it kills its worker again, its neighbours must not lose a try by it."""
    if rows and rows[0].attempts:
        return rows[:1]
    return [row for row in rows if not row.attempts]


def extend(session: Session, leases: Sequence[Lease], until: datetime) -> None:
    """Move the end of leases that are still held; one that was lost shows when its job is completed."""
    for lease in leases:
        _held(session, lease, lease_until=until)


def finish(session: Session, lease: Lease, now: datetime) -> bool:
    """Mark a leased job done; ``False`` where the lease is no longer held."""
    return _held(session, lease, state=JobState.DONE, lease_until=None, done_at=now, last_error="", sending="")


def finish_all(session: Session, leases: Collection[Lease], now: datetime) -> set[Lease]:
    """Mark many leased jobs done at once and return the leases that were held; the others' rows stay as they are."""
    if not leases:
        return set()
    held = [(lease.job_id, lease.token) for lease in leases]
    result = session.execute(_FINISH, {"held": held, "now": now})
    if result.rowcount == len(leases):  # type: ignore[attr-defined]
        return set(leases)
    # A token belongs to one lease, and a lease ends once: whatever is done under these tokens was done just now.
    done = select(_jobs.id).where(tuple_(_jobs.id, _jobs.token).in_(held), _jobs.state == JobState.DONE)
    ids = set(session.scalars(done))
    return {lease for lease in leases if lease.job_id in ids}


def reopen(session: Session, lease: Lease) -> None:
    """Take back ``finish_all`` for one job, in the same transaction: its effect could not be written."""
    _update(
        session,
        JobRow.id == lease.job_id,
        JobRow.token == lease.token,
        JobRow.state == JobState.DONE,
        state=JobState.LEASED,
        done_at=None,
    )


def announce(session: Session, lease: Lease, mark: str) -> bool:
    """Note that something is about to leave the house; ``False`` where the lease is no longer held."""
    return _held(session, lease, sending=mark)


def retry(session: Session, lease: Lease, next_at: datetime, error: str) -> bool:
    """Put a leased job back for another try; ``False`` where the lease is no longer held."""
    row = session.get(JobRow, lease.job_id, with_for_update=True, populate_existing=True)
    if row is None or row.token != lease.token or row.state != JobState.LEASED:
        return False
    _back(session, row, next_at)
    row.last_error = error[:2000]
    session.flush()
    return True


def set_aside(session: Session, lease: Lease, state: JobState, error: str) -> bool:
    """End a leased job without success; ``False`` where the lease is no longer held."""
    return _held(session, lease, state=state, lease_until=None, last_error=error[:2000])


@dataclass(frozen=True, slots=True)
class Released:
    """What a sweep took from workers that died or hang.

    Attributes:
        back: Jobs that wait again.
        aside: Jobs set aside: out of tries, or with an unclear delivery.
    """

    back: int = 0
    aside: int = 0


def release_expired(session: Session, now: datetime, max_attempts: int) -> Released:
    """Take back leases that ran out. A job that killed its worker on every try is dead, so that it cannot go on."""
    rows = session.scalars(
        select(JobRow)
        .where(JobRow.state == JobState.LEASED, JobRow.lease_until < now)
        .with_for_update(skip_locked=True)
    ).all()
    back = 0
    for row in rows:
        row.last_error = LEASE_RAN_OUT
        if row.sending == SEND_ONCE:
            row.state, row.lease_until = JobState.DELIVERY_UNKNOWN, None
        elif row.attempts >= max_attempts:
            row.state, row.lease_until = JobState.DEAD, None
        else:
            _back(session, row, now)
            back += 1
    session.flush()
    return Released(back, len(rows) - back)


def revive(session: Session, job_id: str, now: datetime, note: str) -> QueueName | None:
    """Give a job that was set aside all its tries again; return its queue, ``None`` where it isn't set aside."""
    row = session.get(JobRow, job_id, with_for_update=True, populate_existing=True)
    if row is None or row.state not in ASIDE_STATES:
        return None
    row.attempts, row.sending, row.note = 0, "", note[:400]
    _back(session, row, now)
    session.flush()
    return QueueName(row.queue)


def close(
    session: Session, job_id: str, now: datetime, *, into: JobState, out_of: Collection[JobState], note: str
) -> bool:
    """End a job that stands in one of some states; a worker that runs it loses its lease. ``False``: it does not."""
    values = {"state": into, "lease_until": None, "done_at": now, "note": note[:400], "token": JobRow.token + 1}
    return _update(session, JobRow.id == job_id, JobRow.state.in_(out_of), **values)


def prune(session: Session, before: datetime, kind: str = "") -> int:
    """Delete ended jobs older than an instant, of one kind where it is named, some at a time; return how many."""
    old = select(JobRow.id).where(JobRow.done_at < before).limit(_PRUNE_ROWS)
    if kind:
        old = old.where(JobRow.kind == kind)
    result = session.execute(delete(JobRow).where(JobRow.id.in_(old)).execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]


def next_due(session: Session, queues: Collection[QueueName]) -> datetime | None:
    """Return when the next waiting job of these queues is due, or ``None``."""
    return session.scalar(
        select(func.min(JobRow.next_at)).where(JobRow.state == JobState.DUE, JobRow.queue.in_(queues))
    )


def _postpone(session: Session, request: JobRequest, due: datetime) -> str | None:
    """Move the job that waits under this dedupe key, if one does.

    The row is locked: without that, a worker could lease it between our look and our write, read its subject before
    our transaction commits, and the news would have no job at all.
    """
    if not request.dedupe_key:
        return None
    waiting = session.scalar(
        select(JobRow)
        .where(JobRow.dedupe_key == request.dedupe_key, JobRow.state == JobState.DUE)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if waiting is None:
        return None
    waiting.next_at = min(max(due, waiting.next_at), waiting.first_due_at + MAX_POSTPONEMENT)
    waiting.queue = max(QueueName(waiting.queue), request.in_queue(), key=_BY_COST.index)
    session.flush()
    return waiting.id


def _back(session: Session, row: JobRow, next_at: datetime) -> None:
    """Let a job wait again, unless a newer one under its key waits already: that does its work too."""
    row.next_at, row.lease_until, row.sending = next_at, None, ""  # the next try announces its own send
    try:
        with savepoint(session):
            row.state, row.done_at = JobState.DUE, None
    except Conflict:
        row.state, row.done_at = JobState.DONE, next_at


def _held(session: Session, lease: Lease, **values: object) -> bool:
    """Write values to a leased job if, and only if, its fencing token is still the lease's."""
    return _update(
        session, JobRow.id == lease.job_id, JobRow.token == lease.token, JobRow.state == JobState.LEASED, **values
    )


def _update(session: Session, *where: object, **values: object) -> bool:
    statement = update(JobRow).where(*where).values(**values)  # type: ignore[arg-type]
    result = session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount)  # type: ignore[attr-defined]
