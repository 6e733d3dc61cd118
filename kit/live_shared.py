"""Live signals between processes: worker processes publish, the web process hears it, over the database's own NOTIFY.

Where the database is away nothing is heard, and streams fall back to their poll.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from kit.db import Database, DatabaseUnavailable
from kit.live import LiveSignal

_log = structlog.get_logger(__name__)
_CHANNEL = "jiedai_live"
_SILENCE_SECONDS = 1.0
_PAUSE_SECONDS = 1.0


class SharedLiveSignal(LiveSignal):
    """A ``LiveSignal`` that reaches the other processes of the same PostgreSQL database.

    Args:
        database: Carries the signals; the first stream that listens opens a connection for them.
    """

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._me = f"{os.getpid()}:{id(self)}"
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def publish(self, key: str) -> None:
        """Wake whoever listens to ``key``, in every process."""
        super().publish(key)
        try:
            self._database.notify(_CHANNEL, f"{self._me} {key}")
        except DatabaseUnavailable:
            _log.warning("live.notify.failed")

    @contextmanager
    def listening(self, key: str, callback: Callable[[], object]) -> Iterator[None]:
        """Call ``callback`` on each signal of ``key`` while the block runs."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._hear_all, name="live-signals", daemon=True)
                self._thread.start()
        with super().listening(key, callback):
            yield

    def close(self) -> None:
        """Stop hearing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2 * _SILENCE_SECONDS)

    def _hear_all(self) -> None:
        while not self._stop.is_set():
            try:
                self._hear()
            except DatabaseUnavailable:
                self._stop.wait(_PAUSE_SECONDS)

    def _hear(self) -> None:
        for told in self._database.notifications(_CHANNEL, _SILENCE_SECONDS):
            if self._stop.is_set():
                return
            sender, _, key = told.partition(" ")
            if key and sender != self._me:
                super().publish(key)
