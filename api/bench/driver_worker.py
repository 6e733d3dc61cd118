"""The worker of our Celery driver with one small handler: ``python -m api.bench.driver_worker SPEC``."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from api.bench.embedded import NOOP
from api.wiring import make_doorbell, run_celery_worker
from kit.clock import SystemClock
from kit.db import Database, Session
from kit.jobs.ports import Doorbell, RunnerOf
from kit.jobs.queue import LocalDoorbell
from kit.jobs.runner import Runner
from kit.jobs.schemas import Effect, Lease, QueueName
from kit.logging import configure_logging
from kit.settings import JobDriver, JobSettings

PROCESSES = 2


@dataclass(frozen=True, slots=True)
class DriverSpec:
    """What the benchmark and its worker must agree on.

    Attributes:
        broker_url: RabbitMQ.
        prefix: Of the queues, this run's own.
        database_url: Where the jobs are.
        ready: Folder in which each worker process leaves a file once it is open.
    """

    broker_url: str
    prefix: str
    database_url: str
    ready: str

    def arguments(self) -> list[str]:
        """Return the spec as command-line arguments."""
        return [self.broker_url, self.prefix, self.database_url, self.ready]

    def settings(self) -> JobSettings:
        """Return the settings of the jobs."""
        return JobSettings(
            driver=JobDriver.CELERY,
            broker_url=SecretStr(self.broker_url),
            broker_prefix=self.prefix,
            processes=PROCESSES,
        )


def main(arguments: Sequence[str]) -> int:
    """Work until SIGTERM and return the exit code."""
    spec = DriverSpec(*arguments)
    configure_logging(as_json=False)
    settings = spec.settings()
    return run_celery_worker(settings, lambda: _open(spec, settings), tuple(QueueName), settings.processes)


@contextmanager
def _open(spec: DriverSpec, settings: JobSettings) -> Iterator[tuple[RunnerOf, Doorbell]]:
    database = Database(spec.database_url)
    doorbell = make_doorbell(settings, LocalDoorbell())
    runners = {
        queue: Runner(database, SystemClock(), doorbell, {NOOP: _noop}, settings, queues=(queue,))
        for queue in QueueName
    }
    (Path(spec.ready) / str(os.getpid())).touch()
    yield runners.__getitem__, doorbell
    for runner in runners.values():
        runner.close()
    doorbell.close()
    database.dispose()


def _noop(lease: Lease) -> Effect:  # noqa: ARG001 - a handler's signature
    return _nothing


def _nothing(_: Session) -> None:
    """Write nothing: the completion alone is measured."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
