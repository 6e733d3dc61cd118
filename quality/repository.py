"""SQL of the findings table."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update

from kit.db import Session
from kit.ids import new_id
from quality.models import FindingRow
from quality.schemas import (
    Finding,
    FindingId,
    FindingStatus,
    RuleCount,
    Severity,
    StoredFinding,
    TurnEvidence,
)
from tickets.words import Role

_RANKS = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}
_UNREVIEWED = (FindingStatus.OPEN, FindingStatus.WITHDRAWN)


def put(session: Session, conversation_id: str, ticket_id: str | None, finding: Finding, now: datetime) -> FindingRow:
    """Insert a finding, or bring the unreviewed one of this conversation, rule version and rule up to date."""
    row = session.scalar(
        select(FindingRow).where(
            FindingRow.conversation_id == conversation_id,
            FindingRow.rule_version == finding.rule_version,
            FindingRow.rule == finding.rule,
        )
    )
    if row is None:
        row = FindingRow(
            id=new_id(),
            conversation_id=conversation_id,
            rule=finding.rule,
            rule_version=finding.rule_version,
            created_at=now,
        )
        session.add(row)
    elif row.status not in _UNREVIEWED:
        return row
    row.ticket_id = ticket_id or row.ticket_id
    row.severity, row.severity_rank, row.score = finding.severity, _RANKS[finding.severity], finding.score
    row.evidence = [[place.turn_index, place.start, place.end] for place in finding.evidence]
    row.roles = [role.value for role in finding.roles]
    row.explanation_zh, row.explanation_en = finding.explanation_zh, finding.explanation_en
    row.status = FindingStatus.OPEN
    session.flush()
    return row


def withdraw_others(session: Session, conversation_id: str, keep: Sequence[str]) -> None:
    """Withdraw the open findings of a conversation, of any rule version, that are not among the ids to keep."""
    session.execute(
        update(FindingRow)
        .where(
            FindingRow.conversation_id == conversation_id,
            FindingRow.status == FindingStatus.OPEN,
            FindingRow.id.not_in(keep),
        )
        .values(status=FindingStatus.WITHDRAWN)
    )


def get(session: Session, finding_id: str) -> FindingRow | None:
    """Return a finding, or ``None``."""
    return session.get(FindingRow, finding_id, populate_existing=True)


def close(
    session: Session, finding_id: str, status: FindingStatus, *, reviewer: str, comment: str, now: datetime
) -> bool:
    """Record a review of an open finding in one statement; ``False`` where it is no longer open."""
    done = session.execute(
        update(FindingRow)
        .where(FindingRow.id == finding_id, FindingRow.status == FindingStatus.OPEN)
        .values(status=status, reviewer=reviewer, comment=comment, reviewed_at=now)
        .returning(FindingRow.id)
    )
    return done.first() is not None


def page(session: Session, status: FindingStatus, limit: int, after: FindingRow | None) -> list[FindingRow]:
    """List findings, the gravest first and of those the oldest first, beginning after a given one."""
    query = select(FindingRow).where(FindingRow.status == status)
    if after is not None:
        query = query.where(
            or_(
                FindingRow.severity_rank > after.severity_rank,
                and_(FindingRow.severity_rank == after.severity_rank, FindingRow.id > after.id),
            )
        )
    return list(session.scalars(query.order_by(FindingRow.severity_rank, FindingRow.id).limit(limit)))


def of_conversation(session: Session, conversation_id: str) -> list[FindingRow]:
    """List a conversation's findings that were not withdrawn, the gravest first."""
    return list(
        session.scalars(
            select(FindingRow)
            .where(FindingRow.conversation_id == conversation_id, FindingRow.status != FindingStatus.WITHDRAWN)
            .order_by(FindingRow.severity_rank, FindingRow.id)
        )
    )


def counts(session: Session) -> list[RuleCount]:
    """Count findings by rule, rule version and status."""
    rows = session.execute(
        select(FindingRow.rule, FindingRow.rule_version, FindingRow.status, func.count()).group_by(
            FindingRow.rule, FindingRow.rule_version, FindingRow.status
        )
    )
    found: dict[tuple[str, str], dict[FindingStatus, int]] = {}
    for rule, version, status, count in rows:
        found.setdefault((rule, version), dict.fromkeys(FindingStatus, 0))[FindingStatus(status)] = count
    return [RuleCount(rule, version, by_status) for (rule, version), by_status in sorted(found.items())]


def to_stored(row: FindingRow) -> StoredFinding:
    """Turn a row into the value that other packages hold."""
    finding = Finding(
        rule=row.rule,
        severity=Severity(row.severity),
        score=row.score,
        evidence=tuple(TurnEvidence(index, start, end) for index, start, end in row.evidence),
        explanation_zh=row.explanation_zh,
        explanation_en=row.explanation_en,
        rule_version=row.rule_version,
        roles=tuple(Role(role) for role in row.roles),
    )
    return StoredFinding(
        id=FindingId(row.id),
        conversation_id=row.conversation_id,
        ticket_id=row.ticket_id,
        finding=finding,
        status=FindingStatus(row.status),
        created_at=row.created_at,
        reviewer=row.reviewer,
        comment=row.comment,
        reviewed_at=row.reviewed_at,
    )
