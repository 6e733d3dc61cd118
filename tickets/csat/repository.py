"""SQL of surveys."""

from datetime import datetime

from sqlalchemy import case, func, literal, select

from kit.db import Session
from tickets.csat.models import SurveyRow
from tickets.csat.schemas import SATISFIED, Figures


def add(session: Session, row: SurveyRow) -> None:
    """Insert a survey."""
    session.add(row)
    session.flush()


def get(session: Session, survey_id: str) -> SurveyRow | None:
    """Return a survey."""
    return session.get(SurveyRow, survey_id)


def of_round(session: Session, ticket_id: str, turn: int) -> SurveyRow | None:
    """Return the survey of one solving."""
    return session.scalar(select(SurveyRow).where(SurveyRow.ticket_id == ticket_id, SurveyRow.round == turn))


def of_ticket(session: Session, ticket_id: str) -> list[SurveyRow]:
    """Return a ticket's surveys, oldest first."""
    return list(session.scalars(select(SurveyRow).where(SurveyRow.ticket_id == ticket_id).order_by(SurveyRow.round)))


def figures(session: Session, since: datetime, by: str = "") -> dict[str, Figures]:
    """Count surveys asked since an instant: all under the empty name, or by ``group`` or ``agent``."""
    columns = {"group": SurveyRow.group_id, "agent": SurveyRow.agent}
    name = columns[by] if by else literal("")
    asked, answered = func.count(), func.count(SurveyRow.score)
    satisfied, total = func.count(case((SurveyRow.score >= SATISFIED, 1))), func.sum(SurveyRow.score)
    query = select(name, asked, answered, satisfied, total).where(SurveyRow.asked_at >= since)
    rows = session.execute(query.group_by(name) if by else query)
    return {str(key): Figures(n, said, good, int(points or 0)) for key, n, said, good, points in rows}
