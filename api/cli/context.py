"""What every command begins with."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import structlog

from api.migrations.runner import migrate
from api.pipeline import listeners
from api.wiring import Ports, Services, build
from kit.db import Database, DatabaseUnavailable
from kit.errors import ErrorKind, JiedaiError
from kit.jobs.errors import ServerDatabaseRequired
from kit.logging import configure_logging
from kit.settings import JobDriver, Settings

_log = structlog.get_logger(__name__)
_DATABASE_PATIENCE_SECONDS = 60.0
_MAX_PLACES = 64
_MIN_FREE_BYTES = 200_000_000  # index, encodings and a day of pictures


class DataFolderBusy(JiedaiError):
    """Another process owns the data folder."""

    kind = ErrorKind.CONFLICT
    code = "data_folder_busy"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"数据目录 {folder} 正被另一个进程使用，请先停止它，或设置 JIEDAI_DATA_DIR 使用其他目录",
            f"The data folder {folder} is in use by another process: stop it, or set JIEDAI_DATA_DIR to another one",
        )


class NoSpace(JiedaiError):
    """The disk is nearly full."""

    kind = ErrorKind.UNAVAILABLE
    code = "no_space"

    def __init__(self, folder: Path, free_bytes: int) -> None:
        free = f"{free_bytes // 1_000_000} MB"
        super().__init__(
            f"磁盘空间不足：{folder} 只剩 {free}，至少需要 200 MB",
            f"Not enough space: {folder} has {free} left, 200 MB are needed",
        )


@contextmanager
def opened(ports: Ports | None = None, settings: Settings | None = None) -> Iterator[Services]:
    """Build the services on the configured data folder.

    With the embedded driver this process owns the folder alone while the block runs; with the celery driver it takes
    the next free place beside the other processes.

    Raises:
        DataFolderBusy: Another process owns the folder, or every place in it is taken.
        NoSpace: The disk is nearly full.
        DatabaseUnavailable: A database server did not answer for a minute.
        ServerDatabaseRequired: Several processes, but SQLite.
    """
    settings = settings or Settings()
    configure_logging(as_json=settings.log_json)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    if free < _MIN_FREE_BYTES:
        raise NoSpace(settings.data_dir, free)
    require_server_database(settings)
    shared = settings.jobs.driver is JobDriver.CELERY
    with _place(settings.data_dir, _MAX_PLACES if shared else 1) as place:
        services = build(settings, listeners(_quiet(settings)), ports, place=place)
        try:
            _migrate_when_there(services.database)
            yield services
        finally:
            services.close()


@contextmanager
def owned(settings: Settings) -> Iterator[None]:
    """Hold the data folder, so that no service of this machine writes to it meanwhile.

    Raises:
        DataFolderBusy: A process owns it.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with _place(settings.data_dir, 1):
        yield


def require_server_database(settings: Settings) -> None:
    """Refuse several processes on SQLite, before any of them starts.

    Raises:
        ServerDatabaseRequired: The celery driver, but SQLite.
    """
    if settings.jobs.driver is JobDriver.CELERY and settings.resolved_database_url().startswith("sqlite"):
        raise ServerDatabaseRequired


def _migrate_when_there(database: Database) -> None:
    """Migrate; a server that is still starting is waited for, so that the order of starting does not matter."""
    end = time.monotonic() + (0 if database.is_sqlite else _DATABASE_PATIENCE_SECONDS)
    while True:
        try:
            return migrate(database)
        except DatabaseUnavailable:
            if time.monotonic() > end:
                raise
            _log.warning("database.awaited")
            time.sleep(1.0)


@contextmanager
def _place(folder: Path, places: int) -> Iterator[int]:
    """Take the first free place in a data folder; a lock file each, let go by the system however the process ends."""
    for place in range(places):
        lock = (folder / (f"owner-{place}.lock" if place else "owner.lock")).open("a+", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        with lock:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield place
        return
    raise DataFolderBusy(folder)


def _quiet(settings: Settings) -> timedelta:
    return timedelta(milliseconds=settings.intake.quiet_window_ms)
