"""The set-up refuses with one clear sentence, and installs only what changed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import bootstrap
from scripts.budgets import ROOT

WANTED = {"root": "/here", "runtime": "r1", "dev": "d1", "project": "p1"}
ALL = ["venv", "packages", "project"]


@pytest.mark.parametrize(("version", "fine"), [((3, 10, 13), False), ((3, 11, 0), True), ((3, 13, 1), True)])
def test_python_version(version: tuple, fine: bool) -> None:
    sentence = bootstrap.python_problem(version)

    assert (sentence == "") is fine
    assert fine or ("needs Python 3.11 or newer, this is 3.10.13" in sentence and "PYTHON=" in sentence)


@pytest.mark.parametrize(
    ("system", "machine", "libc", "says"),
    [
        ("Linux", "x86_64", ("glibc", "2.28"), ""),
        ("Linux", "aarch64", ("glibc", "2.36"), ""),
        ("Darwin", "arm64", ("", ""), ""),
        ("Linux", "x86_64", ("glibc", "2.27"), "has glibc 2.27"),
        ("Linux", "x86_64", ("", ""), "another C library"),
        ("Darwin", "x86_64", ("", ""), "not on Darwin x86_64"),
        ("Windows", "AMD64", ("", ""), "not on Windows AMD64"),
    ],
)
def test_platform(system: str, machine: str, libc: tuple, says: str) -> None:
    sentence = bootstrap.platform_problem(system, machine, libc)

    assert says in sentence
    assert bool(sentence) is bool(says)


def test_full_disk_is_one_sentence() -> None:
    sentence = bootstrap.disk_problem(Path("/data"), 700_000_000)

    assert "needs 1.5 GB" in sentence
    assert "/data has 0.7 GB" in sentence
    assert "\n" not in sentence
    assert bootstrap.disk_problem(Path("/data"), 1_600_000_000) == ""


@pytest.mark.parametrize(
    ("found", "lock", "parts"),
    [
        (WANTED, "runtime", []),
        (WANTED, "dev", []),
        ({}, "runtime", ["packages", "project"]),
        ({**WANTED, "runtime": "old"}, "runtime", ["packages", "project"]),
        ({"root": "/here", "runtime": "r1", "project": "p1"}, "dev", ["packages", "project"]),
        ({**WANTED, "project": "old"}, "dev", ["project"]),
        ({**WANTED, "root": "/moved/from"}, "runtime", ALL),
    ],
)
def test_only_what_changed_is_installed(found: dict, lock: str, parts: list) -> None:
    assert bootstrap.missing_parts(found, WANTED, lock) == parts


def test_runtime_set_up_keeps_a_current_dev_set_up() -> None:
    assert bootstrap.new_stamp(WANTED, WANTED, "runtime") == WANTED
    assert "dev" not in bootstrap.new_stamp({**WANTED, "dev": "old"}, WANTED, "runtime")
    assert bootstrap.new_stamp({}, WANTED, "dev") == WANTED


def test_broken_stamp_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / bootstrap.STAMP).write_text("[]", encoding="utf-8")

    assert bootstrap.read_stamp(tmp_path) == {}
    assert bootstrap.read_stamp(tmp_path / "nowhere") == {}


def test_finished_set_up_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _checkout(tmp_path)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    stamp = tmp_path / ".venv" / bootstrap.STAMP
    stamp.write_text(bootstrap.json.dumps(bootstrap.wanted_stamp(tmp_path)), encoding="utf-8")
    monkeypatch.setattr(bootstrap, "install", _refuse)

    bootstrap.set_up(tmp_path, "dev")

    assert stamp.exists()


def test_failed_install_leaves_no_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _checkout(tmp_path)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    stamp = tmp_path / ".venv" / bootstrap.STAMP
    stamp.write_text(bootstrap.json.dumps({**bootstrap.wanted_stamp(tmp_path), "dev": "old"}), encoding="utf-8")
    monkeypatch.setattr(bootstrap, "install", _refuse)

    with pytest.raises(bootstrap.SetupProblem):
        bootstrap.set_up(tmp_path, "dev")

    assert not stamp.exists()


def test_what_pip_says_is_shown_when_it_fails(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(bootstrap.SetupProblem, match="pip's last words"):
        bootstrap.install(Path(sys.executable), ["--no-index", "surely-not-a-package"], 1)

    assert "surely-not-a-package" in capsys.readouterr().out


def test_make_says_that_there_is_no_python() -> None:
    done = subprocess.run(
        ["make", "setup", "PYTHON=/no/such/python"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )

    assert done.returncode != 0
    assert "needs Python 3.11 or newer, and /no/such/python was not found" in done.stderr


def test_what_ci_runs_is_valid_and_asks_the_same_command_as_everybody() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    done = subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], capture_output=True, check=False, timeout=10)

    assert done.returncode == 0
    assert re.search(r"^make test\b", script, re.MULTILINE)
    assert "://" not in script.replace("postgresql+psycopg://jiedai_test:jiedai_test@127.0.0.1", "")


def _checkout(root: Path) -> None:
    (root / "requirements").mkdir()
    (root / ".venv" / "bin").mkdir(parents=True)
    for where in ("requirements/runtime.lock", "requirements/dev.lock", "pyproject.toml"):
        (root / where).write_text(f"{where}\n", encoding="utf-8")


def _refuse(*_: object) -> None:
    raise bootstrap.SetupProblem("no install expected")
