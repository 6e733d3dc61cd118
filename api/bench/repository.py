"""The SQL of benchmarks: a database of their own on a PostgreSQL server, and the naive twin of enqueueing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from api.bench.errors import NoPostgres, NotDurable
from kit.ids import new_id

_INSERT = """
    INSERT INTO jobs (id, kind, version, subject_id, queue, priority, serial_key, dedupe_key, state, attempts, token,
                      next_at, first_due_at, sending, last_error, note, created_at)
    VALUES (?, ?, 1, ?, 'fast', 0, '', '', 'due', 0, 0, ?, ?, '', '', '', ?)
"""


@contextmanager
def own_postgres_database(server_url: str, name: str) -> Iterator[str]:
    """Create a database, yield its URL, drop it at the end.

    Raises:
        NoPostgres: No server answers.
        NotDurable: It runs without fsync.
    """
    url = make_url(server_url)
    try:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            durable = [connection.exec_driver_sql(f"SHOW {it}").scalar() for it in ("fsync", "synchronous_commit")]
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    except (OperationalError, ModuleNotFoundError) as error:  # the driver is an extra of the install
        raise NoPostgres(url.host or "", url.port) from error
    try:
        if durable != ["on", "on"]:
            raise NotDurable
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        engine.dispose()


class NaiveInserts:
    """The same row into the same table, by nothing but the standard library: what the disk and SQLite alone allow.

    Args:
        path: A migrated SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")

    def insert(self, kind: str, subject_id: str) -> None:
        """Insert and commit one row."""
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ")
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(_INSERT, (new_id(), kind, subject_id, now, now, now))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
