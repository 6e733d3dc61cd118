"""SQL of a page of tickets and of bounded counts; each order runs along an index (tests look at the plans)."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import aliased, defer

from kit.db import Session, UtcDateTime
from tickets.lists.cursor import microseconds
from tickets.lists.models import TicketTermRow
from tickets.lists.schemas import COUNT_BOUND, Filter, Key, Sort
from tickets.models import OPEN_TICKET, CustomerRow, TicketRow
from tickets.repository.sight import within
from tickets.rights import Sight
from tickets.words import LabelPath, Priority, TicketStatus

_DONE = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})
_ORDERED_BY: dict[Sort, Any] = {
    Sort.NEWEST: TicketRow.created_at,
    Sort.OLDEST: TicketRow.created_at,
    Sort.URGENCY: TicketRow.priority,
    Sort.DUE: TicketRow.resolve_due_at,
}
BY_AGE = frozenset({Sort.NEWEST, Sort.OLDEST})
# Word for word, not as parameters: only so does SQLite see that the partial indexes hold what is asked for. Without a
# type, since as a Boolean it would be compared with 1.
_IS_OPEN: ColumnElement[bool] = literal_column(OPEN_TICKET.replace("status", "tickets.status", 1))
# A part of an order is a run of tickets that one index holds in one piece. "By due time" has two: those with a time,
# then those without. NULLS LAST in one statement would cost SQLite its index.
_WITH_VALUE, _WITHOUT = True, False


def key_of(row: TicketRow, sort: Sort) -> Key:
    """Return a ticket's place in an order."""
    return Key(getattr(row, _ORDERED_BY[sort].key), row.number)


def page(
    session: Session,
    wanted: Filter,
    sort: Sort,
    *,
    terms: Sequence[int],
    visible_to: Sight | None,
    now: datetime,
    after: Key | None,
    limit: int,
) -> list[TicketRow]:
    """Return the next tickets of a list, at most ``limit``."""
    conditions = conditions_of(wanted, visible_to, now)
    rows: list[TicketRow] = []
    for has_value in (_WITH_VALUE, _WITHOUT) if sort is Sort.DUE else (_WITH_VALUE,):
        if after is not None and after.value is None and has_value:
            continue  # the page before had come further than this part
        if len(rows) < limit:
            statement = listed(conditions, sort, terms, after, limit - len(rows), has_value=has_value)
            rows += session.scalars(statement)
            after = None
    return rows


def listed(
    conditions: Sequence[ColumnElement[bool]],
    sort: Sort,
    terms: Sequence[int],
    after: Key | None,
    limit: int,
    *,
    has_value: bool = True,
) -> Select[Any]:
    """Return the statement of a part of a page."""
    # A list shows no description: dragging it along would be most of the bytes.
    statement = select(TicketRow).options(defer(TicketRow.description_sealed, raiseload=True)).where(*conditions)
    value, number = _ORDERED_BY[sort], TicketRow.number
    if terms:
        word = aliased(TicketTermRow)
        statement = statement.join(word, word.number == TicketRow.number).where(*_all_stand(word, terms))
        if sort in BY_AGE:  # the search index itself holds this order
            value, number = word.at, word.number
    if sort is Sort.DUE:
        statement = statement.where(value.is_not(None) if has_value else value.is_(None))
    place = (value, number) if has_value else (number,)
    if after is not None:
        statement = statement.where(_beyond(place, after, sort, in_words=bool(terms)))
    order = [column.desc() for column in place] if sort is Sort.NEWEST else list(place)
    return statement.order_by(*order).limit(limit)


def bounded_count(
    session: Session, wanted: Filter, *, terms: Sequence[int], visible_to: Sight | None, now: datetime
) -> int:
    """Count tickets, no further than ``COUNT_BOUND``."""
    found = select(literal(1)).select_from(TicketRow).where(*conditions_of(wanted, visible_to, now))
    if terms:
        word = aliased(TicketTermRow)
        found = found.join(word, word.number == TicketRow.number).where(*_all_stand(word, terms))
    bounded = found.limit(COUNT_BOUND).subquery()
    return session.scalar(select(func.count()).select_from(bounded)) or 0


def by_numbers(session: Session, numbers: Sequence[int], visible_to: Sight | None) -> dict[int, str]:
    """Return number → id of those tickets that may be seen."""
    wanted = [TicketRow.number.in_(numbers), *([within(visible_to)] if visible_to else [])]
    rows = session.execute(select(TicketRow.number, TicketRow.id).where(*wanted))
    return {number: ticket_id for number, ticket_id in rows}  # noqa: C416 - a Row is no tuple of that type


def by_id(session: Session, ticket_id: str) -> TicketRow | None:
    """Return a ticket row."""
    return session.get(TicketRow, ticket_id)


def customers(session: Session, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the sealed names of customers."""
    rows = session.execute(select(CustomerRow.id, CustomerRow.name_sealed).where(CustomerRow.id.in_(ids)))
    return {customer_id: sealed for customer_id, sealed in rows}  # noqa: C416 - a Row is no tuple of that type


def conditions_of(wanted: Filter, visible_to: Sight | None, now: datetime) -> list[ColumnElement[bool]]:
    """Return what narrows a list."""
    row = TicketRow
    parts: list[tuple[bool, Callable[[], ColumnElement[bool]]]] = [
        (bool(wanted.statuses), lambda: _one_of(row.status, wanted.statuses, TicketStatus)),
        (bool(wanted.priorities), lambda: _one_of(row.priority, wanted.priorities, Priority)),
        (bool(wanted.group), lambda: row.group_id == wanted.group),
        (bool(wanted.assignee), lambda: row.assignee == wanted.assignee),
        (wanted.unassigned, lambda: row.assignee.is_(None)),
        (bool(wanted.channel), lambda: row.channel == wanted.channel),
        (bool(wanted.label), lambda: _under(wanted.label)),
        (wanted.created_from is not None, lambda: row.created_at >= wanted.created_from),
        (wanted.created_to is not None, lambda: row.created_at < wanted.created_to),
        (wanted.updated_from is not None, lambda: row.updated_at >= wanted.updated_from),
        (wanted.updated_to is not None, lambda: row.updated_at < wanted.updated_to),
        (wanted.overdue, lambda: row.resolve_due_at < now),
        (_only_open(wanted), lambda: _IS_OPEN),
    ]
    narrowed = [make() for narrows, make in parts if narrows]
    return narrowed if visible_to is None else [*narrowed, within(visible_to)]


def _only_open(wanted: Filter) -> bool:
    return wanted.open_only or wanted.overdue or bool(wanted.statuses and not wanted.statuses & _DONE)


def _one_of(column: Any, names: Collection[str], known: type[StrEnum]) -> ColumnElement[bool]:  # noqa: ANN401
    """Say "one of these" so that SQLite, which keeps no statistics, does not leave the order's index for it."""
    if len(names) == 1:
        return cast("ColumnElement[bool]", column == next(iter(names)))
    others = [str(name) for name in known if name not in names]
    return cast("ColumnElement[bool]", column.not_in(others)) if others else true()


def _under(label: LabelPath) -> ColumnElement[bool]:
    path: Any = TicketRow.label  # a JSON column's own look into itself has no types
    deeper = [path[depth].as_string() == name for depth, name in enumerate(label) if depth]
    return and_(TicketRow.label_type == label[0], *deeper)


def _all_stand(word: type[TicketTermRow], terms: Sequence[int]) -> list[ColumnElement[bool]]:
    """Say that all words stand on a ticket: the first one leads, the others are looked up for each of its tickets."""
    found = [word.term == terms[0]]
    for term in terms[1:]:
        other = aliased(TicketTermRow)
        found.append(exists().where(other.term == term, other.at == word.at, other.number == word.number))
    return found


def _beyond(place: tuple[Any, ...], after: Key, sort: Sort, *, in_words: bool) -> ColumnElement[bool]:
    if len(place) == 1:
        return cast("ColumnElement[bool]", place[0] > after.number)
    value: Any = after.value
    if isinstance(value, datetime):
        in_index = in_words and sort in BY_AGE
        value = literal(microseconds(value)) if in_index else literal(value, UtcDateTime)
    here = tuple_(value if not isinstance(value, str) else literal(value), literal(after.number))
    return tuple_(*place) < here if sort is Sort.NEWEST else tuple_(*place) > here
