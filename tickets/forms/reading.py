"""Reads one value of a form: its canonical spelling, and what is wrong with it. Raises nothing, whatever comes."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from stdnum.cn import ric

from kit.patterns import compile_pattern
from kit.personal_numbers import PersonalKind
from kit.redaction import find_personal
from tickets.forms.schemas import CHOICES, MEDIA, MUST_BE_SECURE, WRITTEN, FormField, Kind
from tickets.forms.values import Fault, Finding, StoredFile

LENGTHS = {Kind.LONG_TEXT: 4_000, Kind.PHONE: 30, Kind.ORDER_NO: 60, Kind.MODEL: 60, Kind.FAULT_CODE: 60}
TEXT_CHARS = 200
MOST_FILES = 5  # where a template doesn't say
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
MONEY = r"[0-9]{1,9}(?:\.[0-9]{1,2})?"
PHONE = r"\+?[0-9](?:[ -]?[0-9]){5,18}"
IDENTITY = "[1-9][0-9]{16}[0-9Xx]"
ACCOUNT = "[0-9](?:[ -]?[0-9]){7,29}"
_FORMS = {Kind.DATE: DATE, Kind.MONEY: MONEY, Kind.PHONE: PHONE, Kind.IDENTITY_NO: IDENTITY, Kind.BANK_ACCOUNT: ACCOUNT}
_HIDDEN = frozenset({PersonalKind.ID_CARD, PersonalKind.BANK_CARD})

Read = tuple[object, Finding | None]


def form_of(kind: Kind) -> str:
    """Return the pattern that every value of a kind fits; empty: any text."""
    return _FORMS.get(kind, "")


def most_chars(field: FormField) -> int:
    """Return the greatest length of a text."""
    return int(field.most) if field.most is not None else LENGTHS.get(field.kind, TEXT_CHARS)


def read_value(field: FormField, raw: object, files: Mapping[str, StoredFile], today: date) -> Read:
    """Return a value as it is kept, and what is wrong with it.

    Args:
        field: The place.
        raw: What came, not empty.
        files: The ticket's stored files by id.
        today: Day of the check.
    """
    if field.kind in MEDIA:
        return _files(field, raw, files)
    if field.kind is Kind.MULTI_CHOICE:
        return _choices(field, raw)
    if field.kind is Kind.NUMBER:
        return _number(field, raw)
    if not isinstance(raw, str):
        return raw, _wrong(field)
    text = _tidy(raw)
    return text if field.kind is not Kind.IDENTITY_NO else text.upper(), _judged(field, text, today)


def _judged(field: FormField, text: str, today: date) -> Finding | None:
    if field.kind in CHOICES:
        known = {choice.value for choice in field.choices}
        return None if text in known else _unfit(field, "不在选项之内", "is none of the choices")
    if (expected := form_of(field.kind)) and not re.fullmatch(expected, text):
        return _unfit(field, "格式不正确", "is not written as it must be")
    if field.pattern and not _fits(field.pattern, text):
        return _unfit(field, "不符合要求的格式", "does not have the form that is asked for")
    own: Callable[[FormField, str, date], Finding | None] | None = _OWN.get(field.kind)
    if own is not None:
        return own(field, text, today)
    return _length(field, text) if field.kind in WRITTEN | MUST_BE_SECURE else None


def _length(field: FormField, text: str) -> Finding | None:
    if field.least is not None and len(text) < field.least:
        return _unfit(field, f"至少 {field.least:g} 个字", f"has fewer than {field.least:g} characters")
    if field.kind in WRITTEN and len(text) > most_chars(field):
        return _unfit(field, f"最多 {most_chars(field)} 个字", f"has more than {most_chars(field)} characters")
    # What has a pattern of its own, such as a waybill, may look like a card; what is free to write in may hold one.
    is_free = field.kind in {Kind.TEXT, Kind.LONG_TEXT} and not field.secure and not field.pattern
    if is_free and any(span.kind in _HIDDEN for span in find_personal(text)):
        zh, en = "请不要在这里填写银行卡号或证件号", "no bank card or identity number may stand here"
        return Finding(field.name, Fault.OPEN_NUMBER, f"「{field.zh}」{zh}", f"{field.en}: {en}")
    return None


def _date(field: FormField, text: str, today: date) -> Finding | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _unfit(field, "不是有效日期", "is no day of the calendar")
    earliest, latest = (today if bound == "today" else bound for bound in (field.earliest, field.latest))
    if isinstance(earliest, date) and day < earliest:
        return _unfit(field, f"不能早于 {earliest}", f"is before {earliest}")
    if isinstance(latest, date) and day > latest:
        return _unfit(field, f"不能晚于 {latest}", f"is after {latest}")
    return None


def _money(field: FormField, text: str, _today: date) -> Finding | None:
    return _range(field, Decimal(text))


def _identity(field: FormField, text: str, _today: date) -> Finding | None:
    return None if ric.is_valid(text.upper()) else _unfit(field, "校验位不正确", "has a wrong check digit")


_OWN: Mapping[Kind, Any] = {Kind.DATE: _date, Kind.MONEY: _money, Kind.IDENTITY_NO: _identity}


def _range(field: FormField, value: float | Decimal) -> Finding | None:
    if field.least is not None and value < field.least:
        return _unfit(field, f"不能小于 {field.least:g}", f"is below {field.least:g}")
    if field.most is not None and value > field.most:
        return _unfit(field, f"不能大于 {field.most:g}", f"is above {field.most:g}")
    return None


def _number(field: FormField, raw: object) -> Read:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(_float(raw)):
        return raw, _wrong(field)
    return raw, _range(field, raw)


def _float(raw: float) -> float:
    try:
        return float(raw)
    except OverflowError:
        return math.inf


def _choices(field: FormField, raw: object) -> Read:
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        return raw, _wrong(field)
    chosen = list(dict.fromkeys(_tidy(one) for one in raw))
    known = {choice.value for choice in field.choices}
    if not known.issuperset(chosen):
        return chosen, _unfit(field, "不在选项之内", "is none of the choices")
    return chosen, _count(field, len(chosen), len(known))


def _files(field: FormField, raw: object, files: Mapping[str, StoredFile]) -> Read:
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        return raw, _wrong(field)
    ids = list(dict.fromkeys(raw))
    found = [file for one in ids if (file := files.get(one)) is not None and file.field == field.name]
    if len(found) != len(ids):
        return ids, Finding(
            field.name, Fault.WRONG_TYPE, f"「{field.zh}」的文件不存在", f"{field.en}: there is no such file"
        )
    if any(file.size_bytes < field.min_bytes or file.size_bytes > field.max_bytes for file in found):
        return ids, _unfit(field, "文件大小不符合要求", "has a file that is too small or too large")
    if any(min(file.width, file.height) < field.min_pixels for file in found):
        side = field.min_pixels
        return ids, _unfit(field, f"图片短边至少 {side} 像素", f"has a picture whose shorter side is below {side} px")
    return ids, _count(field, len(ids), MOST_FILES)


def _count(field: FormField, n: int, most: int) -> Finding | None:
    if field.least is not None and n < field.least:
        return _unfit(field, f"至少 {field.least:g} 个", f"needs at least {field.least:g}")
    limit = field.most if field.most is not None else most
    return _unfit(field, f"最多 {limit:g} 个", f"takes at most {limit:g}") if n > limit else None


def _tidy(raw: str) -> str:
    return raw.replace("\r\n", "\n").strip()


def _fits(pattern: str, text: str) -> bool:
    # RE2 reads UTF-8, which has no lone surrogates.
    return _compiled(pattern).fullmatch(text.encode("utf-8", "replace").decode()) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:  # noqa: ANN401 - RE2 ships no types
    return compile_pattern(pattern)


def _wrong(field: FormField) -> Finding:
    return Finding(
        field.name,
        Fault.WRONG_TYPE,
        f"「{field.zh}」的内容类型不对",
        f"{field.en}: this is not the kind of value it takes",
    )


def _unfit(field: FormField, zh: str, en: str) -> Finding:
    return Finding(field.name, Fault.UNFIT, f"「{field.zh}」{zh}", f"{field.en} {en}")
