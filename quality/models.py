"""The table of findings."""

from datetime import datetime

from sqlalchemy import JSON, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id


class FindingRow(Base):
    """A finding and its review; never deleted, so that a reviewer's link stays good.

    ``evidence`` is a list of ``[turn index, start, end]``. The words themselves stay with the sealed message, so that
    erasing a person's key erases them here too.
    """

    __tablename__ = "quality_findings"
    __table_args__ = (
        UniqueConstraint("conversation_id", "rule_version", "rule"),
        Index("ix_quality_findings_queue", "status", "severity_rank", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[str | None] = mapped_column(String(64), index=True)
    rule: Mapped[str] = mapped_column(String(48))
    rule_version: Mapped[str] = mapped_column(String(48))
    severity: Mapped[str] = mapped_column(String(8))
    severity_rank: Mapped[int] = mapped_column(Integer, default=0)
    score: Mapped[int] = mapped_column(Integer)
    evidence: Mapped[list[list[int]]] = mapped_column(JSON)
    roles: Mapped[list[str]] = mapped_column(JSON)
    explanation_zh: Mapped[str] = mapped_column(Text)
    explanation_en: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reviewer: Mapped[str] = mapped_column(String(64), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
