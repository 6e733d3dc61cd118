"""Tables as files: what a spreadsheet would run is text, and what it cannot hold is left out."""

import csv
import io

import pytest
from openpyxl import load_workbook

from kit.tables import BOM, csv_lines, inert, xlsx_bytes

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x")', "=cmd|'/c calc'!A1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_becomes_text(text: str) -> None:
    """OWASP, CSV injection."""
    assert inert(text).startswith("'")


@pytest.mark.parametrize("text", ["WX75G", "漏水 =1", "13-800", "", "两行\n文字", "全角\u3000空格"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


def test_control_characters_and_what_is_too_long_go() -> None:
    assert inert("a\x00b\x07c") == "abc"
    assert len(inert("长" * 40_000)) == 32_767


def test_csv_is_read_back_with_its_mark() -> None:
    rows = [["洗衣机,漏水", '"引号"'], *([text, "x"] for text in DANGEROUS)]

    written = "".join(csv_lines(["标题", "备注"], rows))

    assert written.startswith(BOM)
    read = list(csv.reader(io.StringIO(written.removeprefix(BOM), newline="")))
    assert read[:2] == [["标题", "备注"], ["洗衣机,漏水", '"引号"']]
    assert all(row[0].startswith("'") for row in read[2:])


def test_xlsx_holds_text_and_no_formula() -> None:
    content = b"".join(xlsx_bytes("工单", ["标题"], [[text] for text in DANGEROUS]))

    sheet = load_workbook(io.BytesIO(content)).active
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert sheet.title == "工单"
    assert [cell.data_type for cell in cells] == ["s"] * len(DANGEROUS)
