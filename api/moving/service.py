"""Copies a whole installation into an empty database: one transaction there, one state of the source, compared after.

Sealed columns go over byte by byte: the master key stays with the data folder, or in its setting, and opens them there.
"""

from dataclasses import dataclass

from api.migrations.runner import migrate, schema_state
from api.moving import repository
from api.moving.errors import CopiesDiffer, SourceOutdated, TargetIsSource, TargetNotEmpty, TargetUnusable
from api.moving.repository import Sum
from kit.db import Database
from kit.progress import ProgressReport

_BACKENDS = {"postgresql", "sqlite"}


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table that arrived.

    Attributes:
        checksum: Of its rows, the same on both sides.
    """

    name: str
    rows: int
    checksum: str


def move(source: Database, target: Database, progress: ProgressReport) -> list[MovedTable]:
    """Copy every table; all of them or nothing.

    Args:
        source: Where everything is; nobody may write to it meanwhile, or what they write stays behind.
        target: An empty database; its schema is made here.
        progress: Told of each table.

    Returns:
        The tables in the order they were copied, with what was counted and compared on the target itself.

    Raises:
        TargetUnusable, TargetIsSource, TargetNotEmpty, SourceOutdated: Nothing was begun.
        RowRefused, CopiesDiffer: It was undone; the target is empty.
        DatabaseUnavailable: One of the two is away.
    """
    if target.url.get_backend_name() not in _BACKENDS:
        raise TargetUnusable
    if target.url == source.url:
        raise TargetIsSource
    found, needed = schema_state(source)
    if found != needed:
        raise SourceOutdated(found, needed)
    filled = repository.filled(target)
    if filled:
        raise TargetNotEmpty(filled)
    migrate(target)
    with source.reading() as reading, target.transaction() as writing:
        origin, copy = repository.snapshot(reading), repository.prepare(writing)
        sent: dict[str, Sum] = {}
        for table in repository.tables():
            total, rows, digests = repository.count(origin, table), 0, 0
            for batch in repository.batches(origin, table):
                repository.write(copy, table, batch)
                rows += len(batch)
                digests += sum(map(repository.digest, batch))
                progress(table.name, rows, total)
            if repository.own_references(table):
                for batch in repository.batches(origin, table):
                    repository.refer(copy, table, batch)
            repository.set_sequence(copy, table)
            sent[table.name] = repository.summed(rows, digests)
        arrived = {table.name: repository.sum_of(copy, table) for table in repository.tables()}
        differing = sorted(name for name, what in sent.items() if arrived[name] != what)
        if differing:
            raise CopiesDiffer(differing)
    repository.analyse(target)
    return [MovedTable(name, what.rows, what.checksum) for name, what in arrived.items()]
