"""A whole installation from SQLite to PostgreSQL and back: every table, every row, every sealed byte."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from conftest import fresh_postgres
from sqlalchemy import Boolean, DateTime, Float, Integer, LargeBinary, Table, func, insert, select, update
from sqlalchemy.sql.sqltypes import JSON
from typer.testing import CliRunner

from api.cli.app import app
from api.moving import repository
from api.moving.errors import CopiesDiffer, RowRefused, SourceOutdated, TargetIsSource, TargetNotEmpty, TargetUnusable
from api.moving.service import move
from api.tables import METADATA
from factories import Store, agent, make_prediction, make_store, make_ticket
from kit.db import Database
from tickets.models import TicketRow, UserRow
from tickets.words import RecordKind, StaffRole

_numbers = count(1)


@pytest.fixture
def source(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    shutil.copyfile(sqlite_template, tmp_path / "jiedai.db")
    database = Database(f"sqlite:///{tmp_path / 'jiedai.db'}")
    yield database
    database.dispose()


@pytest.fixture
def target() -> Iterator[Database]:
    with fresh_postgres() as database:
        yield database


@pytest.fixture
def store(source: Database, clock) -> Store:
    """A store whose every table holds something: tickets by the services, the rest by their columns' types."""
    store = make_store(source, clock)
    with source.transaction() as session:
        store.staff.save(
            session, username="wang", name="王工", role=StaffRole.AGENT, group_id="repair", password="x" * 12
        )
        first, second = make_ticket(store, session), make_ticket(store, session)
        store.tickets.record_prediction(session, first.summary.id, make_prediction())
        store.work.write_down(session, first.summary.id, RecordKind.NOTE, "电容鼓包", agent())
        # The later one refers to the earlier one, and the other way round: neither order of copying would do.
        session.execute(update(TicketRow).where(TicketRow.id == first.summary.id).values(follows_id=second.summary.id))
        session.execute(update(TicketRow).where(TicketRow.id == second.summary.id).values(follows_id=first.summary.id))
        for table in METADATA.sorted_tables:
            if session.scalar(select(func.count()).select_from(table)) == 0:
                session.execute(insert(table).values(_row(session, table)))
    return store


def test_everything_arrives_and_opens(store: Store, source: Database, target: Database, clock) -> None:
    """The counts agree, and the services read a ticket there with what was sealed here."""
    with source.reading() as session:
        before = {t.name: session.scalar(select(func.count()).select_from(t)) for t in METADATA.sorted_tables}
        number = session.scalars(select(TicketRow.number).order_by(TicketRow.number)).first()
        ticket = store.tickets.by_number(session, number)
        notes = store.work.records(session, ticket.summary.id)

    moved = move(source, target, lambda *_: None)

    assert {table.name: table.rows for table in moved} == before
    assert all(before.values())
    there = make_store(target, clock)
    with target.reading() as session:
        assert there.tickets.by_number(session, number) == ticket
        assert there.work.records(session, ticket.summary.id) == notes
        assert [m.raw for m in there.conversations.messages(session, ticket.summary.conversation_id)] == [
            "洗衣机不转了"
        ]
    with target.transaction() as session:
        assert make_ticket(there, session).summary.number > number + 1  # the counter came along


def test_and_back_again(store: Store, source: Database, target: Database, tmp_path: Path) -> None:
    there = move(source, target, lambda *_: None)
    home = Database(f"sqlite:///{tmp_path / 'home.db'}")
    back = move(target, home, lambda *_: None)
    home.dispose()

    assert back == there


@pytest.mark.usefixtures("store")
class TestRefusals:
    def test_a_target_with_anything_in_it(self, source: Database, target: Database) -> None:
        with target.transaction() as session:
            session.execute(insert(METADATA.tables["groups"]).values(id="x", name_zh="x", name_en="x"))

        with pytest.raises(TargetNotEmpty, match="groups"):
            move(source, target, lambda *_: None)

    def test_itself(self, source: Database) -> None:
        with pytest.raises(TargetIsSource):
            move(source, Database(str(source.url)), lambda *_: None)

    def test_a_source_of_another_version(self, tmp_path: Path, target: Database) -> None:
        with pytest.raises(SourceOutdated):
            move(Database(f"sqlite:///{tmp_path / 'old.db'}"), target, lambda *_: None)

    def test_a_row_that_the_target_refuses_leaves_it_empty(self, source: Database, target: Database) -> None:
        with source.transaction() as session:  # SQLite minds no length
            session.execute(update(UserRow).values(name="王" * 500))

        with pytest.raises(RowRefused, match="users"):
            move(source, target, lambda *_: None)
        assert repository.filled(target) == []

    def test_a_difference_leaves_it_empty(self, source: Database, target: Database, monkeypatch) -> None:
        real = repository.write

        def careless(connection, table, rows):
            real(connection, table, rows[:-1] if table.name == "messages" else rows)

        monkeypatch.setattr(repository, "write", careless)
        monkeypatch.setattr(
            repository, "tables", lambda: [t for t in METADATA.sorted_tables if t.name not in _BELOW_MESSAGES]
        )
        with pytest.raises(CopiesDiffer, match="messages"):
            move(source, target, lambda *_: None)
        assert repository.filled(target) == []


def test_the_command_prints_what_arrived(store: Store, source: Database, target: Database, monkeypatch) -> None:
    monkeypatch.setenv("JIEDAI_DATA_DIR", str(Path(str(source.url.database)).parent))
    url = target.url.render_as_string(hide_password=False)

    done = CliRunner().invoke(app, ["move", "--to", url, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["rows"] == sum(table["rows"] for table in told["tables"]) > len(METADATA.tables)
    assert isinstance(CliRunner().invoke(app, ["move", "--to", "oracle//x"]).exception, TargetUnusable)
    again = CliRunner().invoke(app, ["move", "--to", url])
    assert isinstance(again.exception, TargetNotEmpty)


_BELOW_MESSAGES = {"attachments", "picture_readings"}


def _row(session, table: Table) -> dict[str, object]:
    """Make up a row: what it refers to exists, since the tables come in order."""
    return {c.name: _value(session, c) for c in table.columns if not c.nullable or c.foreign_keys}


def _value(session, column) -> object:
    for key in column.foreign_keys:
        if key.column.table is column.table:
            return None
        return session.scalar(select(key.column).limit(1))
    kinds = {
        JSON: {"键": ["值", 1, 1.5, None]},
        LargeBinary: b"\x00\xff\x01",
        DateTime: datetime(2026, 11, 20, 2, 0, 0, 123456, UTC),
        Boolean: True,
        Integer: next(_numbers),
        Float: 0.1 + 0.2,
    }
    kind = getattr(column.type, "impl", column.type)
    return next((value for base, value in kinds.items() if isinstance(kind, base)), f"v{next(_numbers)}")
