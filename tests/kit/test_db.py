"""What a unit of work promises when the database does not."""

import threading

import pytest
from sqlalchemy import text

from kit.db import Database, DatabaseUnavailable, after_commit, savepoint

NOBODY = "postgresql+psycopg://nobody@127.0.0.1:9/none"  # the discard port: nothing listens there


def test_a_database_that_is_away_is_unavailable() -> None:
    """F07."""
    database = Database(NOBODY)

    with pytest.raises(DatabaseUnavailable), database.transaction() as session:
        session.execute(text("SELECT 1"))
    with pytest.raises(DatabaseUnavailable), database.reading() as session:
        session.execute(text("SELECT 1"))


def test_a_lock_that_is_held_ends_in_a_clear_answer(database: Database) -> None:
    """F08: five seconds on PostgreSQL, fifteen on SQLite, never a page that hangs."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction() as session:
            session.execute(text("UPDATE jobs SET note = ''" if database.is_sqlite else "LOCK TABLE jobs"))
            held.set()
            release.wait(40)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    try:
        with pytest.raises(DatabaseUnavailable), database.transaction() as session:
            session.execute(text("UPDATE jobs SET note = 'x'"))
    finally:
        release.set()
        holder.join()


def test_a_failed_part_takes_its_writes_and_callbacks_with_it(database: Database) -> None:
    called: list[str] = []

    with database.transaction() as session:
        session.execute(text("CREATE TABLE kept (word VARCHAR(9))"))
        after_commit(session, lambda: called.append("whole"))
        with pytest.raises(RuntimeError), savepoint(session):  # noqa: PT012 - the unit is the subject
            session.execute(text("INSERT INTO kept VALUES ('gone')"))
            after_commit(session, lambda: called.append("part"))
            raise RuntimeError
        session.execute(text("INSERT INTO kept VALUES ('stays')"))

    with database.reading() as session:
        assert session.scalars(text("SELECT word FROM kept")).all() == ["stays"]
    assert called == ["whole"]
