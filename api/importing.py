"""What the lines of an imported file mean: the same model as the API's, judged by the same rules, line by line."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from api.entering import Line, NewTicket, entry_of
from api.reasons import issues_of
from api.wiring import Services
from kit.db import Session, savepoint
from kit.errors import Issue, JiedaiError
from kit.progress import ProgressReport
from kit.sheets import Sheet, SheetUnreadable, read_sheet
from kit.text import displayable
from tickets.entries.errors import EntryInvalid
from tickets.entries.schemas import Entry
from tickets.imports.schemas import BadCell, Checked, GoodLine, Import
from tickets.service import WORKING_ZONE

_SHOWN_CHARS = 120
_SPLIT = re.compile(r"[\s;；]+")
_OPEN = {"", "open", "new", "in_progress", "待处理", "处理中", "待用户反馈", "新建"}
_CLOSED = {"closed", "resolved", "done", "已解决", "已关闭", "关闭", "已完成"}
_MOMENTS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y年%m月%d日")

TITLES: Mapping[str, tuple[str, ...]] = {
    "reference": ("外部编号", "原工单号", "工单号", "external_id", "ticketId"),
    "customerId": ("客户编号", "客户", "customer_id"),
    "customerName": ("客户姓名", "提交人", "customer_name"),
    "description": ("问题描述", "描述", "内容"),
    "title": ("标题",),
    "category1": ("问题类型", "类型"),
    "category2": ("二级原因",),
    "category3": ("三级细分",),
    "priority": ("优先级",),
    "channel": ("渠道",),
    "orderId": ("订单号", "order_id"),
    "sku": ("型号", "产品型号"),
    "faultCode": ("故障代码", "fault_code"),
    "region": ("地区", "区域"),
    "entitlement": ("权益",),
    "attachments": ("附件",),
    "status": ("状态",),
    "createdAt": ("创建时间", "created_at"),
}
"""Field → other titles that a column of it may have."""


class ImportLine(NewTicket):
    """A line of a file: a ticket, with what an old system knows of its past."""

    model_config = ConfigDict(extra="forbid")

    reference: Line = Field(min_length=1, max_length=128)
    status: Line = Field(default="", max_length=20)
    created_at: Line = Field(default="", alias="createdAt", max_length=40)


def check(
    services: Services, session: Session, content: bytes, brought: Import, progress: ProgressReport | None = None
) -> Checked:
    """Judge every line of a file; nothing is written.

    Raises:
        SheetUnreadable: No table, or columns that mean nothing here.
        TooManyRows: More than 100,000.
    """
    sheet = read_sheet(content)
    columns = _columns(sheet)
    good: list[GoodLine] = []
    bad: list[BadCell] = []
    first_of: dict[str, int] = {}
    for done, (row, cells) in enumerate(sheet.rows, 1):
        fields = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
        issues = _extra_cells(cells, columns) or _issues(services, fields, brought)
        earlier = first_of.setdefault(fields.get("reference", ""), row) if fields.get("reference") else row
        if earlier != row:
            issues.append(Issue("reference", f"与第 {earlier} 行重复", f"is that of row {earlier} too"))
        if issues:
            bad += [_bad_cell(row, issue, fields, dict(zip(columns, sheet.head, strict=True))) for issue in issues]
        else:
            good.append(GoodLine(row, fields))
        if progress is not None and (done % 500 == 0 or done == len(sheet.rows)):
            progress("checked", done, len(sheet.rows))
    known = services.desk.entries.known(session, brought.source, [line.fields["reference"] for line in good])
    return Checked(
        encoding=sheet.encoding,
        rows=len(sheet.rows),
        bad_rows=len(sheet.rows) - len(good),
        known=len(known),
        good=tuple(good),
        bad=tuple(bad),
    )


def file_next(services: Services, session: Session, brought: Import, part: tuple[int, Sequence[GoodLine]]) -> bool:
    """File some lines in the caller's transaction and tell whether more wait; a line filed before is left as it is."""
    ordinal, lines = part
    imports = services.desk.imports
    if not imports.take(session, brought.id, ordinal):
        return False
    filed, failed = 0, list[BadCell]()
    for line in lines:
        try:
            with savepoint(session):
                _, created = services.desk.entries.file(session, _entry(services, line, brought), brought.created_by)
            filed += created
        except JiedaiError as refused:  # the taxonomy changed since the check
            issue = Issue(refused.field or "", refused.message_zh, refused.message_en)
            failed.append(_bad_cell(line.row, issue, line.fields, {}))
    return imports.advance(session, brought.id, len(lines), filed, failed)


def report_lines(cells: Collection[BadCell], lang: str) -> Iterator[tuple[str, ...]]:
    """Yield the bad places as lines of a table, in one language."""
    for cell in cells:
        yield str(cell.row), cell.column, cell.value, cell.reason_zh if lang == "zh" else cell.reason_en


def _columns(sheet: Sheet) -> list[str]:
    by_title = {title.casefold(): field for field, titles in TITLES.items() for title in (field, *titles)}
    columns = [by_title.get(title.casefold(), "") for title in sheet.head]
    unknown = [title or "?" for title, field in zip(sheet.head, columns, strict=True) if not field]
    if unknown:
        named = "、".join(map(displayable, unknown))[:100]
        raise SheetUnreadable(zh=f"没有这些列：{named}", en=f"it has columns that mean nothing here: {named}")
    twice = sorted({title for title, field in zip(sheet.head, columns, strict=True) if columns.count(field) > 1})
    if twice:
        raise SheetUnreadable(
            zh=f"这些列重复：{'、'.join(twice)}", en=f"these columns mean the same: {', '.join(twice)}"
        )
    lacking = [TITLES[name][0] for name in ("reference", "customerId", "description") if name not in columns]
    if lacking:
        raise SheetUnreadable(
            zh=f"缺少这些列：{'、'.join(lacking)}", en=f"it lacks these columns: {', '.join(lacking)}"
        )
    return columns


def _extra_cells(cells: Sequence[str], columns: Sequence[str]) -> list[Issue]:
    if any(cells[len(columns) :]):
        return [Issue("", "比表头多出单元格，可能缺少引号", "has more cells than the head; a quote may be missing")]
    return []


def _issues(services: Services, fields: Mapping[str, str], brought: Import) -> list[Issue]:
    try:
        _entry(services, GoodLine(0, fields), brought)
    except ValidationError as error:
        return issues_of(error.errors(include_url=False))
    except EntryInvalid as error:
        return list(error.issues)
    return []


def _entry(services: Services, line: GoodLine, brought: Import) -> Entry:
    values: dict[str, Any] = dict(line.fields)
    if "attachments" in values:
        values["attachments"] = [part for part in _SPLIT.split(values["attachments"]) if part]
    read = ImportLine.model_validate({"source": brought.source, "priorityScheme": brought.scheme, **values})
    issues: list[Issue] = []
    now = services.clock.now()
    opened = _moment(read.created_at, now, issues)
    status = read.status.casefold()
    if status not in _OPEN | _CLOSED:
        choices = "、".join(sorted(_OPEN | _CLOSED))
        issues.append(Issue("status", f"不认识的状态，可选：{choices}", f"is none of: {choices}"))
    try:
        entry = entry_of(services, read, opened_at=opened, closed=status in _CLOSED)
    except EntryInvalid as error:
        raise EntryInvalid([*error.issues, *issues]) from error
    if issues:
        raise EntryInvalid(issues)
    return replace(entry, quiet=True)  # nobody is told of what is long past


def _moment(text: str, now: datetime, issues: list[Issue]) -> datetime | None:
    if not text:
        return None
    found = _parsed(text)
    if found is None:
        issues.append(Issue("createdAt", "不是时间，例如 2026-11-20 09:30", "is no time, such as 2026-11-20 09:30"))
    elif found > now:
        issues.append(Issue("createdAt", "晚于现在", "lies in the future"))
    return found


def _parsed(text: str) -> datetime | None:
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=WORKING_ZONE)
    for form in _MOMENTS:
        with suppress(ValueError):
            return datetime.strptime(text, form).replace(tzinfo=WORKING_ZONE)
    return None


def _bad_cell(row: int, issue: Issue, fields: Mapping[str, str], titles: Mapping[str, str]) -> BadCell:
    field = issue.field.split(".")[0]
    column = titles.get(field) or (TITLES[field][0] if field in TITLES else field)
    return BadCell(row, column, displayable(fields.get(field, ""))[:_SHOWN_CHARS], issue.reason_zh, issue.reason_en)
