"""What a unit of work promises when the database does not."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from kit.db import Database, DatabaseUnavailable, after_commit, savepoint

_TAKE = text("UPDATE pairs SET by_whom = :who WHERE name = :row")
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


def test_more_at_once_than_there_are_connections_is_told_not_kept_waiting(database: Database) -> None:
    """F08: whoever comes after the last connection hears within seconds; those before are served."""
    with pytest.raises(DatabaseUnavailable), ExitStack() as held:  # noqa: PT012 - how many there are is not said here
        for _ in range(60):
            held.enter_context(database.reading()).execute(text("SELECT 1"))

    with database.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_of_two_that_wait_for_each_other_one_is_told_and_the_other_goes_through(database: Database) -> None:
    """F08: a deadlock is the server's to find; nothing of the loser is kept, and asking again is safe."""
    if database.is_sqlite:
        pytest.skip("one writer at a time: nobody waits for another's row")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE pairs (name VARCHAR(1) PRIMARY KEY, by_whom VARCHAR(9))"))
        session.execute(text("INSERT INTO pairs VALUES ('a', ''), ('b', '')"))
    both_hold_one = threading.Barrier(2)

    def cross(name: str, order: str) -> str:
        try:
            with database.transaction() as session:
                for turn, row in enumerate(order):
                    session.execute(
                        text("UPDATE pairs SET by_whom = :who WHERE name = :row"), {"who": name, "row": row}
                    )
                    if not turn:
                        both_hold_one.wait(10)
        except DatabaseUnavailable:
            return "told"
        return name

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(cross, ("left", "right"), ("ab", "ba")))

    winner = next(name for name in ended if name != "told")
    assert ended.count("told") == 1
    with database.reading() as session:
        assert session.scalars(text("SELECT by_whom FROM pairs")).all() == [winner, winner]
