"""Rules, the book of them, and what a firing leaves behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from tickets.automation.actions import Action
from tickets.automation.conditions import DEEPEST, Condition, Facts, depth_of, fields_of
from tickets.automation.words import COLUMNS, FIELDS, When
from tickets.books.schemas import Page
from tickets.books.service import Refusal

NAME_CHARS = 60
ACTOR_PREFIX = "rule:"
"""Begins the actor of everything that a rule does; the rule's name follows (SE-10)."""

_Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARS)]
_Actions = Annotated[tuple[Action, ...], Field(min_length=1, max_length=10)]


class Branch(Page):
    """One of several ways to act, taken by a share of the tickets (AR-12)."""

    name: _Name
    weight: int = Field(1, ge=1, le=1000)
    then: _Actions


class Rule(Page):
    """If a condition holds when something happens, then actions follow.

    Attributes:
        name: Unique in the book; what the rule does carries it.
        when: What makes it be asked; the source's sample names nothing and means a ticket that has been routed.
        if_: Without a condition it holds always.
        then: What follows; or ``branches``.
        stop: No rule behind this one is asked in the same moment, once this one holds.
        enabled: Switched off it is kept and not asked.
    """

    name: _Name
    when: Annotated[tuple[When, ...], Field(min_length=1)] = (When.ROUTED,)
    if_: Condition | None = Field(None, alias="if")
    then: Annotated[tuple[Action, ...], Field(max_length=10)] = ()
    branches: Annotated[tuple[Branch, ...], Field(max_length=5)] = ()
    stop: bool = False
    enabled: bool = True

    @field_validator("if_")
    @classmethod
    def _readable(cls, condition: Condition | None) -> Condition | None:
        if condition is not None and depth_of(condition) > DEEPEST:
            zh, en = f"条件最多嵌套 {DEEPEST} 层", f"conditions are nested at most {DEEPEST} deep"
            raise Refusal(zh, en)
        return condition

    @model_validator(mode="after")
    def _acts(self) -> "Rule":
        if bool(self.then) == bool(self.branches):
            raise Refusal("请填写动作（then），或分支（branches）", "either actions (then) or branches are given")
        if len({branch.name for branch in self.branches}) != len(self.branches):
            raise Refusal("分支名称重复", "two branches have the same name")
        if When.UPDATED in self.when and not self.watches():
            names = "、".join(name for name, field in FIELDS.items() if field.column)
            zh, en = (
                f"触发时机是「工单有变更」，条件里至少要有一个会变更的字段（{names}）",
                f"a rule that is asked at updates looks at one of: {names}",
            )
            raise Refusal(zh, en)
        return self

    def watches(self) -> frozenset[str]:
        """Return the columns of a ticket that its condition depends on."""
        return frozenset(FIELDS[name].column for name in fields_of(self.if_)) & COLUMNS

    def ways(self) -> Sequence[tuple[str, Sequence[Action]]]:
        """Return (branch, actions); a rule without branches has one way without a name."""
        return [(branch.name, branch.then) for branch in self.branches] or [("", self.then)]


class Outcome(StrEnum):
    """What came of a rule whose condition held."""

    FIRED = "fired"
    LOOP = "loop"  # the chain of events that led here holds the same rule already
    LIMIT = "limit"  # it fired on this ticket as often as a rule may within a day


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule whose condition holds, and the way it goes.

    Attributes:
        used: The facts that its condition looked at.
    """

    rule: Rule
    branch: str
    actions: Sequence[Action]
    used: Facts


@dataclass(frozen=True, slots=True)
class Refused:
    """An action that was not done, and why."""

    action: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Firing:
    """A line of the trace (AR-10).

    Attributes:
        edition: Version of the book it was judged by.
        chain: The rules that led here, first to last; empty where a person or the outside did.
        facts: What its condition looked at; what a customer wrote stands there only as "…".
        done: Each action that was done, with what it did.
    """

    id: str
    number: int
    rule: str
    edition: int
    event: When
    outcome: Outcome
    branch: str
    chain: tuple[str, ...]
    facts: Mapping[str, object]
    done: Sequence[Mapping[str, object]]
    refused: Sequence[Refused]
    at: datetime


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """How often a rule fired within the last days, and when last."""

    count: int
    last_at: datetime | None
