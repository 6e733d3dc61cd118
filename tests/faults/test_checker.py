"""The checker sees each kind of offence, planted by hand, and nothing in a history where all went well."""

from dataclasses import replace
from pathlib import Path

import pytest
from faults.checker import judge
from faults.history import History, Seen, read
from faults.store import Store, StoredConversation, StoredDelivery, StoredJob, StoredMessage, StoredStep, StoredTicket

HISTORY = (
    Seen("opened", "c1"),
    Seen("tried", "c1", "m1"),
    Seen("acknowledged", "c1", "m1", "id1", 1),
    Seen("tried", "c1", "m2"),
    Seen("acknowledged", "c1", "m2", "id2", 2),
    Seen("acknowledged", "c1", "m2", "id2", 2),  # the first acknowledgement never arrived
    Seen("tried", "c1", "m3"),  # given up
    Seen("confirmed", "c1", "case1", number=10001),
    Seen("told", "t1", "ticket.created", "msg_d1"),
    Seen("told", "t1", "ticket.created", "msg_d1"),  # the record of the first arrival was lost
)
STORE = Store(
    conversations=(StoredConversation("c1", "bot", customer_seq=2, understood_seq=2),),
    messages=(
        StoredMessage("id1", "c1", 1, "customer", "c1:m1", unit=1, at=10.0),
        StoredMessage("id2", "c1", 2, "customer", "c1:m2", unit=2, at=11.0),
        StoredMessage("b1", "c1", 3, "bot", "b1", unit=3, at=12.0),
        StoredMessage("b2", "c1", 4, "bot", "b2", kind="card", unit=3, at=12.0),
        StoredMessage("b3", "c1", 5, "bot", "b3", kind="filed", unit=4, at=13.0),
    ),
    tickets=(StoredTicket("t1", 10001, "case1", "c1"),),
    steps=(
        StoredStep("filed", "t1", 13.0),
        StoredStep("prediction", "t1", 14.0),
        StoredStep("classified", "t1", 14.0),
        StoredStep("routed", "t1", 15.0),
        StoredStep("suggestion", "t1", 16.1),
        StoredStep("suggestion", "t1", 18.1),
    ),
    jobs=(
        StoredJob("j1", "intake.understand", "c1", "done", done_at=12.0),
        StoredJob("j2", "copilot.suggest", "t1", "done", done_at=16.0),
        StoredJob("j3", "copilot.suggest_on", "c1", "done", done_at=18.0),
        StoredJob("j4", "jobs.heartbeat", "fast", "due"),
    ),
    deliveries=(StoredDelivery("d1", "ticket.created", "delivered", "t1"),),
)


def _with(name: str, index: int, **values: object) -> Store:
    """The good store, with one row changed."""
    rows = list(getattr(STORE, name))
    rows[index] = replace(rows[index], **values)
    return replace(STORE, **{name: tuple(rows)})


def _without(name: str, index: int) -> Store:
    rows = getattr(STORE, name)
    return replace(STORE, **{name: rows[:index] + rows[index + 1 :]})


def _and(name: str, *more: object) -> Store:
    return replace(STORE, **{name: (*getattr(STORE, name), *more)})


def test_a_good_history_is_clean() -> None:
    verdict = judge(HISTORY, STORE)

    assert verdict.clean, str(verdict)
    assert (verdict.acknowledged, verdict.maybe) == (2, 1)


@pytest.mark.parametrize(
    ("store", "sentence"),
    [
        (_without("messages", 1), "c1 m2: no row id2"),
        (_with("messages", 1, seq=3), "c1 m2: row id2 is message c1:m2 at 3, not at 2"),
        (_with("messages", 1, external_id="c1:m9"), "c1 m2: row id2 is message c1:m9 at 2, not at 2"),
        (_with("conversations", 0, understood_seq=1), "c1 m2: understood up to 1 of 2"),
        (_with("jobs", 0, done_at=10.5), "c1 m2: no intake.understand was done after it"),
        (_with("jobs", 0, state="cancelled"), "c1 m1: no intake.understand was done after it"),
        (replace(STORE, messages=STORE.messages[:2]), "c1: nothing was said after message 2"),
        (_without("tickets", 0), "c1 case1: ticket 10001 was acknowledged and is not there"),
        (_without("steps", 1), "ticket 10001: never prediction"),
        (replace(STORE, steps=STORE.steps[:4]), "ticket 10001: never suggestion"),
        (_without("deliveries", 0), "ticket 10001: nobody was told of it"),
        (_with("deliveries", 0, state="pending"), "webhook d1 ticket.created: pending"),
        (_with("deliveries", 0, id="d2"), "webhook d2 ticket.created: never arrived"),
    ],
)
def test_a_planted_loss_is_seen(store: Store, sentence: str) -> None:
    verdict = judge(HISTORY, store)

    assert sentence in verdict.lost
    assert not verdict.clean


@pytest.mark.parametrize(
    ("store", "sentence"),
    [
        (_and("messages", StoredMessage("id9", "c1", 6, "customer", "c1:m2")), "c1: 2 rows of c1:m2"),
        (
            _and("messages", StoredMessage("id9", "c1", 6, "customer", "c1:m8")),
            "c1: a row of c1:m8, which nobody sent",
        ),
        (_with("messages", 3, unit=5), "c1: answered again at 4"),
        (_and("tickets", StoredTicket("t2", 10002, "case1", "c1")), "case case1: 2 tickets"),
        (_and("tickets", StoredTicket("t2", 10001, "case2", "c1")), "number 10001: 2 tickets"),
        (
            _and("messages", StoredMessage("b4", "c1", 6, "bot", "b4", kind="filed", unit=6)),
            "c1: 2 announcements of 1 tickets",
        ),
        (_and("steps", StoredStep("prediction", "t1", 14.5)), "ticket 10001: prediction 2 times"),
        (_and("steps", StoredStep("routed", "t1", 15.1)), "ticket 10001: routed 2 times"),
        (_with("steps", 5, at=16.2), "ticket 10001: a suggestion of 16.200 beyond its causes"),
        (_with("jobs", 1, done_at=17.0), "ticket 10001: a suggestion of 16.100 beyond its causes"),
        (_with("jobs", 2, state="dead"), "ticket 10001: a suggestion of 18.100 beyond its causes"),
    ],
)
def test_a_planted_double_is_seen(store: Store, sentence: str) -> None:
    verdict = judge(HISTORY, store)

    assert sentence in verdict.doubled
    assert not verdict.clean


def test_a_ticket_told_under_two_ids_is_a_double() -> None:
    """P3: the receiver can only drop what comes under the same id."""
    verdict = judge((*HISTORY, Seen("told", "t1", "ticket.created", "msg_d2")), STORE)

    assert "ticket t1: told under 2 ids" in verdict.doubled


def test_a_wrong_signature_is_a_loss() -> None:
    verdict = judge((*HISTORY, Seen("forged", "t1", "ticket.created", "msg_d1")), STORE)

    assert "webhook msg_d1: its signature is wrong" in verdict.lost


def test_one_client_id_acknowledged_as_two_messages_is_a_double() -> None:
    verdict = judge((*HISTORY, Seen("acknowledged", "c1", "m1", "id2", 2)), STORE)

    assert "c1 m1: acknowledged as ['id1', 'id2']" in verdict.doubled


def test_a_case_confirmed_under_two_numbers_is_a_double() -> None:
    verdict = judge((*HISTORY, Seen("confirmed", "c1", "case1", number=10002)), STORE)

    assert "confirmed case case1: 2 tickets" in verdict.doubled


@pytest.mark.parametrize("state", ["due", "leased", "dead", "delivery_unknown"])
def test_a_job_that_is_not_over_is_stuck(state: str) -> None:
    verdict = judge(HISTORY, _and("jobs", StoredJob("j9", "tickets.route", "t1", state, attempts=2, last_error="x")))

    assert verdict.stuck == (f"job j9 tickets.route of t1 is {state} after 2: x",)
    assert not verdict.clean


def test_people_answer_where_the_bot_is_silent() -> None:
    handed_over = replace(_with("conversations", 0, handler="agent"), messages=STORE.messages[:2])

    assert "c1: nothing was said after message 2" not in judge(HISTORY, handed_over).lost


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    for seen in HISTORY:
        history.note(seen)
    history.close()

    assert history.acknowledged == 3
    assert read(history.path.read_text().splitlines()) == list(HISTORY)
