"""Brings the `test` column of docs/requirements.md up to date: the test files that cite each code.

What stands in the other columns is written by people. `--check` changes nothing and exits 1 where the column is stale.
"""
# ruff: noqa: INP001, T201 - a script that speaks to a person at a terminal

import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = Path("docs/requirements.md")

# How many codes each group has, 01 upwards.
GROUPS = {
    "CH": 32, "TC": 20, "DM": 8, "CL": 19, "LC": 19, "SL": 17, "RT": 16, "FM": 9, "RM": 22, "DS": 7, "AP": 7, "KB": 15,
    "CP": 13, "SU": 7, "QA": 13, "EV": 10, "FC": 8, "NT": 10, "PG": 11, "IN": 10, "WH": 5, "SE": 13, "DB": 17, "AR": 12,
    "UA": 7, "KP": 13,
}  # fmt: skip
CODE = re.compile(rf"\b(?:{'|'.join(GROUPS)})-\d\d\b")


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement's line: code, what is wanted, where it lives, which tests cite it, how far it is."""

    code: str
    short: str
    where: str
    tests: str
    state: str

    def line(self) -> str:
        """Return the line as the document has it."""
        return f"| {self.code} | {self.short} | {self.where} | {self.tests} | {self.state} |"


def all_codes() -> list[str]:
    """Return every code there is."""
    return [f"{group}-{number:02}" for group, count in GROUPS.items() for number in range(1, count + 1)]


def read_row(line: str) -> Row | None:
    """Return the requirement of a document's line; ``None`` for any other line."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if len(cells) != len(Row.__slots__) or not CODE.fullmatch(cells[0]):
        return None
    return Row(*cells)


def citing_tests(root: Path) -> dict[str, list[str]]:
    """Return for each code the test files that name it, as paths below ``tests``.

    The architecture tests speak of codes but show no requirement.
    """
    found = defaultdict(list)
    for path in sorted((root / "tests").rglob("test_*.py")):
        where = path.relative_to(root / "tests")
        if where.parts[0] == "architecture":
            continue
        for code in sorted(set(CODE.findall(path.read_text(encoding="utf-8")))):
            found[code].append(str(where))
    return found


def refreshed(text: str, citing: dict[str, list[str]]) -> str:
    """Return the document with its `test` column and its counts up to date."""
    lines = text.splitlines()
    rows = {number: row for number, line in enumerate(lines) if (row := read_row(line))}
    for number, row in rows.items():
        tests = ", ".join(f"`{name}`" for name in citing.get(row.code, []))
        lines[number] = Row(row.code, row.short, row.where, tests, row.state).line()
    states = Counter(row.state.split(":")[0] for row in rows.values())
    counts = f"{len(rows)} requirements: " + ", ".join(f"{states[name]} {name}" for name in ("done", "partly", "later"))
    return "\n".join(counts if re.match(r"\d+ requirements: ", line) else line for line in lines) + "\n"


def main() -> int:
    """Refresh or check the document."""
    path = ROOT / DOCUMENT
    old = path.read_text(encoding="utf-8")
    new = refreshed(old, citing_tests(ROOT))
    if "--check" in sys.argv[1:]:
        if new != old:
            print(f"{DOCUMENT} is stale: run scripts/requirements.py")
        return int(new != old)
    path.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
