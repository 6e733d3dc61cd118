"""Looks after the job table: takes back dead workers' leases, rings for what is overdue, plants heartbeats, tidies."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from kit.clock import Clock
from kit.db import Database, Session
from kit.jobs.ports import Doorbell
from kit.jobs.repository import leasing, overview
from kit.jobs.schemas import ASIDE_STATES, HEARTBEAT, JobKind, JobRequest, QueueName, Recurring
from kit.settings import JobSettings

_log = structlog.get_logger(__name__)
_HEARTBEAT_INTERVAL = timedelta(seconds=15)
_KEEP_HEARTBEATS = timedelta(minutes=10)
_TIDY_INTERVAL = timedelta(minutes=1)
_HEARTBEAT_PRIORITY = 9  # it proves that somebody consumes, not that the queue is short


class Sweeper:
    """Sweeps the job table. Any number may run: rows are locked, heartbeats have a dedupe key.

    Args:
        database: Where the jobs are.
        clock: The time.
        doorbell: Rung for what is overdue.
        settings: Attempts, how long ended jobs are kept.
        recurring: Jobs to plant again and again.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        doorbell: Doorbell,
        settings: JobSettings,
        *,
        recurring: Sequence[Recurring] = (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._doorbell = doorbell
        self._settings = settings
        self._recurring = {job: clock.now() + job.every for job in recurring}
        self._heartbeat_at: datetime | None = None
        self._tidy_at: datetime | None = None

    def sweep(self) -> leasing.Released:
        """Do what is due now; return what was taken from workers that died or hang."""
        now = self._clock.now()
        with self._database.transaction() as session:
            released = leasing.release_expired(session, now, self._settings.max_attempts)
            if self._heartbeat_at is None or now >= self._heartbeat_at:
                self._plant(session, now)
                self._heartbeat_at = now + _HEARTBEAT_INTERVAL
            self._plant_recurring(session, now)
            overdue = overview.overdue_queues(session, now)
        for queue in overdue:
            self._doorbell.ring(queue)
        if released.back or released.aside:
            _log.warning("jobs.lease.expired", back=released.back, aside=released.aside)
        if self._tidy_at is None or now >= self._tidy_at:
            self._tidy(now)
            self._tidy_at = now + _TIDY_INTERVAL
        return released

    def _plant(self, session: Session, now: datetime) -> None:
        for queue in QueueName:
            kind = JobKind(HEARTBEAT, queue, _HEARTBEAT_PRIORITY)
            leasing.add(session, JobRequest(kind, queue, dedupe_key=f"{HEARTBEAT}:{queue}"), now)

    def _plant_recurring(self, session: Session, now: datetime) -> None:
        for job, due_at in self._recurring.items():
            if now >= due_at:
                leasing.add(session, JobRequest(job.kind, job.kind.name, dedupe_key=job.kind.name), now)
                self._recurring[job] = now + job.every

    def _tidy(self, now: datetime) -> None:
        with self._database.transaction() as session:
            leasing.prune(session, now - self._settings.keep)
            leasing.prune(session, now - _KEEP_HEARTBEATS, HEARTBEAT)
            counts = overview.counts(session)
        aside = {str(state): counts[state] for state in ASIDE_STATES if counts.get(state)}
        if aside:
            _log.error("jobs.aside.present", **aside)
