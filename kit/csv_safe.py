"""CSV that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_BOM = "\ufeff"  # without it Excel takes UTF-8 for the local code page


def safe_cell(value: object) -> str:
    """Return a cell's text; what a spreadsheet would take for a formula is made a text by a quotation mark."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_STARTS) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as CSV in UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(cell) for cell in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return (_BOM + out.getvalue()).encode("utf-8", "replace")
