"""The documents name what the code has, and what they name exists."""

import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from kit.settings import Settings
from scripts.budgets import PACKAGES, ROOT
from scripts.requirements import CODE, DOCUMENT, Row, all_codes, citing_tests, read_row, refreshed

READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
STATES = ("done", "partly: ", "later: ")


def _text(where: str) -> str:
    return (ROOT / where).read_text(encoding="utf-8")


class TestSettings:
    def test_every_setting_is_documented(self) -> None:
        missing = {variable for variable, _ in _settings(Settings)} - set(_documented_settings())

        assert not missing

    def test_every_documented_setting_exists(self) -> None:
        unknown = set(_documented_settings()) - {variable for variable, _ in _settings(Settings)}

        assert not unknown

    def test_documented_defaults_are_the_real_ones(self) -> None:
        documented = _documented_settings()
        wrong = {name: default for name, default in _settings(Settings) if documented.get(name) != default}

        assert not wrong


class TestReadme:
    @pytest.mark.parametrize("readme", READMES)
    def test_its_make_targets_exist(self, readme: str) -> None:
        targets = set(re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE))
        named = set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)", _text(readme)))

        assert {"setup", "demo", "test", "reset"} <= named <= targets

    def test_both_languages_name_the_same_commands_variables_and_addresses(self) -> None:
        parts = [set(re.findall(r"make [a-z]+|jiedai [a-z]+|JIEDAI_\w+|http://\S+?/[a-z]+", _text(r))) for r in READMES]

        assert parts[0] == parts[1]

    def test_every_command_is_named(self) -> None:
        documents = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
        missing = [name for name in _commands() if f"jiedai {name}" not in documents]

        assert not missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_document_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (path.parent / link).exists()]

    assert not broken


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_says_what_it_must(path: Path) -> None:
    headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert headings == ["Context", "Decision", "Consequences", "Alternatives", "References"]


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_dependencies_page_names_each_one() -> None:
    declared = re.findall(r'^  "([a-zA-Z0-9-]+)[\[>=<]', _text("pyproject.toml"), re.MULTILINE)
    declared += re.findall(r'^(?:postgres|st) = \["([a-zA-Z0-9-]+)', _text("pyproject.toml"), re.MULTILINE)
    page = _text("docs/dependencies.md")

    assert len(declared) > 40
    assert [name for name in declared if f"| `{name}` |" not in page] == []


class TestRequirements:
    def test_every_code_is_listed_once(self) -> None:
        assert [row.code for row in _rows()] == all_codes()

    def test_every_row_says_how_far_it_is(self) -> None:
        vague = [row.code for row in _rows() if not row.state.startswith(STATES) or row.state in STATES[1:]]

        assert not vague

    def test_what_is_begun_says_where(self) -> None:
        nowhere = [row.code for row in _rows() if not row.state.startswith("later") and not row.where]

        assert not nowhere

    def test_what_is_done_is_shown_by_a_test(self) -> None:
        unshown = [row.code for row in _rows() if row.state.startswith("done") and not row.tests]

        assert not unshown

    def test_the_places_it_names_exist(self) -> None:
        named = [(row.code, place) for row in _rows() for place in re.findall(r"`([\w./-]+)`", row.where)]
        named += [(row.code, f"tests/{name}") for row in _rows() for name in re.findall(r"`([\w./-]+)`", row.tests)]

        assert [(code, place) for code, place in named if not (ROOT / place).exists()] == []

    def test_no_code_is_cited_that_does_not_exist(self) -> None:
        modules = [path for name in (*PACKAGES, "tests") for path in (ROOT / name).rglob("*.py")]
        cited = {code for path in modules for code in CODE.findall(path.read_text(encoding="utf-8"))}

        assert cited - set(all_codes()) <= set()


class TestRefreshed:
    def test_it_fills_in_tests_and_counts(self) -> None:
        old = "9 requirements: old\n| CH-01 | short | `api` | `gone.py` | done |\n| CH-02 | x |  |  | later: Intake |\n"

        new = refreshed(old, {"CH-01": ["kit/test_a.py", "kit/test_b.py"]})

        assert new.splitlines() == [
            "2 requirements: 1 done, 0 partly, 1 later",
            "| CH-01 | short | `api` | `kit/test_a.py`, `kit/test_b.py` | done |",
            "| CH-02 | x |  |  | later: Intake |",
        ]

    def test_it_finds_the_tests_that_cite_a_code(self, tmp_path: Path) -> None:
        (tmp_path / "tests" / "kit").mkdir(parents=True)
        (tmp_path / "tests" / "kit" / "test_a.py").write_text('"""CH-01, CH-01 and QA-13, but not CH1."""\n')

        assert citing_tests(tmp_path) == {"CH-01": ["kit/test_a.py"], "QA-13": ["kit/test_a.py"]}


def _settings(model: type[BaseModel], prefix: str = "JIEDAI_") -> Iterator[tuple[str, str]]:
    """Yield each setting's variable and its default as the documents write it."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _settings(field.annotation, f"{prefix}{name.upper()}__")
        else:
            default = field.get_default(call_default_factory=True)
            plain = default.get_secret_value() if hasattr(default, "get_secret_value") else default
            yield f"{prefix}{name.upper()}", _written(plain)


def _written(default: object) -> str:
    if default in ("", None, ()):
        return "empty"
    if hasattr(default, "total_seconds"):
        return f"PT{default.total_seconds():.10g}S"
    return str(default).lower() if isinstance(default, bool) else str(default)


def _documented_settings() -> dict[str, str]:
    rows = re.findall(r"^\| `(JIEDAI_\w+)` \| ([^|]+) \|", _text("docs/settings.md"), re.MULTILINE)
    return {name: default.strip().strip("`") for name, default in rows}


def _commands() -> Iterator[str]:
    if importlib.util.find_spec("api.cli") is None:
        pytest.skip("the command line is not there yet")
    import typer.main

    root = typer.main.get_command(importlib.import_module("api.cli.app").app)
    for name, command in root.commands.items():
        if hasattr(command, "commands"):
            yield from (f"{name} {sub}" for sub in command.commands)
        else:
            yield name


def _rows() -> list[Row]:
    return [row for line in _text(str(DOCUMENT)).splitlines() if (row := read_row(line))]
