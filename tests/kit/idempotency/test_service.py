"""Answers that are kept: the same one again, none twice, none too long."""

import threading
from datetime import timedelta

import pytest

from kit.crypto import PersonKey, Vault
from kit.db import Database
from kit.idempotency.errors import KeyInUse, KeyReused, KeyUnusable
from kit.idempotency.service import KEPT, AnswerKeeper, KeptAnswer, asked

ANSWER = KeptAnswer(201, '{"number": 1001, "title": "漏水"}', "customer-1", {"ETag": '"1001-1"'})


@pytest.fixture
def keeper(clock) -> AnswerKeeper:
    return AnswerKeeper(Vault(b"k" * 32), clock)


def _keep(database: Database, keeper: AnswerKeeper, *parts: str, scope: str = "wang:", key: str = "k-1") -> None:
    with database.transaction() as session:
        keeper.keep(session, asked(scope, key, *parts), ANSWER)


def _recall(database: Database, keeper: AnswerKeeper, *parts: str, scope: str = "wang:", key: str = "k-1"):
    with database.transaction() as session:
        return keeper.recall(session, asked(scope, key, *parts))


def test_the_same_request_gets_the_first_answer(database, keeper) -> None:
    _keep(database, keeper, "POST", "/x", "{}")

    assert _recall(database, keeper, "POST", "/x", "{}") == ANSWER


def test_the_same_key_of_another_person_is_another_key(database, keeper) -> None:
    _keep(database, keeper, "POST", "/x", "{}")

    assert _recall(database, keeper, "POST", "/x", "{}", scope="li:") is None


@pytest.mark.parametrize("parts", [("POST", "/x", '{"a": 1}'), ("PATCH", "/x", "{}"), ("POST", "/", "x{}")])
def test_the_same_key_for_something_else_is_refused(database, keeper, parts: tuple[str, ...]) -> None:
    _keep(database, keeper, "POST", "/x", "{}")

    with pytest.raises(KeyReused):
        _recall(database, keeper, *parts)


def test_an_answer_is_kept_for_a_day(database, keeper, clock) -> None:
    _keep(database, keeper, "POST")
    clock.instant += KEPT - timedelta(seconds=1)
    assert _recall(database, keeper, "POST") == ANSWER
    clock.instant += timedelta(seconds=1)

    assert _recall(database, keeper, "POST") is None
    _keep(database, keeper, "PATCH")  # the key is free again
    assert _recall(database, keeper, "PATCH") == ANSWER


def test_old_answers_are_deleted_and_no_others(database, keeper, clock) -> None:
    _keep(database, keeper, key="old")
    clock.instant += KEPT + timedelta(hours=1)
    _keep(database, keeper, key="new")

    with database.transaction() as session:
        assert keeper.forget(session) == 1
    assert _recall(database, keeper, key="new") == ANSWER


def test_an_erased_persons_answer_is_given_to_nobody(database, keeper) -> None:
    _keep(database, keeper)
    with database.transaction() as session:
        session.delete(session.get_one(PersonKey, "customer-1"))

    with pytest.raises(KeyReused):
        _recall(database, keeper)


def test_what_is_refused_in_the_middle_is_not_kept(database, keeper) -> None:
    def fail() -> None:
        with database.transaction() as session:
            keeper.keep(session, asked("wang:", "k-1"), ANSWER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert _recall(database, keeper) is None


def test_a_second_request_of_this_process_is_told_to_wait(keeper) -> None:
    with keeper.alone(asked("wang:", "k")):
        with pytest.raises(KeyInUse), keeper.alone(asked("wang:", "k")):
            pass
        with keeper.alone(asked("wang:", "other")), keeper.alone(asked("li:", "k")):
            pass
    with keeper.alone(asked("wang:", "k")):
        pass


@pytest.mark.parametrize("database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_second_request_of_another_process_is_told_to_wait(database, keeper, clock) -> None:
    """SQLite has one writer at a time: there the second one waits and gets the first answer."""
    begun, over, refused = threading.Event(), threading.Event(), []
    other = AnswerKeeper(Vault(b"k" * 32), clock)

    def first() -> None:
        with database.transaction() as session:
            assert other.recall(session, asked("wang:", "k")) is None
            begun.set()
            over.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait(10)
    try:
        _recall(database, keeper, key="k")
    except KeyInUse as error:
        refused.append(error)
    over.set()
    thread.join()

    assert [error.passing for error in refused] == [True]


@pytest.mark.parametrize("key", ["", "k" * 256, "键", "a\nb"])
def test_an_unusable_key_is_refused(key: str) -> None:
    with pytest.raises(KeyUnusable):
        asked("wang:", key)
