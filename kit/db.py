"""The database: engine, declarative base, column types, and the unit of work (one unit = one transaction).

Services take an open ``Session`` and flush; only the edge (a request, a job, a command) commits, by leaving
``Database.transaction``. SQLite runs in WAL mode with FULL durability, and a writing unit takes the write lock at its
start (BEGIN IMMEDIATE), so that it can never fail half way with "database is locked" after reading.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.exc import IntegrityError as Conflict
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

from kit.errors import ErrorKind, JiedaiError

__all__ = [
    "Base",
    "Conflict",
    "Database",
    "DatabaseUnavailable",
    "Session",
    "StaleDataError",
    "UtcDateTime",
    "after_commit",
    "available",
    "savepoint",
]

_WRITES = "jiedai_writes"
_CONNECT_TIMEOUT_SECONDS = 3
_STATEMENT_TIMEOUT_MS = 5_000  # a lock held for a minute becomes a clear "try again", not a hanging page (F08)
_POSTGRES_ARGUMENTS = {
    "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
    "options": f"-c statement_timeout={_STATEMENT_TIMEOUT_MS}",
}
_BUSY_TIMEOUT_MS = 15_000  # longer than any unit of work of ours; a shorter one turns load into errors


class DatabaseUnavailable(JiedaiError):
    """The database is away, overloaded or full: nothing was acknowledged, and asking again is safe."""

    kind = ErrorKind.UNAVAILABLE
    code = "database_unavailable"

    def __init__(self) -> None:
        super().__init__("系统暂时无法保存，请稍后重试", "The service cannot save right now; please try again shortly")


class Base(DeclarativeBase):
    """Base of every mapped class; the naming convention keeps migrations the same on all databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; refuses naive values, gives aware ones back (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - its API
        """Convert to UTC on the way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "naive datetime"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """An engine and its two kinds of unit of work."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine: Engine = create_engine(self.url, **_engine_options(self.url.get_backend_name()))
        if self.is_sqlite:
            event.listen(self.engine, "connect", _configure_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._read = sessionmaker(self.engine, expire_on_commit=False)
        self._write = sessionmaker(self.engine.execution_options(**{_WRITES: True}), expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a writing unit of work; commits when the block ends, rolls back when it raises.

        Yields:
            The session; callbacks given to ``after_commit`` run once the commit has returned.

        Raises:
            DatabaseUnavailable: The database is away, overloaded or full.
        """
        with available(), self._write() as session:
            with session.begin():
                yield session
            for callback in session.info.pop("after_commit", []):
                callback()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a reading unit of work; whatever it changed is thrown away.

        Raises:
            DatabaseUnavailable: The database is away or overloaded.
        """
        with available(), self._read() as session:
            yield session
            session.rollback()

    def notify(self, channel: str, payload: str) -> None:
        """Tell the other processes of this database something; for PostgreSQL. Nobody stores it.

        Raises:
            DatabaseUnavailable: The database is away.
        """
        with available(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})

    def notifications(self, channel: str, timeout_seconds: float) -> Iterator[str]:
        """Yield what processes of this database tell, an empty string whenever a while passes in silence.

        Args:
            channel: A plain word.
            timeout_seconds: Length of that while.

        Raises:
            DatabaseUnavailable: The database is away; listen again.
        """
        # A connection of its own for as long as it listens: neither pooled nor reset.
        engine = create_engine(
            self.url, poolclass=NullPool, pool_reset_on_return=None, connect_args=_POSTGRES_ARGUMENTS
        )
        try:
            with closing(engine.raw_connection()) as held:
                driver = held.driver_connection
                assert driver is not None
                driver.autocommit = True
                driver.execute(f'LISTEN "{channel}"')
                while True:
                    told = [note.payload for note in driver.notifies(timeout=timeout_seconds, stop_after=1)]
                    yield from told or ("",)
        except engine.dialect.loaded_dbapi.Error as error:  # below SQLAlchemy, the driver's own errors come through
            raise DatabaseUnavailable from error

    def dispose(self) -> None:
        """Close every pooled connection (call before a fork and at the end)."""
        self.engine.dispose()


@contextmanager
def available() -> Iterator[None]:
    """Turn whatever says that the database is away, overloaded or full into ``DatabaseUnavailable``."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolExhausted) as error:
        raise DatabaseUnavailable from error


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Run ``callback`` once the session's unit of work has committed; never if it rolls back."""
    session.info.setdefault("after_commit", []).append(callback)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Do a part of a unit of work that may fail by itself: its writes and its callbacks go, the rest stays."""
    callbacks = list(session.info.get("after_commit", ()))
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info["after_commit"] = callbacks
        raise


def _engine_options(backend: str) -> dict[str, Any]:
    # Parameters are personal data: they must not stand in an error's text, which ends up in a log (SE-06).
    common = {"pool_size": 20, "pool_timeout": _CONNECT_TIMEOUT_SECONDS, "hide_parameters": True}
    if backend == "sqlite":
        return {**common, "connect_args": {"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000}}
    return {**common, "pool_pre_ping": True, "connect_args": _POSTGRES_ARGUMENTS}


def _configure_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
    connection.isolation_level = None  # SQLAlchemy begins by itself; the driver must not
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
