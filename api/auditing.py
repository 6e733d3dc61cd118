"""What the edge records in the audit: who read a customer's words, and what was done beside the ticket store."""

from datetime import timedelta

from api.wiring import Services
from kit.audit.schemas import Act
from kit.db import Session
from tickets.auditing import AuditAction
from tickets.schemas import StaffMember

READ_AGAIN = timedelta(hours=1)
"""One record an hour says that somebody reads a ticket; a page that refreshes itself must not write each time."""


def note(
    services: Services,
    session: Session,
    member: StaffMember,
    action: AuditAction,
    subject: tuple[str, str],
    /,
    **data: object,
) -> None:
    """Record what somebody did, in the transaction that does it.

    Args:
        services: The application's services.
        session: The unit of work.
        member: Who.
        action: What was done.
        subject: Kind and id of the thing it was done to.
        data: Ids, states and numbers; never what a person wrote.
    """
    services.audit.record(session, _act(member, action, subject, data))


def note_reading(
    services: Services, member: StaffMember, action: AuditAction, subject: tuple[str, str], /, **data: object
) -> None:
    """Record that somebody is about to be shown personal data (SE-07), at most once an hour for the same thing.

    Raises:
        DatabaseUnavailable: It cannot be recorded; then nothing may be shown.
    """
    act = _act(member, action, subject, data)
    with services.database.reading() as session:
        if services.audit.recorded_within(session, act, READ_AGAIN):
            return
    with services.database.transaction() as session:
        if not services.audit.recorded_within(session, act, READ_AGAIN):
            services.audit.record(session, act)


def _act(member: StaffMember, action: AuditAction, subject: tuple[str, str], data: dict[str, object]) -> Act:
    by_token = {"token": member.token} if member.token else {}
    return Act(member.username, action, *subject, {**data, **by_token})
