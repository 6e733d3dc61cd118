"""Fixtures every test may use: a migrated database, a clock that stands still, the ticket store's services.

Whatever asks for ``database`` runs twice: on SQLite and on PostgreSQL. Without a server the second half is skipped on
a user's machine and fails in CI.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, OperationalError

from api.migrations.runner import migrate
from api.tables import METADATA
from factories import Store, make_store
from kit.db import Database

POSTGRES_URL = os.environ.get("JIEDAI_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
_TEMPLATE = f"jiedai_template_{uuid4().hex[:12]}"  # one for each test process
_TABLES = METADATA.sorted_tables
_SCHEMA = """
    SELECT md5(string_agg(thing, ',' ORDER BY thing)) FROM (
        SELECT relname || relkind || relnatts FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT tgname || tgenabled FROM pg_trigger WHERE NOT tgisinternal
    ) AS every (thing)
"""
_empty: list[str] = []


class StandingClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, 10:00 in Shanghai

    def now(self) -> datetime:
        return self.instant


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command run in this process sends the logs to where its output goes, which is closed after it."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one file a process; a copy of it takes a hundredth of running the migrations again."""
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.dispose()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """A fresh database whose schema the migrations made."""
    if request.param == "postgres":
        with fresh_postgres() as database:
            yield database
        return
    shutil.copyfile(sqlite_template, tmp_path / "test.db")
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield database
    database.dispose()


@pytest.fixture
def store(database: Database, clock: StandingClock) -> Store:
    return make_store(database, clock)


@contextmanager
def fresh_postgres() -> Iterator[Database]:
    """Yield a migrated, empty database on the server; one that is left as it was found is emptied and used again."""
    if not _make_template():
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL server; in CI that is a failure")
        pytest.skip("no PostgreSQL server")
    name = _empty.pop() if _empty else _made()
    database = Database(_url(name))
    try:
        yield database
    finally:
        database.dispose()
        if _emptied(name):
            _empty.append(name)
        else:
            _statement(f'DROP DATABASE "{name}" WITH (FORCE)')


def _made() -> str:
    name = f"jiedai_test_{uuid4().hex[:12]}"
    _statement(f'CREATE DATABASE "{name}" TEMPLATE "{_TEMPLATE}"')
    return name


def _emptied(name: str) -> bool:
    """Delete every row, which takes a tenth of making a database; not where the test changed the schema or holds on."""
    engine = create_engine(_url(name))
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            if connection.exec_driver_sql(_SCHEMA).scalar_one() != _schema():
                return False
            seen = " UNION ALL ".join(f"SELECT '{t.name}' WHERE EXISTS (SELECT FROM {t.name})" for t in _TABLES)
            filled = set(connection.exec_driver_sql(seen).scalars())
            for table in (t.name for t in reversed(_TABLES) if t.name in filled):
                # The audit's own triggers refuse it otherwise.
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                connection.exec_driver_sql(f"DELETE FROM {table}")
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    except DBAPIError:
        return False
    finally:
        engine.dispose()
    return True


@cache
def _schema() -> str:
    engine = create_engine(_url(_TEMPLATE))
    try:
        with engine.connect() as connection:
            return str(connection.exec_driver_sql(_SCHEMA).scalar_one())
    finally:
        engine.dispose()


@cache
def _make_template() -> bool:
    """Migrate one database a process; copying it takes a tenth of running the migrations again."""
    try:
        _statement(f'CREATE DATABASE "{_TEMPLATE}"')
    except OperationalError:
        return False
    database = Database(_url(_TEMPLATE))
    migrate(database)
    database.dispose()
    return True


def pytest_sessionfinish() -> None:
    if _make_template.cache_info().currsize and _make_template():
        for name in _empty:
            _statement(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _statement(f'DROP DATABASE IF EXISTS "{_TEMPLATE}" WITH (FORCE)')


def _url(name: str) -> str:
    return POSTGRES_URL.rsplit("/", 1)[0] + f"/{name}"


def _statement(sql: str) -> None:
    engine = create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(sql)
    finally:
        engine.dispose()
