"""Handlers whose runs and effects leave marks in the database, for every driver; run as a program, a Celery worker."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import text

from kit.clock import SystemClock
from kit.db import Database, Session
from kit.jobs.adapters.celery_app import make_celery
from kit.jobs.adapters.celery_doorbell import CeleryDoorbell
from kit.jobs.adapters.celery_worker import run_worker
from kit.jobs.errors import NotSent, Superseded
from kit.jobs.ports import Doorbell, RunnerOf
from kit.jobs.runner import Runner
from kit.jobs.schemas import Delivery, Effect, Handlers, JobKind, Lease, QueueName, Routine
from kit.settings import JobSettings

MARK = JobKind("mark")
SLOW = JobKind("slow", QueueName.BULK)
FAIL_ONCE = JobKind("fail_once")
FAIL = JobKind("fail")
FAIL_IN_EFFECT = JobKind("fail_in_effect")
SUPERSEDED = JobKind("superseded")
SECOND_VERSION = JobKind("versioned", version=2)
KILLER = JobKind("killer")
SEND = JobKind("send")
SEND_UNCLEAR = JobKind("send_unclear")
SEND_UNCLEAR_SAFE = JobKind("send_unclear_safe")
SEND_REFUSED = JobKind("send_refused")
SEND_AND_DIE = JobKind("send_and_die")
SEND_AND_DIE_SAFE = JobKind("send_and_die_safe")
RECURRING = JobKind("recurring")
ROUTINES = (Routine(RECURRING, timedelta(seconds=0.5)),)

SLOW_SECONDS = 0.5


def make_marks(database: Database) -> None:
    """Make the table of marks: ``what`` is run, effect or sent."""
    with database.transaction() as session:
        session.execute(
            text("CREATE TABLE marks (what VARCHAR(16), job VARCHAR(36), subject VARCHAR(64), at DOUBLE PRECISION)")
        )


def mark(session: Session, what: str, lease: Lease) -> None:
    values = {"what": what, "job": lease.job_id, "subject": lease.subject_id, "at": time.time()}
    session.execute(text("INSERT INTO marks VALUES (:what, :job, :subject, :at)"), values)


class _Ways:
    """A handler for each way a job can go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, lease: Lease) -> Effect:
        self._now("run", lease)
        return self._effect(lease)

    def slow(self, lease: Lease) -> Effect:
        self._now("run", lease)
        time.sleep(SLOW_SECONDS)
        return self._effect(lease)

    def fail_once(self, lease: Lease) -> Effect:
        self._now("run", lease)
        if lease.attempt == 1:
            message = "model down"
            raise RuntimeError(message)
        return self._effect(lease)

    def fail(self, lease: Lease) -> Effect:
        self._now("run", lease)
        message = "never"
        raise RuntimeError(message)

    def fail_in_effect(self, lease: Lease) -> Effect:
        def broken(session: Session) -> None:
            mark(session, "effect", lease)
            message = "half way"
            raise RuntimeError(message)

        return broken

    def superseded(self, lease: Lease) -> Effect:
        raise Superseded

    def kill(self, lease: Lease) -> Effect:
        self._now("run", lease)
        os._exit(9)

    def delivery(self, error: type[Exception] | None, *, deduplicates: bool = False) -> Delivery:
        """Return one whose first send ends in an error after it left the house."""

        def prepare(lease: Lease) -> Callable[[], Effect]:
            def send() -> Effect:
                self._now("sent", lease)
                if error is not None and lease.attempt == 1:
                    raise error("no answer")
                return self._effect(lease)

            return send

        return Delivery(prepare, deduplicates=deduplicates)

    def last_delivery(self, *, deduplicates: bool) -> Delivery:
        """Return one whose first send arrives, and whose process dies before that is recorded."""

        def prepare(lease: Lease) -> Callable[[], Effect]:
            def send() -> Effect:
                self._now("sent", lease)
                if lease.attempt == 1:
                    os._exit(9)
                return self._effect(lease)

            return send

        return Delivery(prepare, deduplicates=deduplicates)

    def _now(self, what: str, lease: Lease) -> None:
        with self._database.transaction() as session:
            mark(session, what, lease)

    def _effect(self, lease: Lease) -> Effect:
        return lambda session: mark(session, "effect", lease)


def handlers(database: Database) -> Handlers:
    """Return the table of handlers."""
    ways = _Ways(database)
    return {
        MARK: ways.run,
        RECURRING: ways.run,
        SLOW: ways.slow,
        FAIL_ONCE: ways.fail_once,
        FAIL: ways.fail,
        FAIL_IN_EFFECT: ways.fail_in_effect,
        SUPERSEDED: ways.superseded,
        SECOND_VERSION: ways.run,
        KILLER: ways.kill,
        SEND: ways.delivery(None),
        SEND_UNCLEAR: ways.delivery(TimeoutError),
        SEND_UNCLEAR_SAFE: ways.delivery(TimeoutError, deduplicates=True),
        SEND_REFUSED: ways.delivery(NotSent),
        SEND_AND_DIE: ways.last_delivery(deduplicates=False),
        SEND_AND_DIE_SAFE: ways.last_delivery(deduplicates=True),
    }


@contextmanager
def _runners(url: str, settings: JobSettings) -> Iterator[tuple[RunnerOf, Doorbell]]:
    database = Database(url)
    doorbell = CeleryDoorbell(make_celery(settings))
    table = handlers(database)
    runners = {
        queue: Runner(database, SystemClock(), doorbell, table, settings, queues=(queue,)) for queue in QueueName
    }
    yield runners.__getitem__, doorbell
    doorbell.close()
    database.dispose()


if __name__ == "__main__":
    url, settings = sys.argv[1], JobSettings.model_validate_json(sys.argv[2])
    sys.exit(run_worker(make_celery(settings), lambda: _runners(url, settings), tuple(QueueName), 2))
