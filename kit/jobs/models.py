"""The job row."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id
from kit.jobs.schemas import HEARTBEAT

IS_HEARTBEAT = f"kind = '{HEARTBEAT}'"  # as a literal: only then does a partial index serve the query


class JobRow(Base):
    """A unit of work that must happen; written in the transaction that makes it due."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_state_priority_next_at", "state", text("priority DESC"), "next_at", "id"),
        Index("ix_jobs_queue_done_at", "queue", "done_at"),
        Index(
            "ix_jobs_heartbeats",
            "queue",
            "created_at",
            sqlite_where=text(IS_HEARTBEAT),
            postgresql_where=text(IS_HEARTBEAT),
        ),
        # One waiting job a dedupe key; a leased one does not count, so news that arrives meanwhile is not lost.
        Index(
            "uq_jobs_waiting_dedupe_key",
            "dedupe_key",
            unique=True,
            sqlite_where=text("state = 'due' AND dedupe_key <> ''"),
            postgresql_where=text("state = 'due' AND dedupe_key <> ''"),
        ),
        # The database itself keeps two jobs of one serial key from running at once.
        Index(
            "uq_jobs_running_serial_key",
            "serial_key",
            unique=True,
            sqlite_where=text("state = 'leased' AND serial_key <> ''"),
            postgresql_where=text("state = 'leased' AND serial_key <> ''"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    subject_id: Mapped[str] = mapped_column(String(64))
    queue: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(default=0)
    serial_key: Mapped[str] = mapped_column(String(96), default="")
    dedupe_key: Mapped[str] = mapped_column(String(160), default="")
    state: Mapped[str] = mapped_column(String(16), default="due")
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    # Announced before something leaves the house: "again" (its receiver drops doubles) or "once".
    sending: Mapped[str] = mapped_column(String(8), default="")
    last_error: Mapped[str] = mapped_column(String(2000), default="")
    note: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
