"""SQL of links and merges."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import aliased

from kit.db import Session
from tickets.merging.models import LinkRow, MergeRow
from tickets.merging.schemas import Link, LinkKind, Merged
from tickets.models import ConversationRow, MessageRow, TicketFieldRow, TicketRow, TimelineRow
from tickets.words import Role

_DONE = ("resolved", "closed")
_REPLIES = ("replied", "asked")
_MOST = 50  # tickets of one customer within a day: more is a program, and nobody reads them


def locked(session: Session, ids: Collection[str]) -> dict[str, TicketRow]:
    """Return tickets as they stand, kept so until the unit of work ends.

    Always in the order of their ids: two who merge the same pair in opposite directions then wait for each other.
    """
    query = select(TicketRow).where(TicketRow.id.in_(ids)).order_by(TicketRow.id)
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {row.id: row for row in rows}


def add(session: Session, row: MergeRow | LinkRow) -> None:
    """Insert a merge or a link."""
    session.add(row)
    session.flush()


def standing(session: Session, ticket_id: str) -> MergeRow | None:
    """Return the merge by which a ticket goes on elsewhere, as it stands now."""
    query = select(MergeRow).where(MergeRow.ticket_id == ticket_id, MergeRow.undone_at.is_(None))
    return session.scalar(query.execution_options(populate_existing=True))


def directly_into(session: Session, ticket_id: str) -> Sequence[MergeRow]:
    """Return the merges into a ticket that stand, the oldest first."""
    query = select(MergeRow).where(MergeRow.into_id == ticket_id, MergeRow.undone_at.is_(None)).order_by(MergeRow.id)
    return session.scalars(query).all()


def parted_before(session: Session, one: str, other: str) -> bool:
    """Tell whether somebody has already undone a merge of these two."""
    pair = or_(
        and_(MergeRow.ticket_id == one, MergeRow.into_id == other),
        and_(MergeRow.ticket_id == other, MergeRow.into_id == one),
    )
    query = select(MergeRow.id).where(pair, MergeRow.undone_at.is_not(None)).limit(1)
    return session.scalar(query) is not None


def redirect(session: Session, before: str, after: str) -> None:
    """Let what goes on in one ticket go on in another."""
    session.execute(
        update(MergeRow)
        .where(MergeRow.survivor_id == before, MergeRow.undone_at.is_(None))
        .values(survivor_id=after)
        .execution_options(synchronize_session="fetch")
    )


def redirect_some(session: Session, ticket_ids: Collection[str], after: str) -> None:
    """Let some merged tickets go on in another one."""
    session.execute(
        update(MergeRow)
        .where(MergeRow.ticket_id.in_(ticket_ids), MergeRow.undone_at.is_(None))
        .values(survivor_id=after)
        .execution_options(synchronize_session="fetch")
    )


def family(session: Session, ticket_id: str) -> list[Merged]:
    """Return the tickets that go on in one, the oldest merge first."""
    into = aliased(TicketRow)
    query = (
        select(MergeRow, TicketRow, into.number)
        .join(TicketRow, TicketRow.id == MergeRow.ticket_id)
        .join(into, into.id == MergeRow.into_id)
        .where(MergeRow.survivor_id == ticket_id, MergeRow.undone_at.is_(None))
        .order_by(MergeRow.id)
    )
    return [
        Merged(row.id, row.number, row.title, row.conversation_id, row.customer_id, number, merge.by, merge.at)
        for merge, row, number in session.execute(query)
    ]


def links(session: Session, ticket_id: str) -> list[Link]:
    """Return a ticket's links, the oldest first."""
    other_id = case((LinkRow.first_id == ticket_id, LinkRow.second_id), else_=LinkRow.first_id)
    query = (
        select(LinkRow, TicketRow)
        .join(TicketRow, TicketRow.id == other_id)
        .where(or_(LinkRow.first_id == ticket_id, LinkRow.second_id == ticket_id), LinkRow.undone_at.is_(None))
        .order_by(LinkRow.id)
    )
    return [
        Link(row.number, row.title, row.status, LinkKind(link.kind), link.by, link.at)
        for link, row in session.execute(query)
    ]


def link_of(session: Session, one: str, other: str) -> LinkRow | None:
    """Return the link of two tickets that stands."""
    first, second = sorted((one, other))
    query = select(LinkRow).where(LinkRow.first_id == first, LinkRow.second_id == second, LinkRow.undone_at.is_(None))
    return session.scalar(query.with_for_update())


def replies_since(session: Session, ticket_id: str, since: datetime) -> list[tuple[datetime, str]]:
    """Return (when, in which conversation) staff answered on a ticket since an instant, in order."""
    query = (
        select(TimelineRow)
        .where(TimelineRow.ticket_id == ticket_id, TimelineRow.at >= since, TimelineRow.kind.in_(_REPLIES))
        .order_by(TimelineRow.id)
    )
    return [(row.at, str(row.data.get("conversation", ""))) for row in session.scalars(query)]


def wrote_since(session: Session, conversation_id: str, since: datetime) -> bool:
    """Tell whether a conversation's customer has written since an instant."""
    query = select(MessageRow.id).where(
        MessageRow.conversation_id == conversation_id, MessageRow.role == Role.CUSTOMER, MessageRow.received_at > since
    )
    return session.scalar(query.limit(1)) is not None


def last_heard(session: Session, conversation_ids: Collection[str]) -> dict[str, datetime]:
    """Return when each conversation's customer wrote last; conversations without a word of theirs are not in it."""
    query = (
        select(MessageRow.conversation_id, func.max(MessageRow.received_at))
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(ConversationRow.id.in_(conversation_ids), MessageRow.seq == ConversationRow.customer_seq)
        .group_by(MessageRow.conversation_id)
    )
    return {conversation_id: at for conversation_id, at in session.execute(query)}  # noqa: C416 - a Row is no tuple


def around(session: Session, row: TicketRow, since: datetime, until: datetime) -> list[TicketRow]:
    """Return a customer's other open tickets that were filed within a time, the newest first."""
    query = (
        select(TicketRow)
        .where(
            TicketRow.customer_id == row.customer_id,
            TicketRow.id != row.id,
            TicketRow.status.not_in(_DONE),
            TicketRow.created_at.between(since, until),
        )
        .order_by(TicketRow.number.desc())
        .limit(_MOST)
    )
    return list(session.scalars(query))


def facts(session: Session, ticket_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Return ticket → fact → normal form."""
    found: dict[str, dict[str, str]] = {ticket_id: {} for ticket_id in ticket_ids}
    for field in session.scalars(select(TicketFieldRow).where(TicketFieldRow.ticket_id.in_(ticket_ids))):
        found[field.ticket_id][field.name] = field.normal
    return found
