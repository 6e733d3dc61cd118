"""What one process publishes, another hears; and its own streams hear it once."""

import threading

import pytest
from conftest import fresh_postgres

from kit.db import Database
from kit.live_shared import SharedLiveSignal

pytestmark = pytest.mark.postgres


def test_a_signal_reaches_another_process() -> None:
    with fresh_postgres() as database:
        here, there = SharedLiveSignal(database), SharedLiveSignal(database)
        heard = threading.Event()
        with there.listening("conversation:1", heard.set):
            assert _until_heard(here, "conversation:1", heard)
        here.close()
        there.close()


def test_a_lost_connection_is_made_again() -> None:
    with fresh_postgres() as database:
        here, there = SharedLiveSignal(database), SharedLiveSignal(database)
        heard = threading.Event()
        with there.listening("ticket:1", heard.set):
            assert _until_heard(here, "ticket:1", heard)
            _cut(database)
            heard.clear()
            assert _until_heard(here, "ticket:1", heard)
        here.close()
        there.close()


def test_a_database_that_is_away_does_not_fail_the_publisher() -> None:
    signal = SharedLiveSignal(Database("postgresql+psycopg://nobody@127.0.0.1:9/none"))
    called: list[str] = []

    with signal.listening("k", lambda: called.append("k")):
        signal.publish("k")

    assert called == ["k"]  # its own streams are woken all the same
    signal.close()


def _until_heard(signal: SharedLiveSignal, key: str, heard: threading.Event) -> bool:
    """Publish until it is heard: the listener's connection takes a moment."""
    for _ in range(100):
        signal.publish(key)
        if heard.wait(0.1):
            return True
    return False


def _cut(database: Database) -> None:
    from sqlalchemy import text

    with database.transaction() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = :name"
            ),
            {"name": database.url.database},
        )
