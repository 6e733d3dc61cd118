"""Tables as files: CSV that a spreadsheet opens right, and XLSX; nothing in them is ever run as a formula."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
XLSX_MAX_ROWS = 1_048_576  # what the format holds, the head included
_READ_BYTES = 65_536
# A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection"); the apostrophe makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CELL_CHARS = 32_767  # what a cell of a spreadsheet holds


def inert(value: str) -> str:
    """Return a cell's text that no spreadsheet takes for a formula, without control characters.

    Example:
        >>> inert("=1+1"), inert("WX75G")
        ("'=1+1", 'WX75G')
    """
    quoted = f"'{value}" if value.startswith(_FORMULA) else value
    return "".join(c for c in quoted if c in "\n\t" or c.isprintable() or c == "\u3000")[:_CELL_CHARS]


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a CSV file line by line: UTF-8 with a byte-order mark, since Excel reads Chinese only with one.

    Args:
        head: Names of the columns.
        rows: As many cells each.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow([inert(cell) for cell in head])
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([inert(cell) for cell in row])
        yield buffer.getvalue()


def xlsx_bytes(sheet_name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield an XLSX file in pieces; rows go to a file on the disk as they come, not into memory.

    Args:
        sheet_name: What the sheet is called.
        head: Names of the columns.
        rows: As many cells each; what the format cannot hold is left out.
    """
    from openpyxl import Workbook  # a fifth of a second to load, and few processes ever export

    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name)
    sheet.freeze_panes = "A2"
    sheet.append([inert(cell) for cell in head])
    for written, row in enumerate(rows, start=2):
        if written > XLSX_MAX_ROWS:
            break
        sheet.append([inert(cell) for cell in row])
    with tempfile.TemporaryDirectory(prefix="jiedai-export-") as folder:
        path = Path(folder) / "table.xlsx"
        book.save(path)
        with path.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                yield piece
