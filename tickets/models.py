"""Tables of the ticket store. Personal text is sealed (``kit.crypto``); nothing here leaves the package."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime
from kit.ids import new_id

_ID = String(36)
OPEN_TICKET = "status NOT IN ('resolved', 'closed')"
"""What is open, word for word as the partial indexes have it: in other words a planner would not recognise them."""

POOLED_TICKET = f"assignee IS NULL AND {OPEN_TICKET}"
"""What waits for somebody to take it, in the same way."""
_POOL = text(POOLED_TICKET)


def _open_index(name: str, *columns: str, unique: bool = False) -> Index:
    """Return an index of open tickets alone: a tenth of all, and what nearly every list shows."""
    where = text(OPEN_TICKET)
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


class GroupRow(Base):
    """A skill group that tickets are routed to."""

    __tablename__ = "groups"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))


class UserRow(Base):
    """A member of staff."""

    __tablename__ = "users"

    username: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"), default=None)
    lines: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["*"])
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)


class SessionRow(Base):
    """A signed-in browser; only the hash of its token is kept."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("users.username"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiTokenRow(Base):
    """A program's key to the JSON routes; only the hash of it is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(ForeignKey("users.username"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class CustomerRow(Base):
    """A person on one channel account."""

    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("channel", "account", "external_id"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(String(128))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    level: Mapped[str] = mapped_column(String(16), default="normal")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConversationRow(Base):
    """A talk with one customer; its row lock orders the messages."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_last_message_at_id", "last_message_at", "id"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(64))
    access_hash: Mapped[str] = mapped_column(String(64), default="")
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    handler: Mapped[str] = mapped_column(String(8), default="bot")
    hand_over_reason: Mapped[str] = mapped_column(String(40), default="")
    last_seq: Mapped[int] = mapped_column(default=0)
    customer_seq: Mapped[int] = mapped_column(default=0)
    understood_seq: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_message_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class MessageRow(Base):
    """One turn, never changed."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("channel", "account", "external_id"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int]
    role: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(String(160))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    data: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AttachmentRow(Base):
    """A file of a message, sealed; kept in the database so that one transaction holds message and file."""

    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int]
    # Deferred: a thread's listing must not drag megabytes of pictures along.
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class PictureReadingRow(Base):
    """What was read in a picture, or why it was not; sealed, since labels carry names and addresses."""

    __tablename__ = "picture_readings"

    attachment_id: Mapped[str] = mapped_column(ForeignKey("attachments.id"), primary_key=True)
    refusal: Mapped[str] = mapped_column(String(40), default="")
    reading_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseRow(Base):
    """One matter of a conversation (order or product × problem), from first mention to its ticket."""

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("conversation_id", "ordinal"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    ordinal: Mapped[int]
    status: Mapped[str] = mapped_column(String(16), default="collecting")
    first_seq: Mapped[int] = mapped_column(default=0)
    asked: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    declined: Mapped[list[str]] = mapped_column(JSON, default=list)
    asking: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ObservationRow(Base):
    """A sighting of a fact; append-only."""

    __tablename__ = "observations"

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(String(200))
    normal: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    method: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[dict[str, object]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CounterRow(Base):
    """The last number given out; its row is locked until the number's transaction ends, so nobody gets it twice."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    last: Mapped[int]


class TicketRow(Base):
    """A filed case."""

    __tablename__ = "tickets"
    __table_args__ = (
        # Law three: at most one open ticket a case, held by the database.
        _open_index("uq_tickets_open_case_id", "case_id", unique=True),
        # One index a sort, ending in the number, so that a page begins where the last one ended (ADR-0015).
        _open_index("ix_tickets_open_created", "created_at", "number"),
        _open_index("ix_tickets_open_priority", "priority", "number"),
        _open_index("ix_tickets_open_due", "resolve_due_at", "number"),
        _open_index("ix_tickets_open_group", "group_id", "priority", "number"),
        _open_index("ix_tickets_open_assignee", "assignee", "priority", "number"),
        Index("ix_tickets_created", "created_at", "number"),
        Index("ix_tickets_priority", "priority", "number"),
        Index("ix_tickets_due", "resolve_due_at", "number"),
        Index("ix_tickets_status", "status", "created_at", "number"),
        Index("ix_tickets_group", "group_id", "created_at", "number"),
        Index("ix_tickets_assignee", "assignee", "created_at", "number"),
        Index("ix_tickets_label_type", "label_type", "created_at", "number"),
        Index("ix_tickets_updated", "updated_at"),
        # What a group has that nobody has taken, in the order in which it is to be taken (RT-06).
        Index(
            "ix_tickets_pool", "group_id", "priority", "pool_rank", "number", sqlite_where=_POOL, postgresql_where=_POOL
        ),
        # Only tickets that time will do something to are in it, so that looking for them costs what is due.
        Index(
            "ix_tickets_aftercare_at",
            "aftercare_at",
            sqlite_where=text("aftercare_at IS NOT NULL"),
            postgresql_where=text("aftercare_at IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(200))
    description_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    scheme: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(24), default="new")
    status_since: Mapped[datetime] = mapped_column(UtcDateTime)
    stage: Mapped[str] = mapped_column(String(24), default="")
    submitted_by: Mapped[str] = mapped_column(String(80), default="")
    close_kind: Mapped[str] = mapped_column(String(16), default="")
    reopened_count: Mapped[int] = mapped_column(default=0)
    follows_id: Mapped[str | None] = mapped_column(ForeignKey("tickets.id"), default=None, index=True)
    reminders_sent: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    aftercare_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    priority: Mapped[str] = mapped_column(String(4), default="P3")
    label: Mapped[list[str]] = mapped_column(JSON, default=list)
    label_source: Mapped[str] = mapped_column(String(16), default="")
    label_type: Mapped[str] = mapped_column(String(64), default="")
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"), default=None)
    line: Mapped[str] = mapped_column(String(40), default="")
    route_reason: Mapped[str] = mapped_column(String(300), default="")
    assignee: Mapped[str | None] = mapped_column(ForeignKey("users.username"), default=None)
    pool_rank: Mapped[int] = mapped_column(SmallInteger, default=3, server_default="3")
    first_response_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    resolve_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    first_responded_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    clock_origin_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol


class TicketFieldRow(Base):
    """A fact on a ticket with its evidence and who confirmed it (TC-07)."""

    __tablename__ = "ticket_fields"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    normal: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    state: Mapped[str] = mapped_column(String(16))
    evidence: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    confirmed_by: Mapped[str] = mapped_column(String(80), default="")


class PredictionRow(Base):
    """A classifier's judgement of a ticket; append-only."""

    __tablename__ = "predictions"

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    label: Mapped[list[str]] = mapped_column(JSON)
    probability: Mapped[float]
    alternatives: Mapped[list[list[object]]] = mapped_column(JSON)
    zone: Mapped[str] = mapped_column(String(16))
    model_version: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TimelineRow(Base):
    """What happened to a ticket, by whom; append-only."""

    __tablename__ = "timeline"

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    actor: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    changes: Mapped[dict[str, list[object]]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecordRow(Base):
    """What somebody wrote down about a ticket for colleagues, sealed; append-only (LC-12, LC-15, LC-18)."""

    __tablename__ = "ticket_records"

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    author: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class NodeRow(Base):
    """A step of a ticket's procedure: its task, who owns it, by when (LC-11)."""

    __tablename__ = "ticket_nodes"
    __table_args__ = (UniqueConstraint("ticket_id", "ordinal"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    ordinal: Mapped[int]
    task_zh: Mapped[str] = mapped_column(String(200))
    task_en: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(80), default="")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    done_by: Mapped[str] = mapped_column(String(80), default="")
