"""The in-process driver: worker threads and a sweeper beside the web service, woken by a local bell."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import structlog

from kit.clock import Clock
from kit.db import Database
from kit.jobs.queue import LocalDoorbell
from kit.jobs.repository.leasing import Released
from kit.jobs.runner import ALL_QUEUES, Runner
from kit.jobs.schemas import Handlers, QueueName, Recurring
from kit.jobs.sweeper import Sweeper
from kit.settings import JobSettings

_log = structlog.get_logger(__name__)
_IDLE = timedelta(seconds=1)  # other processes may add work unheard
_QUICK = (QueueName.FAST, QueueName.MODEL)


class Worker:
    """Runs due jobs on a few threads. The first takes every queue; the others leave the slow ones to it.

    Args:
        database: Where the jobs are.
        clock: The time.
        doorbell: Rung when work arrives.
        handlers: Kind → handler.
        settings: Threads, lease, attempts.
        recurring: Jobs that its sweeper plants again and again.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        doorbell: LocalDoorbell,
        handlers: Handlers,
        settings: JobSettings,
        *,
        recurring: Sequence[Recurring] = (),
    ) -> None:
        lanes = [ALL_QUEUES, *[_QUICK] * (settings.threads - 1)]
        self._runners = [Runner(database, clock, doorbell, handlers, settings, queues=queues) for queues in lanes]
        self._sweeper = Sweeper(database, clock, doorbell, settings, recurring=recurring)
        self._doorbell = doorbell
        self._settings = settings
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the worker threads and the sweeper."""
        self._threads = [
            threading.Thread(target=self._work, args=(runner,), name=f"worker-{n}", daemon=True)
            for n, runner in enumerate(self._runners)
        ]
        self._threads.append(threading.Thread(target=self._sweep, name="sweeper", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_seconds: float = 30.0) -> None:
        """Let running jobs finish, then end the threads; a job that outlasts the time is re-run by its lease."""
        self._stop.set()
        for _ in self._threads:
            self._doorbell.ring(QueueName.FAST)
        for thread in self._threads:
            thread.join(timeout_seconds)
        for runner in self._runners:
            runner.close()

    def run_one(self) -> bool:
        """Run the next due job, if any; return whether there was one. For commands and tests."""
        return self._runners[0].run_one()

    def drain(self, max_jobs: int = 10_000) -> int:
        """Run due jobs until none is left; return how many ran. For commands and tests."""
        for done in range(max_jobs):
            if not self.run_one():
                return done
        return max_jobs

    def sweep(self) -> Released:
        """Sweep once; the sweeper thread does it regularly."""
        return self._sweeper.sweep()

    def _work(self, runner: Runner) -> None:
        while not self._stop.is_set():
            try:
                if not runner.run_some():
                    self._doorbell.wait(max(runner.next_due_in(_IDLE).total_seconds(), 0.005))
            except Exception as error:  # noqa: BLE001 - the database may be away for a moment; the thread must live on
                _log.warning("jobs.worker.failed", error=type(error).__name__, exc_info=error)
                self._stop.wait(_IDLE.total_seconds())

    def _sweep(self) -> None:
        while not self._stop.is_set():
            try:
                self.sweep()
            except Exception as error:  # noqa: BLE001 - as in _work
                _log.warning("jobs.sweeper.failed", error=type(error).__name__, exc_info=error)
            self._stop.wait(self._settings.sweep_interval.total_seconds())
