"""The QA lead's screens: findings with their evidence in the transcript, and the small report."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import quality_actions
from api.auditing import note_reading
from api.desk_view import segments
from api.policies import QualityReader, QualityReviewer, ReportReader, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.report import report
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.text import displayable
from quality.schemas import FindingStatus, StoredFinding, Verdict
from tickets.auditing import AuditAction
from tickets.schemas import StaffMember

router = APIRouter(tags=["quality pages"])
_PAGE = 40


@router.get("/quality")
def quality(
    request: Request,
    services: ServicesOf,
    member: QualityReader,
    status: FindingStatus = FindingStatus.OPEN,
    after: str | None = None,
    finding: str | None = None,
) -> Response:
    """Show the review queue, with the chosen finding, else the first, in its transcript."""
    return _page(request, services, member, status=status, after=after, finding_id=finding)


@router.post("/quality/findings/{finding_id}")
def review(
    request: Request,
    finding_id: str,
    services: ServicesOf,
    member: QualityReviewer,
    verdict: Annotated[Verdict, Form()],
    comment: Annotated[str, Form(max_length=500)] = "",
    following: Annotated[str, Form(max_length=36)] = "",
) -> Response:
    """Record a review and go on to the following finding; a refusal is shown with the finding."""
    try:
        with services.database.transaction() as session:
            quality_actions.review(services, session, member, finding_id, (verdict, comment))
    except JiedaiError as refused:
        return _page(
            request, services, member, finding_id=finding_id, error=refused.message(language_of_request(request))
        )
    target = f"/quality?finding={quote(following)}" if following else "/quality"
    return RedirectResponse(target, status_code=HTTPStatus.SEE_OTHER)


@router.get("/reports")
def reports(request: Request, services: ServicesOf, member: ReportReader) -> Response:
    """Show the report: the headline in words, then the tables."""
    with services.database.reading() as session:
        figures = report(services, session)
        groups, names = services.staff.groups(session), services.staff.names(session)
    values: dict[str, Any] = {"figures": figures, "groups": groups, "names": names, "taxonomy": services.shop.taxonomy}
    return page(request, "reports.html", member=member, **values)


def _page(
    request: Request,
    services: Services,
    member: StaffMember,
    *,
    status: FindingStatus = FindingStatus.OPEN,
    after: str | None = None,
    finding_id: str | None = None,
    error: str = "",
) -> Response:
    with services.database.reading() as session:
        page_of = services.quality.queue(session, status, _PAGE, after)
        seen = services.seen.conversations(session, member, {f.conversation_id for f in page_of})
        found = [f for f in page_of if f.conversation_id in seen]
        chosen = services.quality.get(session, finding_id) if finding_id else next(iter(found), None)
        if chosen:
            services.seen.check_conversation(session, member, chosen.conversation_id)
        values = {**_transcript(services, session, chosen), "names": services.staff.names(session)}
    if chosen:
        note_reading(services, member, AuditAction.CONVERSATION_READ, ("conversation", chosen.conversation_id))
    more = page_of[-1].id if len(page_of) == _PAGE else None
    ids = [f.id for f in found]
    at = ids.index(chosen.id) + 1 if chosen and chosen.id in ids else 0
    return page(
        request,
        "quality.html",
        member=member,
        found=found,
        chosen=chosen,
        status=status,
        more=more,
        following=ids[at] if at < len(ids) else "",
        error=error,
        **values,
    )


def _transcript(services: Services, session: Session, chosen: StoredFinding | None) -> dict[str, Any]:
    if chosen is None:
        return {"turns": [], "ticket_number": None}
    messages = services.conversations.messages(session, chosen.conversation_id)
    marks: dict[int, list[tuple[int, int, str]]] = {}
    for e in chosen.finding.evidence:
        # An empty span is "nothing was said here": the whole turn is the evidence.
        span = (e.start, e.end, "evidence") if e.end > e.start else (0, 1_000_000, "evidence")
        marks.setdefault(e.turn_index, []).append(span)
    turns = [(m, segments(displayable(m.raw), marks.get(m.seq, [])), m.seq in marks) for m in messages]
    tickets = services.tickets.of_conversation(session, chosen.conversation_id)
    return {"turns": turns, "ticket_number": tickets[-1].summary.number if tickets else None}
