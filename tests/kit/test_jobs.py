import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from factories import make_queue
from kit.clock import Clock
from kit.db import Database, Session
from kit.jobs.errors import Superseded
from kit.jobs.models import JobRow
from kit.jobs.repository import leasing
from kit.jobs.runner import ALL_QUEUES
from kit.jobs.schemas import Effect, JobKind, JobRequest, JobState, Lease, QueueName
from kit.jobs.worker import Worker
from kit.settings import JobSettings

WORK = JobKind("work")


def _settings(**over: object) -> JobSettings:
    return JobSettings.model_validate({"lease": timedelta(seconds=30), "max_attempts": 3, **over})


def _states(database: Database) -> list[tuple[str, str, int]]:
    with database.reading() as session:
        rows = session.scalars(select(JobRow).order_by(JobRow.id))
        return [(r.subject_id, r.state, r.attempts) for r in rows]


class Recorder:
    """A handler that remembers what it ran and whose effect leaves a mark in the database."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.effects: list[str] = []
        self.error: Exception | None = None

    def __call__(self, lease: Lease) -> Effect:
        self.ran.append(lease.subject_id)
        if self.error is not None:
            raise self.error

        def effect(session: Session) -> None:
            self.effects.append(lease.subject_id)

        return effect


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def worker(database: Database, clock: Clock, recorder: Recorder) -> Worker:
    _, doorbell, _ = make_queue(clock)
    return Worker(database, clock, doorbell, {WORK: recorder}, _settings())


def _enqueue(database: Database, clock: Clock, *requests: JobRequest) -> None:
    queue, _, _ = make_queue(clock)
    for request in requests:
        with database.transaction() as session:
            queue.enqueue(session, request)


def test_a_job_rolled_back_with_its_transaction_never_runs(database, clock, worker, recorder) -> None:
    queue, _, _ = make_queue(clock)

    with pytest.raises(RuntimeError), database.transaction() as session:  # noqa: PT012 - the unit is the subject
        queue.enqueue(session, JobRequest(WORK, "s1"))
        raise RuntimeError

    assert worker.drain() == 0
    assert recorder.ran == []


def test_a_due_job_runs_once_and_is_done(database, clock, worker, recorder) -> None:
    _enqueue(database, clock, JobRequest(WORK, "s1"))

    assert worker.drain() == 1

    assert recorder.effects == ["s1"]
    assert _states(database) == [("s1", JobState.DONE, 1)]
    assert worker.drain() == 0


def test_a_burst_under_one_dedupe_key_is_one_later_job(database, clock, worker, recorder) -> None:
    """CH-16: several short messages are one turn."""
    request = JobRequest(WORK, "s1", dedupe_key="k", delay=timedelta(milliseconds=800))
    _enqueue(database, clock, request)
    clock.instant += timedelta(milliseconds=500)
    _enqueue(database, clock, request)
    clock.instant += timedelta(milliseconds=500)

    assert worker.drain() == 0  # the second message moved the time

    clock.instant += timedelta(milliseconds=400)
    assert worker.drain() == 1
    assert recorder.ran == ["s1"]


def test_a_burst_cannot_put_its_job_off_for_ever(database, clock, worker) -> None:
    request = JobRequest(WORK, "s1", dedupe_key="k", delay=timedelta(seconds=1))
    for _ in range(20):
        _enqueue(database, clock, request)
        clock.instant += timedelta(milliseconds=500)

    assert worker.drain() == 1


def test_news_during_a_run_gets_a_job_of_its_own(database, clock, recorder) -> None:
    _, doorbell, _ = make_queue(clock)

    def handler(lease: Lease) -> Effect:
        if not recorder.ran:
            _enqueue(database, clock, JobRequest(WORK, "s1", dedupe_key="k"))
        return recorder(lease)

    _enqueue(database, clock, JobRequest(WORK, "s1", dedupe_key="k"))
    worker = Worker(database, clock, doorbell, {WORK: handler}, _settings())

    assert worker.drain() == 2


def test_a_failing_job_is_tried_again_later_and_then_set_aside(database, clock, worker, recorder) -> None:
    recorder.error = RuntimeError("model down")
    _enqueue(database, clock, JobRequest(WORK, "s1"))

    for _ in range(3):
        assert worker.run_one()
        assert not worker.run_one()  # not before the pause is over
        clock.instant += timedelta(minutes=5)

    assert not worker.run_one()
    assert _states(database) == [("s1", JobState.DEAD, 3)]
    with database.reading() as session:
        assert "model down" in make_queue(clock)[0].listing(session, {JobState.DEAD})[0].last_error
    assert recorder.effects == []


def test_an_unknown_kind_is_dead_at_once(database, clock, worker) -> None:
    _enqueue(database, clock, JobRequest(JobKind("nobody"), "s1"))

    worker.drain()

    assert _states(database) == [("s1", JobState.DEAD, 1)]


def test_a_superseded_job_is_done_without_effect(database, clock, worker, recorder) -> None:
    recorder.error = Superseded()
    _enqueue(database, clock, JobRequest(WORK, "s1"))

    worker.drain()

    assert _states(database) == [("s1", JobState.DONE, 1)]
    assert recorder.effects == []


def test_a_worker_that_lost_its_lease_writes_nothing(database, clock, recorder) -> None:
    """ARCHITECTURE §4: the fencing token keeps a worker that was thought dead from writing."""
    _enqueue(database, clock, JobRequest(WORK, "s1"))
    with database.transaction() as session:
        (stale,) = leasing.lease_due(session, clock.now(), timedelta(seconds=1), ALL_QUEUES)
    clock.instant += timedelta(seconds=2)
    with database.transaction() as session:
        assert leasing.release_expired(session, clock.now(), 5).back == 1
    with database.transaction() as session:
        (fresh,) = leasing.lease_due(session, clock.now(), timedelta(seconds=30), ALL_QUEUES)

    with database.transaction() as session:
        assert not leasing.finish(session, stale, clock.now())
        assert leasing.finish(session, fresh, clock.now())


def test_jobs_of_one_serial_key_never_run_at_once(database, clock) -> None:
    _enqueue(database, clock, JobRequest(WORK, "s1", serial_key="c"), JobRequest(WORK, "s2", serial_key="c"))

    with database.transaction() as session:
        (first,) = leasing.lease_due(session, clock.now(), timedelta(seconds=30), ALL_QUEUES)
    with database.transaction() as session:
        assert leasing.lease_due(session, clock.now(), timedelta(seconds=30), ALL_QUEUES) == []
    with database.transaction() as session:
        leasing.finish(session, first, clock.now())
    with database.transaction() as session:
        (second,) = leasing.lease_due(session, clock.now(), timedelta(seconds=30), ALL_QUEUES)

    assert (first.subject_id, second.subject_id) == ("s1", "s2")


def test_threads_drain_a_queue_without_doubling(database, clock, recorder) -> None:
    _, doorbell, _ = make_queue(clock)
    _enqueue(database, clock, *(JobRequest(WORK, f"s{n}", serial_key=f"c{n % 7}") for n in range(60)))
    worker = Worker(database, clock, doorbell, {WORK: recorder}, _settings(threads=4))

    worker.start()
    end = time.monotonic() + 30
    while len(recorder.effects) < 60 and time.monotonic() < end:
        threading.Event().wait(0.02)
    worker.stop()

    assert sorted(recorder.effects) == sorted(f"s{n}" for n in range(60))


def test_a_slow_picture_never_holds_up_a_text(database, clock) -> None:
    """Two threads: one takes everything, the other leaves the slow queues to it."""
    picture, text = JobKind("picture", QueueName.PICTURE), JobKind("text")
    release, read = threading.Event(), threading.Event()

    def slow(lease: Lease) -> Effect:
        release.wait(30)
        return lambda session: None

    def quick(lease: Lease) -> Effect:
        read.set()
        return lambda session: None

    queue, doorbell, _ = make_queue(clock)
    with database.transaction() as session:
        for n in range(4):
            queue.enqueue(session, JobRequest(picture, f"p{n}"))
    worker = Worker(database, clock, doorbell, {picture: slow, text: quick}, _settings(threads=2))
    worker.start()
    try:
        with database.transaction() as session:
            queue.enqueue(session, JobRequest(text, "t"))
        assert read.wait(20)
    finally:
        release.set()
        worker.stop()


def test_a_send_that_was_refused_is_forgotten_before_the_next_try(database, clock) -> None:
    """P3: a worker that dies before the second send has sent nothing; nobody need decide about that."""
    _enqueue(database, clock, JobRequest(WORK, "s1"))
    with database.transaction() as session:
        (first,) = leasing.lease_due(session, clock.now(), timedelta(seconds=9), ALL_QUEUES)
        leasing.announce(session, first, leasing.SEND_ONCE)
        leasing.retry(session, first, clock.now(), "NotSent: refused")
        leasing.lease_due(session, clock.now(), timedelta(seconds=9), ALL_QUEUES)
    clock.instant += timedelta(seconds=10)

    with database.transaction() as session:
        released = leasing.release_expired(session, clock.now(), 5)

    assert (released.back, released.aside) == (1, 0)
