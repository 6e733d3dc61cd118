"""What pydantic refuses, in this house's words: every place, with a stable word for the kind and a reason to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from kit.errors import Issue

_WORDS: Mapping[str, tuple[str, str, str]] = {
    "missing": ("missing", "必填", "is required"),
    "extra_forbidden": ("unknown_field", "没有这个字段", "is not a field of this request"),
    "string_too_short": ("too_short", "至少 {min_length} 个字符", "has at least {min_length} characters"),
    "string_too_long": ("too_long", "最多 {max_length} 个字符", "has at most {max_length} characters"),
    "too_short": ("too_short", "至少 {min_length} 项", "has at least {min_length} items"),
    "too_long": ("too_long", "最多 {max_length} 项", "has at most {max_length} items"),
    "string_pattern_mismatch": ("pattern", "格式应为 {pattern}", "has the form {pattern}"),
    "enum": ("not_one_of", "只能是 {expected}", "is one of {expected}"),
    "literal_error": ("not_one_of", "只能是 {expected}", "is one of {expected}"),
    "greater_than_equal": ("too_small", "不能小于 {ge}", "is {ge} or more"),
    "less_than_equal": ("too_large", "不能大于 {le}", "is {le} or less"),
    "json_invalid": ("json_invalid", "不是有效的 JSON", "is not valid JSON"),
    "value_error": ("invalid", "", ""),
}
_TYPES: Mapping[str, tuple[str, str]] = {
    "string": ("应为文字", "is a text"),
    "int": ("应为整数", "is a whole number"),
    "bool": ("应为 true 或 false", "is true or false"),
    "list": ("应为列表", "is a list"),
    "dict": ("应为对象", "is an object"),
    "model": ("应为对象", "is an object"),
    "date": ("应为日期", "is a date"),
    "datetime": ("应为时间", "is a time"),
}
_PLACES = {"body", "query", "path", "header"}


def issues_of(errors: Sequence[Mapping[str, Any]]) -> list[Issue]:
    """Return what is wrong, a place each, in the order of the input.

    Args:
        errors: As pydantic and FastAPI list them.
    """
    return [_issue(error) for error in errors]


def kind_of(error: Mapping[str, Any]) -> str:
    """Return the stable word for what is wrong in a place."""
    return _WORDS[error["type"]][0] if error["type"] in _WORDS else "type"


def _issue(error: Mapping[str, Any]) -> Issue:
    place = [str(part) for part in error["loc"]]
    field = ".".join(place[1:] if place and place[0] in _PLACES else place) or "body"
    kind = str(error["type"])
    if kind == "json_invalid":
        field = "body"
    if kind in _WORDS:
        _, zh, en = _WORDS[kind]
        given = {name: value for name, value in error.get("ctx", {}).items() if isinstance(value, str | int | float)}
        if kind == "value_error":  # our own validators say it in both languages
            zh, _, en = str(error.get("ctx", {}).get("error", "")).partition(" / ")
            return Issue(field, zh, en or zh)
        return Issue(field, zh.format_map(given), en.format_map(given))
    zh, en = next((words for name, words in _TYPES.items() if kind.startswith(name)), ("格式不正确", str(error["msg"])))
    return Issue(field, zh, en)
