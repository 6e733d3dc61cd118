"""``jiedai worker`` and ``jiedai beat``: the processes that run the jobs where the driver is Celery."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import structlog
import typer

from api.cli.context import opened, require_server_database
from api.migrations.runner import migrate
from api.pipeline import ROUTINES, handlers
from api.upkeep import Upkeep
from api.wiring import make_doorbell, run_celery_worker
from kit.clock import SystemClock
from kit.db import Database
from kit.errors import ErrorKind, JiedaiError
from kit.jobs.ports import Doorbell, QueueRunner, RunnerOf
from kit.jobs.queue import LocalDoorbell
from kit.jobs.runner import Runner
from kit.jobs.schemas import QueueName
from kit.jobs.sweeper import Sweeper
from kit.logging import configure_logging
from kit.settings import JobDriver, Settings

_log = structlog.get_logger(__name__)
_DATABASE_PATIENCE_SECONDS = 1.0


class NotTheCeleryDriver(JiedaiError):
    """Worker processes have nothing to do where the service runs the jobs itself."""

    kind = ErrorKind.CONFLICT
    code = "not_the_celery_driver"

    def __init__(self) -> None:
        super().__init__(
            "当前由 jiedai serve 自己处理任务；要使用独立的工作进程，请设置 JIEDAI_JOBS__DRIVER=celery",
            "jiedai serve runs the jobs itself here; for worker processes set JIEDAI_JOBS__DRIVER=celery",
        )


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def worker(
        queue: Annotated[list[QueueName] | None, typer.Option(help="Consume only this; may be repeated.")] = None,
        processes: Annotated[int | None, typer.Option(min=1, help="Pool size; default: jobs.processes.")] = None,
    ) -> None:
        """Run jobs in processes of their own, woken over RabbitMQ; SIGTERM lets running jobs finish."""
        settings = _celery_settings()
        queues = tuple(queue or QueueName)
        code = run_celery_worker(
            settings.jobs, lambda: _runners(settings), queues, processes or settings.jobs.processes
        )
        raise typer.Exit(code)

    @app.command()
    def beat() -> None:
        """Sweep the job table: take back dead workers' jobs, ring for what is overdue, plant heartbeats."""
        settings = _celery_settings()
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        database = Database(settings.resolved_database_url())
        doorbell = make_doorbell(settings.jobs, LocalDoorbell())
        try:
            sweeper = Sweeper(database, SystemClock(), doorbell, settings.jobs, ROUTINES)
            _sweep(sweeper, database, settings, stop)
        finally:
            doorbell.close()
            database.dispose()


def _celery_settings() -> Settings:
    settings = Settings()
    if settings.jobs.driver is not JobDriver.CELERY:
        raise NotTheCeleryDriver
    require_server_database(settings)
    configure_logging(as_json=settings.log_json)
    return settings


@contextmanager
def _runners(settings: Settings) -> Iterator[tuple[RunnerOf, Doorbell]]:
    with opened(settings=settings) as services:
        table = handlers(services)
        runners = {
            name: Runner(services.database, services.clock, services.doorbell, table, settings.jobs, queues=(name,))
            for name in QueueName
        }
        upkeep = Upkeep(services)

        def runner_of(queue: QueueName) -> QueueRunner:
            upkeep.when_due()
            return runners[queue]

        yield runner_of, services.doorbell
        for runner in runners.values():
            runner.close()


def _sweep(sweeper: Sweeper, database: Database, settings: Settings, stop: threading.Event) -> None:
    ready = False
    while not stop.is_set():
        try:
            if not ready:
                migrate(database)
                ready = True
                _log.info("jobs.beat.ready")
            sweeper.sweep()
        except Exception as error:  # noqa: BLE001 - the database may be away for a moment; sweeping must go on
            _log.warning("jobs.sweeper.failed", error=type(error).__name__)
            stop.wait(_DATABASE_PATIENCE_SECONDS)
        stop.wait(settings.jobs.sweep_interval.total_seconds())
