"""Rings over RabbitMQ. One thread publishes, with confirmation; whoever rings never waits for the broker."""

import heapq
import threading
import time
from datetime import timedelta
from typing import Any

import structlog
from celery import Celery

from kit.jobs.adapters.celery_app import RUN_TASK, broker_queue
from kit.jobs.schemas import QueueName

_log = structlog.get_logger(__name__)
_GRAIN_SECONDS = 0.02  # rings for one queue that are due this close together are one ring
_LATE_SECONDS = 0.002  # a hair after the row is due, so that it is found due
_CONFIRM_SECONDS = 5.0
_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0)


class CeleryDoorbell:
    """Publishes rings; a message names a queue, never a job: the row is the truth, and which job is next is its matter.

    Rings wait in memory, at most some per queue and instant; after an outage of the broker they go out at once.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, QueueName]] = []
        self._grains: set[tuple[int, QueueName]] = set()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._connection: Any = None
        self._producer: Any = None
        self._failures = 0

    def ring(self, queue: QueueName, delay: timedelta = timedelta()) -> None:
        """Wake a worker of a queue, now or after a while; never blocks and never fails."""
        due = time.monotonic() + (delay.total_seconds() + _LATE_SECONDS if delay else 0.0)
        grain = int(due / _GRAIN_SECONDS)
        with self._changed:
            if self._closed or (grain, queue) in self._grains:
                return
            self._grains.add((grain, queue))
            heapq.heappush(self._waiting, (due, grain, queue))
            if self._thread is None:
                self._thread = threading.Thread(target=self._publish_all, name="doorbell", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Publish what is due, then end; what is due later is the sweeper's."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(_CONFIRM_SECONDS)
        self._disconnect()

    def _publish_all(self) -> None:
        while True:
            queue = self._next()
            if queue is None:
                return
            try:
                self._publish(queue)
            except Exception as error:  # noqa: BLE001 - the broker is away; the rows wait, and so does this ring
                self._failed(queue, error)
            else:
                self._failures = 0

    def _next(self) -> QueueName | None:
        with self._changed:
            while True:
                wait = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    _, grain, queue = heapq.heappop(self._waiting)
                    self._grains.discard((grain, queue))
                    return queue
                if self._closed:
                    return None
                self._changed.wait(wait)

    def _publish(self, queue: QueueName) -> None:
        if self._producer is None:
            self._connection = self._app.connection_for_write()
            self._connection.ensure_connection(max_retries=1, interval_start=0)
            self._producer = self._app.amqp.Producer(self._connection, auto_declare=False)
        self._app.send_task(
            RUN_TASK,
            args=[str(queue)],
            queue=broker_queue(self._app, queue),
            producer=self._producer,
            ignore_result=True,
            confirm_timeout=_CONFIRM_SECONDS,
        )

    def _failed(self, queue: QueueName, error: Exception) -> None:
        if not self._failures:
            _log.warning("jobs.doorbell.unreachable", error=type(error).__name__)
        self._disconnect()
        pause = _PAUSES_SECONDS[min(self._failures, len(_PAUSES_SECONDS) - 1)]
        self._failures += 1
        if not self._closed:
            self.ring(queue, timedelta(seconds=pause))
            time.sleep(pause)

    def _disconnect(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            try:
                connection.release()
            except Exception as error:  # noqa: BLE001 - it is broken already
                _log.debug("jobs.doorbell.release", error=type(error).__name__)
