"""Tables of routing: people's profiles, turns, how each ticket came to where it is, who works on it beside."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_ID = String(36)
_USER = String(64)
_DUE = text("due_at IS NOT NULL")
_RESERVED = text("reserved_for IS NOT NULL")


class AgentProfileRow(Base):
    """What somebody knows and how much they take (RT-01, RT-07, RT-10); who has none takes everything."""

    __tablename__ = "agent_profiles"

    username: Mapped[str] = mapped_column(ForeignKey("users.username"), primary_key=True)
    lines: Mapped[list[str]] = mapped_column(JSON, default=list)
    regions: Mapped[list[str]] = mapped_column(JSON, default=list)
    issues: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    level: Mapped[int] = mapped_column(default=2)
    capacity: Mapped[int | None] = mapped_column(default=None)
    on_duty: Mapped[bool] = mapped_column(default=True)
    newcomer: Mapped[bool] = mapped_column(default=False)
    mentor: Mapped[str | None] = mapped_column(ForeignKey("users.username"), default=None)
    handle_minutes: Mapped[int | None] = mapped_column(default=None)


class GroupTurnRow(Base):
    """Whose turn it was last; its row is locked while a person is chosen, so that two choosers see each other."""

    __tablename__ = "group_turns"

    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    last: Mapped[str] = mapped_column(_USER, default="")
    turns: Mapped[int] = mapped_column(default=0)


class TicketRouteRow(Base):
    """How a ticket came to its group and person, and what it waits for."""

    __tablename__ = "ticket_routes"
    __table_args__ = (
        # Only tickets that somebody must accept in time are in it, so that looking for them costs what is due.
        Index("ix_ticket_routes_due_at", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_ticket_routes_reserved_for", "reserved_for", sqlite_where=_RESERVED, postgresql_where=_RESERVED),
    )

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    edition: Mapped[int] = mapped_column(default=0)
    place: Mapped[int] = mapped_column(default=0)
    group_zh: Mapped[str] = mapped_column(String(300), default="")
    group_en: Mapped[str] = mapped_column(String(300), default="")
    person_zh: Mapped[str] = mapped_column(String(300), default="")
    person_en: Mapped[str] = mapped_column(String(300), default="")
    pinned: Mapped[bool] = mapped_column(default=False)
    region: Mapped[str] = mapped_column(String(40), default="")
    customer_level: Mapped[str] = mapped_column(String(40), default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    needs: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    strategy: Mapped[str] = mapped_column(String(16), default="")
    told_manager: Mapped[str] = mapped_column(_USER, default="")
    reserved_for: Mapped[str | None] = mapped_column(ForeignKey("users.username"), default=None)
    reserved_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    offered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    tried: Mapped[list[str]] = mapped_column(JSON, default=list)
    timeouts: Mapped[int] = mapped_column(default=0)


class CustomerStandingRow(Base):
    """What routing knows of a customer (RT-05, RT-06)."""

    __tablename__ = "customer_standings"

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    level: Mapped[str] = mapped_column(String(40), default="")
    region: Mapped[str] = mapped_column(String(40), default="")
    success_manager: Mapped[str | None] = mapped_column(ForeignKey("users.username"), default=None)
    renews_on: Mapped[date | None] = mapped_column(Date, default=None)
    warranty_ends_on: Mapped[date | None] = mapped_column(Date, default=None)


class ParticipantRow(Base):
    """A group that works on a ticket beside the one it belongs to (RT-12)."""

    __tablename__ = "ticket_participants"
    __table_args__ = (Index("ix_ticket_participants_group_id", "group_id", "ticket_id"),)

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[str] = mapped_column(String(80))


class SubTaskRow(Base):
    """What another department or person is asked to do; its words are sealed with the customer's key (RT-16)."""

    __tablename__ = "ticket_subtasks"
    __table_args__ = (
        Index("ix_ticket_subtasks_ticket_id", "ticket_id"),
        Index("ix_ticket_subtasks_group_id", "group_id", "ticket_id"),
        Index("ix_ticket_subtasks_owner", "owner", "ticket_id"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    ask_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"), default=None)
    owner: Mapped[str | None] = mapped_column(ForeignKey("users.username"), default=None)
    visit: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), default="open")
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_by: Mapped[str] = mapped_column(String(80), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
