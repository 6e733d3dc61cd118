"""SQL of the audit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from kit.audit.models import AuditRow, SealRow
from kit.audit.schemas import AuditQuery
from kit.db import Conflict, Session, savepoint


def add(session: Session, row: AuditRow) -> None:
    """Insert a record."""
    session.add(row)
    session.flush()


def newest(session: Session, actor: str, action: str, subject_id: str) -> AuditRow | None:
    """Return the newest record of somebody who did something to a thing."""
    query = select(AuditRow).where(
        AuditRow.subject_id == subject_id, AuditRow.actor == actor, AuditRow.action == action
    )
    return session.scalar(query.order_by(AuditRow.id.desc()).limit(1))


def page(session: Session, wanted: AuditQuery, limit: int) -> Sequence[AuditRow]:
    """Return records, newest first (ids rise with time)."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    equal = {AuditRow.actor: wanted.actor, AuditRow.action: wanted.action, AuditRow.subject_id: wanted.subject_id}
    for column, value in equal.items():
        if value:
            query = query.where(column == value)
    if wanted.since:
        query = query.where(AuditRow.at >= wanted.since)
    if wanted.until:
        query = query.where(AuditRow.at < wanted.until)
    if wanted.before:
        query = query.where(AuditRow.id < wanted.before)
    return session.scalars(query).all()


def unsealed(session: Session, until: datetime, limit: int) -> Sequence[AuditRow]:
    """Return the oldest records that no seal has taken, of those made before an instant."""
    query = select(AuditRow).where(AuditRow.seal.is_(None), AuditRow.at <= until)
    return session.scalars(query.order_by(AuditRow.id).limit(limit)).all()


def last_seal(session: Session) -> SealRow | None:
    """Return the newest seal."""
    return session.scalar(select(SealRow).order_by(SealRow.number.desc()).limit(1))


def add_seal(session: Session, row: SealRow, record_ids: Sequence[str]) -> bool:
    """Insert a seal and put its number on its records; ``False``, and nothing done, where another was quicker."""
    taking = (
        update(AuditRow)
        .where(AuditRow.id.in_(record_ids), AuditRow.seal.is_(None))
        .values(seal=row.number)
        .execution_options(synchronize_session=False)
        .returning(AuditRow.id)
    )
    try:
        with savepoint(session):
            session.add(row)
            session.flush()
            _check_all_taken(session.execute(taking).all(), record_ids)
    except (Conflict, _TakenAlready):
        return False
    return True


class _TakenAlready(Exception):
    """Another sealer has some of these records."""


def _check_all_taken(taken: Sequence[Any], wanted: Sequence[str]) -> None:
    if len(taken) != len(wanted):
        raise _TakenAlready


def seals(session: Session) -> Sequence[Any]:
    """Return number, previous hash, hash and count of records of each seal, in order."""
    columns = (SealRow.number, SealRow.previous, SealRow.hash, SealRow.records)
    return session.execute(select(*columns).order_by(SealRow.number)).all()


def of_seal(session: Session, number: int) -> Sequence[AuditRow]:
    """Return the records of a seal in order."""
    return session.scalars(select(AuditRow).where(AuditRow.seal == number).order_by(AuditRow.id)).all()


def stray_seal(session: Session) -> int | None:
    """Return the smallest seal number that a record carries and no seal has."""
    known = select(SealRow.number)
    return session.scalar(select(func.min(AuditRow.seal)).where(AuditRow.seal.not_in(known)))


def counts(session: Session) -> tuple[int, int]:
    """Count records that are sealed by the seals' own word, and those that are not sealed."""
    sealed = session.scalar(select(func.coalesce(func.sum(SealRow.records), 0)))
    open_ = session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.seal.is_(None)))
    return int(sealed or 0), int(open_ or 0)
