"""What a job is, outside the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from kit.db import Session


class JobState(StrEnum):
    """Where a job stands."""

    DUE = "due"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    DELIVERY_UNKNOWN = "delivery_unknown"  # sent or not, nobody knows: a person decides, never silence
    CANCELLED = "cancelled"


OPEN_STATES = (JobState.DUE, JobState.LEASED)
ASIDE_STATES = (JobState.DEAD, JobState.DELIVERY_UNKNOWN)
"""States that only a person ends."""


class QueueName(StrEnum):
    """Queues by what a job costs, so that the dear never holds up the cheap."""

    FAST = "fast"  # milliseconds: the store, the encoder
    MODEL = "model"  # seconds: a language model, somebody else's server
    PICTURE = "picture"  # seconds of CPU: reading pictures
    BULK = "bulk"  # minutes: imports, training, scans of everything


HEARTBEAT = "jobs.heartbeat"
"""Kind of the job that goes through each queue to prove that somebody consumes it."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job: what its rows are called, where they queue, and which arguments its handler understands.

    Attributes:
        name: e.g. ``intake.understand``.
        queue: By cost.
        priority: Higher runs first within a queue.
        version: Of the arguments; a row of another version is set aside, never guessed at.
    """

    name: str
    queue: QueueName = QueueName.FAST
    priority: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A job to enqueue.

    Attributes:
        kind: What is to be done.
        subject_id: What it is about.
        serial_key: Jobs of one key never run at once; empty: free.
        dedupe_key: While a job with this key waits, another one is not added: its time is moved instead.
        delay: How long to wait before it is due.
        queue: Another queue than its kind's, where the subject makes it dearer.
    """

    kind: JobKind
    subject_id: str
    serial_key: str = ""
    dedupe_key: str = ""
    delay: timedelta = timedelta()
    queue: QueueName | None = None

    def in_queue(self) -> QueueName:
        """Return the queue it waits in."""
        return self.queue or self.kind.queue


@dataclass(frozen=True, slots=True)
class Recurring:
    """A job that is due again and again, whatever happens in the house; several sweepers plant it once.

    Attributes:
        kind: What is to be done.
        every: How often.
    """

    kind: JobKind
    every: timedelta


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's right to one job for a while.

    Attributes:
        job_id: The job's row; it is also the stable id of whatever the job sends (the same on every try).
        kind: Name of the kind.
        subject_id: What it is about; a handler reads everything else from the store.
        token: Fencing token; it rises with every lease, and only its holder may complete the job.
        attempt: 1 for the first try.
        version: Of the arguments the row was written with.
    """

    job_id: str
    kind: str
    subject_id: str
    token: int
    attempt: int
    version: int = 1


Effect = Callable[[Session], object]
"""What a handler wants written: runs in the same transaction that completes its job, or not at all."""


class JobHandler(Protocol):
    """Computes outside any transaction and returns the effect to be written."""

    def __call__(self, lease: Lease) -> Effect:
        """Do the work of one job."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A handler with an effect outside the house: a platform reply, a mail, a webhook.

    The send is announced on the row first, so that a kill between it and its record is known afterwards. It goes out at
    least once, with ``lease.job_id`` as its id on every try.

    Attributes:
        prepare: Builds what is sent; nothing leaves the house here.
        deduplicates: Whether the receiver drops a second delivery with the same id; then an unclear one is simply sent
            again. Otherwise it is set aside as ``delivery_unknown`` for a person.
    """

    prepare: Callable[[Lease], Callable[[], Effect]]
    deduplicates: bool


Handlers = Mapping[JobKind, JobHandler | Delivery]


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as a screen shows it.

    Attributes:
        note: Who did what about it, and why.
    """

    job_id: str
    kind: str
    subject_id: str
    queue: QueueName
    state: JobState
    attempts: int
    next_at: datetime
    created_at: datetime
    last_error: str
    note: str


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """How one queue stands.

    Attributes:
        due: Jobs that wait, those for later included.
        leased: Jobs that run under a live lease.
        aside: Jobs that wait for a person.
        overdue_seconds: Age of the oldest job that is due and not yet taken; 0 where there is none.
        heartbeat_age_seconds: Since the last heartbeat job was planted; ``None``: never.
        stalled: Whether work is there and nobody takes it, or nobody looks after it any more.
    """

    queue: QueueName
    due: int
    leased: int
    aside: int
    overdue_seconds: float
    heartbeat_age_seconds: float | None
    stalled: bool
