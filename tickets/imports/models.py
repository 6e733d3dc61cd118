"""Tables of imports. Files and their lines hold what customers wrote: both are sealed, and gone when they are done."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id


class TicketImportRow(Base):
    """A file on its way to becoming tickets."""

    __tablename__ = "ticket_imports"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    file_name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(40))
    scheme: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    encoding: Mapped[str] = mapped_column(String(16), default="")
    refusal_zh: Mapped[str] = mapped_column(String(300), default="")
    refusal_en: Mapped[str] = mapped_column(String(300), default="")
    rows: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    filed: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, deferred=True)
    report_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, deferred=True)


class ImportChunkRow(Base):
    """Some good lines that wait to be filed."""

    __tablename__ = "ticket_import_chunks"

    import_id: Mapped[str] = mapped_column(ForeignKey("ticket_imports.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lines_sealed: Mapped[bytes] = mapped_column(LargeBinary)
