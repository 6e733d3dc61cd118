"""The audit as JSON; the page ``/admin/audit`` shows the same."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query

from api.audit_view import AuditFilter, AuditLine, audit_page, query_of
from api.auditing import note_reading
from api.policies import AuditReader, ServicesOf
from kit.ids import ID_PATTERN
from tickets.auditing import AuditAction

router = APIRouter(prefix="/api/admin/audit", tags=["audit"])
Before = Annotated[str | None, Query(pattern=ID_PATTERN)]
_DAY = r"^(\d{4}-\d{2}-\d{2})?$"
_ACTION = r"^[a-z_.]*$"


def audit_filter(
    actor: Annotated[str, Query(max_length=80)] = "",
    action: Annotated[str, Query(max_length=64, pattern=_ACTION)] = "",
    subject: Annotated[str, Query(max_length=120)] = "",
    since: Annotated[str, Query(alias="from", pattern=_DAY)] = "",
    until: Annotated[str, Query(alias="to", pattern=_DAY)] = "",
) -> AuditFilter:
    """Read from an address which records are wanted."""
    return AuditFilter(actor, action, subject, _day(since), _day(until))


def audit_form(
    actor: Annotated[str, Form(max_length=80)] = "",
    action: Annotated[str, Form(max_length=64, pattern=_ACTION)] = "",
    subject: Annotated[str, Form(max_length=120)] = "",
    since: Annotated[str, Form(alias="from", pattern=_DAY)] = "",
    until: Annotated[str, Form(alias="to", pattern=_DAY)] = "",
) -> AuditFilter:
    """Read the same from a form."""
    return AuditFilter(actor, action, subject, _day(since), _day(until))


Wanted = Annotated[AuditFilter, Depends(audit_filter)]
WantedForm = Annotated[AuditFilter, Depends(audit_form)]


@router.get("")
def list_records(services: ServicesOf, member: AuditReader, wanted: Wanted, before: Before = None) -> dict[str, Any]:
    """Return a page of records, newest first; ``more`` goes into ``before``."""
    note_reading(services, member, AuditAction.AUDIT_READ, ("audit", ""))
    with services.database.reading() as session:
        lines, more = audit_page(services, session, query_of(services, session, wanted, before))
    return {"records": [_view(line) for line in lines], "more": more}


@router.get("/chain")
def chain(services: ServicesOf, _: AuditReader) -> dict[str, Any]:
    """Compute the chain of seals again and tell whether it is whole."""
    with services.database.reading() as session:
        found = services.sealer.verify(session)
    return {"whole": found.broken is None, **asdict(found)}


def _view(line: AuditLine) -> dict[str, Any]:
    return {**asdict(line.record), "ticket": line.number}


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:  # the 31st of February is no day to begin with
        return None
