"""Jobs that are completed together stay apart in what they do and in how they end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from factories import make_queue
from kit.clock import Clock
from kit.db import Database, Session
from kit.jobs.errors import NotSent, Superseded
from kit.jobs.models import JobRow
from kit.jobs.repository import leasing
from kit.jobs.runner import ALL_QUEUES, Runner
from kit.jobs.schemas import Delivery, Effect, JobKind, JobRequest, JobState, Lease
from kit.settings import JobSettings

WORK = JobKind("work")
FOLLOW_UP = JobKind("follow_up")
SEND = JobKind("send")
LEASE = timedelta(seconds=30)


@pytest.fixture
def run_together(database: Database, clock: Clock) -> Callable[..., None]:
    """Enqueue a job a subject, and run them all as one batch."""

    def run(handlers: dict, *subjects: str, kinds: dict | None = None) -> None:
        queue, doorbell, _ = make_queue(clock)
        with database.transaction() as session:
            for subject in subjects:
                queue.enqueue(session, JobRequest((kinds or {}).get(subject, WORK), subject))
        runner = Runner(database, clock, doorbell, handlers, JobSettings(max_attempts=3))
        runner._batch = len(subjects)
        assert runner.run_some() == len(subjects)
        runner.close()

    return run


@pytest.fixture
def states(database: Database) -> Callable[[], dict[str, tuple[str, str]]]:
    def read() -> dict[str, tuple[str, str]]:
        with database.reading() as session:
            rows = session.scalars(select(JobRow).where(JobRow.kind != FOLLOW_UP.name))
            return {row.subject_id: (row.state, row.last_error) for row in rows}

    return read


def _follow_ups(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(JobRow.kind == FOLLOW_UP.name)) or 0


def _follow_up(clock: Clock, then: Exception | None = None) -> Callable[[Lease], Effect]:
    """Make a handler whose effect leaves a row behind, and may fail after that."""
    queue, _, _ = make_queue(clock)

    def handler(lease: Lease) -> Effect:
        def effect(session: Session) -> None:
            queue.enqueue(session, JobRequest(FOLLOW_UP, lease.subject_id))
            if then is not None and lease.subject_id == "broken":
                raise then

        return effect

    return handler


def test_an_effect_that_fails_leaves_nothing_and_takes_nobody_along(database, clock, run_together, states) -> None:
    run_together({WORK: _follow_up(clock, RuntimeError("no"))}, "a", "broken", "b")

    assert states() == {
        "a": (JobState.DONE, ""),
        "broken": (JobState.DUE, "RuntimeError: no"),
        "b": (JobState.DONE, ""),
    }
    assert _follow_ups(database) == 2


def test_a_job_whose_effect_failed_is_leased_again_when_its_pause_is_over(database, clock, run_together) -> None:
    run_together({WORK: _follow_up(clock, RuntimeError("no"))}, "a", "broken")
    clock.instant += timedelta(minutes=1)

    with database.transaction() as session:
        follow_up = leasing.lease_due(session, clock.now(), LEASE, ALL_QUEUES, 9)
        again = leasing.lease_due(session, clock.now(), LEASE, ALL_QUEUES, 9)

    assert [x.kind == WORK.name for x in follow_up] == [False]
    assert [(x.subject_id, x.attempt) for x in again] == [("broken", 2)]


def test_a_superseded_effect_is_done_and_leaves_nothing(database, clock, run_together, states) -> None:
    run_together({WORK: _follow_up(clock, Superseded())}, "a", "broken")

    assert states() == {"a": (JobState.DONE, ""), "broken": (JobState.DONE, "")}
    assert _follow_ups(database) == 1


def test_a_lease_lost_on_the_way_keeps_out_that_effect_alone(database, clock, run_together, states) -> None:
    queue, _, _ = make_queue(clock)
    follow_up = _follow_up(clock)

    def handler(lease: Lease) -> Effect:
        if lease.subject_id == "lost":  # somebody takes the job back while it computes
            with database.transaction() as session:
                queue.cancel(session, lease.job_id, "no longer wanted")
        return follow_up(lease)

    run_together({WORK: handler}, "a", "lost", "b")

    assert {subject: state for subject, (state, _) in states().items()} == {
        "a": JobState.DONE,
        "lost": JobState.CANCELLED,
        "b": JobState.DONE,
    }
    assert _follow_ups(database) == 2


def test_a_delivery_that_could_not_be_recorded_waits_for_a_person(clock, run_together, states) -> None:
    """P3: what left the house must not leave it again because the record of it could not be written."""

    def broken(_: Session) -> None:
        raise RuntimeError

    delivery = Delivery(prepare=lambda _: lambda: broken, deduplicates=False)

    run_together({WORK: _follow_up(clock), SEND: delivery}, "a", "mail", kinds={"mail": SEND})

    assert states()["mail"][0] == JobState.DELIVERY_UNKNOWN


def test_handlers_that_fail_do_not_touch_the_others(clock, run_together, states) -> None:
    def handler(lease: Lease) -> Effect:
        if lease.subject_id == "broken":
            raise NotSent("refused")
        return _follow_up(clock)(lease)

    run_together({WORK: handler}, "broken", "a")

    assert states()["broken"][0] == JobState.DUE
    assert states()["a"] == (JobState.DONE, "")


class TestFinishAll:
    def test_it_tells_which_leases_were_held(self, database, clock) -> None:
        queue, _, _ = make_queue(clock)
        with database.transaction() as session:
            for subject in ("a", "b", "c"):
                queue.enqueue(session, JobRequest(WORK, subject))
        with database.transaction() as session:
            a, b, c = leasing.lease_due(session, clock.now(), LEASE, ALL_QUEUES, 3)
            queue.cancel(session, b.job_id, "no longer wanted")
            stale = Lease(c.job_id, c.kind, c.subject_id, c.token - 1, c.attempt)

        with database.transaction() as session:
            held = leasing.finish_all(session, [a, b, stale], clock.now())

        assert held == {a}

    def test_nothing_is_no_statement(self, database, clock) -> None:
        with database.transaction() as session:
            assert leasing.finish_all(session, [], clock.now()) == set()


def test_a_job_that_failed_before_is_leased_alone(database, clock) -> None:
    """F04: a job that kills its worker must not use up the tries of those leased with it."""
    queue, _, _ = make_queue(clock)
    with database.transaction() as session:
        for subject in ("poison", "a", "b"):
            queue.enqueue(session, JobRequest(WORK, subject))
    with database.transaction() as session:
        assert len(leasing.lease_due(session, clock.now(), LEASE, ALL_QUEUES, 1)) == 1
    clock.instant += LEASE * 2
    with database.transaction() as session:
        leasing.release_expired(session, clock.now(), 5)

    with database.transaction() as session:
        first = leasing.lease_due(session, clock.now(), LEASE, ALL_QUEUES, 10)
        second = leasing.lease_due(session, clock.now(), LEASE, ALL_QUEUES, 10)

    assert sorted([len(first), len(second)]) == [1, 2]
    alone = first if len(first) == 1 else second
    assert [lease.subject_id for lease in alone] == ["poison"]
