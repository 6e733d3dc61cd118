"""Tables of automation: what fired, what rules are waited for, tags."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_ID = String(36)


class RuleFiringRow(Base):
    """A rule whose condition held, with what it did; append-only.

    One job asks a rule of a ticket once, whatever happens to the job.
    """

    __tablename__ = "rule_firings"
    __table_args__ = (
        UniqueConstraint("ticket_id", "rule", "cause"),
        Index("ix_rule_firings_rule_at", "rule", "at"),
        Index("ix_rule_firings_ticket_id_at", "ticket_id", "at"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    rule: Mapped[str] = mapped_column(String(60))
    edition: Mapped[int]
    event: Mapped[str] = mapped_column(String(24))
    cause: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[str] = mapped_column(String(8))
    branch: Mapped[str] = mapped_column(String(60), default="")
    chain: Mapped[list[str]] = mapped_column(JSON, default=list)
    facts: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    done: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    refused: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleWatchRow(Base):
    """A moment that some rule in force is asked at, so that no other moment costs a job."""

    __tablename__ = "rule_watches"

    event: Mapped[str] = mapped_column(String(24), primary_key=True)


class TicketTagRow(Base):
    """A word that somebody, or a rule, put on a ticket."""

    __tablename__ = "ticket_tags"
    __table_args__ = (Index("ix_ticket_tags_tag_ticket_id", "tag", "ticket_id"),)

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    added_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
