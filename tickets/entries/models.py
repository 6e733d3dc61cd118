"""Table of what other systems say of the tickets they file."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime

_NAMED = text("reference <> ''")


class EntryRow(Base):
    """What came with a ticket from elsewhere, beside its own columns."""

    __tablename__ = "ticket_entries"
    __table_args__ = (
        # Whatever was filed under a reference is not filed again, however often it comes.
        Index(
            "uq_ticket_entries_reference",
            "source",
            "reference",
            unique=True,
            sqlite_where=_NAMED,
            postgresql_where=_NAMED,
        ),
    )

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(128), default="")
    region: Mapped[str] = mapped_column(String(60), default="")
    sku: Mapped[str] = mapped_column(String(60), default="")
    entitlement: Mapped[str] = mapped_column(String(40), default="")
    quiet_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    links_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
