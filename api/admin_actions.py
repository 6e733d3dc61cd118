"""What a person decides about jobs that were set aside; the JSON routes and the page both call these.

A decision stands on the job's own row, with who and why: a job need not be about a ticket, so the tickets' timeline is
not its place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import structlog

from api.auditing import note
from api.wiring import Services
from kit.db import Session, after_commit
from kit.jobs.errors import JobNotFound, ReasonRequired
from kit.text import displayable, is_blank
from tickets.auditing import AuditAction
from tickets.schemas import StaffMember

_log = structlog.get_logger(__name__)


class Decision(StrEnum):
    """What may become of a job that was set aside."""

    RETRY = "retry"
    DROP = "drop"
    DELIVERED = "delivered"


_AUDITED = {
    Decision.RETRY: AuditAction.JOB_RETRIED,
    Decision.DROP: AuditAction.JOB_DROPPED,
    Decision.DELIVERED: AuditAction.JOB_CONFIRMED,
}


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of several jobs; ``gone`` no longer waited, somebody else had decided."""

    retried: int
    gone: int


def decide(
    services: Services, session: Session, member: StaffMember, job_id: str, *, decision: Decision, reason: str
) -> None:
    """Try a job again, end it, or record that its delivery did arrive.

    Raises:
        ReasonRequired: Nothing readable was given as the reason.
        JobNotFound: No such job, or it no longer waits for a decision.
    """
    if is_blank(reason):
        raise ReasonRequired
    act = {
        Decision.RETRY: services.queue.retry,
        Decision.DROP: services.queue.drop,
        Decision.DELIVERED: services.queue.confirm_delivered,
    }[decision]
    kind = services.queue.find(session, job_id).kind
    act(session, job_id, member.username, displayable(reason))
    # The row is deleted some days after it ended; the audit and the log keep who decided, without the words.
    note(services, session, member, _AUDITED[decision], ("job", job_id), kind=kind)
    after_commit(session, lambda: _log.info("api.job.decided", job=job_id, decision=str(decision), by=member.username))


def retry_all(
    services: Services, session: Session, member: StaffMember, job_ids: Iterable[str], reason: str
) -> Retried:
    """Try several jobs again, as after an outage; what somebody else decided meanwhile is left as it is.

    Raises:
        ReasonRequired: Nothing readable was given as the reason.
    """
    retried = gone = 0
    for job_id in dict.fromkeys(job_ids):
        try:
            decide(services, session, member, job_id, decision=Decision.RETRY, reason=reason)
        except JobNotFound:
            gone += 1
        else:
            retried += 1
    return Retried(retried, gone)
