"""SQL of cases and observations."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from kit.db import Session
from kit.text import displayable
from tickets.codec import evidence_from_json, evidence_to_json
from tickets.models import CaseRow, ObservationRow
from tickets.schemas import Case, Observation
from tickets.words import CaseId, CaseStatus, ConversationId, FieldName, Verdict


def add(session: Session, conversation_id: str, first_seq: int, now: datetime) -> CaseRow:
    """Insert the next case of a conversation."""
    last = session.scalar(select(func.max(CaseRow.ordinal)).where(CaseRow.conversation_id == conversation_id))
    row = CaseRow(conversation_id=conversation_id, ordinal=(last or 0) + 1, first_seq=first_seq, created_at=now)
    session.add(row)
    session.flush()
    return row


def of_conversation(session: Session, conversation_id: str) -> list[Case]:
    """Return a conversation's cases in the order they came up."""
    rows = session.scalars(select(CaseRow).where(CaseRow.conversation_id == conversation_id).order_by(CaseRow.ordinal))
    return [view(row) for row in rows]


def get(session: Session, case_id: str) -> CaseRow | None:
    """Return a case row."""
    return session.get(CaseRow, case_id)


def view(row: CaseRow) -> Case:
    """Return a case as other packages see it."""
    return Case(
        id=CaseId(row.id),
        conversation_id=ConversationId(row.conversation_id),
        ordinal=row.ordinal,
        status=CaseStatus(row.status),
        first_seq=row.first_seq,
        asked=dict(row.asked),
        declined=tuple(row.declined),
        asking=row.asking,
    )


def add_observations(
    session: Session, case: CaseRow, seq: int, observations: Sequence[Observation], now: datetime
) -> None:
    """Append sightings to a case."""
    session.add_all(
        ObservationRow(
            conversation_id=case.conversation_id,
            case_id=case.id,
            seq=seq,
            name=o.name,
            value=displayable(o.value)[:200],  # the raw form stays with its sealed message
            normal=o.normal[:200],
            verdict=o.verdict,
            confidence=o.confidence,
            method=o.method,
            evidence=evidence_to_json(o.evidence),
            created_at=now,
        )
        for o in observations
    )
    session.flush()


def observations(session: Session, case_id: str) -> list[Observation]:
    """Return a case's sightings in the order they were made."""
    rows = session.scalars(select(ObservationRow).where(ObservationRow.case_id == case_id).order_by(ObservationRow.id))
    return [
        Observation(
            name=FieldName(r.name),
            value=r.value,
            normal=r.normal,
            verdict=Verdict(r.verdict),
            confidence=r.confidence,
            evidence=evidence_from_json(r.evidence),
            method=r.method,
        )
        for r in rows
    ]
