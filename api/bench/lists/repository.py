"""SQL of the lists' benchmark: filling a database in bulk, and the naive twin (OFFSET, LIKE, a full count)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Engine, bindparam, create_engine, text
from sqlalchemy.engine import Connection

from api.bench.lists.making import GROUPS, PEOPLE, Hasher, Made, person
from kit.db import Database, UtcDateTime
from tickets.lists.cursor import microseconds

_BATCH = 5_000
_TERM_BATCH = 50_000  # tickets whose words are sorted together: inserts in the order of the key are far cheaper
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_TICKET = """id number case_id conversation_id customer_id channel title description_sealed status priority label
    label_source label_type group_id route_reason assignee resolve_due_at resolved_at created_at updated_at version
    scheme status_since stage submitted_by close_kind reopened_count reminders_sent told_at line clock_origin_at"""
_CLOCK = """id ticket_id kind name priority policy minutes warn_minutes calendar promise sla_version
    calendars_version started_at due_at warn_at next_at rungs ended_at met_at met_by cause cause_words cause_by"""
_USER = "username name role group_id password_hash active lines"
_CASE = "id conversation_id ordinal status first_seq asked declined asking created_at"
PAGE = 50


class Loader:
    """Fills a migrated database past the services, in bulk.

    Args:
        database: Which; its own engine has a time limit on statements that a bulk load exceeds.
        talks: Customers and their conversations, over which the tickets are spread.
    """

    def __init__(self, database: Database, talks: Sequence[tuple[str, str]]) -> None:
        self._talks = talks
        self._engine: Engine = create_engine(database.url)
        self._sqlite = database.is_sqlite

    def people(self) -> None:
        """Insert groups and agents."""
        with self._engine.begin() as connection:
            self._put(connection, "groups", ("id", "name_zh", "name_en"), [(g, g, g) for g in GROUPS])
            people = [
                (person(n), person(n), "agent", GROUPS[n % len(GROUPS)], "", True, '["*"]') for n in range(PEOPLE)
            ]
            self._put(connection, "users", _USER.split(), people)

    def tickets(self, made: Iterable[Made]) -> Iterator[int]:
        """Insert tickets, each with its case; yield how many so far."""
        done, source = 0, iter(made)
        while batch := list(islice(source, _BATCH)):
            with self._engine.begin() as connection:
                at = self._at(_NOW)
                cases = [(m.id, self._talk(m.number)[1], m.number, "filed", 0, "{}", "[]", "", at) for m in batch]
                self._put(connection, "cases", _CASE.split(), cases)
                self._put(connection, "tickets", _TICKET.split(), [self._ticket(m) for m in batch])
            done += len(batch)
            yield done

    def clocks(self, made: Iterable[Made]) -> Iterator[int]:
        """Insert two clocks a ticket: the first response was given, the solving runs; yield how many tickets so far."""
        done, source = 0, iter(made)
        while batch := list(islice(source, _BATCH)):
            with self._engine.begin() as connection:
                self._put(connection, "sla_clocks", _CLOCK.split(), [row for m in batch for row in self._clocks(m)])
            done += len(batch)
            yield done

    def make_due(self, count: int, at: datetime) -> None:
        """Let as many clocks have something to tell at an instant."""
        chosen = "SELECT id FROM sla_clocks WHERE next_at IS NOT NULL ORDER BY id LIMIT :count"
        with self._engine.begin() as connection:
            due = text(f"UPDATE sla_clocks SET next_at = :at WHERE id IN ({chosen})")  # noqa: S608 - our own words
            connection.execute(due, {"at": self._at(at), "count": count})

    def _clocks(self, made: Made) -> Iterator[tuple[Any, ...]]:
        began, due = self._at(made.created_at), self._at(made.due_at)
        promised = (made.priority, "p3", 480, 384, "standard", "solve", 0, 0, began)
        given = (due, due, None, 0, began, began, "p1", "", "", "")
        runs = (due, due, due, 0, None, None, "", "", "", "")  # as if all were open: the sweep's worst case
        yield (f"1{made.id[1:]}", made.id, "first_response", "", *promised, *given)
        yield (f"2{made.id[1:]}", made.id, "resolve", "", *promised, *runs)

    def terms(self, made: Iterable[Made], hasher: Hasher) -> Iterator[int]:
        """Insert the words of tickets; yield how many tickets so far."""
        done, source = 0, iter(made)
        while batch := list(islice(source, _TERM_BATCH)):
            rows = sorted((term, microseconds(m.created_at), m.number) for m in batch for term in hasher.terms(m))
            with self._engine.begin() as connection:
                self._put(connection, "ticket_terms", ("term", "at", "number"), rows)
            done += len(batch)
            yield done

    def settle(self) -> None:
        """Let PostgreSQL learn what its own housekeeping would tell it within a minute; SQLite is left as it is."""
        if not self._sqlite:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def _put(self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        names = ", ".join(columns)
        if self._sqlite:
            insert = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - our names
            connection.exec_driver_sql(insert, [tuple(row) for row in rows])
            return
        driver = connection.connection.driver_connection
        assert driver is not None
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def _ticket(self, made: Made) -> tuple[Any, ...]:
        return (
            made.id,
            made.number,
            made.id,
            self._talk(made.number)[1],
            self._talk(made.number)[0],
            "web",
            made.title,
            b"",
            made.status,
            made.priority,
            made.label,
            "ai",
            made.label_type,
            made.group,
            "",
            made.assignee,
            self._at(made.due_at),
            self._at(made.resolved_at) if made.resolved_at else None,
            self._at(made.created_at),
            self._at(made.created_at),
            1,
            "full",
            self._at(made.created_at),
            "",
            "",
            "",
            0,
            0,
            self._at(made.created_at),
            "",
            self._at(made.created_at),
        )

    def _talk(self, number: int) -> tuple[str, str]:
        return self._talks[number % len(self._talks)]

    def _at(self, at: datetime) -> Any:  # noqa: ANN401 - what each driver stores
        return at.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds") if self._sqlite else at


class Naive:
    """What one would write first: page by OFFSET, search by LIKE, count everything.

    Args:
        database: The same database, with the same indexes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, place: int) -> int:
        """Read the page of all tickets, newest first, that begins at ``place``; return how many lines it has."""
        return self._rows(
            "SELECT * FROM tickets ORDER BY created_at DESC, number DESC LIMIT :limit OFFSET :place",
            limit=PAGE,
            place=place,
        )

    def open_page(self) -> int:
        """Read the first page of open tickets by urgency; return how many lines it has."""
        sql = (
            "SELECT * FROM tickets WHERE status IN ('new', 'to_assign', 'in_progress', 'waiting_customer') "
            "ORDER BY priority, created_at LIMIT :limit"
        )
        return self._rows(sql, limit=PAGE)

    def search(self, words: str) -> int:
        """Read the newest tickets with these words in their title; return how many lines there are."""
        sql = "SELECT * FROM tickets WHERE title LIKE :like ORDER BY created_at DESC, number DESC LIMIT :limit"
        return self._rows(sql, like=f"%{words}%", limit=PAGE)

    def count(self) -> int:
        """Count the tickets that are done."""
        with self._database.engine.connect() as connection:
            return int(connection.scalar(text("SELECT count(*) FROM tickets WHERE status = 'closed'")) or 0)

    def _rows(self, sql: str, **values: object) -> int:
        with self._database.engine.connect() as connection:
            return len(connection.execute(text(sql), values).all())


class NaiveSweep:
    """What one would sweep with first: every running clock is looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime) -> list[str]:
        """Return the tickets whose clocks are near their end or past it."""
        running = """SELECT ticket_id FROM sla_clocks
            WHERE ended_at IS NULL AND (due_at <= :now OR warn_at <= :now) ORDER BY due_at LIMIT 500"""
        query = text(running).bindparams(bindparam("now", type_=UtcDateTime()))
        with self._database.reading() as session:
            return [row[0] for row in session.execute(query, {"now": now})]
