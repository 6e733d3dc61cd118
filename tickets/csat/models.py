"""The table of surveys; what the customer wrote is sealed with the customer's key."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_ID = String(36)


class SurveyRow(Base):
    """One solving of one ticket, judged or not yet."""

    __tablename__ = "csat_surveys"
    __table_args__ = (UniqueConstraint("ticket_id", "round"), Index("ix_csat_surveys_asked_at", "asked_at"))

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    round: Mapped[int]  # how often the ticket had been reopened: each solving is judged by itself
    customer_id: Mapped[str] = mapped_column(String(36))
    agent: Mapped[str] = mapped_column(String(64), default="")
    group_id: Mapped[str] = mapped_column(String(40), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    score: Mapped[int | None] = mapped_column(default=None)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
