"""The QA lead's side as JSON; the pages under ``/quality`` and ``/reports`` show the same."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import quality_actions
from api.policies import QualityReader, QualityReviewer, ReportReader, ServicesOf
from api.report import report
from quality.schemas import FindingStatus, Verdict

router = APIRouter(prefix="/api", tags=["quality"])


class Review(BaseModel):
    """A reviewer's word on a finding."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    comment: str = Field(default="", max_length=500)


@router.get("/quality/findings")
def list_findings(
    services: ServicesOf,
    member: QualityReader,
    status: FindingStatus = FindingStatus.OPEN,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Return a page of findings, the gravest first."""
    with services.database.reading() as session:
        found = services.quality.queue(session, status, limit, after)
        seen = services.seen.conversations(session, member, {f.conversation_id for f in found})
    return {"findings": [asdict(f) for f in found if f.conversation_id in seen]}


@router.post("/quality/findings/{finding_id}/review")
def review_finding(finding_id: str, body: Review, services: ServicesOf, member: QualityReviewer) -> dict[str, Any]:
    """Agree with a finding or reject it."""
    with services.database.transaction() as session:
        found = quality_actions.review(services, session, member, finding_id, (body.verdict, body.comment))
    return asdict(found)


@router.get("/reports/overview")
def overview(services: ServicesOf, _: ReportReader) -> dict[str, Any]:
    """Return the figures of the small report."""
    with services.database.reading() as session:
        return report(services, session)
