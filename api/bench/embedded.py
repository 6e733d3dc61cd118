"""The embedded worker, measured: how fast it drains, how soon it picks up, how fast jobs are enqueued."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.bench.errors import BenchStuck
from api.bench.repository import NaiveInserts
from api.migrations.runner import migrate
from kit.clock import SystemClock
from kit.db import Database, Session, after_commit
from kit.jobs.queue import JobQueue, LocalDoorbell
from kit.jobs.schemas import Effect, JobKind, JobRequest, Lease
from kit.jobs.worker import Worker
from kit.settings import JobSettings

NOOP = JobKind("bench.noop")
THREADS = 2
GAPS_SECONDS = (0.005, 0.03)
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Pickup:
    """How long one job waited for its handler, in seconds.

    Attributes:
        since_commit: From the return of the commit that made it due.
        since_call: From the call that enqueued it, its own commit included.
    """

    since_commit: float
    since_call: float


def enqueue_many(database: Database, queue: JobQueue, count: int) -> None:
    """Enqueue no-ops in one transaction: a worker that happens to look sees none of them, or all."""
    with database.transaction() as session:
        for number in range(count):
            queue.enqueue(session, JobRequest(NOOP, str(number)))


def drain_rate(folder: Path, count: int) -> float:
    """Return jobs a second: from the worker's start to the commit of the last of ``count`` waiting no-ops."""
    with _database(folder) as database:
        doorbell = LocalDoorbell()
        enqueue_many(database, JobQueue(SystemClock(), doorbell), count)
        last = _Last(count)
        worker = Worker(database, SystemClock(), doorbell, {NOOP: last.handler}, JobSettings(threads=THREADS))
        begun = time.perf_counter()
        worker.start()
        try:
            return count / (last.wait() - begun)
        finally:
            worker.stop()


def pickups(folder: Path, count: int) -> list[Pickup]:
    """Enqueue one job after another, at small random intervals, and return how long each waited on an idle worker."""
    with _database(folder) as database:
        doorbell = LocalDoorbell()
        queue = JobQueue(SystemClock(), doorbell)
        run = _Pickups()
        worker = Worker(database, SystemClock(), doorbell, {NOOP: run.handler}, JobSettings(threads=THREADS))
        worker.start()
        try:
            return [run.one(database, queue) for _ in range(count)]
        finally:
            worker.stop()


def enqueue_rates(folder: Path, count: int) -> tuple[float, float]:
    """Return commits a second, each with one job: through the queue, and by bare inserts of the same row."""
    with _database(folder) as database:
        queue = JobQueue(SystemClock(), LocalDoorbell())
        begun = time.perf_counter()
        for number in range(count):
            with database.transaction() as session:
                queue.enqueue(session, JobRequest(NOOP, str(number)))
        ours = count / (time.perf_counter() - begun)
    with _database(folder) as database:
        naive = NaiveInserts(Path(str(database.url.database)))
        begun = time.perf_counter()
        for number in range(count):
            naive.insert(NOOP.name, str(number))
        peer = count / (time.perf_counter() - begun)
        naive.close()
    return ours, peer


class _Last:
    """A handler of no-ops that knows when the last one's transaction has committed."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._at = 0.0
        self._done = threading.Event()

    def handler(self, lease: Lease) -> Effect:  # noqa: ARG002 - a handler's signature
        return self._effect

    def wait(self) -> float:
        """Return when it was."""
        if not self._done.wait(_PATIENCE_SECONDS):
            raise BenchStuck
        return self._at

    def _effect(self, session: Session) -> None:
        self._left -= 1  # SQLite has one writer at a time, so effects never run at once
        if not self._left:
            after_commit(session, self._finish)

    def _finish(self) -> None:
        self._at = time.perf_counter()
        self._done.set()


class _Pickups:
    """A handler that notes when it is called, for one job at a time."""

    def __init__(self) -> None:
        self._committed = self._started = 0.0
        self._done = threading.Event()

    def handler(self, lease: Lease) -> Effect:  # noqa: ARG002 - a handler's signature
        self._started = time.perf_counter()
        return lambda session: after_commit(session, self._done.set)

    def one(self, database: Database, queue: JobQueue) -> Pickup:
        """Enqueue a job after a while and wait for its end."""
        time.sleep(random.uniform(*GAPS_SECONDS))  # noqa: S311 - spreads arrivals, no secret
        self._done.clear()
        called = time.perf_counter()
        with database.transaction() as session:
            after_commit(session, self._note_commit)  # before the bell, which is rung after the commit too
            queue.enqueue(session, JobRequest(NOOP, "one"))
        if not self._done.wait(_PATIENCE_SECONDS):
            raise BenchStuck
        return Pickup(self._started - self._committed, self._started - called)

    def _note_commit(self) -> None:
        self._committed = time.perf_counter()


@contextmanager
def _database(folder: Path) -> Iterator[Database]:
    path = folder / "bench.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    try:
        yield database
    finally:
        database.dispose()
        for file in folder.glob("bench.db*"):
            file.unlink()
