"""Domain events: facts a service states in its transaction; who listens is decided in ``api/pipeline.py`` alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from kit.db import Session
from kit.jobs.queue import JobQueue
from kit.jobs.schemas import JobKind, JobRequest, QueueName


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a subject.

    Attributes:
        subject_id: What a listening job is about.
        serial_key: What jobs that listen must not run at once for; usually the conversation.
    """

    subject_id: str
    serial_key: str


@dataclass(frozen=True, slots=True)
class Listener:
    """A job to enqueue when an event is published.

    Attributes:
        job: The job's kind.
        delay: How long to wait; further events of the same subject move a waiting job's time (a burst is one turn).
        queue_of: Tells of an event that makes the job dearer which queue it belongs in.
        wanted: Asked in the publisher's transaction; where it says no, there is no job to run for nothing.
    """

    job: JobKind
    delay: timedelta = timedelta()
    queue_of: Callable[[Any], QueueName] | None = None
    wanted: Callable[[Session], bool] | None = None


Listeners = Mapping[type[Event], Sequence[Listener]]


class Publisher(Protocol):
    """What a service needs in order to state a fact."""

    def publish(self, session: Session, event: Event) -> None:
        """State a fact in the caller's transaction."""
        ...


class EventBus:
    """Turns each event into the jobs of its listeners, in the publisher's own transaction."""

    def __init__(self, queue: JobQueue, listeners: Listeners) -> None:
        self._queue = queue
        self._listeners = listeners

    def publish(self, session: Session, event: Event) -> None:
        """Enqueue a job for each listener of the event's class that wants it."""
        for listener in self._listeners.get(type(event), ()):
            if listener.wanted is not None and not listener.wanted(session):
                continue
            self._queue.enqueue(
                session,
                JobRequest(
                    kind=listener.job,
                    subject_id=event.subject_id,
                    serial_key=event.serial_key,
                    dedupe_key=f"{listener.job.name}:{event.subject_id}",
                    delay=listener.delay,
                    queue=listener.queue_of(event) if listener.queue_of else None,
                ),
            )
