"""SQL of erasing: applications, consents, and the columns in which something of a customer stands in clear."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from kit.db import Session
from tickets.automation.models import RuleFiringRow, TicketTagRow
from tickets.entries.models import EntryRow
from tickets.erasing.models import ConsentRow, ErasureRow
from tickets.forms.models import FormFileRow
from tickets.models import (
    AttachmentRow,
    ConversationRow,
    CustomerRow,
    MessageRow,
    ObservationRow,
    TicketFieldRow,
    TicketRow,
    TimelineRow,
)
from tickets.sla.models import ClockRow

_PLAIN = frozenset({"to", "from", "group", "kind", "stage", "zone", "priority", "record", "conversation", "zh", "en"})
"""Keys of timeline entries whose words are the service's own; numbers stay too, everything else may be somebody's."""


def add(session: Session, row: ErasureRow | ConsentRow) -> None:
    """Insert an application or a consent."""
    session.add(row)
    session.flush()


def locked(session: Session, erasure_id: str) -> ErasureRow | None:
    """Return an application as it stands, kept so until the unit of work ends."""
    query = select(ErasureRow).where(ErasureRow.id == erasure_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def open_of(session: Session, customer_id: str) -> ErasureRow | None:
    """Return the application for a customer that nobody has decided about."""
    query = select(ErasureRow).where(ErasureRow.customer_id == customer_id, ErasureRow.state == "applied")
    return session.scalar(query)


def done_for(session: Session, customer_id: str) -> bool:
    """Tell whether a customer has been erased."""
    query = select(ErasureRow.id).where(ErasureRow.customer_id == customer_id, ErasureRow.state == "done")
    return session.scalar(query.limit(1)) is not None


def newest(session: Session, limit: int) -> Sequence[ErasureRow]:
    """Return applications, those that wait first, then the newest."""
    order = (ErasureRow.state != "applied", ErasureRow.id.desc())
    return session.scalars(select(ErasureRow).order_by(*order).limit(limit)).all()


def customers(session: Session, ids: Collection[str]) -> dict[str, CustomerRow]:
    """Return customers by id."""
    return {row.id: row for row in session.scalars(select(CustomerRow).where(CustomerRow.id.in_(ids)))}


def tickets_of(session: Session, ids: Collection[str]) -> list[tuple[str, int, str]]:
    """Return (customer, number, status) of some customers' tickets, by number."""
    query = (
        select(TicketRow.customer_id, TicketRow.number, TicketRow.status)
        .where(TicketRow.customer_id.in_(ids))
        .order_by(TicketRow.number)
    )
    return [(customer, number, status) for customer, number, status in session.execute(query)]


def blank(session: Session, customer_id: str) -> int:
    """Empty every clear column that holds something a customer said, or leads to them; return how many tickets.

    Rows, times, states and actors stay: they are the record of what the service did.
    """
    fetch = {"synchronize_session": "fetch"}
    tickets = select(TicketRow.id).where(TicketRow.customer_id == customer_id)
    talks = select(ConversationRow.id).where(ConversationRow.customer_id == customer_id)
    facts = {"value": "", "normal": "", "evidence": []}
    session.execute(
        update(TicketFieldRow).where(TicketFieldRow.ticket_id.in_(tickets)).values(**facts), execution_options=fetch
    )
    session.execute(delete(ObservationRow).where(ObservationRow.conversation_id.in_(talks)), execution_options=fetch)
    session.execute(
        update(EntryRow).where(EntryRow.ticket_id.in_(tickets)).values(region="", sku="", entitlement="", reference=""),
        execution_options=fetch,
    )
    session.execute(
        update(AttachmentRow).where(AttachmentRow.conversation_id.in_(talks)).values(file_name=""),
        execution_options=fetch,
    )
    session.execute(
        update(FormFileRow).where(FormFileRow.ticket_id.in_(tickets)).values(file_name=""), execution_options=fetch
    )
    causes = update(ClockRow).where(ClockRow.ticket_id.in_(tickets)).values(cause_words="")
    session.execute(causes, execution_options=fetch)
    firings = update(RuleFiringRow).where(RuleFiringRow.ticket_id.in_(tickets)).values(facts={}, done=[])
    session.execute(firings, execution_options=fetch)
    session.execute(delete(TicketTagRow).where(TicketTagRow.ticket_id.in_(tickets)), execution_options=fetch)
    # Cards repeat what the customer gave; the kind of a message is no secret.
    for message in session.scalars(select(MessageRow).where(MessageRow.conversation_id.in_(talks))):
        message.data = {name: value for name, value in message.data.items() if name == "kind"}
    for entry in session.scalars(select(TimelineRow).where(TimelineRow.ticket_id.in_(tickets))):
        entry.data = {name: value for name, value in entry.data.items() if _is_ours(name, value)}
    rows = session.scalars(select(TicketRow).where(TicketRow.customer_id == customer_id)).all()
    for row in rows:
        row.title = ""
    customer = session.get_one(CustomerRow, customer_id)
    customer.external_id, customer.level = f"erased:{customer_id}", "normal"
    session.execute(
        update(ConversationRow).where(ConversationRow.customer_id == customer_id).values(access_hash=""),
        execution_options=fetch,
    )
    session.execute(delete(ConsentRow).where(ConsentRow.customer_id == customer_id), execution_options=fetch)
    session.flush()
    return len(rows)


def _is_ours(name: str, value: object) -> bool:
    return name in _PLAIN or isinstance(value, bool | int | float)


def consent(session: Session, conversation_id: str) -> ConsentRow | None:
    """Return what a conversation's customer agreed to."""
    return session.get(ConsentRow, conversation_id)


def kept_too_long(session: Session, before: datetime, limit: int) -> list[str]:
    """Return customers of whom nothing has been heard since an instant and who have no ticket that is not closed.

    The longest silent first; those who have been erased are not in it.
    """
    newer = select(ConversationRow.customer_id).where(ConversationRow.last_message_at >= before)
    worked_on = select(TicketRow.customer_id).where(TicketRow.status != "closed")
    erased = select(ErasureRow.customer_id).where(ErasureRow.state == "done")
    query = (
        select(CustomerRow.id)
        .where(
            CustomerRow.created_at < before,
            CustomerRow.id.not_in(newer),
            CustomerRow.id.not_in(worked_on),
            CustomerRow.id.not_in(erased),
        )
        .order_by(CustomerRow.id)
        .limit(limit)
    )
    return list(session.scalars(query))
