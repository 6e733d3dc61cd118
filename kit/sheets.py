"""Tables that people bring as files: CSV in the encodings spreadsheets write, and XLSX; read row by row, never run."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kit.errors import ErrorKind, JiedaiError

MAX_ROWS = 100_000
_MAX_UNPACKED_BYTES = 300_000_000  # a sheet of the largest size has a tenth of it
_ZIP = b"PK\x03\x04"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",;\t"
_GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r")  # how our own exports keep a formula from being one


class SheetUnreadable(JiedaiError):
    """A file that is no table; says where it stops being one."""

    code = "sheet_unreadable"

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"文件无法读取：{zh}", f"The file cannot be read: {en}", field="file")


class TooManyRows(JiedaiError):
    """More rows than one file may have."""

    kind = ErrorKind.TOO_LARGE
    code = "too_many_rows"

    def __init__(self) -> None:
        super().__init__(
            f"一个文件最多 {MAX_ROWS} 行，请拆分后导入", f"A file has at most {MAX_ROWS} rows; split it", field="file"
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        encoding: What the file turned out to be: ``utf-8``, ``utf-8-sig``, ``utf-16``, ``gb18030`` or ``xlsx``.
        head: Names of the columns.
        rows: Number as a spreadsheet shows it (the head is 1) and cells; empty rows are left out.
    """

    encoding: str
    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(content: bytes) -> Sheet:
    """Read a file.

    The encoding is found in a fixed order and never guessed by likelihood: a byte-order mark, else UTF-8 where every
    byte fits, else GB18030 where every byte fits, else it is refused.

    Raises:
        SheetUnreadable: Neither CSV nor XLSX, or without a head.
        TooManyRows: More than 100,000.
    """
    if content.startswith(_ZIP):
        return _sheet("xlsx", _xlsx_rows(content))
    encoding, text = decoded(content)
    return _sheet(encoding, _csv_rows(text))


def decoded(content: bytes) -> tuple[str, str]:
    """Return a text file's encoding and its text.

    Raises:
        SheetUnreadable: No encoding fits every byte, or it holds NUL as no text does.
    """
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            place = error.start
            continue
        if "\0" in text:
            raise SheetUnreadable(zh="不是文本文件", en="it is no text")
        return encoding, text
    raise SheetUnreadable(
        zh=f"第 {place} 字节处既不是 UTF-8 也不是 GB18030", en=f"at byte {place} it is neither UTF-8 nor GB18030"
    )


def _sheet(encoding: str, found: Iterator[Sequence[str]]) -> Sheet:
    head: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(found, 1):
        stripped = tuple(map(_cell, cells))
        if not any(stripped):
            continue
        if not head:
            head = stripped
            continue
        if len(rows) == MAX_ROWS:
            raise TooManyRows
        rows.append((number, stripped))
    if not head:
        raise SheetUnreadable(zh="没有表头", en="it has no head")
    while head and not head[-1]:
        head = head[:-1]
    return Sheet(encoding, head, tuple(rows))


def _csv_rows(text: str) -> Iterator[Sequence[str]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SheetUnreadable(
                zh=f"第 {reader.line_num} 行：{error}", en=f"line {reader.line_num}: {error}"
            ) from error


def _xlsx_rows(content: bytes) -> Iterator[Sequence[str]]:
    from openpyxl import load_workbook  # a fifth of a second to load, and few processes ever import

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        fits = unpacked <= _MAX_UNPACKED_BYTES
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False) if fits else None
    except Exception as error:  # the library raises whatever its parsers raise
        raise SheetUnreadable(zh="不是有效的 XLSX", en="it is no valid XLSX") from error
    if book is None:
        raise SheetUnreadable(zh="解压后过大", en="it is too large when unpacked")
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_written(value) for value in row]
    finally:
        book.close()


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _cell(raw: str) -> str:
    text = raw.strip()
    return text[1:] if text.startswith(_GUARDED) else text
