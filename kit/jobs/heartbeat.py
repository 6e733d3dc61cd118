"""Keeps the leases of running jobs, so that slow work is not taken for dead work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from kit.clock import Clock
from kit.db import Database
from kit.jobs.repository import leasing
from kit.jobs.schemas import Lease

_log = structlog.get_logger(__name__)
_BEATS_A_LEASE = 4  # two may be late without losing it


class LeaseKeeper:
    """One thread that extends whatever leases are held; it starts with the first job that outlasts a beat.

    Args:
        database: Where the jobs are.
        clock: The time.
        length: Of a lease.
    """

    def __init__(self, database: Database, clock: Clock, length: timedelta) -> None:
        self._database, self._clock, self._length = database, clock, length
        self._lock = threading.Lock()
        self._held: set[Lease] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def holding(self, leases: list[Lease]) -> Iterator[None]:
        """Keep these leases while the block runs."""
        with self._lock:
            self._held.update(leases)
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="lease-keeper", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._held.difference_update(leases)

    def close(self) -> None:
        """End the thread."""
        self._stop.set()

    def _keep(self) -> None:
        while not self._stop.wait(self._length.total_seconds() / _BEATS_A_LEASE):
            with self._lock:
                held = sorted(self._held, key=lambda lease: lease.job_id)
            if not held:
                continue
            try:
                with self._database.transaction() as session:
                    leasing.extend(session, held, self._clock.now() + self._length)
            except Exception as error:  # noqa: BLE001 - the database may be away for a moment; the next beat tries again
                _log.warning("jobs.heartbeat.failed", error=type(error).__name__)
