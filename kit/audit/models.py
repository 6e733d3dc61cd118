"""Tables of the audit. The database itself refuses to change or delete what is in them (triggers in the migration)."""

from datetime import datetime

from sqlalchemy import JSON, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_UNSEALED = "seal IS NULL"


class AuditRow(Base):
    """A record; nothing of it changes but its seal's number, once."""

    __tablename__ = "audit_records"
    __table_args__ = (
        Index("ix_audit_records_subject_id_id", "subject_id", "id"),
        Index("ix_audit_records_actor_id", "actor", "id"),
        Index("ix_audit_records_seal", "seal"),
        Index(
            "ix_audit_records_unsealed",
            "id",
            sqlite_where=text(_UNSEALED),
            postgresql_where=text(_UNSEALED),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(120))
    data: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    person_id: Mapped[str] = mapped_column(String(64), default="")
    private_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    seal: Mapped[int | None] = mapped_column(default=None)


class SealRow(Base):
    """A link of the chain over some records; never changed."""

    __tablename__ = "audit_seals"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    records: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
