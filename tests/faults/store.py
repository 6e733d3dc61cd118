"""What the store holds once everything is quiet, read in one snapshot; texts stay sealed, ids are enough."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import class_row

_ISOLATION = psycopg.IsolationLevel.REPEATABLE_READ


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One turn.

    Attributes:
        unit: Which unit of work wrote the row (PostgreSQL's ``xmin``); a turn's answer is one unit.
        kind: What a bot's message is, e.g. ``card`` or ``filed``; empty for plain words.
        at: Seconds since the epoch.
    """

    id: str
    conversation: str
    seq: int
    role: str
    external_id: str
    kind: str = ""
    unit: int = 0
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """How far a conversation is understood, and who answers in it."""

    id: str
    handler: str
    customer_seq: int
    understood_seq: int


@dataclass(frozen=True, slots=True)
class StoredTicket:
    """A filed case."""

    id: str
    number: int
    case: str
    conversation: str


@dataclass(frozen=True, slots=True)
class StoredStep:
    """Something that was done to a ticket: a prediction, a suggestion, a line of its timeline."""

    kind: str
    ticket: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job's row."""

    id: str
    kind: str
    subject: str
    state: str
    attempts: int = 1
    done_at: float = 0.0
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A webhook's row; ``about`` is the ticket it tells of, where it tells of one."""

    id: str
    event: str
    state: str
    about: str


@dataclass(frozen=True, slots=True)
class Store:
    """Everything the checker looks at."""

    conversations: Sequence[StoredConversation] = ()
    messages: Sequence[StoredMessage] = ()
    tickets: Sequence[StoredTicket] = ()
    steps: Sequence[StoredStep] = ()
    jobs: Sequence[StoredJob] = field(default=())
    deliveries: Sequence[StoredDelivery] = ()


_CONVERSATIONS = """
SELECT id, handler, customer_seq, understood_seq FROM conversations ORDER BY id
"""
_MESSAGES = """
SELECT id, conversation_id AS conversation, seq, role, external_id, coalesce(data->>'kind', '') AS kind,
       xmin::text::bigint AS unit, extract(epoch FROM received_at)::float8 AS at
FROM messages ORDER BY conversation_id, seq
"""
_TICKETS = """
SELECT id, number, case_id AS case, conversation_id AS conversation FROM tickets ORDER BY number
"""
_STEPS = """
SELECT 'prediction' AS kind, ticket_id AS ticket, extract(epoch FROM created_at)::float8 AS at FROM predictions
UNION ALL SELECT 'suggestion', ticket_id, extract(epoch FROM created_at)::float8 FROM suggestions
UNION ALL SELECT kind, ticket_id, extract(epoch FROM at)::float8 FROM timeline
ORDER BY ticket, at
"""
_JOBS = """
SELECT id, kind, subject_id AS subject, state, attempts, last_error,
       coalesce(extract(epoch FROM done_at), 0)::float8 AS done_at
FROM jobs ORDER BY done_at
"""
_DELIVERIES = """
SELECT id, event, state, coalesce(body::json->>'ticketId', '') AS about FROM webhook_deliveries ORDER BY id
"""


def read_store(connection: psycopg.Connection[Any]) -> Store:
    """Read all of it in one transaction that sees one instant."""
    connection.isolation_level = _ISOLATION
    with connection.transaction():
        return Store(
            conversations=_rows(connection, StoredConversation, _CONVERSATIONS),
            messages=_rows(connection, StoredMessage, _MESSAGES),
            tickets=_rows(connection, StoredTicket, _TICKETS),
            steps=_rows(connection, StoredStep, _STEPS),
            jobs=_rows(connection, StoredJob, _JOBS),
            deliveries=_rows(connection, StoredDelivery, _DELIVERIES),
        )


def open_jobs(connection: psycopg.Connection[Any], but: Iterable[str]) -> dict[str, int]:
    """Count the jobs that still have to run, by kind, some kinds left out."""
    rows = connection.execute(
        "SELECT kind, count(*) FROM jobs WHERE state IN ('due', 'leased') AND NOT kind = ANY(%s) GROUP BY kind",
        [list(but)],
    ).fetchall()
    return {str(kind): int(count) for kind, count in rows}


def _rows(connection: psycopg.Connection[Any], kind: type, query: str) -> list[Any]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query).fetchall()
