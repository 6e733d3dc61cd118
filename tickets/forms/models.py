"""Tables of forms: what was handed in, version by version, its files, and how each ticket's form stands."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id


class FormEntryRow(Base):
    """A form as it was handed in once; append-only, so that every version is kept."""

    __tablename__ = "form_entries"
    __table_args__ = (UniqueConstraint("ticket_id", "version"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    version: Mapped[int]
    template_id: Mapped[str] = mapped_column(String(40))
    book_version: Mapped[int]
    values_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # Apart, so that nothing that shows a form has to open what only some may read.
    secure_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    score: Mapped[float]
    author: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FormFileRow(Base):
    """A file of a form, sealed; ``entry_id`` is the first version that names it."""

    __tablename__ = "form_files"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    entry_id: Mapped[str | None] = mapped_column(ForeignKey("form_entries.id"), default=None)
    field: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int]
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    # Deferred: showing a form must not drag megabytes of video along.
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    author: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FormStandingRow(Base):
    """How a ticket's form stands: for the queue, the desk and the report."""

    __tablename__ = "form_standings"
    __table_args__ = (
        # Only what waits is in it, so that the queue costs what waits.
        Index(
            "ix_form_standings_waiting",
            "waiting_since",
            "ticket_id",
            sqlite_where=text("waiting_since IS NOT NULL"),
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
    )

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    template_id: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16))
    score: Mapped[float]
    missing: Mapped[list[str]] = mapped_column(JSON, default=list)
    needs_proof: Mapped[bool] = mapped_column(default=False)
    has_proof: Mapped[bool] = mapped_column(default=False)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    decision: Mapped[str] = mapped_column(String(16), default="")
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
