"""Tables of what joins tickets. A merge moves nothing: it says where a ticket goes on, so undoing it is exact."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_ID = String(36)
_STANDS = text("undone_at IS NULL")


class LinkRow(Base):
    """Two tickets have to do with each other; the pair in the order of their ids."""

    __tablename__ = "ticket_links"
    __table_args__ = (
        Index(
            "uq_ticket_links_standing",
            "first_id",
            "second_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    first_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    second_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class MergeRow(Base):
    """A ticket goes on in another one.

    ``into_id`` is the one it was merged into; ``survivor_id`` where it goes on now, which differs once that one was
    merged too. ``before`` is how the merged ticket stood; ``taken`` what the survivor took over, as (before, after).
    """

    __tablename__ = "ticket_merges"
    __table_args__ = (
        # Law three's sister: a ticket goes on in one place, held by the database.
        Index("uq_ticket_merges_standing", "ticket_id", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    into_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    survivor_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    before: Mapped[dict[str, object]] = mapped_column(JSON)
    taken: Mapped[dict[str, list[object]]] = mapped_column(JSON)
    answered: Mapped[bool]
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(String(80), default="")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class FollowUpRow(Base):
    """A customer came again about a ticket: said it once more, or urged; no new ticket, and counted apart."""

    __tablename__ = "follow_ups"
    __table_args__ = (UniqueConstraint("ticket_id", "kind", "key"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(80))
    counted: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
