"""Tables that people bring: every encoding a spreadsheet writes, and refusals that say where."""

import csv
import io

import pytest
from openpyxl import Workbook

from kit import sheets
from kit.sheets import SheetUnreadable, TooManyRows, read_sheet
from kit.tables import csv_lines

HEAD = ("外部编号", "问题描述")
ROWS = [("A-1", "洗衣机漏水，\n厨房地板都湿了"), ("A-2", '他说"不制冷"')]


def _csv(rows=ROWS, delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([HEAD, *rows])
    return out.getvalue()


@pytest.mark.parametrize(
    ("written", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("gbk", "gb18030"), ("utf-16", "utf-16")],
)
def test_every_encoding_gives_the_same_table(written: str, found: str) -> None:
    sheet = read_sheet(_csv().encode(written))

    assert (sheet.encoding, sheet.head) == (found, HEAD)
    assert [cells for _, cells in sheet.rows] == ROWS


def test_a_rare_character_survives_gb18030() -> None:
    sheet = read_sheet(_csv([("A-1", "𠮷野家的客户")]).encode("gb18030"))

    assert sheet.rows[0][1][1] == "𠮷野家的客户"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_that_of_the_head(delimiter: str) -> None:
    assert [cells for _, cells in read_sheet(_csv(delimiter=delimiter).encode()).rows] == ROWS


def test_a_spreadsheet_gives_dates_and_whole_numbers_as_people_read_them() -> None:
    book, out = Workbook(), io.BytesIO()
    for row in (["编号", "金额", "空"], [1001.0, 1.5, None], [None, None, None], ["=1+1", "x", ""]):
        book.active.append(row)
    book.save(out)
    sheet = read_sheet(out.getvalue())

    assert (sheet.encoding, sheet.head) == ("xlsx", ("编号", "金额", "空"))
    assert sheet.rows[0] == (2, ("1001", "1.5", ""))
    assert [number for number, _ in sheet.rows] == [2, 4]  # as the spreadsheet counts


def test_rows_keep_the_number_that_a_spreadsheet_shows() -> None:
    assert [number for number, _ in read_sheet("编号\n\nA\n,\nB\n".encode()).rows] == [3, 5]


def test_what_our_export_made_harmless_comes_back_as_it_was() -> None:
    text = "".join(csv_lines(["编号"], [["=1+1"], ["'s-Gravenhage"]]))

    assert [cells for _, cells in read_sheet(text.encode()).rows] == [("=1+1",), ("'s-Gravenhage",)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x81\x20\xff\xff", "byte"),
        (b"", "head"),
        (b"\n , \n", "head"),
        (b"a\0b", "text"),
        (b"PK\x03\x04 no archive", "XLSX"),
        (b'a,b\n"' + b"x" * 200_000, "line"),
    ],
)
def test_what_is_no_table_is_refused_with_the_place(content: bytes, words: str) -> None:
    with pytest.raises(SheetUnreadable, match=words):
        read_sheet(content)


def test_an_archive_that_grows_too_large_is_not_unpacked(monkeypatch) -> None:
    out = io.BytesIO()
    Workbook().save(out)
    monkeypatch.setattr(sheets, "_MAX_UNPACKED_BYTES", 10)

    with pytest.raises(SheetUnreadable, match="too large"):
        read_sheet(out.getvalue())


def test_one_row_too_many_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)

    assert len(read_sheet(b"h\n1\n2\n").rows) == 2
    with pytest.raises(TooManyRows):
        read_sheet(b"h\n1\n2\n3\n")
