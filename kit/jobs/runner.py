"""Running due jobs, whoever wakes us: lease, compute with no transaction open, write effect and completion in one.

Leases and completions go in batches where handlers are quick, so that a job costs a fraction of a commit; a slow
handler makes the batch one job long by itself.
"""

import random
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from kit.clock import Clock
from kit.db import Conflict, Database, Session, savepoint
from kit.jobs.errors import LeaseLost, NotSent, Superseded, UnknownJobKind, Unrunnable, WrongJobVersion
from kit.jobs.heartbeat import LeaseKeeper
from kit.jobs.ports import Doorbell
from kit.jobs.repository import leasing
from kit.jobs.schemas import HEARTBEAT, Delivery, Effect, Handlers, JobHandler, JobKind, JobState, Lease, QueueName
from kit.settings import JobSettings

_log = structlog.get_logger(__name__)
_BACKOFF_SECONDS = (1.0, 5.0, 30.0, 120.0)  # before tries 2 to 5; a customer waits for the first ones
_BATCH_SECONDS = 0.01  # jobs together longer than this are not worth a common commit: the first would wait for the last
_MAX_BATCH = 64
ALL_QUEUES = tuple(QueueName)


@dataclass(frozen=True, slots=True)
class _Computed:
    """What became of a leased job, before anything is written.

    Attributes:
        sent: What left the house on the way: its row says so until it is done.
    """

    lease: Lease
    effect: Effect | None = None
    error: Exception | None = None
    sent: Delivery | None = None


class Runner:
    """Runs due jobs of some queues, in whatever thread calls it.

    Args:
        database: Where the jobs are.
        clock: The time.
        doorbell: Rung where more is due than this caller takes.
        handlers: Kind → handler.
        settings: Lease, attempts.
        queues: Which queues' jobs it takes.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        doorbell: Doorbell,
        handlers: Handlers,
        settings: JobSettings,
        *,
        queues: Collection[QueueName] = ALL_QUEUES,
    ) -> None:
        self._database = database
        self._clock = clock
        self._doorbell = doorbell
        self._handlers: dict[str, tuple[JobKind, JobHandler | Delivery]] = {
            kind.name: (kind, handler) for kind, handler in handlers.items()
        }
        self._settings = settings
        self._queues = queues
        self._keeper = LeaseKeeper(database, clock, settings.lease)
        self._batch = 1

    def run_one(self) -> bool:
        """Run the next due job, if any; return whether there was one."""
        return self._run_batch(1) > 0

    def run_some(self) -> int:
        """Run as many due jobs as pay to be written together; return how many."""
        return self._run_batch(self._batch)

    def next_due_in(self, at_most: timedelta) -> timedelta:
        """Return the time until the next waiting job is due, ``at_most`` where there is none sooner."""
        with self._database.reading() as session:
            due = leasing.next_due(session, self._queues)
        return at_most if due is None else min(max(due - self._clock.now(), timedelta()), at_most)

    def close(self) -> None:
        """End the thread that keeps leases."""
        self._keeper.close()

    def _run_batch(self, limit: int) -> int:
        leases = self._lease(limit)
        if not leases:
            return 0
        if len(leases) == limit:  # where a batch was full there may be more: somebody else can help
            for queue in self._queues:
                self._doorbell.ring(queue)
        with self._keeper.holding(leases):
            each = self._compute_and_write(leases) / len(leases)
        self._batch = max(1, min(_MAX_BATCH, 2 * limit, int(_BATCH_SECONDS / max(each, 1e-6))))
        return len(leases)

    def _lease(self, limit: int) -> list[Lease]:
        while True:
            try:
                with self._database.transaction() as session:
                    return leasing.lease_due(session, self._clock.now(), self._settings.lease, self._queues, limit)
            except Conflict:  # two workers chose jobs of one serial key in the same instant; now it is seen as taken
                continue

    def _compute_and_write(self, leases: list[Lease]) -> float:
        """Run leased jobs and return the seconds that were theirs.

        What a batch costs whatever its size (the lock, the commit) is not: the dearer that is, the more jobs should
        share it.
        """
        computed: list[_Computed] = []
        spent = 0.0
        since = time.perf_counter()
        for lease in leases:
            computed.append(self._compute(lease))
            seconds = time.perf_counter() - since
            if seconds > _BATCH_SECONDS:
                spent += seconds + self._write(computed)
                computed, since = [], time.perf_counter()
        if computed:
            spent += time.perf_counter() - since + self._write(computed)
        return spent

    def _compute(self, lease: Lease) -> _Computed:
        try:
            handler = self._handler_of(lease)
            if isinstance(handler, Delivery):
                return _Computed(lease, self._deliver(handler, lease), sent=handler)
            effect = handler(lease)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises becomes the job's fate
            return _Computed(lease, error=error)
        return _Computed(lease, effect)

    def _handler_of(self, lease: Lease) -> JobHandler | Delivery:
        if lease.kind == HEARTBEAT:
            return _beat
        if lease.kind not in self._handlers:
            raise UnknownJobKind(lease.kind)
        kind, handler = self._handlers[lease.kind]
        if lease.version != kind.version:
            raise WrongJobVersion(lease.kind, lease.version, kind.version)
        return handler

    def _deliver(self, delivery: Delivery, lease: Lease) -> Effect:
        send = delivery.prepare(lease)
        with self._database.transaction() as session:
            if not leasing.announce(session, lease, leasing.SEND_AGAIN if delivery.deduplicates else leasing.SEND_ONCE):
                raise LeaseLost
        try:
            return send()
        except NotSent:
            raise
        except Exception as error:
            if delivery.deduplicates:
                raise
            raise _Unclear(error) from error

    def _write(self, computed: list[_Computed]) -> float:
        """Complete jobs in one transaction and return the seconds that their effects took in it."""
        with self._database.transaction() as session:
            plain = {one.lease for one in computed if one.effect is not None and not one.sent}
            held = leasing.finish_all(session, plain, self._clock.now())
            begun = time.perf_counter()
            for one in computed:
                if one.lease in held and one.effect is not None:
                    self._write_effect(session, one.lease, one.effect)
                elif one.lease in plain:
                    _log_of(one.lease).warning("jobs.lease.lost")
                else:
                    self._write_one(session, one)
            return time.perf_counter() - begun

    def _write_effect(self, session: Session, lease: Lease, effect: Effect) -> None:
        """Write the effect of a job that is marked done already; where that fails, the job isn't done after all."""
        try:
            with savepoint(session):
                effect(session)
        except Superseded:
            _log_of(lease).info("jobs.job.superseded")
        except Exception as error:  # noqa: BLE001 - whatever an effect raises becomes its job's fate
            leasing.reopen(session, lease)
            self._fail(session, lease, error)
            _log_of(lease).warning("jobs.job.failed", error=type(error).__name__, exc_info=error)

    def _write_one(self, session: Session, one: _Computed) -> None:
        """Write a job by itself: it failed, or it sent something, which its row must not forget before it is done."""
        try:
            with savepoint(session):
                self._complete(session, one)
        except LeaseLost:
            _log_of(one.lease).warning("jobs.lease.lost")
        except Superseded:
            leasing.finish(session, one.lease, self._clock.now())
            _log_of(one.lease).info("jobs.job.superseded")
        except Exception as error:  # noqa: BLE001 - as above
            # Sent and not recorded: a receiver that keeps doubles must not get it again without a person.
            unclear = one.sent is not None and not one.sent.deduplicates
            self._fail(session, one.lease, _Unclear(error) if unclear else error)
            _log_of(one.lease).warning("jobs.job.failed", error=type(error).__name__, exc_info=error)

    def _complete(self, session: Session, one: _Computed) -> None:
        if one.error is not None:
            raise one.error
        if not leasing.finish(session, one.lease, self._clock.now()):
            raise LeaseLost
        if one.effect is not None:
            one.effect(session)

    def _fail(self, session: Session, lease: Lease, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        if isinstance(error, _Unclear):
            leasing.set_aside(session, lease, JobState.DELIVERY_UNKNOWN, str(error))
        elif isinstance(error, Unrunnable) or lease.attempt >= self._settings.max_attempts:
            leasing.set_aside(session, lease, JobState.DEAD, text)
        else:
            pause = timedelta(seconds=_BACKOFF_SECONDS[min(lease.attempt, len(_BACKOFF_SECONDS)) - 1] * _jitter())
            leasing.retry(session, lease, self._clock.now() + pause, text)
            for queue in self._queues:
                self._doorbell.ring(queue, pause)


def _log_of(lease: Lease) -> Any:  # noqa: ANN401 - structlog's loggers are typed by their configuration
    return _log.bind(job=lease.job_id, kind=lease.kind, subject=lease.subject_id, attempt=lease.attempt)


class _Unclear(Exception):
    """A send may have left the house, and its record failed."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")


def _beat(lease: Lease) -> Effect:  # noqa: ARG001 - a handler's signature
    return _nothing


def _nothing(_: Session) -> None:
    """A heartbeat proves consumption by being done."""


def _jitter() -> float:
    return random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, no secret
