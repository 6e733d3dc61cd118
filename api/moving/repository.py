"""SQL of moving: whole tables, row by row, whatever they are."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ForeignKeyConstraint,
    Integer,
    Table,
    bindparam,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError

from api.moving.errors import RowRefused, TargetUnusable
from api.tables import METADATA
from kit.db import Database, Session

BATCH = 500
Row = Mapping[str, Any]
_DIGEST_BITS = 256


@dataclass(frozen=True, slots=True)
class Sum:
    """What a table holds: how many rows, and a checksum that does not depend on their order."""

    rows: int
    checksum: str


def tables() -> list[Table]:
    """Return every table, those that others refer to first."""
    return list(METADATA.sorted_tables)


def opened_target(url: str) -> Database:
    """Return the database of a URL that somebody typed.

    Raises:
        TargetUnusable: It is no URL of a database, or of one that no driver is there for.
    """
    try:
        return Database(url)
    except (ArgumentError, ImportError) as error:
        raise TargetUnusable from error


def filled(database: Database) -> list[str]:
    """Return which of our tables hold rows, or exist without our migrations having made them."""
    with database.engine.connect() as connection:
        present = set(inspect(connection).get_table_names())
        ours = [one for one in tables() if one.name in present]
        if "alembic_version" not in present:
            return [one.name for one in ours]
        return [one.name for one in ours if connection.execute(select(one).limit(1)).first() is not None]


def prepare(session: Session) -> Connection:
    """Return the session's connection, ready for statements that take long."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    return connection


def snapshot(session: Session) -> Connection:
    """Return the session's connection, reading one and the same state from its first to its last table."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    return connection


def count(connection: Connection, one: Table) -> int:
    """Count a table's rows."""
    return int(connection.scalar(select(func.count()).select_from(one)) or 0)


def batches(connection: Connection, one: Table) -> Iterator[list[Row]]:
    """Yield a table's rows in batches; the whole never lies in memory."""
    found = connection.execution_options(yield_per=BATCH).execute(select(one))
    for part in found.mappings().partitions(BATCH):
        yield [dict(row) for row in part]


def write(connection: Connection, one: Table, rows: Sequence[Row]) -> None:
    """Insert rows; what refers to a row of the same table is put in by ``refer`` once all are there.

    Raises:
        RowRefused: The database takes one of them not.
    """
    later = own_references(one)
    try:
        connection.execute(insert(one), [{**row, **dict.fromkeys(later)} for row in rows])
    except DBAPIError as error:
        raise RowRefused(one.name) from error


def refer(connection: Connection, one: Table, rows: Sequence[Row]) -> None:
    """Put in what rows refer to within their own table."""
    later = own_references(one)
    referring = [row for row in rows if any(row[name] is not None for name in later)]
    if not referring:
        return
    keys = [key.name for key in one.primary_key]
    changed = update(one).where(*(one.c[key] == bindparam(f"key_{key}") for key in keys))
    changed = changed.values({name: bindparam(f"to_{name}") for name in later})
    values = [
        {**{f"key_{key}": row[key] for key in keys}, **{f"to_{name}": row[name] for name in later}} for row in referring
    ]
    connection.execute(changed, values)


def own_references(one: Table) -> list[str]:
    """Return the columns that refer to rows of the same table."""
    constraints = (c for c in one.constraints if isinstance(c, ForeignKeyConstraint))
    return sorted(key.parent.name for c in constraints for key in c.elements if key.column.table is one)


def set_sequence(connection: Connection, one: Table) -> None:
    """Let a counting key go on after the highest number that was moved."""
    counting = one.autoincrement_column
    if counting is None or not isinstance(counting.type, Integer) or connection.dialect.name != "postgresql":
        return
    name = connection.scalar(select(func.pg_get_serial_sequence(one.name, counting.name)))
    if name is not None:
        highest = connection.scalar(select(func.max(counting)))
        connection.execute(select(func.setval(name, highest or 1, highest is not None)))


def sum_of(connection: Connection, one: Table) -> Sum:
    """Read a table and return its sum."""
    rows = total = 0
    for batch in batches(connection, one):
        rows += len(batch)
        total += sum(digest(row) for row in batch)
    return summed(rows, total)


def summed(rows: int, total: int) -> Sum:
    """Return a sum of so many rows whose digests add up to ``total``."""
    return Sum(rows, f"{total % (1 << _DIGEST_BITS):064x}")


def digest(row: Row) -> int:
    """Return a row's digest as a number: the same on every database for the same values."""
    written = json.dumps({name: _plain(value) for name, value in row.items()}, sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest())


def analyse(database: Database) -> None:
    """Tell the target's planner what it has; not inside the copying transaction, which it would lengthen."""
    if database.is_sqlite:
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("ANALYZE"))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, float):
        return repr(value)
    return value
