"""The screen of the audit: who did what, filtered, with the state of the chain, and as CSV."""

import json
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.audit_view import AuditFilter, AuditLine, actions, all_lines, audit_page, query_of
from api.auditing import note, note_reading
from api.policies import AuditExporter, AuditReader, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.routes.audit import Before, Wanted, WantedForm
from kit.csv_safe import csv_bytes
from tickets.auditing import AuditAction
from tickets.rights import Right
from tickets.service import WORKING_ZONE

router = APIRouter(prefix="/admin/audit", tags=["audit pages"])
_COLUMNS = ("time", "actor", "action", "subject kind", "subject", "ticket", "data", "seal")


@router.get("")
def audit(
    request: Request,
    services: ServicesOf,
    member: AuditReader,
    wanted: Wanted,
    *,
    before: Before = None,
    check: bool = False,
) -> Response:
    """Show a page of records and how far the chain reaches; computing it again takes a while, so it is asked for."""
    note_reading(services, member, AuditAction.AUDIT_READ, ("audit", ""))
    with services.database.reading() as session:
        lines, more = audit_page(services, session, query_of(services, session, wanted, before))
        checked = services.sealer.verify(session) if check else None
        chain = checked.state if checked else services.sealer.state(session)
        names = services.staff.names(session)
    return page(
        request,
        "admin_audit.html",
        member=member,
        lines=lines,
        more=more,
        wanted=wanted,
        chain=chain,
        checked=checked,
        names=names,
        actions=actions(language_of_request(request)),
        next_page=_address(wanted, before=more) if more else "",
        may_export=member.may(Right.EXPORT),
    )


@router.post("/export")
def export(services: ServicesOf, member: AuditExporter, wanted: WantedForm) -> Response:
    """Return the records of a filter as CSV; that somebody took them is a record too."""
    with services.database.transaction() as session:
        query = query_of(services, session, wanted)
        note(services, session, member, AuditAction.AUDIT_EXPORTED, ("audit", ""), **wanted.parts())
    with services.database.reading() as session:
        rows = [_row(line) for line in all_lines(services, session, query)]
    name = f"audit-{services.clock.now().astimezone(WORKING_ZONE):%Y%m%d-%H%M}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(csv_bytes(_COLUMNS, rows), HTTPStatus.OK, headers, media_type="text/csv; charset=utf-8")


def _row(line: AuditLine) -> tuple[object, ...]:
    record = line.record
    at = record.at.astimezone(WORKING_ZONE).isoformat(sep=" ", timespec="seconds")
    ticket = f"T-{line.number}" if line.number else ""
    data = json.dumps(record.data, ensure_ascii=False) if record.data else ""
    return (at, record.actor, record.action, record.subject_kind, record.subject_id, ticket, data, record.seal)


def _address(wanted: AuditFilter, *, before: str) -> str:
    return "/admin/audit?" + urlencode({**wanted.parts(), "before": before})
