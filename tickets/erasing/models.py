"""Tables of erasing: who asked for it, who decided; and what customers agreed to."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_ID = String(36)
_OPEN = text("state = 'applied'")


class ErasureRow(Base):
    """An application to erase a customer, and what became of it; it holds nothing the customer wrote."""

    __tablename__ = "erasures"
    __table_args__ = (
        Index("uq_erasures_open", "customer_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_erasures_state", "state", "id"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    state: Mapped[str] = mapped_column(String(12))
    ground: Mapped[str] = mapped_column(String(16))
    applied_by: Mapped[str] = mapped_column(String(80))
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class ConsentRow(Base):
    """A customer was shown how their data are used, and went on: when, and which edition of the words (SE-11)."""

    __tablename__ = "consents"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    edition: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
