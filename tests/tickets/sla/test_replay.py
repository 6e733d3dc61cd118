"""Recompute equals replay: whatever happened, running clocks under new rules stand as if those had always held."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from api.migrations.runner import migrate
from factories import Store, agent, incoming, make_store, make_ticket
from kit.db import Database
from kit.errors import JiedaiError
from tests.conftest import StandingClock
from tickets.lifecycle.schemas import Given, TicketAction
from tickets.sla.calendars import CALENDARS
from tickets.sla.counting import Pause, counted
from tickets.sla.keeping import ClockKeeper
from tickets.sla.policies import SERVICE_LEVELS
from tickets.sla.schemas import SlaClock
from tickets.sla.words import PAUSABLE, PauseReason
from tickets.words import Priority, Role, StaffRole, Stage

A = TicketAction
MINUTE = timedelta(minutes=1)
START = datetime(2026, 9, 18, 2, 0, tzinfo=UTC)  # a Friday; a make-up Sunday and the National Day week lie ahead
_STEPS: dict[str, tuple[TicketAction, Given]] = {
    "diagnose": (A.SET_STAGE, Given(stage=Stage.DIAGNOSING)),
    "parts": (A.SET_STAGE, Given(stage=Stage.AWAITING_PARTS)),
    "hold": (A.HOLD, Given(reason="等", pause=PauseReason.LOGISTICS)),
    "vendor": (A.ESCALATE, Given(reason="疑难", stage=Stage.VENDOR)),
    "resume": (A.RESUME, Given()),
    "resolve": (A.RESOLVE, Given(fix="好了")),
    "reopen": (A.REOPEN, Given(reason="没好")),
}


class Life:
    """A ticket to which things happen, each at its minute."""

    def __init__(self, store: Store, clock: StandingClock) -> None:
        self._store, self._clock = store, clock
        clock.instant = START
        with store.database.transaction() as session:
            ticket = make_ticket(store, session, Priority.P3)
        self.id, self.talk = ticket.summary.id, ticket.summary.conversation_id

    def happens(self, what: str) -> None:
        store = self._store
        with store.database.transaction() as session:
            if what in {"reply", "ask"}:
                store.conversations.say(session, self.talk, Role.AGENT, "您好", author="wang")
                store.work.note_reply(session, self.id, agent(), asks=what == "ask")
            elif what == "customer":
                store.conversations.receive(session, self.talk, incoming())
                store.work.customer_wrote(session, self.talk)
            elif what == "urgent":
                store.tickets.route(session, self.id, line=None, urgent=True)
            else:
                action, given = _STEPS[what]
                store.work.take(session, self.id, action, agent(), given)

    def clocks(self) -> list[SlaClock]:
        with self._store.database.reading() as session:
            return list(self._store.sla.status(session, self.id).clocks)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, StandingClock]]:
    """One house for all examples: each lives a ticket of its own, from the same instant on."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('replay') / 'test.db'}")
    migrate(database)
    clock = StandingClock()
    store = make_store(database, clock)
    with database.transaction() as session:
        store.staff.save(
            session, username="wang", name="王", role=StaffRole.AGENT, group_id="repair", password="a long password"
        )
    yield store, clock
    database.dispose()


RULES_CHANGE = st.builds(
    lambda policy, minutes, calendar: ("levels", policy, {"minutes": minutes, "calendar": calendar}),
    st.integers(0, 2),
    st.integers(1, 5_000),
    st.sampled_from(["standard", "24x7"]),
)
DAY_CHANGES = st.integers(18, 30).map(lambda day: ("calendar", 0, {"day": f"2026-09-{day}"}))
HAPPENS = st.tuples(
    st.sampled_from(["reply", "ask", "customer", "urgent", *_STEPS]), st.integers(1, 2_000), st.just({})
)


@given(st.lists(HAPPENS | HAPPENS | RULES_CHANGE | DAY_CHANGES, min_size=4, max_size=10))
@settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate])
def test_computing_anew_equals_living_it_again(
    house: tuple[Store, StandingClock], events: list[tuple[str, int, dict[str, Any]]]
) -> None:
    """And what was promised is counted exactly: never negative, and pausing and resuming conserves time."""
    store, clock = house
    _put(store, {}, {})
    life, history = Life(store, clock), []
    levels: dict[int, dict[str, Any]] = {}
    days: dict[str, Any] = {}
    for what, number, more in events:
        if what in {"levels", "calendar"}:
            levels, days = ({**levels, number: more}, days) if what == "levels" else (levels, more)
            _put(store, levels, days)
            with store.database.transaction() as session:
                assert store.sla.recompute(session) is None
        else:
            clock.instant += number * MINUTE
            try:
                life.happens(what)
            except JiedaiError:
                continue
            history.append((clock.instant, what))
        _counted_exactly(store, life)
    now, lived = clock.instant, list(_running(life))

    again = Life(store, clock)
    for at, what in history:
        clock.instant = at
        again.happens(what)
    clock.instant = now
    with store.database.transaction() as session:
        store.sla.recompute(session)

    assert list(_running(again)) == lived


def _put(store: Store, levels: dict[int, dict[str, Any]], day: dict[str, Any]) -> None:
    """Save the default rules with some changes."""
    raw = SERVICE_LEVELS.default().model_dump(mode="json", exclude_defaults=True)
    for policy, target in levels.items():
        raw["policies"][policy].update(resolve=target, next_response=target, stages={"diagnosing": target})
    calendars = CALENDARS.default().model_dump(mode="json")
    calendars["calendars"][0]["days"] = [day] if day else []
    with store.database.transaction() as session:
        store.sla.save_levels(session, raw, base_version=store.sla.levels(session).version, actor="gao")
        store.sla.save_calendars(session, calendars, base_version=store.sla.calendars(session).version, actor="gao")


def _running(life: Life) -> Iterator[tuple[object, ...]]:
    for clock in life.clocks():
        if clock.ended_at is None:
            yield clock.kind, clock.name, clock.started_at, clock.minutes, clock.due_at, clock.state


def _counted_exactly(store: Store, life: Life) -> None:
    with store.database.reading() as session:
        rules = ClockKeeper(store.books).rules(session)
        pauses = [Pause(p.since, p.until, p.reason) for p in store.sla.status(session, life.id).pauses]
        for found in store.sla.explanations(session, life.id):
            clock = found.clock
            assert found.due_at == clock.due_at
            if clock.ended_at is None and clock.due_at is not None:
                stops = pauses if clock.kind in PAUSABLE else []
                used = counted(rules.hours(clock.calendar), clock.started_at, clock.due_at, stops)
                assert used == clock.minutes * MINUTE
