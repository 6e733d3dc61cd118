"""SQL of what is written down about a ticket, of its procedure, and of what time will do to it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from kit.crypto import Vault
from kit.db import Session
from kit.ids import new_id
from tickets.models import NodeRow, RecordRow, TicketRow
from tickets.schemas import Node, NodeTemplate, Record
from tickets.words import RecordKind


def add_record(
    session: Session, vault: Vault, row: TicketRow, *, kind: RecordKind, text: str, author: str, now: datetime
) -> str:
    """Append a record and return its id; it is written with the ticket, whose changes the timeline is to see first."""
    record_id = new_id()
    with session.no_autoflush:
        sealed = vault.seal(session, row.customer_id, _context(record_id), text)
    session.add(RecordRow(id=record_id, ticket_id=row.id, kind=kind, text_sealed=sealed, author=author, at=now))
    return record_id


def records(session: Session, vault: Vault, row: TicketRow) -> list[Record]:
    """Return a ticket's records, oldest first."""
    found = session.scalars(select(RecordRow).where(RecordRow.ticket_id == row.id).order_by(RecordRow.id))
    return [
        Record(
            r.id,
            RecordKind(r.kind),
            vault.open_kept(session, row.customer_id, _context(r.id), r.text_sealed),
            r.author,
            r.at,
        )
        for r in found
    ]


def add_nodes(session: Session, ticket_id: str, nodes: Sequence[tuple[NodeTemplate, datetime]]) -> None:
    """Give a ticket its procedure: each step with the instant it is due."""
    for ordinal, (template, due_at) in enumerate(nodes, start=1):
        session.add(
            NodeRow(
                ticket_id=ticket_id,
                ordinal=ordinal,
                task_zh=template.task_zh,
                task_en=template.task_en,
                owner=template.owner,
                due_at=due_at,
            )
        )
    session.flush()


def node_rows(session: Session, ticket_id: str) -> list[NodeRow]:
    """Return a ticket's procedure in its order."""
    return list(session.scalars(select(NodeRow).where(NodeRow.ticket_id == ticket_id).order_by(NodeRow.ordinal)))


def node(session: Session, node_id: str) -> NodeRow | None:
    """Return one step."""
    return session.get(NodeRow, node_id)


def node_view(row: NodeRow) -> Node:
    """Return a step as others see it."""
    return Node(row.id, row.ordinal, row.task_zh, row.task_en, row.owner, row.due_at, row.done_at, row.done_by)


def due_for_aftercare(session: Session, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Return (ticket id, conversation id) of tickets that time has something to do to, the longest due first."""
    query = (
        select(TicketRow.id, TicketRow.conversation_id)
        .where(TicketRow.aftercare_at.is_not(None), TicketRow.aftercare_at <= now)
        .order_by(TicketRow.aftercare_at)
        .limit(limit)
    )
    return [(ticket_id, conversation_id) for ticket_id, conversation_id in session.execute(query)]


def _context(record_id: str) -> str:
    return f"ticket_records:{record_id}"
