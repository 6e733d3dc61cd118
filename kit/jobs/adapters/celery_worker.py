"""A Celery worker whose only task is: look into the job table."""

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import structlog
from celery import Celery, signals

from kit.jobs.adapters.celery_app import RUN_TASK, broker_queue, dead_letters
from kit.jobs.ports import Doorbell, OpenRunners, RunnerOf
from kit.jobs.schemas import QueueName

_log = structlog.get_logger(__name__)
_TURN_SECONDS = 1.0  # then the other queues' rings have their turn


class _Child:
    """What one worker process holds; opened by its first ring, after the fork: the encoder hangs when forked in use."""

    def __init__(self, open_runners: OpenRunners) -> None:
        self._open = open_runners
        self._stack = ExitStack()
        self._held: tuple[RunnerOf, Doorbell] | None = None

    def run(self, queue: QueueName) -> None:
        """Run what is due in a queue; for longer than a turn: ring for the rest and make room."""
        try:
            if self._held is None:
                self._held = self._stack.enter_context(self._open())
            runner_of, doorbell = self._held
            runner = runner_of(queue)
            end = time.monotonic() + _TURN_SECONDS
            while runner.run_some():
                if time.monotonic() > end:
                    doorbell.ring(queue)
                    return
        except Exception as error:  # noqa: BLE001 - the database is away: the rows wait and the sweeper rings again
            _log.warning("jobs.worker.failed", queue=queue, error=type(error).__name__, exc_info=error)

    def close(self) -> None:
        """Let go of everything."""
        self._stack.close()


def run_worker(
    app: Celery,
    open_runners: OpenRunners,
    queues: Sequence[QueueName],
    processes: int,
) -> int:
    """Work until SIGTERM; running jobs are finished, then the processes end.

    Args:
        app: From ``make_celery``.
        open_runners: Called in each worker process.
        queues: Which queues to consume.
        processes: Pool size.

    Returns:
        The exit code.
    """
    child = _Child(open_runners)
    signals.worker_process_shutdown.connect(lambda **_: child.close(), weak=False)
    signals.setup_logging.connect(lambda **_: None, weak=False)  # ours is configured already

    @app.task(name=RUN_TASK)  # type: ignore[untyped-decorator]
    def run(queue: str) -> None:
        child.run(QueueName(queue))

    worker = app.Worker(
        hostname=f"{app.main}-{os.getpid()}@%h",
        concurrency=processes,
        pool="prefork",
        queues=[broker_queue(app, queue) for queue in queues],
        optimization="fair",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
        quiet=True,
    )
    signals.worker_ready.connect(_ready, weak=False)
    worker.start()
    return int(worker.exitcode or 0)


def _ready(sender: Any, **_: object) -> None:  # noqa: ANN401 - Celery has no types
    with sender.app.connection_for_write() as connection:
        dead_letters(sender.app).bind(connection.default_channel).declare()
    _log.info("jobs.worker.ready", pid=os.getpid())
