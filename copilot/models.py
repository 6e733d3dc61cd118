"""Tables of the copilot."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_ID = String(36)


class SuggestionRow(Base):
    """A suggestion and what became of it.

    It holds words of articles and of the copilot only: what the customer said is pointed to by its message's number,
    so that erasing the person's key erases it here too. What was found and what was cited are kept apart.
    """

    __tablename__ = "suggestions"
    __table_args__ = (Index("ix_suggestions_ticket_id_id", "ticket_id", "id"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    conversation_seq: Mapped[int]
    lang: Mapped[str] = mapped_column(String(8))
    draft: Mapped[str] = mapped_column(Text)
    sentences: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    steps: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    citations: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    retrieved: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    blocker: Mapped[dict[str, object] | None] = mapped_column(JSON, default=None)
    blocker_kind: Mapped[str] = mapped_column(String(16), default="")
    withheld: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(16))
    degraded: Mapped[str] = mapped_column(String(32), default="")
    model: Mapped[str] = mapped_column(String(160), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(12), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    edit_distance: Mapped[float | None] = mapped_column(default=None)
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class SummaryRow(Base):
    """A summary; its words are the customer's and the agent's, so they are sealed with the customer's key.

    ``mood`` and ``reproduced`` are fixed words and stand open, for reports.
    """

    __tablename__ = "summaries"
    __table_args__ = (Index("ix_summaries_ticket_id_id", "ticket_id", "id"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    conversation_seq: Mapped[int]
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    mood: Mapped[str] = mapped_column(String(16), default="")
    reproduced: Mapped[str] = mapped_column(String(16), default="")
    promises: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str] = mapped_column(String(64), default="")
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
