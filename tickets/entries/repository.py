"""SQL of entries."""

from collections.abc import Collection

from sqlalchemy import select

from kit.db import Session
from tickets.entries.models import EntryRow
from tickets.models import CustomerRow, TicketRow
from tickets.repository.sight import within
from tickets.rights import Sight


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
    found = select(EntryRow.reference).where(EntryRow.source == source, EntryRow.reference.in_(references))
    return set(session.scalars(found))


def customer(session: Session, customer_id: str) -> CustomerRow | None:
    """Return a customer's row."""
    return session.get(CustomerRow, customer_id)


def tickets_of(session: Session, customer_id: str, sight: Sight, limit: int) -> list[int]:
    """Return the numbers of a customer's newest tickets that are seen."""
    mine = select(TicketRow.number).where(TicketRow.customer_id == customer_id, within(sight))
    return list(session.scalars(mine.order_by(TicketRow.number.desc()).limit(limit)))
