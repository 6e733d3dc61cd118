"""The face of the job table: enqueue in the caller's transaction, and what a person may do about a job."""

import threading
from collections.abc import Collection
from datetime import timedelta

from kit.clock import Clock
from kit.db import Session, after_commit
from kit.jobs.errors import JobNotFound, ReasonRequired
from kit.jobs.ports import Doorbell
from kit.jobs.repository import leasing, overview
from kit.jobs.schemas import ASIDE_STATES, OPEN_STATES, JobRequest, JobState, JobView, QueueHealth, QueueName


class LocalDoorbell:
    """Wakes the worker threads of this process."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self, queue: QueueName, delay: timedelta = timedelta()) -> None:  # noqa: ARG002 - the port's
        """Wake a waiting worker; it finds out by itself how long a delayed job still has."""
        self._event.set()

    def wait(self, timeout_seconds: float) -> None:
        """Sleep until rung or until the time is over."""
        if self._event.wait(timeout_seconds):
            self._event.clear()

    def close(self) -> None:
        """Hold nothing, let go of nothing."""


class JobQueue:
    """Accepts jobs inside a unit of work; shows and mends them."""

    def __init__(self, clock: Clock, doorbell: Doorbell) -> None:
        self._clock = clock
        self._doorbell = doorbell

    def enqueue(self, session: Session, request: JobRequest) -> str:
        """Add a job to the caller's transaction and return its id; the bell rings after the commit."""
        job_id = leasing.add(session, request, self._clock.now())
        after_commit(session, lambda: self._doorbell.ring(request.in_queue(), request.delay))
        return job_id

    def cancel(self, session: Session, job_id: str, reason: str) -> None:
        """Take back a job that is no longer wanted; if it runs, its effect is not written.

        Raises:
            JobNotFound: It is over already.
        """
        self._close(session, job_id, JobState.CANCELLED, (*OPEN_STATES, *ASIDE_STATES), reason)

    def retry(self, session: Session, job_id: str, by: str, reason: str) -> None:
        """Give a job that was set aside all its tries again.

        Raises:
            ReasonRequired: ``reason`` is empty.
            JobNotFound: It isn't set aside.
        """
        queue = leasing.revive(session, job_id, self._clock.now(), _note(by, reason))
        if queue is None:
            raise JobNotFound
        after_commit(session, lambda: self._doorbell.ring(queue))

    def drop(self, session: Session, job_id: str, by: str, reason: str) -> None:
        """End a job that was set aside, without running it again.

        Raises:
            ReasonRequired: ``reason`` is empty.
            JobNotFound: It isn't set aside.
        """
        self._close(session, job_id, JobState.CANCELLED, ASIDE_STATES, _note(by, reason))

    def confirm_delivered(self, session: Session, job_id: str, by: str, reason: str) -> None:
        """Record that a delivery of unclear fate did arrive.

        Raises:
            ReasonRequired: ``reason`` is empty.
            JobNotFound: It is no such delivery.
        """
        self._close(session, job_id, JobState.DONE, (JobState.DELIVERY_UNKNOWN,), _note(by, reason))

    def counts(self, session: Session) -> dict[JobState, int]:
        """Count jobs by state."""
        return overview.counts(session)

    def idle(self, session: Session) -> bool:
        """Tell whether no job waits or runs."""
        counts = self.counts(session)
        return not any(counts.get(state) for state in OPEN_STATES)

    def health(self, session: Session) -> list[QueueHealth]:
        """Return how each queue stands."""
        return overview.health(session, self._clock.now())

    def listing(
        self,
        session: Session,
        states: Collection[JobState],
        limit: int = 50,
        *,
        before: str | None = None,
        queue: QueueName | None = None,
    ) -> list[JobView]:
        """List jobs of some states, newest first; ``before``: the last id already seen."""
        return overview.listing(session, states, limit, before=before, queue=queue)

    def find(self, session: Session, job_id: str) -> JobView:
        """Return one job.

        Raises:
            JobNotFound: No such job.
        """
        found = overview.find(session, job_id)
        if found is None:
            raise JobNotFound
        return found

    def _close(self, session: Session, job_id: str, into: JobState, out_of: Collection[JobState], note: str) -> None:
        if not leasing.close(session, job_id, self._clock.now(), into=into, out_of=out_of, note=note):
            raise JobNotFound


def _note(by: str, reason: str) -> str:
    if not reason.strip():
        raise ReasonRequired
    return f"{by}: {reason.strip()}"
