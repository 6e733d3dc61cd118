"""Just enough Markdown to cut an article where its author did: headings, lists, tables, paragraphs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Each pattern is anchored and has no nested repetition: linear in the line's length.
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_NUMBERED = re.compile(r"(\d{1,3})[.、)）]\s*(.*)$")
_BULLET = re.compile(r"[-*+]\s+(.*)$")
_RULE = re.compile(r"[|\s:\-]+$")
_LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\s]{0,500}\)")
_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+[」』”’)）]*|\n|$)")
_ENGLISH_STOP = re.compile(r"(?<=[a-z0-9)\]\"'][.!?])\s+(?=[A-Z\"'(])")


@dataclass(frozen=True, slots=True)
class Item:
    """A numbered list item."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its header cells and its rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class Section:
    """What stands under one heading, in order: lines of text, numbered items, tables."""

    path: tuple[str, ...]
    blocks: list[str | Item | Table] = field(default_factory=list)


def sections(body: str) -> list[Section]:
    """Cut a Markdown text at its headings.

    Args:
        body: The text after the front matter.

    Returns:
        Sections in order, the first without a heading; empty ones are left out.
    """
    found = [Section(())]
    path: list[tuple[int, str]] = []
    lines = iter(body.splitlines())
    for raw in lines:
        line = raw.strip()
        if heading := _HEADING.match(line):
            level = len(heading[1])
            path = [(depth, text) for depth, text in path if depth < level] + [(level, plain(heading[2]))]
            found.append(Section(tuple(text for _, text in path)))
        elif line.startswith("|"):
            found[-1].blocks.append(_table(line, lines))
        elif numbered := _NUMBERED.match(line):
            found[-1].blocks.append(Item(int(numbered[1]), plain(numbered[2])))
        elif line:
            bullet = _BULLET.match(line)
            found[-1].blocks.append(plain(bullet[1] if bullet else line))
    return [section for section in found if section.blocks]


def plain(text: str) -> str:
    """Drop inline marks: emphasis, code quotes, link targets."""
    return _LINK.sub(r"\1", text).replace("**", "").replace("__", "").replace("`", "").strip()


def sentences(text: str) -> list[str]:
    """Split into sentences, keeping their end marks; Chinese semicolons end one too.

    Args:
        text: Any text.

    Returns:
        Non-empty sentences in order; joined they give the text without its line breaks and outer spaces.
    """
    parts = (part for match in _SENTENCE.findall(text) for part in _ENGLISH_STOP.split(match))
    return [stripped for part in parts if (stripped := part.strip())]


def chunks(text: str, max_chars: int) -> list[str]:
    """Cut a long text at sentence ends into pieces of at most ``max_chars``; a longer sentence is cut hard."""
    pieces: list[str] = []
    current = ""
    for line in text.split("\n"):
        for sentence in sentences(line):
            for start in range(0, len(sentence), max_chars):
                part = sentence[start : start + max_chars]
                if current and len(current) + len(part) > max_chars:
                    pieces.append(current.strip())
                    current = ""
                current += part if part.endswith(("。", "；", "！", "？")) else f"{part} "
        current = current.rstrip() + "\n"
    if current.strip():
        pieces.append(current.strip())
    return pieces


def _table(first: str, lines: Iterator[str]) -> Table:
    """Read a table whose first line is given; the iterator moves past it (a line after it is a blank one)."""
    rows = [_cells(first)]
    for raw in lines:
        line = raw.strip()
        if not line.startswith("|"):
            break
        if not _RULE.match(line):
            rows.append(_cells(line))
    return Table(rows[0], tuple(rows[1:]))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(plain(cell) for cell in line.strip().strip("|").split("|"))
