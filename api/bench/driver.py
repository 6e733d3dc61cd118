"""Our Celery driver, measured: rows in PostgreSQL, rings over RabbitMQ, two worker processes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from api.bench.driver_worker import PROCESSES, DriverSpec
from api.bench.embedded import enqueue_many
from api.bench.processes import WorkerProcess, running
from api.bench.repository import own_postgres_database
from api.migrations.runner import migrate
from api.wiring import make_doorbell
from kit.clock import SystemClock
from kit.db import Database
from kit.jobs.ports import Doorbell
from kit.jobs.queue import JobQueue, LocalDoorbell
from kit.jobs.schemas import QueueName

_LOOK_SECONDS = 0.01


class DriverBench:
    """A running worker with its database and bell.

    Args:
        database: Where the jobs are.
        doorbell: Rings over RabbitMQ.
        worker: The worker.
    """

    def __init__(self, database: Database, doorbell: Doorbell, worker: WorkerProcess) -> None:
        self._database, self._doorbell, self._worker = database, doorbell, worker
        # Whoever enqueues rings a bell that no worker hears: the whole pile is there when the real one rings.
        self._silent_queue = JobQueue(SystemClock(), LocalDoorbell())

    def drain_rate(self, count: int) -> float:
        """Return jobs a second: from the ring to the commit of the last of ``count`` waiting no-ops."""
        enqueue_many(self._database, self._silent_queue, count)
        begun = time.perf_counter()
        self._doorbell.ring(QueueName.FAST)
        self._worker.wait_until(self._idle, _LOOK_SECONDS)
        return count / (time.perf_counter() - begun)

    def warm(self, ready: Path) -> None:
        """Have each worker process open its connections; the first ring of a process does that."""
        for queue in QueueName:
            self._doorbell.ring(queue)
        self._worker.wait_until(lambda: len(list(ready.iterdir())) == PROCESSES)

    def _idle(self) -> bool:
        with self._database.reading() as session:
            return self._silent_queue.idle(session)


@contextmanager
def driver_bench(broker_url: str, postgres_url: str, folder: Path) -> Iterator[DriverBench]:
    """Start a worker of our Celery driver on a database and queues of its own; both are gone afterwards.

    Raises:
        PartSkipped: No broker or no database server answers.
    """
    from api.bench.adapters.bare_celery import delete_driver_queues  # Celery takes a second to load

    name = f"jiedai-bench-{uuid4().hex[:12]}"
    ready = folder / f"{name}-ready"
    ready.mkdir()
    with own_postgres_database(postgres_url, name) as url:
        spec = DriverSpec(broker_url, name, url, str(ready))
        database = Database(url)
        migrate(database)
        doorbell = make_doorbell(spec.settings(), LocalDoorbell())
        try:
            with running("api.bench.driver_worker", spec.arguments(), folder / f"{name}.log") as worker:
                bench = DriverBench(database, doorbell, worker)
                bench.warm(ready)
                yield bench
        finally:
            doorbell.close()
            database.dispose()
            delete_driver_queues(broker_url, name, list(QueueName))
