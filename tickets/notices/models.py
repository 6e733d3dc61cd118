"""Tables of notices. Words are sealed with the customer's key; addresses and secrets with their owner's."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_ID = String(36)
_UNREAD = text("channel = 'inbox' AND read_at IS NULL")


class NoticeRow(Base):
    """One fact for one recipient over one channel."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("fact_id", "channel", "recipient"),
        Index("ix_notices_inbox", "channel", "recipient", "id"),
        Index("ix_notices_unread", "recipient", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index("ix_notices_state_id", "state", "id"),
        Index("ix_notices_ended_at", "ended_at"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    fact_id: Mapped[str] = mapped_column(String(160))
    event: Mapped[str] = mapped_column(String(24))
    audience: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(String(40), default="")
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    ticket_number: Mapped[int]
    customer_id: Mapped[str] = mapped_column(String(36))
    lang: Mapped[str] = mapped_column(String(8))
    words_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class NoticePlaceRow(Base):
    """Where a robot, a gateway or a webhook listens; the address is a secret too: it opens the robot."""

    __tablename__ = "notice_places"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    group_id: Mapped[str] = mapped_column(String(40), default="")
    host: Mapped[str] = mapped_column(String(255))
    url_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NoticeAddressRow(Base):
    """A mail address or phone number of a customer or a member of staff."""

    __tablename__ = "notice_addresses"

    owner: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class NoticeMuteRow(Base):
    """An event that a member of staff does not want to hear of over a channel."""

    __tablename__ = "notice_mutes"

    username: Mapped[str] = mapped_column(String(64), primary_key=True)
    event: Mapped[str] = mapped_column(String(24), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
