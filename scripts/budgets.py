"""Reports how long files and functions are, against the house's budgets; exits 1 where one is broken.

The figures come from the code bases this one was modelled on: files with a 95th percentile of 300 lines and functions
with one of 40 are read in one go; beyond 500 and 60 something wants to be two things.
"""
# ruff: noqa: INP001, T201 - a script that speaks to a person at a terminal

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("kit", "tickets", "knowledge", "quality", "intake", "copilot", "evals", "api")

FILE_MAX, FILE_P95 = 500, 300
FUNCTION_MAX, FUNCTION_P95 = 60, 40
TEST_FILE_MAX = 600
TEMPLATE_MAX = 150
SCRIPT_MAX = 120  # a JavaScript module
POSITIONAL_MAX = 5
_WRITTEN_BY_OTHERS = {"versions", "vendor", "blind_v1"}  # migrations are generated, vendored files are as they came


@dataclass(frozen=True, slots=True)
class Piece:
    """A file or a function.

    Attributes:
        where: Path, for a function with line and name.
        lines: How long, docstring included.
        positional: How many arguments a caller may give by position; 0 for a file.
    """

    where: str
    lines: int
    positional: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured, and each broken budget as a sentence."""

    files: tuple[Piece, ...]
    functions: tuple[Piece, ...]
    comments_per_100: float
    broken: tuple[str, ...]


def measure(root: Path) -> Report:
    """Measure a checkout."""
    sources = [path for name in (*PACKAGES, "scripts") for path in _files(root / name, "*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in sources}
    files = tuple(Piece(str(path.relative_to(root)), _lines(text)) for path, text in texts.items())
    functions = tuple(
        piece for path, text in texts.items() for piece in functions_of(str(path.relative_to(root)), text)
    )
    total = sum(piece.lines for piece in files)
    comments = sum(_comments(text) for text in texts.values())
    limits = (("tests", "*.py", TEST_FILE_MAX), ("api/web", "*.html", TEMPLATE_MAX), ("api/web", "*.js", SCRIPT_MAX))
    broken = [
        *_too_long("file", files, FILE_MAX, FILE_P95),
        *_too_long("function", functions, FUNCTION_MAX, FUNCTION_P95),
        *(f"{f.where} takes {f.positional} arguments by position" for f in functions if f.positional > POSITIONAL_MAX),
        *(sentence for folder, glob, limit in limits for sentence in _over(root, folder, glob, limit)),
    ]
    return Report(files, functions, 100 * comments / total if total else 0.0, tuple(broken))


def functions_of(where: str, text: str) -> Iterator[Piece]:
    """Yield a module's functions and methods."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
            own = arguments[1:] if arguments[:1] in (["self"], ["cls"]) else arguments
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            positional = 0 if _is_endpoint(node) else len(own)
            yield Piece(f"{where}:{node.lineno} {node.name}", lines, positional)


def percentile(values: list[int], share: float) -> int:
    """Return the smallest value that ``share`` (0 to 1) of the values do not exceed; 0 for none (nearest rank).

    >>> percentile([1, 2, 3, 4], 0.5)
    2
    """
    if not values:
        return 0
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def main() -> int:
    """Print the report."""
    report = measure(ROOT)
    for name, pieces in (("file", report.files), ("function", report.functions)):
        lengths = [piece.lines for piece in pieces]
        figures = "  ".join(f"p{p} {percentile(lengths, p / 100)}" for p in (50, 95, 100))
        print(f"lines a {name:9}{figures}  n {len(lengths)}")
        for piece in sorted(pieces, key=lambda p: -p.lines)[:3]:
            print(f"  {piece.lines:4} {piece.where}")
    print(f"comment lines per 100: {report.comments_per_100:.1f} (2 to 5 is the habit)")
    for sentence in report.broken:
        print(f"over budget: {sentence}")
    return 1 if report.broken else 0


def _is_endpoint(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a web or command-line framework calls this function: such a caller passes every argument by name."""
    called = [d.func.attr for d in node.decorator_list if isinstance(d, ast.Call) and isinstance(d.func, ast.Attribute)]
    return bool({"get", "post", "put", "patch", "delete", "command", "callback"} & set(called))


def _files(folder: Path, glob: str) -> list[Path]:
    found = sorted(folder.rglob(glob))
    return [path for path in found if not _WRITTEN_BY_OTHERS & set(path.relative_to(folder).parts)]


def _lines(text: str) -> int:
    return len(text.splitlines())


def _comments(text: str) -> int:
    """Count lines that hold nothing but a comment, or end with one that is no instruction to a tool."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(t.type == tokenize.COMMENT and not t.string.startswith(("# noqa", "# type:", "#!")) for t in tokens)


def _too_long(kind: str, pieces: tuple[Piece, ...], hard: int, p95: int) -> Iterator[str]:
    yield from (f"{p.where}: {p.lines} lines, a {kind} has {hard} at most" for p in pieces if p.lines > hard)
    found = percentile([piece.lines for piece in pieces], 0.95)
    if found > p95:
        yield f"95 % of the {kind}s are within {found} lines, the budget is {p95}"


def _over(root: Path, folder: str, glob: str, limit: int) -> Iterator[str]:
    for path in _files(root / folder, glob):
        lines = _lines(path.read_text(encoding="utf-8"))
        if lines > limit:
            yield f"{path.relative_to(root)}: {lines} lines, {limit} at most"


if __name__ == "__main__":
    sys.exit(main())
