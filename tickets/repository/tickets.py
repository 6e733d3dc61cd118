"""SQL of tickets, their fields, predictions and timeline."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import and_, case, func, inspect, or_, select, union, update
from sqlalchemy.orm import aliased

from kit.crypto import Vault
from kit.db import Conflict, Session, savepoint
from kit.ids import new_id
from kit.text import displayable
from tickets.codec import evidence_from_json, evidence_to_json
from tickets.merging.models import MergeRow
from tickets.models import CounterRow, PredictionRow, TicketFieldRow, TicketRow, TimelineRow
from tickets.schemas import Changes, Course, Field, Prediction, Ticket, TicketEvent, TicketField, TicketSummary
from tickets.words import (
    CaseId,
    CloseKind,
    ConversationId,
    CustomerId,
    FieldName,
    FieldState,
    LabelPath,
    Priority,
    Stage,
    TicketId,
    TicketStatus,
    Verdict,
    Zone,
)

_FIRST_NUMBER = 1001  # four digits from the start: shorter ones look like a test
_NUMBERS = "tickets"
_OPEN = ("resolved", "closed")
_TOLD = ("status", "stage", "priority", "label", "group_id", "assignee")  # what other systems follow


def next_number(session: Session) -> int:
    """Return the next ticket number; a second filing waits for the first one's transaction and gets the one after."""
    counted = (
        update(CounterRow)
        .where(CounterRow.name == _NUMBERS)
        .values(last=CounterRow.last + 1)
        .returning(CounterRow.last)
        .execution_options(synchronize_session=False)
    )
    number = session.scalar(counted)
    if number is not None:
        return number
    try:
        with savepoint(session):
            session.add(CounterRow(name=_NUMBERS, last=_FIRST_NUMBER))
    except Conflict:  # another filing was the very first in this instant
        return next_number(session)
    return _FIRST_NUMBER


def add(session: Session, row: TicketRow) -> TicketRow:
    """Insert a ticket."""
    session.add(row)
    session.flush()
    return row


def add_fields(session: Session, ticket_id: str, fields: Sequence[Field], confirmed_by: str) -> None:
    """Insert a ticket's facts."""
    for f in fields:
        confirmed = confirmed_by if f.state in {FieldState.CONFIRMED, FieldState.CORRECTED} else ""
        session.merge(
            TicketFieldRow(
                ticket_id=ticket_id,
                name=f.name,
                value=displayable(f.value)[:200],
                normal=displayable(f.normal)[:200],
                verdict=f.verdict,
                confidence=f.confidence,
                state=f.state,
                evidence=[evidence_to_json(e) for e in f.evidence],
                confirmed_by=confirmed,
            )
        )
    session.flush()


def add_prediction(session: Session, ticket_id: str, prediction: Prediction, now: datetime) -> None:
    """Append a prediction."""
    session.add(
        PredictionRow(
            ticket_id=ticket_id,
            label=list(prediction.label),
            probability=prediction.probability,
            alternatives=[[list(path), p] for path, p in prediction.alternatives],
            zone=prediction.zone,
            model_version=prediction.model_version[:120],
            reason=prediction.reason[:300],
            created_at=now,
        )
    )
    session.flush()


def add_event(
    session: Session,
    ticket_id: str,
    actor: str,
    kind: str,
    data: Mapping[str, object],
    *,
    changes: Changes,
    now: datetime,
) -> str:
    """Append to the timeline and return the entry's id."""
    stored = {name: list(pair) for name, pair in changes.items()}
    row = TimelineRow(id=new_id(), ticket_id=ticket_id, actor=actor, kind=kind, data=dict(data), changes=stored, at=now)
    session.add(row)
    session.flush()
    return row.id


def event(session: Session, event_id: str) -> TimelineRow | None:
    """Return an entry of a timeline."""
    return session.get(TimelineRow, event_id)


def last_mover(session: Session, ticket_id: str, since: datetime) -> str:
    """Return who last changed a ticket's label or group since an instant; empty: nobody."""
    query = select(TimelineRow.actor, TimelineRow.changes).where(
        TimelineRow.ticket_id == ticket_id, TimelineRow.at >= since
    )
    rows = session.execute(query.order_by(TimelineRow.id.desc()))
    return next((actor for actor, changes in rows if {"label", "group_id"} & changes.keys()), "")


def unwritten_changes(row: TicketRow) -> Changes:
    """Return what this unit of work has changed and not yet flushed."""
    changed = {}
    for name in _TOLD:
        history = inspect(row).attrs[name].history
        if history.has_changes():
            before, after = (next(iter(values or ()), None) for values in (history.deleted, history.added))
            if before != after:
                changed[name] = (before, after)
    return changed


def get(session: Session, ticket_id: str) -> TicketRow | None:
    """Return a ticket row."""
    return session.get(TicketRow, ticket_id)


def by_number(session: Session, number: int) -> TicketRow | None:
    """Return the ticket of a number."""
    return session.scalar(select(TicketRow).where(TicketRow.number == number))


def open_of_case(session: Session, case_id: str, *, but: str = "") -> TicketRow | None:
    """Return the open ticket of a case, other than ``but``."""
    open_ones = select(TicketRow).where(TicketRow.case_id == case_id, TicketRow.status.not_in(_OPEN))
    with session.no_autoflush:  # a ticket that is being reopened must not be written before this is known
        return session.scalar(open_ones.where(TicketRow.id != but))


def of_conversation(session: Session, conversation_id: str) -> list[TicketRow]:
    """Return a conversation's tickets and those in which they go on, oldest first (DM-05)."""
    own = select(TicketRow.id).where(TicketRow.conversation_id == conversation_id)
    goes_on = select(MergeRow.survivor_id).where(MergeRow.ticket_id.in_(own), MergeRow.undone_at.is_(None))
    # A union of ids, not an OR of conditions: PostgreSQL would read the whole table for that.
    rows = select(TicketRow).where(TicketRow.id.in_(union(own, goes_on))).order_by(TicketRow.id)
    return list(session.scalars(rows))


def survivor_of_case(session: Session, case_id: str) -> TicketRow | None:
    """Return the open ticket in which a case goes on after its own was merged."""
    merged = aliased(TicketRow)
    query = (
        select(TicketRow)
        .join(MergeRow, MergeRow.survivor_id == TicketRow.id)
        .join(merged, merged.id == MergeRow.ticket_id)
        .where(merged.case_id == case_id, MergeRow.undone_at.is_(None), TicketRow.status.not_in(_OPEN))
        .limit(1)
    )
    return session.scalar(query)


def survivor_of(session: Session, ticket_id: str) -> TicketRow | None:
    """Return the ticket in which a merged one goes on; ``None`` for one that was not merged."""
    goes_on = select(MergeRow.survivor_id).where(MergeRow.ticket_id == ticket_id, MergeRow.undone_at.is_(None))
    return session.scalar(select(TicketRow).where(TicketRow.id.in_(goes_on)))


def numbers(session: Session, ids: Collection[str]) -> dict[str, int]:
    """Return the number of each ticket and of each conversation's newest ticket among ``ids``."""
    wanted = or_(TicketRow.id.in_(ids), TicketRow.conversation_id.in_(ids))
    query = select(TicketRow.id, TicketRow.conversation_id, TicketRow.number).where(wanted).order_by(TicketRow.number)
    found: dict[str, int] = {}
    for ticket_id, conversation_id, number in session.execute(query):
        found |= {ticket_id: number, conversation_id: number}
    return {subject: found[subject] for subject in ids if subject in found}


def counts(session: Session, now: datetime) -> dict[str, int]:
    """Count open, overdue and unassigned tickets, those once solved and those of them reopened, in one scan."""
    counted = TicketRow.close_kind != CloseKind.MERGED  # a repeated entry is no new count (DM-07)
    is_open = TicketRow.status.not_in(_OPEN)
    overdue = and_(is_open, TicketRow.resolve_due_at < now)
    reopened = TicketRow.reopened_count > 0
    solved = or_(reopened, TicketRow.resolved_at.is_not(None))
    unassigned = and_(is_open, TicketRow.assignee.is_(None))
    row = session.execute(
        select(
            func.count(),
            func.count(case((is_open, 1))),
            func.count(case((overdue, 1))),
            func.count(case((unassigned, 1))),
            func.count(case((reopened, 1))),
            func.count(case((solved, 1))),
        ).where(counted)
    ).one()
    return dict(zip(("total", "open", "overdue", "unassigned", "reopened", "solved"), map(int, row), strict=True))


def counts_by(session: Session, column: str) -> dict[str, int]:
    """Count tickets by status, group, priority or type of label."""
    columns = {
        "status": TicketRow.status,
        "group": TicketRow.group_id,
        "priority": TicketRow.priority,
        "label": TicketRow.label_type,
    }
    counted = TicketRow.close_kind != CloseKind.MERGED
    rows = session.execute(select(columns[column], func.count()).where(counted).group_by(columns[column])).all()
    return {str(name or ""): int(count) for name, count in rows}


def zone_counts(session: Session) -> dict[str, int]:
    """Count predictions by zone."""
    rows = session.execute(select(PredictionRow.zone, func.count()).group_by(PredictionRow.zone)).all()
    return {str(zone): int(count) for zone, count in rows}


def summary(row: TicketRow) -> TicketSummary:
    """Return a list line of a row."""
    return TicketSummary(
        id=TicketId(row.id),
        number=row.number,
        conversation_id=ConversationId(row.conversation_id),
        title=row.title,
        label=tuple(row.label),
        priority=Priority(row.priority),
        status=TicketStatus(row.status),
        group_id=row.group_id,
        assignee=row.assignee,
        channel=row.channel,
        created_at=row.created_at,
        updated_at=row.updated_at,
        first_response_due_at=row.first_response_due_at,
        resolve_due_at=row.resolve_due_at,
        first_responded_at=row.first_responded_at,
        resolved_at=row.resolved_at,
        stage=Stage(row.stage) if row.stage else None,
        version=row.version,
    )


def description(session: Session, vault: Vault, row: TicketRow) -> str:
    """Return what a ticket is about, in the customer's words."""
    return vault.open_kept(session, row.customer_id, f"tickets.description:{row.id}", row.description_sealed)


def view(session: Session, vault: Vault, row: TicketRow) -> Ticket:
    """Return a whole ticket: five queries, whatever its size."""
    fields = session.scalars(select(TicketFieldRow).where(TicketFieldRow.ticket_id == row.id))
    events = session.scalars(select(TimelineRow).where(TimelineRow.ticket_id == row.id).order_by(TimelineRow.id))
    return Ticket(
        summary=summary(row),
        case_id=CaseId(row.case_id),
        customer_id=CustomerId(row.customer_id),
        description=description(session, vault, row),
        label_source=row.label_source,
        route_reason=row.route_reason,
        fields=tuple(_field(f) for f in fields),
        prediction=_newest_prediction(session, row.id),
        timeline=tuple(timeline_entry(e) for e in events),
        course=_course(session, row),
    )


def _course(session: Session, row: TicketRow) -> Course:
    family = or_(TicketRow.id == row.follows_id, TicketRow.follows_id == row.id)
    numbers = dict(session.execute(select(TicketRow.number, TicketRow.id).where(family)).all())
    earlier = next((number for number, ticket_id in numbers.items() if ticket_id == row.follows_id), None)
    return Course(
        scheme=row.scheme,
        status_since=row.status_since,
        submitted_by=row.submitted_by,
        close_kind=CloseKind(row.close_kind) if row.close_kind else None,
        reopened_count=row.reopened_count,
        follows=earlier,
        followed_by=tuple(sorted(number for number in numbers if number != earlier)),
    )


def timeline_entry(row: TimelineRow) -> TicketEvent:
    """Return an entry of a timeline as others see it."""
    changes = {name: (before, after) for name, (before, after) in row.changes.items()}
    return TicketEvent(row.actor, row.kind, row.data, changes, row.at)


def _field(row: TicketFieldRow) -> TicketField:
    return TicketField(
        name=FieldName(row.name),
        value=row.value,
        normal=row.normal,
        verdict=Verdict(row.verdict),
        confidence=row.confidence,
        state=FieldState(row.state),
        evidence=tuple(evidence_from_json(e) for e in row.evidence),
        confirmed_by=row.confirmed_by,
    )


def _newest_prediction(session: Session, ticket_id: str) -> Prediction | None:
    row = session.scalar(
        select(PredictionRow).where(PredictionRow.ticket_id == ticket_id).order_by(PredictionRow.id.desc()).limit(1)
    )
    if row is None:
        return None
    alternatives = tuple((_path(path), cast("float", p)) for path, p in row.alternatives)
    return Prediction(
        label=tuple(row.label),
        probability=row.probability,
        alternatives=alternatives,
        zone=Zone(row.zone),
        model_version=row.model_version,
        reason=row.reason,
    )


def newest_zone(session: Session, ticket_id: str) -> Zone | None:
    """Return what a ticket's newest prediction may do, where it has one."""
    newest = select(PredictionRow.zone).where(PredictionRow.ticket_id == ticket_id).order_by(PredictionRow.id.desc())
    zone = session.scalar(newest.limit(1))
    return Zone(zone) if zone else None


def _path(stored: object) -> LabelPath:
    return tuple(cast("list[str]", stored))
