"""Tables of clocks and pauses."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_WAITS = text("next_at IS NOT NULL")
_RUNS = text("ended_at IS NULL")


class ClockRow(Base):
    """One thing promised to a ticket's customer; its due time follows from start, target, calendar and pauses."""

    __tablename__ = "sla_clocks"
    __table_args__ = (
        Index("ix_sla_clocks_ticket_id", "ticket_id"),
        # Only clocks that time will do something to are in it, so that a sweep costs what is due.
        Index("ix_sla_clocks_next_at", "next_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        # A recompute walks the open ones by ticket.
        Index("ix_sla_clocks_open", "ticket_id", "id", sqlite_where=_RUNS, postgresql_where=_RUNS),
        Index("ix_sla_clocks_ended_at", "ended_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(40), default="")
    priority: Mapped[str] = mapped_column(String(4))
    policy: Mapped[str] = mapped_column(String(40), default="")
    minutes: Mapped[int] = mapped_column(default=0)
    warn_minutes: Mapped[int] = mapped_column(default=0)
    calendar: Mapped[str] = mapped_column(String(40), default="")
    promise: Mapped[str] = mapped_column(String(8), default="")
    sla_version: Mapped[int] = mapped_column(default=0)
    calendars_version: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    warn_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    breached_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    rungs: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    met_by: Mapped[str] = mapped_column(String(80), default="")
    ai_answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    cause: Mapped[str] = mapped_column(String(16), default="")
    cause_words: Mapped[str] = mapped_column(String(300), default="")
    cause_by: Mapped[str] = mapped_column(String(80), default="")
    cause_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class PauseRow(Base):
    """A stretch of a ticket's life that its pausable clocks leave out, with its reason and its proof."""

    __tablename__ = "sla_pauses"
    __table_args__ = (Index("ix_sla_pauses_ticket_id", "ticket_id", "since"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    reason: Mapped[str] = mapped_column(String(16))
    # The lifecycle's step that began it, or the sealed record that holds a person's proof.
    state: Mapped[str] = mapped_column(String(24))
    proof_id: Mapped[str | None] = mapped_column(String(36), default=None)
    by: Mapped[str] = mapped_column(String(80))
