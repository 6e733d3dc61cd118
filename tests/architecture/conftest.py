"""What the architecture tests share: the checkout, its packages, and a copy of them to break."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.budgets import PACKAGES, ROOT


@dataclass(frozen=True)
class Source:
    """A module of ours, parsed."""

    where: str
    text: str
    tree: ast.Module


@dataclass(frozen=True)
class Verdict:
    """What lint-imports said about a copy of the house."""

    code: int
    output: str


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    """Every module of the packages."""
    found = []
    for path in _modules():
        text = path.read_text(encoding="utf-8")
        found.append(Source(str(path.relative_to(ROOT)), text, ast.parse(text)))
    return found


@pytest.fixture
def lint(tmp_path: Path) -> Callable[..., Verdict]:
    """Check a copy of the packages, with files planted in it, against the real contracts."""

    def run(planted: dict[str, str] | None = None) -> Verdict:
        for path in _modules():
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        for name in PACKAGES:
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "__init__.py").touch()
        for where, text in (planted or {}).items():
            (tmp_path / where).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / where).write_text(text, encoding="utf-8")
        shutil.copyfile(ROOT / ".importlinter", tmp_path / ".importlinter")
        command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
        done = subprocess.run(
            command, cwd=tmp_path, env={"COLUMNS": "200"}, capture_output=True, text=True, check=False, timeout=60
        )
        return Verdict(done.returncode, done.stdout + done.stderr)

    return run


def _modules() -> Iterator[Path]:
    for name in PACKAGES:
        for path in sorted((ROOT / name).rglob("*.py")):
            if "blind_v1" not in path.parts:
                yield path
