"""``jiedai doctor``: its sentences and its exit code, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from api.doctor import examine
from kit.audit.schemas import Act
from kit.audit.sealing import Sealer
from kit.audit.service import AuditLog
from kit.crypto import Vault
from kit.db import Database


@pytest.fixture
def sealed(database: Database, clock) -> Database:
    log = AuditLog(Vault(b"k" * 32), clock)
    with database.transaction() as session:
        for _ in range(3):
            log.record(session, Act("li", "thing.done", "thing", "t"))
    clock.instant += timedelta(minutes=2)
    with database.transaction() as session:
        Sealer(clock).seal(session)
        log.record(session, Act("li", "thing.done", "thing", "t"))
    return database


def _doctor(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("JIEDAI_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("JIEDAI_DATA_DIR", str(tmp_path / "data"))
    return CliRunner().invoke(app, ["doctor"])


def test_a_well_installation_is_said_to_be_well(sealed: Database, monkeypatch, tmp_path: Path) -> None:
    """SE-09: with the last seal, to be noted elsewhere."""
    result = _doctor(sealed, monkeypatch, tmp_path)

    lines = result.stdout.splitlines()
    assert (result.exit_code, len(lines)) == (0, 3)
    assert all(line.startswith("ok") and " / " in line for line in lines)
    assert "3 records under 1 seals, 1 not sealed yet" in lines[2]
    assert not (tmp_path / "data").exists()  # it only looks


def test_a_changed_record_is_found_and_the_exit_code_says_so(sealed: Database, monkeypatch, tmp_path: Path) -> None:
    """SE-09."""
    with sealed.engine.execution_options(jiedai_writes=True).begin() as connection:
        of = "" if sealed.is_sqlite else " ON audit_records"
        connection.exec_driver_sql("DROP TRIGGER audit_records_no_update" + of)
        connection.exec_driver_sql("UPDATE audit_records SET actor = 'nobody' WHERE seal = 1")

    result = _doctor(sealed, monkeypatch, tmp_path)

    assert result.exit_code == 1
    assert "FAIL  the audit is broken at seal 1 of 1" in result.stdout


def test_a_schema_of_another_version_is_found(database: Database, monkeypatch, tmp_path: Path) -> None:
    with database.engine.execution_options(jiedai_writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")

    result = _doctor(database, monkeypatch, tmp_path)

    assert result.exit_code == 1
    assert "FAIL  the schema is at 0000" in result.stdout


def test_a_database_that_does_not_answer_is_said(monkeypatch, tmp_path: Path, clock) -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")

    (finding,) = examine(away, clock)

    assert (finding.well, finding.en) == (False, "the database does not answer")


def test_no_database_yet_is_said_and_none_is_made(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JIEDAI_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("JIEDAI_DATABASE_URL", raising=False)

    result = CliRunner().invoke(app, ["doctor"])

    assert result.exit_code == 1
    assert "there is no database" in result.stdout
    assert list(tmp_path.iterdir()) == []
