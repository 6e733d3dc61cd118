"""Looks after the job table: takes back dead workers' leases, rings for what is overdue, plants what recurs, tidies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from kit.clock import Clock
from kit.db import Database, Session
from kit.jobs.ports import Doorbell
from kit.jobs.repository import leasing, overview
from kit.jobs.schemas import ASIDE_STATES, HEARTBEAT, JobKind, JobRequest, QueueName, Routine
from kit.settings import JobSettings

_log = structlog.get_logger(__name__)
_HEARTBEAT_INTERVAL = timedelta(seconds=15)
_KEEP_PLANTED = timedelta(minutes=10)
_TIDY_INTERVAL = timedelta(minutes=1)
_HEARTBEAT_PRIORITY = 9  # it proves that somebody consumes, not that the queue is short


@dataclass(slots=True)
class _Plant:
    kind: JobKind
    subject_id: str
    interval: timedelta
    due_at: datetime | None = None


class Sweeper:
    """Sweeps the job table. Any number may run: rows are locked, heartbeats have a dedupe key.

    Args:
        database: Where the jobs are.
        clock: The time.
        doorbell: Rung for what is overdue.
        settings: Attempts, how long ended jobs are kept.
        routines: What is planted regularly.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        doorbell: Doorbell,
        settings: JobSettings,
        routines: Sequence[Routine] = (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._doorbell = doorbell
        self._settings = settings
        beats = (JobKind(HEARTBEAT, queue, _HEARTBEAT_PRIORITY) for queue in QueueName)
        self._plants = [_Plant(beat, str(beat.queue), _HEARTBEAT_INTERVAL) for beat in beats]
        self._plants += [_Plant(r.kind, r.kind.name, r.interval) for r in routines]
        self._tidy_at: datetime | None = None

    def sweep(self) -> leasing.Released:
        """Do what is due now; return what was taken from workers that died or hang."""
        now = self._clock.now()
        with self._database.transaction() as session:
            released = leasing.release_expired(session, now, self._settings.max_attempts)
            self._plant(session, now)
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
        due = [plant for plant in self._plants if plant.due_at is None or now >= plant.due_at]
        for plant in due:
            key = f"{plant.kind.name}:{plant.subject_id}"
            leasing.add(session, JobRequest(plant.kind, plant.subject_id, dedupe_key=key), now)
            plant.due_at = now + plant.interval

    def _tidy(self, now: datetime) -> None:
        with self._database.transaction() as session:
            leasing.prune(session, now - self._settings.keep)
            for kind in {plant.kind.name for plant in self._plants}:
                leasing.prune(session, now - _KEEP_PLANTED, kind)
            counts = overview.counts(session)
        aside = {str(state): counts[state] for state in ASIDE_STATES if counts.get(state)}
        if aside:
            _log.error("jobs.aside.present", **aside)
