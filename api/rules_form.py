"""A rule as a form without script shows it: groups of rows, and the same rule as JSON beside it.

The form can say: groups joined by and / or, each with comparisons joined by and / or. What is nested deeper, or has
branches, is edited as JSON alone. A value that cannot be read stays as it was typed, so that checking names it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tickets.automation.words import FIELDS, Do, Kind, When

_NEGATED = {"not_in": "in", "not_contains": "contains"}
_NEGATIONS = {plain: negated for negated, plain in _NEGATED.items()}
OPERATORS = (
    "eq", "ne", "in", "not_in", "contains", "not_contains", "startsWith", "matches", "gt", "gte", "lt", "lte",
)  # fmt: skip
"""Comparisons of the form; those of more than one field kind are judged when the rule is checked."""

PARAMETERS: Mapping[Do, tuple[str, ...]] = {
    Do.ASSIGN: ("group", "person"),
    Do.NOTIFY: ("channel", "target"),
    Do.START_TIMER: ("sla",),
    Do.SET: ("field", "value"),
    Do.RAISE: ("steps", "until"),
    Do.TAG: ("add", "remove"),
    Do.REPLY: ("text", "text_en"),
    Do.ESCALATE: ("stage", "reason"),
    Do.MERGE: (),
    Do.WEBHOOK: ("endpoint",),
    Do.CLOSE: ("reason",),
}
"""Action → what is filled in for it; two places each in the form."""

_LISTS, _NUMBERS = {"add", "remove"}, {"steps"}
_SPLIT = re.compile(r"[,，、;；]")
_YES, _NO = {"是", "yes", "true", "1"}, {"否", "no", "false", "0"}
_JOINS = ("and", "or")


@dataclass(frozen=True, slots=True)
class Row:
    """A comparison as it is typed."""

    field: str = "priority"
    op: str = "eq"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with what joins them."""

    join: str = "and"
    rows: tuple[Row, ...] = (Row(),)


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action as it is typed: its word and up to two parameters."""

    action: str = Do.TAG
    values: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class RuleForm:
    """A rule in the form's terms.

    Attributes:
        raw: The rule, where the form cannot say it.
    """

    name: str = ""
    when: tuple[str, ...] = (When.ROUTED,)
    join: str = "and"
    groups: tuple[Group, ...] = ()
    actions: tuple[ActionRow, ...] = ()
    stop: bool = False
    enabled: bool = True
    raw: Mapping[str, Any] | None = field(default=None)

    def as_rule(self) -> dict[str, Any]:
        """Return the rule as JSON has it."""
        if self.raw is not None:
            return dict(self.raw)
        rule: dict[str, Any] = {"name": self.name.strip()}
        if self.when != (When.ROUTED,):
            rule["when"] = list(self.when)
        parts = [_joined(group.join, [_comparison(row) for row in group.rows]) for group in self.groups if group.rows]
        if parts:
            rule["if"] = _joined(self.join, parts)
        rule["then"] = [_action(row) for row in self.actions]
        return rule | ({"stop": True} if self.stop else {}) | ({} if self.enabled else {"enabled": False})


def as_json(rule: Mapping[str, Any]) -> str:
    """Return a rule as the box beside the form shows it."""
    return json.dumps(rule, ensure_ascii=False, indent=2)


def form_of(rule: Mapping[str, Any]) -> RuleForm:
    """Return a rule in the form's terms; one that the form cannot say is kept as it is."""
    known = {"name", "when", "if", "then", "stop", "enabled"}
    try:
        groups, join = _groups(rule.get("if"))
        form = RuleForm(
            name=str(rule.get("name", "")),
            when=tuple(rule.get("when", (When.ROUTED,))),
            join=join,
            groups=groups,
            actions=tuple(map(_action_row, rule.get("then", ()))),
            stop=bool(rule.get("stop", False)),
            enabled=bool(rule.get("enabled", True)),
        )
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        return _only_json(rule)
    return form if rule.keys() <= known and _same(form.as_rule(), rule) else _only_json(rule)


def _only_json(rule: Mapping[str, Any]) -> RuleForm:
    return RuleForm(name=str(rule.get("name", "")), raw=rule)


def _same(made: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Tell whether the form says the rule: nothing that was given gets lost or turns into something else."""
    return {**made, "when": made.get("when", [When.ROUTED])} == {
        **{k: v for k, v in given.items() if k not in {"stop", "enabled"} or v is (k == "stop")},
        "when": list(given.get("when", [When.ROUTED])),
        "then": list(given.get("then", [])),
    }


def _groups(condition: Mapping[str, Any] | None) -> tuple[tuple[Group, ...], str]:
    if condition is None:
        return (), "and"
    ((op, value),) = condition.items()
    if op not in _JOINS:
        return (Group("and", (_row(condition),)),), "and"
    if all(_is_row(part) for part in value):
        return (Group(op, tuple(map(_row, value))),), "and"
    return tuple(_groups(part)[0][0] if len(_groups(part)[0]) == 1 else _too_deep() for part in value), op


def _too_deep() -> Group:
    message = "nested deeper than the form goes"
    raise ValueError(message)


def _is_row(condition: Mapping[str, Any]) -> bool:
    ((op, value),) = condition.items()
    return op not in (*_JOINS, "not") or (op == "not" and next(iter(value)) in _NEGATED.values())


def _row(condition: Mapping[str, Any]) -> Row:
    ((op, value),) = condition.items()
    if op == "not":
        ((op, value),) = value.items()
        op = _NEGATIONS[op]
    name, compared = value
    values = compared if isinstance(compared, list | tuple) else [compared]
    return Row(name, op, ", ".join(_typed(one) for one in values))


def _typed(value: object) -> str:
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


def _joined(join: str, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return parts[0] if len(parts) == 1 else {join: list(parts)}


def _comparison(row: Row) -> dict[str, Any]:
    plain = _NEGATED.get(row.op, row.op)
    kind = FIELDS[row.field].kind if row.field in FIELDS else Kind.TEXT
    if plain == "in":
        value: Any = [_read(kind, part.strip()) for part in _SPLIT.split(row.value)]
    else:
        value = row.value if plain == "matches" else _read(kind, row.value.strip())
    said = {plain: [row.field, value]}
    return {"not": said} if row.op in _NEGATED else said


def _read(kind: Kind, typed: str) -> Any:  # noqa: ANN401 - a number, a yes or no, a text
    if kind is Kind.YES_NO and typed.lower() in _YES | _NO:
        return typed.lower() in _YES
    if kind is Kind.NUMBER:
        try:
            return int(typed) if re.fullmatch(r"-?\d{1,15}", typed) else float(typed)
        except ValueError:
            return typed
    return typed


def _action(row: ActionRow) -> dict[str, Any]:
    names = PARAMETERS.get(Do(row.action), ()) if row.action in list(Do) else ()
    given: dict[str, Any] = {"action": row.action}
    for name, typed in zip(names, row.values, strict=False):
        if name in _LISTS:
            tags = [part.strip() for part in _SPLIT.split(typed) if part.strip()]
            given |= {name: tags} if tags else {}
        elif typed.strip():
            given[name] = _read(Kind.NUMBER, typed.strip()) if name in _NUMBERS else typed.strip()
    return given


def _action_row(action: Mapping[str, Any]) -> ActionRow:
    names = PARAMETERS[Do(action["action"])]
    typed = [", ".join(v) if isinstance(v, list | tuple) else str(v) for v in (action.get(n, "") for n in names)]
    first, second, *_ = (*typed, "", "")
    return ActionRow(action["action"], (first, second))
