"""The job table as JSON, for programs that watch or mend it; the page ``/admin/jobs`` shows the same."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api import admin_actions
from api.admin_actions import Decision
from api.admin_view import JobFilter, JobLine, JobQuery, QueueLine, job_page, queue_lines
from api.policies import JobKeeper, ServicesOf
from kit.ids import ID_PATTERN
from kit.jobs.schemas import QueueName

router = APIRouter(prefix="/api/admin", tags=["admin"])
REASON_CHARS = 300  # a job's note holds 400 with the name


def job_query(
    state: JobFilter = JobFilter.ASIDE,
    queue: QueueName | None = None,
    before: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
) -> JobQuery:
    """Read from an address which jobs are wanted."""
    return JobQuery(state, queue, before)


Wanted = Annotated[JobQuery, Depends(job_query)]
JobId = Annotated[str, Path(pattern=ID_PATTERN)]


class Reason(BaseModel):
    """Why a person decided so; kept with the job."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=REASON_CHARS)


@router.get("/jobs")
def list_jobs(services: ServicesOf, _: JobKeeper, wanted: Wanted) -> dict[str, Any]:
    """Return how each queue stands, and a page of jobs, newest first; ``more`` goes into ``before``."""
    with services.database.reading() as session:
        queues = queue_lines(services, session)
        found = job_page(services, session, wanted)
    return {"queues": [_queue(q) for q in queues], "jobs": [_job(line) for line in found.lines], "more": found.more}


@router.post("/jobs/{job_id}/{decision}")
def decide(job_id: JobId, decision: Decision, body: Reason, services: ServicesOf, member: JobKeeper) -> dict[str, str]:
    """Try a job that was set aside again, end it, or record that its delivery did arrive."""
    with services.database.transaction() as session:
        admin_actions.decide(services, session, member, job_id, decision=decision, reason=body.reason)
    return {"job_id": job_id, "decision": decision}


def _queue(line: QueueLine) -> dict[str, Any]:
    return {**asdict(line.health), "silent_seconds": line.silent_seconds if line.health.stalled else 0.0}


def _job(line: JobLine) -> dict[str, Any]:
    return {**asdict(line.job), "last_error": line.error, "ticket": line.ticket}
