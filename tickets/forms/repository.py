"""SQL of forms: versions, files, standings, and the queue of what quality has to decide."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, case, delete, func, or_, select, tuple_

from kit.db import Session
from tickets.forms.models import FormEntryRow, FormFileRow, FormStandingRow
from tickets.forms.values import FormState, StoredFile
from tickets.models import TicketFieldRow, TicketRow
from tickets.repository.sight import within
from tickets.rights import Sight

_DONE = ("resolved", "closed")


def add(session: Session, row: FormEntryRow | FormFileRow | FormStandingRow) -> None:
    """Insert a row."""
    session.add(row)
    session.flush()


def newest_entries(session: Session, ticket_ids: Collection[str]) -> dict[str, FormEntryRow]:
    """Return the newest version of each ticket's form, where one was handed in."""
    newest = (
        select(FormEntryRow.ticket_id, func.max(FormEntryRow.version))
        .where(FormEntryRow.ticket_id.in_(ticket_ids))
        .group_by(FormEntryRow.ticket_id)
    )
    query = select(FormEntryRow).where(tuple_(FormEntryRow.ticket_id, FormEntryRow.version).in_(newest))
    return {row.ticket_id: row for row in session.scalars(query)}


def entries(session: Session, ticket_id: str) -> Sequence[FormEntryRow]:
    """Return every version of a ticket's form, newest first."""
    query = select(FormEntryRow).where(FormEntryRow.ticket_id == ticket_id)
    return session.scalars(query.order_by(FormEntryRow.version.desc())).all()


def facts(session: Session, ticket_ids: Collection[str]) -> dict[str, list[TicketFieldRow]]:
    """Return the facts of some tickets."""
    found: dict[str, list[TicketFieldRow]] = {ticket_id: [] for ticket_id in ticket_ids}
    for row in session.scalars(select(TicketFieldRow).where(TicketFieldRow.ticket_id.in_(ticket_ids))):
        found[row.ticket_id].append(row)
    return found


def files(session: Session, ticket_ids: Collection[str]) -> dict[str, dict[str, StoredFile]]:
    """Return the files of some tickets' forms by id, without their content."""
    found: dict[str, dict[str, StoredFile]] = {ticket_id: {} for ticket_id in ticket_ids}
    rows = session.scalars(select(FormFileRow).where(FormFileRow.ticket_id.in_(ticket_ids)).order_by(FormFileRow.id))
    for row in rows:
        found[row.ticket_id][row.id] = stored(row)
    return found


def stored(row: FormFileRow) -> StoredFile:
    """Return a file as others see it."""
    return StoredFile(row.id, row.field, row.file_name, row.media_type, row.size_bytes, row.width, row.height)


def file_row(session: Session, ticket_id: str, file_id: str) -> FormFileRow | None:
    """Return a file of a ticket's form."""
    return session.scalar(select(FormFileRow).where(FormFileRow.ticket_id == ticket_id, FormFileRow.id == file_id))


def file_count(session: Session, ticket_id: str) -> int:
    """Return how many files a ticket's form holds, all versions together."""
    return session.scalar(select(func.count()).where(FormFileRow.ticket_id == ticket_id)) or 0


def bind_files(session: Session, ticket_id: str, entry_id: str, ids: Collection[str]) -> None:
    """Note the version that first names some files."""
    query = select(FormFileRow).where(
        FormFileRow.ticket_id == ticket_id, FormFileRow.id.in_(ids), FormFileRow.entry_id.is_(None)
    )
    for row in session.scalars(query):
        row.entry_id = entry_id
    session.flush()


def drop_unused(session: Session, ticket_id: str, before: datetime) -> None:
    """Delete files that were uploaded before an instant and that no version names."""
    unused = and_(FormFileRow.ticket_id == ticket_id, FormFileRow.entry_id.is_(None), FormFileRow.at < before)
    session.execute(delete(FormFileRow).where(unused))


def standing(session: Session, ticket_id: str) -> FormStandingRow | None:
    """Return how a ticket's form stands."""
    return session.get(FormStandingRow, ticket_id)


def standings(session: Session, ticket_ids: Collection[str]) -> dict[str, FormStandingRow]:
    """Return how some tickets' forms stand."""
    rows = session.scalars(select(FormStandingRow).where(FormStandingRow.ticket_id.in_(ticket_ids)))
    return {row.ticket_id: row for row in rows}


def waiting(
    session: Session, sight: Sight, limit: int, after: tuple[datetime, str] | None
) -> Sequence[tuple[FormStandingRow, TicketRow]]:
    """Return what waits for quality, the longest first, as far as somebody sees it."""
    query = (
        select(FormStandingRow, TicketRow)
        .join(TicketRow, TicketRow.id == FormStandingRow.ticket_id)
        .where(FormStandingRow.waiting_since.is_not(None), within(sight))
        .order_by(FormStandingRow.waiting_since, FormStandingRow.ticket_id)
        .limit(limit)
    )
    if after is not None:
        at, ticket_id = after
        later = FormStandingRow.waiting_since > at
        beside = and_(FormStandingRow.waiting_since == at, FormStandingRow.ticket_id > ticket_id)
        query = query.where(or_(later, beside))
    return [(standing_row, ticket) for standing_row, ticket in session.execute(query).all()]


def open_tickets(session: Session, limit: int) -> Sequence[TicketRow]:
    """Return tickets that are not done, the newest first."""
    query = select(TicketRow).where(TicketRow.status.not_in(_DONE)).order_by(TicketRow.created_at.desc())
    return session.scalars(query.limit(limit)).all()


def open_ids(session: Session, after: str, limit: int) -> Sequence[str]:
    """Return ids of tickets that are not done, after an id."""
    query = select(TicketRow.id).where(TicketRow.status.not_in(_DONE), TicketRow.id > after)
    return session.scalars(query.order_by(TicketRow.id).limit(limit)).all()


def compliance(session: Session) -> tuple[int, ...]:
    """Count standings: all, nothing missing, with a need of proof, of those with it, decided, of those accepted."""
    accepted = FormStandingRow.decision == FormState.ACCEPTED
    counted = select(
        func.count(),
        func.count(case((FormStandingRow.score >= 1, 1))),
        func.count(case((FormStandingRow.needs_proof, 1))),
        func.count(case((and_(FormStandingRow.needs_proof, FormStandingRow.has_proof), 1))),
        func.count(case((FormStandingRow.decision != "", 1))),
        func.count(case((accepted, 1))),
    ).select_from(FormStandingRow)
    return tuple(int(n) for n in session.execute(counted).one())
