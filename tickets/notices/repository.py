"""SQL of notices."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from kit.db import Base, Session
from tickets.notices.models import NoticeAddressRow, NoticeMuteRow, NoticePlaceRow, NoticeRow
from tickets.notices.schemas import Audience, Channel, Notice, NoticeEvent, NoticeState, Place
from tickets.words import TicketId

_PRUNE_ROWS = 20  # with each notice: more than one, so that the table cannot grow for ever


def add(session: Session, row: Base) -> None:
    """Insert a row."""
    session.add(row)
    session.flush()


def notice(session: Session, notice_id: str) -> NoticeRow | None:
    """Return a notice."""
    return session.get(NoticeRow, notice_id)


def known(session: Session, fact_id: str) -> set[tuple[str, str]]:
    """Return the (channel, recipient) pairs that have been given a fact."""
    query = select(NoticeRow.channel, NoticeRow.recipient).where(NoticeRow.fact_id == fact_id)
    return {(channel, recipient) for channel, recipient in session.execute(query)}


def page(session: Session, states: Collection[NoticeState], limit: int, before: str | None) -> Sequence[NoticeRow]:
    """Return notices of some states, newest first, after the one with id ``before``; the inboxes' are left out."""
    query = select(NoticeRow).where(NoticeRow.state.in_(states), NoticeRow.channel != Channel.INBOX)
    if before:
        query = query.where(NoticeRow.id < before)
    return session.scalars(query.order_by(NoticeRow.id.desc()).limit(limit)).all()


def of_ticket(session: Session, ticket_id: str, limit: int) -> Sequence[NoticeRow]:
    """Return a ticket's notices, newest first."""
    query = select(NoticeRow).where(NoticeRow.ticket_id == ticket_id)
    return session.scalars(query.order_by(NoticeRow.id.desc()).limit(limit)).all()


def inbox(session: Session, username: str, limit: int, before: str | None) -> Sequence[NoticeRow]:
    """Return somebody's inbox, newest first."""
    query = select(NoticeRow).where(NoticeRow.channel == Channel.INBOX, NoticeRow.recipient == username)
    if before:
        query = query.where(NoticeRow.id < before)
    return session.scalars(query.order_by(NoticeRow.id.desc()).limit(limit)).all()


def unread(session: Session, username: str) -> int:
    """Count what somebody has not read."""
    unseen = (NoticeRow.channel == Channel.INBOX, NoticeRow.read_at.is_(None), NoticeRow.recipient == username)
    return session.scalar(select(func.count()).select_from(NoticeRow).where(*unseen)) or 0


def mark_read(session: Session, username: str, now: datetime, notice_id: str | None) -> None:
    """Mark one notice of somebody's inbox as read, or all."""
    which = update(NoticeRow).where(
        NoticeRow.channel == Channel.INBOX, NoticeRow.read_at.is_(None), NoticeRow.recipient == username
    )
    if notice_id:
        which = which.where(NoticeRow.id == notice_id)
    session.execute(which.values(read_at=now))


def prune(session: Session, before: datetime) -> None:
    """Delete notices that ended before an instant, some at a time."""
    old = select(NoticeRow.id).where(NoticeRow.ended_at < before).limit(_PRUNE_ROWS)
    session.execute(delete(NoticeRow).where(NoticeRow.id.in_(old)))


def places(session: Session) -> Sequence[NoticePlaceRow]:
    """Return all places, by name."""
    return session.scalars(select(NoticePlaceRow).order_by(NoticePlaceRow.name)).all()


def place(session: Session, name: str) -> NoticePlaceRow | None:
    """Return a place."""
    return session.get(NoticePlaceRow, name)


def remove_place(session: Session, row: NoticePlaceRow) -> None:
    """Delete a place."""
    session.delete(row)
    session.flush()


def addresses(session: Session, owners: Collection[str]) -> dict[tuple[str, str], bytes]:
    """Return (owner, channel) → sealed address of some owners."""
    rows = session.scalars(select(NoticeAddressRow).where(NoticeAddressRow.owner.in_(owners)))
    return {(row.owner, row.channel): row.address_sealed for row in rows}


def set_address(session: Session, owner: str, channel: Channel, sealed: bytes | None) -> None:
    """Write or forget an address."""
    if sealed is None:
        which = (NoticeAddressRow.owner == owner, NoticeAddressRow.channel == channel)
        session.execute(delete(NoticeAddressRow).where(*which))
        return
    session.merge(NoticeAddressRow(owner=owner, channel=channel, address_sealed=sealed))
    session.flush()


def mutes(session: Session, usernames: Collection[str]) -> set[tuple[str, str, str]]:
    """Return (user name, event, channel) that some people have switched off."""
    rows = session.scalars(select(NoticeMuteRow).where(NoticeMuteRow.username.in_(usernames)))
    return {(row.username, row.event, row.channel) for row in rows}


def set_mutes(session: Session, username: str, muted: Collection[tuple[NoticeEvent, Channel]]) -> None:
    """Replace what somebody has switched off."""
    session.execute(delete(NoticeMuteRow).where(NoticeMuteRow.username == username))
    for event, channel in sorted(muted):
        session.add(NoticeMuteRow(username=username, event=event, channel=channel))
    session.flush()


def view(row: NoticeRow, unclear: Collection[str] = ()) -> Notice:
    """Return a notice without its words."""
    return Notice(
        id=row.id,
        event=NoticeEvent(row.event),
        audience=Audience(row.audience),
        channel=Channel(row.channel),
        recipient=row.recipient,
        ticket_id=TicketId(row.ticket_id),
        ticket_number=row.ticket_number,
        state=NoticeState(row.state),
        attempts=row.attempts,
        error=row.error,
        created_at=row.created_at,
        next_at=row.next_at,
        ended_at=row.ended_at,
        unclear=row.id in unclear,
    )


def place_view(row: NoticePlaceRow) -> Place:
    """Return a place without what opens it."""
    return Place(row.name, Channel(row.channel), row.group_id, row.host, row.created_by, row.created_at)
