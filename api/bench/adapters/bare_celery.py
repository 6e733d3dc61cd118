"""Celery alone, with nothing in a database: the peer of our jobs, set up so that it loses no more than they do.

Durable queue, persistent messages, publisher confirms, late acknowledgement, a task of a killed process given back.
``python -m api.bench.adapters.bare_celery SPEC`` is its worker: two processes that note when each task began.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError

from api.bench.errors import NoBroker
from api.bench.starts import StartTimes

PROCESSES = 2
_TASK = "bench.noop"
_CONNECT_SECONDS = 4
_PREFETCH = 64  # messages a process; a peer at its best: with the default of 4 it drained up to half as fast


@dataclass(frozen=True, slots=True)
class PeerSpec:
    """What publisher and worker must agree on.

    Attributes:
        broker_url: RabbitMQ.
        queue: Name of a queue (and exchange) of this run's own.
        starts: File of the tasks' start times.
        size: How many tasks there will be.
    """

    broker_url: str
    queue: str
    starts: str
    size: int

    def arguments(self) -> list[str]:
        """Return the spec as command-line arguments."""
        return [str(value) for value in asdict(self).values()]

    @classmethod
    def parse(cls, arguments: Sequence[str]) -> "PeerSpec":
        """Read what ``arguments`` wrote."""
        broker_url, queue, starts, size = arguments
        return cls(broker_url, queue, starts, int(size))


class Publisher:
    """Publishes tasks one by one; each is confirmed by the broker when ``publish`` returns."""

    def __init__(self, app: Celery, connection: Any, queue: str) -> None:  # noqa: ANN401 - kombu has no types
        self._app = app
        self._producer = app.amqp.Producer(connection)
        self._queue = queue

    def publish(self, number: int) -> None:
        """Publish the task of a number."""
        self._app.send_task(_TASK, args=[number], queue=self._queue, producer=self._producer, ignore_result=True)


@contextmanager
def publishing(spec: PeerSpec) -> Iterator[Publisher]:
    """Declare the queue and open a publisher; what was declared is deleted at the end.

    Raises:
        NoBroker: No broker answers.
    """
    app = _make_app(spec)
    with _connected(app, spec.broker_url) as connection:
        queue = app.amqp.queues[spec.queue](connection.default_channel)
        queue.declare()
        try:
            yield Publisher(app, connection, spec.queue)
        finally:
            queue.purge()
            queue.delete()
            queue.exchange.delete()


def require_broker(broker_url: str) -> None:
    """Make sure that a broker answers.

    Raises:
        NoBroker: It does not.
    """
    with _connected(Celery("bench", broker=broker_url, set_as_current=False), broker_url):
        pass


def delete_driver_queues(broker_url: str, prefix: str, names: Sequence[str]) -> None:
    """Delete what our own driver declared under a prefix: a queue a name, the dead letters, both exchanges."""
    app = Celery(prefix, broker=broker_url, set_as_current=False)
    with _connected(app, broker_url) as connection:
        channel = connection.default_channel
        for name in (*names, "dead"):
            channel.queue_delete(f"{prefix}.{name}")
        for exchange in (prefix, f"{prefix}.dead"):
            channel.exchange_delete(exchange)


def work(spec: PeerSpec) -> int:
    """Run the worker until SIGTERM and return its exit code."""
    app = _make_app(spec)
    starts = StartTimes(Path(spec.starts), spec.size)

    @app.task(name=_TASK)  # type: ignore[untyped-decorator]
    def noop(number: int) -> None:
        starts.mark(number, time.monotonic())

    worker = app.Worker(
        hostname=f"{spec.queue}@%h",
        concurrency=PROCESSES,
        pool="prefork",
        queues=[spec.queue],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
        quiet=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


@contextmanager
def _connected(app: Celery, broker_url: str) -> Iterator[Any]:
    connection = app.connection_for_write()
    try:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=_CONNECT_SECONDS)
        except (OperationalError, OSError) as error:
            raise NoBroker(broker_url.rsplit("@", 1)[-1]) from error  # without the password
        yield connection
    finally:
        connection.release()


def _make_app(spec: PeerSpec) -> Celery:
    app = Celery(spec.queue, broker=spec.broker_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_delivery_mode="persistent",
        task_queues=[Queue(spec.queue, Exchange(spec.queue, type="direct"), routing_key=spec.queue, durable=True)],
        broker_transport_options={"confirm_publish": True},
        broker_connection_timeout=_CONNECT_SECONDS,
        broker_connection_retry_on_startup=True,
        worker_enable_remote_control=False,
        worker_prefetch_multiplier=_PREFETCH,
    )
    return app


if __name__ == "__main__":
    sys.exit(work(PeerSpec.parse(sys.argv[1:])))
