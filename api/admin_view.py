"""What a person sees of the job table: how each queue stands, and the jobs that wait for a decision."""

from dataclasses import dataclass
from enum import StrEnum

from api.wiring import Services
from kit.db import Session
from kit.jobs.schemas import ASIDE_STATES, JobState, JobView, QueueHealth, QueueName
from kit.text import displayable

PAGE = 30
_ERROR_CHARS = 140


class JobFilter(StrEnum):
    """Which jobs a list shows, in a person's terms."""

    ASIDE = "aside"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


STATES: dict[JobFilter, tuple[JobState, ...]] = {
    JobFilter.ASIDE: ASIDE_STATES,
    JobFilter.WAITING: (JobState.DUE,),
    JobFilter.RUNNING: (JobState.LEASED,),
    JobFilter.DONE: (JobState.DONE,),
    JobFilter.CANCELLED: (JobState.CANCELLED,),
}


@dataclass(frozen=True, slots=True)
class JobQuery:
    """What a list shows; ``before`` is the id of the last job of the page before."""

    state: JobFilter = JobFilter.ASIDE
    queue: QueueName | None = None
    before: str | None = None

    def address(self, **changed: str | None) -> str:
        """Return this as the query of an address, with ``?``, some parts changed; a page is never carried over."""
        parts = {"state": self.state, "queue": self.queue, **changed}
        return "?" + "&".join(f"{name}={value}" for name, value in parts.items() if value)


@dataclass(frozen=True, slots=True)
class QueueLine:
    """How a queue stands, in words to be said.

    Attributes:
        silent_seconds: For how long nobody has worked on it, where it is stalled; ``None``: nobody ever has.
    """

    health: QueueHealth
    silent_seconds: float | None


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job of the list.

    Attributes:
        ticket: Number of the ticket it is about, or of its conversation's newest one.
        error: The last error, safe to show.
        error_start: The first line of it, shortened.
    """

    job: JobView
    ticket: int | None
    error: str
    error_start: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of jobs; ``more`` is the id to go on from, where there are more."""

    lines: tuple[JobLine, ...]
    more: str | None

    @property
    def retryable(self) -> list[str]:
        """Ids that may be tried again all at once: not deliveries of unclear fate, which would go out twice."""
        return [line.job.job_id for line in self.lines if line.job.state is JobState.DEAD]


def queue_lines(services: Services, session: Session) -> list[QueueLine]:
    """Return how each queue stands."""
    return [QueueLine(health, _silence(health)) for health in services.queue.health(session)]


def open_counts(lines: list[QueueLine], queue: QueueName | None) -> dict[JobFilter, int]:
    """Return how many jobs are not ended, of one queue where it is named."""
    found = [line.health for line in lines if queue in {None, line.health.queue}]
    return {
        JobFilter.ASIDE: sum(h.aside for h in found),
        JobFilter.WAITING: sum(h.due for h in found),
        JobFilter.RUNNING: sum(h.leased for h in found),
    }


def job_page(services: Services, session: Session, query: JobQuery) -> JobPage:
    """Return a page of jobs, newest first, in two queries whatever its length."""
    found = services.queue.listing(session, STATES[query.state], PAGE + 1, before=query.before, queue=query.queue)
    shown = found[:PAGE]
    numbers = services.tickets.numbers(session, {job.subject_id for job in shown})
    lines = tuple(_line(job, numbers.get(job.subject_id)) for job in shown)
    return JobPage(lines, more=shown[-1].job_id if len(found) > PAGE else None)


def _silence(health: QueueHealth) -> float | None:
    """A job that nobody takes tells it to the second; without one, the last heartbeat does."""
    return health.overdue_seconds or health.heartbeat_age_seconds


def _line(job: JobView, ticket: int | None) -> JobLine:
    error = displayable(job.last_error).strip()
    start = error.split("\n", 1)[0]
    shortened = start if len(start) <= _ERROR_CHARS else start[: _ERROR_CHARS - 1] + "…"
    return JobLine(job, ticket, error, shortened)
