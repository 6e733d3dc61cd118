"""The QA lead's side as JSON; the pages under ``/quality`` and ``/reports`` show the same."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.policies import QualityStaff, ServicesOf
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
    _: QualityStaff,
    status: FindingStatus = FindingStatus.OPEN,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Return a page of findings, the gravest first."""
    with services.database.reading() as session:
        found = services.quality.queue(session, status, limit, after)
    return {"findings": [asdict(f) for f in found]}


@router.post("/quality/findings/{finding_id}/review")
def review_finding(finding_id: str, body: Review, services: ServicesOf, member: QualityStaff) -> dict[str, Any]:
    """Agree with a finding or reject it."""
    with services.database.transaction() as session:
        found = services.quality.review(session, finding_id, body.verdict, member.username, body.comment)
    return asdict(found)


@router.get("/reports/overview")
def overview(services: ServicesOf, _: QualityStaff) -> dict[str, Any]:
    """Return the figures of the small report."""
    with services.database.reading() as session:
        return report(services, session)
