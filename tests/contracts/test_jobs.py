"""What every job driver keeps: the in-process worker on both databases, Celery on RabbitMQ with PostgreSQL.

Each test makes a driver work as in production, with its own threads or processes and a sweeper, and looks at the rows
and the marks that handlers left.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from conftest import fresh_postgres
from sqlalchemy import text

from api.migrations.runner import migrate
from fakes import jobs_house as house
from kit.clock import SystemClock
from kit.db import Database
from kit.jobs.adapters.celery_app import broker_queue, dead_letters, make_celery
from kit.jobs.adapters.celery_doorbell import CeleryDoorbell
from kit.jobs.ports import Doorbell
from kit.jobs.queue import JobQueue, LocalDoorbell
from kit.jobs.schemas import JobKind, JobRequest, JobState, JobView, QueueName
from kit.jobs.sweeper import Sweeper
from kit.jobs.worker import Worker
from kit.settings import JobDriver, JobSettings

BROKER_URL = os.environ.get("JIEDAI_TEST_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//")
TESTS = Path(__file__).parents[1]


@dataclass
class Driver:
    """A driver at work, and the store it works on."""

    database: Database
    queue: JobQueue
    doorbell: Doorbell

    def add(self, kind: JobKind, subject: str = "s", **more: object) -> str:
        with self.database.transaction() as session:
            return self.queue.enqueue(session, JobRequest(kind, subject, **more))  # type: ignore[arg-type]

    def view(self, job_id: str) -> JobView:
        with self.database.reading() as session:
            return self.queue.find(session, job_id)

    def until(self, job_id: str, *states: JobState, seconds: float = 40) -> JobView:
        wait_for(lambda: self.view(job_id).state in states, seconds, lambda: f"{self.view(job_id)}")
        return self.view(job_id)

    def runs_of(self, subject: str) -> int:
        """Count the jobs of a subject that left a mark."""
        query = text("SELECT count(DISTINCT job) FROM marks WHERE what = 'effect' AND subject = :subject")
        with self.database.reading() as session:
            return int(session.scalar(query, {"subject": subject}) or 0)

    def marks(self, what: str, *job_ids: str) -> list[tuple[str, str, float]]:
        """Return (job, subject, time) of the marks these jobs left, in the order of time."""
        query = "SELECT job, subject, at FROM marks WHERE what = :what ORDER BY at"
        with self.database.reading() as session:
            return [tuple(row) for row in session.execute(text(query), {"what": what}) if row.job in job_ids]


def wait_for(holds: Callable[[], bool], seconds: float, say: Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, say()
        time.sleep(0.02)


def settings(**over: object) -> JobSettings:
    quick = {"lease": timedelta(seconds=2), "sweep_interval": timedelta(seconds=0.2), "max_attempts": 3}
    return JobSettings.model_validate({**quick, **over})


@pytest.fixture(scope="module", params=["embedded-sqlite", "embedded-postgres", "celery"])
def driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    tmp_path = tmp_path_factory.mktemp("jobs")
    if request.param == "embedded-sqlite":
        database = Database(f"sqlite:///{tmp_path / 'jobs.db'}")
        migrate(database)
        yield from _embedded(database)
        database.dispose()
    elif request.param == "embedded-postgres":
        with fresh_postgres() as database:
            yield from _embedded(database)
    else:
        with fresh_postgres() as database:
            yield from _celery(database, tmp_path)


def _embedded(database: Database) -> Iterator[Driver]:
    house.make_marks(database)
    bell = LocalDoorbell()
    worker = Worker(database, SystemClock(), bell, house.handlers(database), settings(), routines=house.ROUTINES)
    worker.start()
    yield Driver(database, JobQueue(SystemClock(), bell), bell)
    worker.stop()


def _celery(database: Database, folder: Path) -> Iterator[Driver]:
    house.make_marks(database)
    jobs = settings(driver=JobDriver.CELERY, broker_url=BROKER_URL, broker_prefix=f"test-{uuid4().hex[:12]}")
    app = make_celery(jobs)
    _require_broker(app)
    log = (folder / "worker.log").open("w")
    command = [sys.executable, house.__file__, _url(database), _as_json(jobs)]
    worker = subprocess.Popen(command, env=_environment(), stdout=log, stderr=log, cwd=TESTS.parent)
    bell = CeleryDoorbell(app)
    stop = threading.Event()
    sweeper = Sweeper(database, SystemClock(), bell, jobs, house.ROUTINES)
    beat = threading.Thread(target=_sweep, args=(sweeper, stop, jobs.sweep_interval.total_seconds()))
    beat.start()
    try:
        yield Driver(database, JobQueue(SystemClock(), bell), bell)
    finally:
        stop.set()
        beat.join()
        worker.terminate()
        code = worker.wait(30)
        bell.close()
        _delete_queues(app)
        log.close()
        assert code == 0, (folder / "worker.log").read_text()[-3000:]


def _as_json(jobs: JobSettings) -> str:
    return jobs.model_dump_json(exclude={"broker_url"})[:-1] + f', "broker_url": "{BROKER_URL}"}}'


def _sweep(sweeper: Sweeper, stop: threading.Event, seconds: float) -> None:
    while not stop.wait(seconds):
        sweeper.sweep()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}


def _url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def _require_broker(app) -> None:
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1)
    except OSError:
        if os.environ.get("CI"):
            pytest.fail("no RabbitMQ; in CI that is a failure")
        pytest.skip("no RabbitMQ")


def _delete_queues(app) -> None:
    with app.connection_for_write() as connection:
        for name in (*(broker_queue(app, queue) for queue in QueueName), dead_letters(app).name):
            connection.default_channel.queue_delete(name)
        for name in (app.main, dead_letters(app).name):
            connection.default_channel.exchange_delete(name)


def test_a_job_runs_once_and_is_done(driver: Driver) -> None:
    job = driver.add(house.MARK, "one")

    view = driver.until(job, JobState.DONE)

    assert view.attempts == 1
    assert [subject for _, subject, _ in driver.marks("effect", job)] == ["one"]
    assert len(driver.marks("run", job)) == 1


def test_a_job_of_a_transaction_rolled_back_never_runs(driver: Driver) -> None:
    with pytest.raises(RuntimeError), driver.database.transaction() as session:  # noqa: PT012 - the unit is the subject
        ghost = driver.queue.enqueue(session, JobRequest(house.MARK, "ghost"))
        raise RuntimeError

    driver.until(driver.add(house.MARK, "after"), JobState.DONE)
    assert driver.marks("run", ghost) == []


def test_a_delayed_job_waits_for_its_time(driver: Driver) -> None:
    begun = time.time()
    job = driver.add(house.MARK, delay=timedelta(seconds=0.6))

    driver.until(job, JobState.DONE)

    assert driver.marks("run", job)[0][2] - begun >= 0.6


def test_a_burst_under_one_dedupe_key_is_one_job(driver: Driver) -> None:
    """CH-16."""
    jobs = {driver.add(house.MARK, "talk", dedupe_key="k", delay=timedelta(seconds=0.4)) for _ in range(5)}

    (job,) = jobs
    driver.until(job, JobState.DONE)
    assert len(driver.marks("run", job)) == 1


def test_jobs_of_one_serial_key_never_overlap(driver: Driver) -> None:
    jobs = [driver.add(house.SLOW, f"s{n}", serial_key="talk") for n in range(4)]
    for job in jobs:
        driver.until(job, JobState.DONE)

    starts = [at for _, _, at in driver.marks("run", *jobs)]
    ends = [at for _, _, at in driver.marks("effect", *jobs)]
    assert len(starts) == len(ends) == 4
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


def test_many_jobs_leave_one_effect_each(driver: Driver) -> None:
    jobs = [driver.add(house.MARK, f"s{n}", serial_key=f"k{n % 7}") for n in range(120)]

    for job in jobs:
        driver.until(job, JobState.DONE)
    assert sorted(job for job, _, _ in driver.marks("effect", *jobs)) == sorted(jobs)


def test_slow_work_keeps_its_lease(driver: Driver) -> None:
    """Eight times half a second, one after the other, under a lease of two seconds."""
    jobs = [driver.add(house.SLOW, f"s{n}", serial_key="one") for n in range(6)]
    views = [driver.until(job, JobState.DONE) for job in jobs]

    assert [view.attempts for view in views] == [1] * 6


def test_a_failed_job_is_tried_again(driver: Driver) -> None:
    job = driver.add(house.FAIL_ONCE)

    view = driver.until(job, JobState.DONE)

    assert view.attempts == 2
    assert len(driver.marks("effect", job)) == 1


def test_a_job_that_always_fails_is_set_aside_and_revived_by_a_person(driver: Driver) -> None:
    job = driver.add(house.FAIL)

    view = driver.until(job, JobState.DEAD)
    assert (view.attempts, view.last_error) == (3, "RuntimeError: never")

    with driver.database.transaction() as session:
        driver.queue.retry(session, job, "zhou.lin", "模型恢复了")
    driver.until(job, JobState.DEAD)
    assert len(driver.marks("run", job)) == 6
    with driver.database.transaction() as session:
        driver.queue.drop(session, job, "zhou.lin", "不再需要")
    assert driver.view(job).state is JobState.CANCELLED
    assert driver.view(job).note == "zhou.lin: 不再需要"


def test_an_effect_that_fails_half_way_leaves_nothing(driver: Driver) -> None:
    broken = driver.add(house.FAIL_IN_EFFECT)
    sound = driver.add(house.MARK)

    driver.until(sound, JobState.DONE)
    driver.until(broken, JobState.DEAD)
    assert driver.marks("effect", broken) == []


def test_a_superseded_job_is_done_without_effect(driver: Driver) -> None:
    job = driver.add(house.SUPERSEDED)

    assert driver.until(job, JobState.DONE).attempts == 1


@pytest.mark.parametrize("kind", [JobKind("nobody"), JobKind("versioned", version=1)])
def test_what_no_handler_reads_is_set_aside_at_once_and_the_queue_moves(driver: Driver, kind: JobKind) -> None:
    job = driver.add(kind)
    after = driver.add(house.MARK)

    assert driver.until(job, JobState.DEAD).attempts == 1
    driver.until(after, JobState.DONE)


def test_a_cancelled_job_does_not_run(driver: Driver) -> None:
    job = driver.add(house.MARK, delay=timedelta(seconds=0.5))
    with driver.database.transaction() as session:
        driver.queue.cancel(session, job, "the customer took it back")

    driver.until(driver.add(house.MARK, delay=timedelta(seconds=0.8)), JobState.DONE)
    assert driver.marks("run", job) == []


def test_cancelling_a_running_job_keeps_its_effect_out(driver: Driver) -> None:
    job = driver.add(house.SLOW)
    wait_for(lambda: bool(driver.marks("run", job)), 30, lambda: "never started")
    with driver.database.transaction() as session:
        driver.queue.cancel(session, job, "no longer wanted")

    driver.until(driver.add(house.SLOW, "after"), JobState.DONE)
    assert driver.marks("effect", job) == []
    assert driver.view(job).state is JobState.CANCELLED


def test_the_urgent_runs_first(driver: Driver) -> None:
    blocker = [driver.add(house.SLOW, f"b{n}", serial_key="lane") for n in range(2)]
    wait_for(lambda: bool(driver.marks("run", blocker[0])), 30, lambda: "never started")
    urgent = JobKind("slow", QueueName.BULK, priority=5)
    with driver.database.transaction() as session:  # both are there at once
        low = driver.queue.enqueue(session, JobRequest(house.SLOW, "low", serial_key="lane"))
        high = driver.queue.enqueue(session, JobRequest(urgent, "high", serial_key="lane"))

    driver.until(low, JobState.DONE)
    order = [job for job, _, _ in driver.marks("run", low, high)]
    assert order.index(high) < order.index(low)


def test_a_delivery_carries_the_same_id_on_every_try(driver: Driver) -> None:
    """P3: refused for certain, then sent: the receiver sees one id."""
    job = driver.add(house.SEND_REFUSED)

    assert driver.until(job, JobState.DONE).attempts == 2
    assert [sent for sent, _, _ in driver.marks("sent", job)] == [job, job]


def test_an_unclear_delivery_waits_for_a_person(driver: Driver) -> None:
    job = driver.add(house.SEND_UNCLEAR)

    view = driver.until(job, JobState.DELIVERY_UNKNOWN)
    assert view.last_error == "TimeoutError: no answer"
    assert len(driver.marks("sent", job)) == 1

    with driver.database.transaction() as session:
        driver.queue.confirm_delivered(session, job, "zhou.lin", "客户说收到了")
    assert driver.view(job).state is JobState.DONE


def test_an_unclear_delivery_is_repeated_where_the_receiver_drops_doubles(driver: Driver) -> None:
    job = driver.add(house.SEND_UNCLEAR_SAFE)

    driver.until(job, JobState.DONE)
    assert len(driver.marks("sent", job)) == 2
    assert len(driver.marks("effect", job)) == 1


def test_a_heartbeat_proves_that_every_queue_is_consumed(driver: Driver) -> None:
    """P6."""
    wait_for(lambda: not any(h.stalled or h.due for h in _health(driver)), 30, lambda: f"{_health(driver)}")

    assert all(h.heartbeat_age_seconds is not None for h in _health(driver))


def test_a_routine_runs_again_and_again(driver: Driver) -> None:
    """What is due by the calendar needs no event to be found."""
    subject = house.RECURRING.name
    before = driver.runs_of(subject)

    wait_for(lambda: driver.runs_of(subject) >= before + 2, 30, lambda: f"{driver.runs_of(subject)} runs")


@pytest.mark.parametrize("driver", ["celery"], indirect=True)  # in-process, the job would end the tests
def test_a_poison_job_is_set_aside_and_the_others_run(driver: Driver) -> None:
    """F04: it ends its process on every try."""
    job = driver.add(house.KILLER)
    others = [driver.add(house.MARK, f"s{n}") for n in range(10)]

    for other in others:
        driver.until(other, JobState.DONE)
    view = driver.until(job, JobState.DEAD, seconds=60)
    assert view.attempts == 3
    assert len(driver.marks("run", job)) == 3


@pytest.mark.parametrize("driver", ["celery"], indirect=True)
def test_a_kill_between_a_send_and_its_record_is_never_silent(driver: Driver) -> None:
    """P3, F03: sent again under the same id where the receiver drops doubles; a person's decision where it doesn't."""
    unclear = driver.add(house.SEND_AND_DIE)
    driver.until(unclear, JobState.DELIVERY_UNKNOWN, seconds=60)
    safe = driver.add(house.SEND_AND_DIE_SAFE)  # apart: leased together, the first one's kill would cost it a try
    driver.until(safe, JobState.DONE, seconds=60)

    assert [sent for sent, _, _ in driver.marks("sent", unclear)] == [unclear]
    assert [sent for sent, _, _ in driver.marks("sent", safe)] == [safe, safe]
    assert len(driver.marks("effect", safe)) == 1


def test_a_worker_that_is_asked_to_stop_finishes_what_it_runs(tmp_path: Path) -> None:
    """SIGTERM: the running job is completed on its first try, what waits stays waiting, the exit code is 0."""
    with fresh_postgres() as database:
        with contextmanager(_celery)(database, tmp_path) as driver:
            running = driver.add(house.SLOW)
            wait_for(lambda: bool(driver.marks("run", running)), 30, lambda: "never started")
            later = driver.add(house.MARK, delay=timedelta(minutes=1))

        views = [driver.view(job) for job in (running, later)]

    assert [(view.state, view.attempts) for view in views] == [(JobState.DONE, 1), (JobState.DUE, 0)]


def _health(driver: Driver):
    with driver.database.reading() as session:
        return driver.queue.health(session)
