"""Tables of lists: saved views, and the search index, which is derived: it may be built again (ADR-0015)."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id


class TicketTermRow(Base):
    """A word stands on a ticket: its keyed hash, and the ticket's place in the newest-first order."""

    __tablename__ = "ticket_terms"
    __table_args__ = ({"sqlite_with_rowid": False},)  # the key is all there is: no second copy beside it

    term: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class TicketTermSetRow(Base):
    """Every hash of one ticket, packed: what to take away when its words change or its customer is erased."""

    __tablename__ = "ticket_term_sets"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(BigInteger)
    terms: Mapped[bytes] = mapped_column(LargeBinary)


class SavedViewRow(Base):
    """A saved view; for a day after its deletion it can be had back."""

    __tablename__ = "saved_views"
    __table_args__ = (
        Index("ix_saved_views_owner", "owner"),
        Index("ix_saved_views_group_id", "group_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60))
    state: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    owner: Mapped[str] = mapped_column(ForeignKey("users.username"))
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"), default=None)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class DefaultViewRow(Base):
    """Which view a person sees first."""

    __tablename__ = "default_views"

    username: Mapped[str] = mapped_column(ForeignKey("users.username"), primary_key=True)
    view_id: Mapped[str] = mapped_column(ForeignKey("saved_views.id", ondelete="CASCADE"), index=True)
