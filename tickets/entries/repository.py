"""SQL of entries."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select

from kit.db import Session
from tickets.entries.models import EntryRow
from tickets.models import CustomerRow, TicketRow
from tickets.repository.sight import within
from tickets.rights import Sight

_AT_ONCE = 500  # a statement takes only so many parameters


def batched(values: Collection[str], size: int) -> Iterator[Sequence[str]]:
    """Yield values in parts."""
    listed = list(values)
    yield from (listed[at : at + size] for at in range(0, len(listed), size))


def add(session: Session, row: EntryRow) -> None:
    """Insert an entry."""
    session.add(row)
    session.flush()


def get(session: Session, ticket_id: str) -> EntryRow | None:
    """Return what came with a ticket."""
    return session.get(EntryRow, ticket_id)


def of_reference(session: Session, source: str, reference: str) -> EntryRow | None:
    """Return what was filed under a source's own number."""
    return session.scalar(select(EntryRow).where(EntryRow.source == source, EntryRow.reference == reference))


def known(session: Session, source: str, references: Collection[str]) -> set[str]:
    """Return those of some references that were filed already."""
    found: set[str] = set()
    for part in batched(references, _AT_ONCE):
        asked = select(EntryRow.reference).where(EntryRow.source == source, EntryRow.reference.in_(part))
        found.update(session.scalars(asked))
    return found


def customer(session: Session, customer_id: str) -> CustomerRow | None:
    """Return a customer's row."""
    return session.get(CustomerRow, customer_id)


def tickets_of(session: Session, customer_id: str, sight: Sight, limit: int) -> list[int]:
    """Return the numbers of a customer's newest tickets that are seen."""
    mine = select(TicketRow.number).where(TicketRow.customer_id == customer_id, within(sight))
    return list(session.scalars(mine.order_by(TicketRow.number.desc()).limit(limit)))
