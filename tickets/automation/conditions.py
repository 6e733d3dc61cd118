"""Conditions as the source writes them, ``{"and": [{"eq": ["priority", "P1"]}, …]}``, and how they are judged.

Judging is total: whatever the facts are, it ends with an answer. Patterns are RE2, whose search takes time linear in
the text, so that no pattern can hang the service.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, Optional

import re2
from pydantic import Field, field_validator, model_validator

from kit.text import normalise
from tickets.automation.words import FIELDS, FieldType, Kind
from tickets.books.schemas import Page
from tickets.books.service import Refusal

Fact = str | int | float | bool | tuple[str, ...] | None
Facts = Mapping[str, Fact]
Look = Callable[[str], Fact | type["Unknown"]]

_TEXT_CHARS = 200
_PATTERN_CHARS = 300
_LOOKED_AT_CHARS = 10_000
DEEPEST = 8
"""How deep conditions may be nested; a page of rules is read by people."""

Scalar = bool | int | Annotated[float, Field(allow_inf_nan=False)] | Annotated[str, Field(max_length=_TEXT_CHARS)]
_Name = Annotated[str, Field(max_length=40)]
Pair = tuple[_Name, Scalar]
Listed = tuple[_Name, Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=50)]]
Pattern = tuple[_Name, Annotated[str, Field(min_length=1, max_length=_PATTERN_CHARS)]]


class Unknown:
    """Stands for a fact that isn't known when rules are examined before anything happens."""


class Condition(Page):
    """One operator with what it joins or compares."""

    and_: Annotated[tuple["Condition", ...], Field(min_length=1, max_length=20)] | None = Field(None, alias="and")
    or_: Annotated[tuple["Condition", ...], Field(min_length=1, max_length=20)] | None = Field(None, alias="or")
    not_: Optional["Condition"] = Field(None, alias="not")
    eq: Pair | None = None
    ne: Pair | None = None
    gt: Pair | None = None
    gte: Pair | None = None
    lt: Pair | None = None
    lte: Pair | None = None
    in_: Listed | None = Field(None, alias="in")
    contains: Pair | None = None
    starts_with: Pair | None = Field(None, alias="startsWith")
    matches: Pattern | None = None

    @field_validator("eq", "ne")
    @classmethod
    def _comparable(cls, pair: Pair | None) -> Pair | None:
        return _checked(pair, {Kind.TEXT, Kind.CHOICE, Kind.NUMBER, Kind.YES_NO})

    @field_validator("gt", "gte", "lt", "lte")
    @classmethod
    def _ordered(cls, pair: Pair | None) -> Pair | None:
        return _checked(pair, {Kind.NUMBER})

    @field_validator("contains")
    @classmethod
    def _containing(cls, pair: Pair | None) -> Pair | None:
        return _checked(pair, {Kind.TEXT, Kind.LIST})

    @field_validator("starts_with")
    @classmethod
    def _beginning(cls, pair: Pair | None) -> Pair | None:
        return _checked(pair, {Kind.TEXT})

    @field_validator("in_")
    @classmethod
    def _listed(cls, listed: Listed | None) -> Listed | None:
        if listed is not None:
            for value in listed[1]:
                _checked((listed[0], value), {Kind.TEXT, Kind.CHOICE, Kind.NUMBER})
        return listed

    @field_validator("matches")
    @classmethod
    def _matching(cls, pair: Pattern | None) -> Pattern | None:
        if pair is None:
            return None
        _checked((pair[0], ""), {Kind.TEXT})
        try:
            compiled(pair[1])
        except re2.error as error:
            zh, en = (
                "不支持的正则（只支持 RE2：没有反向引用和环视）",
                "no pattern of RE2 (no back-reference, no look-around)",
            )
            zh, en = f"{zh}：{pair[1]}", f"{en}: {pair[1]}"
            raise Refusal(zh, en) from error
        return pair

    @model_validator(mode="after")
    def _one_operator(self) -> "Condition":
        if len(self.model_fields_set) != 1 or self.said()[1] is None:
            raise Refusal("一个条件只能有一个运算符", "a condition has exactly one operator")
        return self

    def said(self) -> tuple[str, Any]:
        """Return the operator and what it is applied to."""
        (name,) = self.model_fields_set
        return name, getattr(self, name)

    def parts(self) -> tuple["Condition", ...]:
        """Return the conditions that this one joins; empty for a comparison."""
        _, value = self.said()
        return (value,) if isinstance(value, Condition) else value if self.and_ or self.or_ else ()


def _checked(pair: Pair | None, kinds: set[Kind]) -> Pair | None:
    """Return a comparison if its field exists, its operator fits the field and its value fits too."""
    if pair is None:
        return None
    name, value = pair
    field = FIELDS.get(name)
    if field is None:
        zh, en = f"没有「{name}」这个字段", f"there is no field {name!r}"
        raise Refusal(zh, en)
    if field.kind not in kinds:
        zh, en = f"字段「{name}」不能这样比较", f"the field {name!r} cannot be compared like this"
        raise Refusal(zh, en)
    if not _fits(field, value):
        hint = "、".join(field.choices) if field.choices else field.kind
        zh, en = f"字段「{name}」不能取值 {value!r}（{hint}）", f"{name!r} cannot be {value!r} ({hint})"
        raise Refusal(zh, en)
    return pair


def _fits(field: FieldType, value: object) -> bool:
    if field.kind is Kind.YES_NO:
        return isinstance(value, bool)
    if field.kind is Kind.NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) and (not field.choices or value in field.choices)


def judge(condition: Condition, look: Look) -> bool | None:
    """Return whether a condition holds; ``None``: that depends on what is not known.

    Args:
        condition: What is asked.
        look: Field → its value, or ``Unknown``.
    """
    name, value = condition.said()
    if name == "not_":
        inner = judge(value, look)
        return None if inner is None else not inner
    if name in {"and_", "or_"}:
        deciding = name == "or_"
        found = [judge(part, look) for part in value]
        return deciding if deciding in found else None if None in found else not deciding
    fact = look(value[0])
    if isinstance(fact, type):  # Unknown
        return None
    return _COMPARE[name](fact, value[1])


def holds(condition: Condition | None, facts: Facts) -> bool:
    """Return whether a condition holds for facts; without a condition everything does."""
    return condition is None or bool(judge(condition, facts.get))


def fields_of(condition: Condition | None) -> frozenset[str]:
    """Return the fields that a condition looks at."""
    return frozenset(name for name, _ in comparisons(condition))


def comparisons(condition: Condition | None) -> Iterator[tuple[str, Condition]]:
    """Go through (field, comparison) of a condition."""
    if condition is None:
        return
    parts = condition.parts()
    if not parts:
        yield condition.said()[1][0], condition
    for part in parts:
        yield from comparisons(part)


def depth_of(condition: Condition) -> int:
    """Return how deep a condition is nested; a comparison is 1 deep."""
    return 1 + max(map(depth_of, condition.parts()), default=0)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:  # noqa: ANN401 - RE2 ships no types
    """Return a compiled pattern; raises ``re2.error`` where it is none of RE2."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    return re2.compile(pattern, options)


def _folded(value: object) -> str:
    """Return a text as it is compared: width, case and invisible characters make no difference."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return normalise(text[:_LOOKED_AT_CHARS]).text.casefold()


def _same(fact: Fact, value: Scalar) -> bool:
    if isinstance(value, bool) or isinstance(fact, bool):
        return fact is value
    if isinstance(value, int | float):
        return isinstance(fact, int | float) and fact == value
    return (fact is None or isinstance(fact, str)) and _folded(fact) == _folded(value)


def _number(compare: Callable[[float, float], bool]) -> Callable[[Fact, Any], bool]:
    return lambda fact, value: isinstance(fact, int | float) and not isinstance(fact, bool) and compare(fact, value)


def _contains(fact: Fact, value: Scalar) -> bool:
    if isinstance(fact, tuple):
        return any(_same(item, value) for item in fact)
    return isinstance(fact, str) and _folded(value) in _folded(fact)


def _matches(fact: Fact, value: str) -> bool:
    return isinstance(fact, str) and compiled(value).search(_folded(fact)) is not None


_COMPARE: Mapping[str, Callable[[Fact, Any], bool]] = {
    "eq": _same,
    "ne": lambda fact, value: not _same(fact, value),
    "gt": _number(lambda one, other: one > other),
    "gte": _number(lambda one, other: one >= other),
    "lt": _number(lambda one, other: one < other),
    "lte": _number(lambda one, other: one <= other),
    "in_": lambda fact, values: any(_same(fact, value) for value in values),
    "contains": _contains,
    "starts_with": lambda fact, value: isinstance(fact, str) and _folded(fact).startswith(_folded(value)),
    "matches": _matches,
}
