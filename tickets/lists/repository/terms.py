"""SQL of the search index."""

import struct
from collections.abc import Collection, Iterable

from sqlalchemy import delete, insert, select

from kit.db import Session
from tickets.lists.cursor import microseconds
from tickets.lists.models import TicketTermRow, TicketTermSetRow
from tickets.models import TicketRow

_IN_LIMIT = 500


def put(session: Session, number: int, at: int, terms: Collection[int]) -> None:
    """Make exactly ``terms`` stand for a ticket; what stood already is not written again.

    Args:
        session: The unit of work.
        number: The ticket's.
        at: When it was filed, in microseconds.
        terms: Hashes of its words.
    """
    row = session.get(TicketTermSetRow, number)
    before = _unpacked(row.terms) if row is not None else frozenset()
    wanted = frozenset(terms)
    if wanted == before and row is not None:
        return
    _remove(session, number, at, before - wanted)
    if fresh := wanted - before:
        session.execute(insert(TicketTermRow), [{"term": term, "at": at, "number": number} for term in sorted(fresh)])
    packed = _packed(wanted)
    if row is None:
        session.add(TicketTermSetRow(number=number, at=at, terms=packed))
    else:
        row.terms = packed
    session.flush()


def forget_customer(session: Session, customer_id: str) -> int:
    """Remove every word of a customer's tickets and return how many tickets that were."""
    numbers = select(TicketRow.number).where(TicketRow.customer_id == customer_id)
    rows = session.scalars(select(TicketTermSetRow).where(TicketTermSetRow.number.in_(numbers))).all()
    for row in rows:
        _remove(session, row.number, row.at, _unpacked(row.terms))
        session.delete(row)
    session.flush()
    return len(rows)


def row_values(number: int, at: int, terms: Iterable[int]) -> tuple[list[dict[str, int]], dict[str, object]]:
    """Return what ``put`` would write for a new ticket, for those who write many at once."""
    distinct = sorted(set(terms))
    lines = [{"term": term, "at": at, "number": number} for term in distinct]
    return lines, {"number": number, "at": at, "terms": _packed(distinct)}


def place_of(row: TicketRow) -> int:
    """Return where a ticket stands in the index's order."""
    return microseconds(row.created_at)


def _remove(session: Session, number: int, at: int, terms: Collection[int]) -> None:
    ordered = sorted(terms)
    for start in range(0, len(ordered), _IN_LIMIT):
        some = TicketTermRow.term.in_(ordered[start : start + _IN_LIMIT])
        session.execute(delete(TicketTermRow).where(some, TicketTermRow.at == at, TicketTermRow.number == number))


def _packed(terms: Collection[int]) -> bytes:
    ordered = sorted(terms)
    return struct.pack(f">{len(ordered)}Q", *ordered)


def _unpacked(packed: bytes) -> frozenset[int]:
    return frozenset(struct.unpack(f">{len(packed) // 8}Q", packed))
