"""Old systems' tickets from files: judged first, imported on a person's word, never twice, never half."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from harness_flows import build_worker
from sqlalchemy import delete, func, select
from typer.testing import CliRunner

from api.cli import tickets as command
from api.cli.app import app
from kit.audit.schemas import AuditQuery
from tickets.entries.models import EntryRow
from tickets.imports.models import ImportChunkRow, TicketImportRow
from tickets.imports.service import CHUNK, KEPT
from tickets.models import TicketRow
from tickets.notices.models import NoticeRow

HEAD = ("外部编号", "客户编号", "问题描述", "问题类型", "二级原因", "三级细分", "优先级", "状态", "创建时间")
GOOD = ("c-1", "洗衣机漏水", "质量问题", "噪音与漏水", "漏水", "高", "处理中", "2026-11-01 09:30")


@pytest.fixture(autouse=True)
def clean(house) -> Iterator[None]:
    yield
    build_worker(house.services).drain()
    with house.services.database.transaction() as session:
        session.execute(delete(ImportChunkRow))
        session.execute(delete(TicketImportRow))


def _file(rows: int, bad: dict[int, tuple[int, str]] | None = None, prefix: str = "A", encoding="gb18030") -> bytes:
    """Write so many rows; ``bad``: spreadsheet's row → column and what is wrong there."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for row in range(2, rows + 2):
        cells = [f"{prefix}-{row}", *GOOD]
        if bad and row in bad:
            cells[bad[row][0]] = bad[row][1]
        writer.writerow(cells)
    return out.getvalue().encode(encoding)


def _bring(house, content: bytes, user: str = "gao.yuan", source: str = "old") -> str:
    client = house.client(user)
    answer = client.post(
        "/admin/import", files={"file": ("旧工单.csv", content)}, data={"source": source}, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    build_worker(house.services).drain()
    return answer.headers["location"]


def _numbers(house) -> int:
    with house.services.database.reading() as session:
        return session.scalar(select(func.count()).select_from(TicketRow)) or 0


def _of(house, reference: str) -> TicketRow:
    with house.services.database.reading() as session:
        found = session.scalars(
            select(TicketRow)
            .join(EntryRow, EntryRow.ticket_id == TicketRow.id)
            .where(EntryRow.source == "old", EntryRow.reference == reference)
        ).one()
        session.expunge(found)
        return found


BAD = {7: (1, ""), 43: (3, "飞起来了"), 99: (8, "2099-01-01")}


def test_one_per_cent_of_bad_rows_in_gb18030_imports_nothing(house) -> None:
    """Bad input: each row, column and reason is named, and nothing is half done."""
    before = _numbers(house)
    address = _bring(house, _file(100, {7: (1, "")}, prefix="B"))
    client = house.client("gao.yuan")
    shown = client.get(address).text

    assert "gb18030" in shown
    refused = client.post(f"{address}/all")
    assert (refused.status_code, "100 行中有 1 行有问题" in refused.text) == (422, True)
    assert _numbers(house) == before
    assert client.post(f"{address}/good", follow_redirects=False).status_code == 303
    build_worker(house.services).drain()
    assert _numbers(house) == before + 99


def test_each_bad_place_is_named_and_can_be_downloaded(house) -> None:
    address = _bring(house, _file(100, BAD, prefix="C"))
    zh, en = house.client("gao.yuan"), house.client("gao.yuan", lang="en")

    rows = list(csv.reader(io.StringIO(zh.get(f"{address}/bad.csv").content.decode("utf-8-sig"))))
    assert rows[0] == ["行", "列", "内容", "原因"]
    assert [(row, column) for row, column, *_ in rows[1:]] == [
        ("7", "客户编号"),
        ("43", "问题类型"),
        ("99", "创建时间"),
    ]
    assert [rows[1][3], rows[2][2], rows[3][3]] == ["必填", "飞起来了", "晚于现在"]
    english = list(csv.reader(io.StringIO(en.get(f"{address}/bad.csv").content.decode("utf-8-sig"))))
    assert english[1] == ["7", "客户编号", "", "is required"]
    assert "飞起来了" in zh.get(address).text


def test_a_good_file_becomes_tickets_once(house) -> None:
    """LC-16: with category, priority, and the time it began in the old system."""
    content, before = _file(CHUNK + 10, prefix="D"), _numbers(house)
    first = _bring(house, content)
    client = house.client("gao.yuan")
    assert client.post(f"{first}/all", follow_redirects=False).status_code == 303
    build_worker(house.services).drain()

    ticket = _of(house, "D-2")
    assert _numbers(house) == before + CHUNK + 10
    assert (ticket.priority, ticket.label[-1], ticket.label_source) == ("P2", "water_leak", "person")
    assert ticket.created_at.isoformat() == "2026-11-01T01:30:00+00:00"
    assert "已完成" in client.get(first).text

    again = _bring(house, content)
    assert f"<dd>{CHUNK + 10}</dd>" in client.get(again).text  # known, all of them
    client.post(f"{again}/all")
    build_worker(house.services).drain()
    assert _numbers(house) == before + CHUNK + 10


def test_what_is_over_elsewhere_is_over_here(house) -> None:
    address = _bring(house, _file(1, {2: (7, "已关闭")}, prefix="E"))
    house.client("gao.yuan").post(f"{address}/all")
    build_worker(house.services).drain()

    ticket = _of(house, "E-2")
    with house.services.database.reading() as session:
        told = session.scalar(select(func.count()).where(NoticeRow.ticket_id == ticket.id))
    assert told == 0  # nobody hears of an old ticket
    assert (ticket.status, ticket.close_kind) == ("closed", "solved")
    assert ticket.closed_at.isoformat() == "2026-11-01T01:30:00+00:00"


def test_a_cancelled_import_stops_where_it_is(house) -> None:
    before = _numbers(house)
    address = _bring(house, _file(2 * CHUNK, prefix="F"))
    client, import_id = house.client("gao.yuan"), address.rsplit("/", 1)[1]
    client.post(f"{address}/all")
    services = house.services
    with services.database.reading() as session:
        part = services.desk.imports.next_lines(session, import_id)
    assert client.post(f"{address}/cancel", follow_redirects=False).status_code == 303
    with services.database.transaction() as session:
        assert not services.desk.imports.take(session, import_id, part[0])  # what was under way writes nothing
    build_worker(services).drain()

    assert _numbers(house) == before
    assert "已取消" in client.get(address).text
    assert client.post(f"{address}/all").status_code == 422


def test_the_file_is_gone_once_it_was_checked_and_the_rest_after_a_week(house) -> None:
    address = _bring(house, _file(3, {3: (1, "")}, prefix="G"))
    services, import_id = house.services, address.rsplit("/", 1)[1]
    with services.database.reading() as session:
        row = session.get_one(TicketImportRow, import_id)
        sealed = row.report_sealed
        assert row.content_sealed is None
        assert "洗衣机".encode() not in sealed
        assert all("洗衣机".encode() not in chunk for chunk in session.scalars(select(ImportChunkRow.lines_sealed)))
    house.clock.instant += KEPT + timedelta(minutes=1)
    with services.database.transaction() as session:
        assert services.desk.imports.forget(session) == 1
    house.clock.instant -= KEPT + timedelta(minutes=1)
    assert house.client("gao.yuan").get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x81\x20\xff\xff", "GB18030"),
        ("外部编号,客户编号,问题描述,颜色\nA,c,x,红\n".encode(), "颜色"),
        ("外部编号,问题描述\nA,x\n".encode(), "客户编号"),
        ("外部编号,客户编号,问题描述,描述\nA,c,x,y\n".encode(), "重复"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(house, content: bytes, words: str) -> None:
    address = _bring(house, content)
    client = house.client("gao.yuan")

    assert words in client.get(address).text
    assert client.post(f"{address}/all").status_code == 422


def test_equal_references_in_one_file_are_bad(house) -> None:
    text = "外部编号,客户编号,问题描述\nX-1,c,甲\nX-1,c,乙\nX-2,c,丙,多\n"
    shown = house.client("gao.yuan").get(_bring(house, text.encode())).text

    assert "与第 2 行重复" in shown
    assert "比表头多出单元格" in shown


def test_who_imported_is_in_the_audit(house) -> None:
    address = _bring(house, _file(1, prefix="H"))
    house.client("gao.yuan").post(f"{address}/all")

    with house.services.database.reading() as session:
        found = house.services.audit.page(session, AuditQuery(action="import.tickets"), 1)
    assert (found[0].actor, found[0].subject_id) == ("gao.yuan", address.rsplit("/", 1)[1])


def test_no_file_is_asked_for(house) -> None:
    assert "请选择文件" in house.client("gao.yuan").post("/admin/import", data={"source": "old"}).text


def test_the_template_has_the_columns(house) -> None:
    text = house.client("gao.yuan").get("/admin/import-template.csv").content.decode("utf-8-sig")

    assert text.strip().startswith("外部编号,客户编号,客户姓名,问题描述")


def test_the_command_checks_and_imports(house, tmp_path, monkeypatch) -> None:
    class Opened:
        def __enter__(self):
            return house.services

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(command, "opened", Opened)
    before, file = _numbers(house), tmp_path / "old.csv"

    def run(*options: str) -> tuple[int, dict]:
        done = CliRunner().invoke(app, ["tickets", "import", str(file), "--source", "cli", "--json", *options])
        return done.exit_code, json.loads(done.stdout.splitlines()[-1])

    file.write_bytes(_file(60, {5: (1, "")}, encoding="utf-8-sig"))
    code, told = run("--dry-run")
    assert (code, told["encoding"], told["rows"], told["bad"], told["state"]) == (1, "utf-8-sig", 60, 1, "checked")
    assert [(e["row"], e["column"], e["reason_en"]) for e in told["errors"]] == [(5, "客户编号", "is required")]
    code, told = run()
    assert (code, told["filed"], _numbers(house)) == (1, 0, before)
    code, told = run("--good-only")
    assert (code, told["filed"], told["state"], _numbers(house)) == (0, 59, "done", before + 59)
    code, told = run("--good-only")
    assert (told["known"], told["filed"], _numbers(house)) == (59, 0, before + 59)
