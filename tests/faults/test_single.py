"""One fault at a time, on the servers' side (P3, P4, P6; F05 to F08)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from faults.campaign import settle
from faults.figures import tell_seconds
from faults.house import House
from faults.probe import PATIENCE_SECONDS, Talk, open_talk, ready
from kombu import Connection

SERVING_SECONDS = 15.0
ALL_DUE_SECONDS = 60.0
ACKNOWLEDGED_SECONDS = 5.0  # the strictest platform's limit; the API never waits for the broker


class TestBroker:
    """F05, P3, P4: the broker is a doorbell; without it work waits and nothing else."""

    def test_after_a_restart_a_new_message_is_worked_on(self, house: House) -> None:
        talk = open_talk(house)
        house.servers.rabbitmq.kill()
        house.servers.rabbitmq.start()
        house.servers.rabbitmq.wait_ready()
        begun = time.monotonic()

        assert talk.send().is_success
        talk.wait_understood(PATIENCE_SECONDS)

        seconds = time.monotonic() - begun
        tell_seconds("broker back, new message understood", seconds)
        assert seconds <= SERVING_SECONDS

    @pytest.mark.parametrize("emptied", [False, True], ids=["kept", "emptied"])
    def test_messages_are_acknowledged_without_it_and_worked_on_after(self, house: House, *, emptied: bool) -> None:
        house.servers.rabbitmq.kill()
        if emptied:
            house.servers.rabbitmq.wipe()
        talks = [open_talk(house) for _ in range(10)]
        waits = [_seconds_of(talk) for talk in talks for _ in range(3)]
        tell_seconds("slowest of 30 acknowledgements without a broker", max(waits))
        house.servers.rabbitmq.start()
        house.servers.rabbitmq.wait_ready()

        seconds = settle(house, time.monotonic())

        tell_seconds(f"broker back ({'emptied' if emptied else 'kept'}), all due rows done", seconds)
        assert max(waits) <= ACKNOWLEDGED_SECONDS
        assert seconds <= ALL_DUE_SECONDS
        assert all(talk.wait_understood(1.0) <= 1.0 for talk in talks)

    def test_messages_nobody_can_read_do_not_stop_the_queue(self, house: House) -> None:
        """A40: a pickle, an unknown task and garbage are set aside; the next message is worked on."""
        parent = house.worker.pid
        _publish_poison(house)
        begun = time.monotonic()

        talk = open_talk(house)
        assert talk.send().is_success
        talk.wait_understood(PATIENCE_SECONDS)

        seconds = time.monotonic() - begun
        tell_seconds("after unreadable broker messages, new message understood", seconds)
        assert seconds <= SERVING_SECONDS
        assert house.worker.alive
        assert house.worker.pid == parent


class TestDatabase:
    """F07, P6: without the database nothing is acknowledged; with it again, all is well by itself."""

    @pytest.mark.parametrize("how", ["stopped", "killed"])
    def test_while_it_is_away_503_and_after_that_the_same_message(self, house: House, how: str) -> None:
        talk = open_talk(house)
        database = house.servers.postgres
        (database.stop_immediate if how == "stopped" else database.kill)()
        refused = talk.send("message-late")
        red = ready(house)
        database.start()
        database.wait_ready()
        begun = time.monotonic()

        talk.send_until_acknowledged("message-late")
        acknowledged = time.monotonic() - begun
        talk.wait_understood(PATIENCE_SECONDS)
        seconds = time.monotonic() - begun

        tell_seconds(f"database {how} and back, message acknowledged", acknowledged)
        tell_seconds(f"database {how} and back, message understood", seconds)
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert int(refused.headers["retry-after"]) > 0
        assert red.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert seconds <= SERVING_SECONDS
        assert len(talk.rows()) == 1

    def test_a_lock_that_is_held_long_gives_503_and_not_a_hang(self, house: House) -> None:
        """F08: the statement gives up; nothing is acknowledged, and the same message goes through afterwards."""
        talk = open_talk(house)
        with _locked(house, talk):
            begun = time.monotonic()
            refused = talk.send("message-late")
            seconds = time.monotonic() - begun

        tell_seconds("conversation locked, refused", seconds)
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert int(refused.headers["retry-after"]) > 0
        assert talk.send("message-late").is_success
        assert len(talk.rows()) == 1


class TestRedis:
    """F06: what exists today needs no Redis."""

    def test_chat_works_without_it(self, house: House) -> None:
        house.servers.redis.kill()

        talk = open_talk(house)

        assert talk.send().is_success
        assert talk.wait_understood(SERVING_SECONDS) <= SERVING_SECONDS


def _seconds_of(talk: Talk) -> float:
    begun = time.monotonic()
    assert talk.send().is_success
    return time.monotonic() - begun


@contextmanager
def _locked(house: House, talk: Talk) -> Iterator[None]:
    """Hold a conversation's row, as a migration or a person at a console might."""
    with (
        house.servers.postgres.connect(house.site.database) as connection,
        connection.transaction(),
    ):
        connection.execute("SELECT 1 FROM conversations WHERE id = %s FOR UPDATE", [talk.id])
        yield


def _publish_poison(house: House) -> None:
    unknown = {"lang": "py", "task": "jiedai.no.such.task", "id": "00000000-0000-4000-8000-000000000000"}
    pickled, json = "application/x-python-serialize", "application/json"
    unreadable = [
        (b"\x80\x04]\x94.", pickled, {}),
        (b"[[], {}, {}]", json, unknown),
        (b'{"garbage":', json, {}),
        (b'"words"', json, {}),
    ]
    with Connection(house.servers.rabbitmq.url) as connection:
        producer = connection.Producer()
        for queue in ("jiedai.fast", "jiedai.model"):
            for body, content_type, headers in unreadable:
                producer.publish(
                    body, routing_key=queue, headers=headers, content_type=content_type, content_encoding="utf-8"
                )
