"""``jiedai user`` and ``jiedai token``."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from tickets.people.errors import PasswordTooWeak

runner = CliRunner()


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JIEDAI_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("JIEDAI_DATABASE_URL", raising=False)


def _add(username: str, password: str, *more: str):
    return runner.invoke(app, ["user", "add", username, "--name", "何工", "--password", password, *more])


def test_people_and_tokens_are_kept_from_the_command_line() -> None:
    """SE-01."""
    assert _add("boss", "right horse battery", "--role", "admin").exit_code == 0
    assert _add("he", "right horse battery", "--line", "washer").exit_code == 0
    assert _add("he", "another good one", "--role", "lead").exit_code == 0

    made = runner.invoke(app, ["token", "add", "he", "--name", "BI", "--scope", "read_reports", "--days", "30"])
    token, secret = made.stdout.split()[-2:]
    listed = runner.invoke(app, ["token", "list"]).stdout
    assert secret.startswith("jd_")
    assert token in listed
    assert secret not in listed
    assert runner.invoke(app, ["token", "revoke", token]).exit_code == 0
    assert token not in runner.invoke(app, ["token", "list"]).stdout

    assert "lead" in runner.invoke(app, ["user", "list"]).stdout
    assert runner.invoke(app, ["user", "deactivate", "he"]).exit_code == 0
    assert len(runner.invoke(app, ["user", "list"]).stdout.splitlines()) == 1


@pytest.mark.parametrize("password", ["short", "password123", "the.agent.one"])
def test_a_weak_password_is_refused_here_too(password: str) -> None:
    result = _add("the.agent.one", password)

    assert result.exit_code == 1
    assert isinstance(result.exception, PasswordTooWeak)
