"""The routing book: rules from a ticket's facts to a group, and how each group shares its work out (RT-01 … RT-11)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from tickets.books.schemas import Book, Page
from tickets.books.service import Refusal
from tickets.words import TRIAGE, Priority

_Word = Annotated[str, StringConstraints(max_length=40)]
_Label = Annotated[tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...], Field(max_length=3)]
_Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 30)]


class Strategy(StrEnum):
    """How a group's tickets find a person (RT-07)."""

    POOL = "pool"  # they wait until somebody takes them
    ROUND_ROBIN = "round_robin"
    FEWEST_OPEN = "fewest_open"
    HANDLE_TIME = "handle_time"  # whose open work will be done soonest


class OnTimeout(StrEnum):
    """What happens to a ticket that nobody accepted in time (RT-11)."""

    REROUTE = "reroute"
    ESCALATE = "escalate"


class Needs(Page):
    """What whoever works on a ticket must know; what is empty is taken from the ticket's own facts (RT-01)."""

    line: _Word = ""
    region: _Word = ""
    issue: _Label = ()
    level: int = Field(default=1, ge=1, le=3)


class RouteRule(Page):
    """A row of the table: a ticket that fits every condition goes to ``group``; what is empty fits everything.

    Attributes:
        group: Where it goes.
        label: Its category lies under this path.
        line: Product line.
        region: The customer's region.
        channel: Where the talk came from.
        customer_level: The customer's level.
        priority: Its priority.
        urgent: Whether safety wording was found.
        precedence: A higher one wins whatever the conditions are; among equals the most specific does.
        needs: What the person must know, beyond the ticket's own facts.
        strategy: Instead of the group's.
        share_with: Groups that work on it at the same time (RT-12).
    """

    group: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    label: _Label = ()
    line: _Word = ""
    region: _Word = ""
    channel: _Word = ""
    customer_level: _Word = ""
    priority: Priority | None = None
    urgent: bool | None = None
    precedence: int = Field(default=0, ge=0, le=9)
    needs: Needs = Needs()
    strategy: Strategy | None = None
    share_with: Annotated[tuple[str, ...], Field(max_length=10)] = ()

    def conditions(self) -> tuple[object, ...]:
        """Return what must hold, so that two rules can be compared."""
        return (self.label, self.line, self.region, self.channel, self.customer_level, self.priority, self.urgent)


class GroupWork(Page):
    """How a group shares its work out.

    Attributes:
        strategy: How its tickets find a person.
        accept_minutes: How long a ticket may wait for somebody to accept it; ``None``: for ever.
        on_timeout: What happens then.
        timeout_group: Where it is routed then; empty: to somebody else of this group, or from the pool to the fallback.
    """

    strategy: Strategy = Strategy.POOL
    accept_minutes: int | None = Field(default=None, ge=1, le=60 * 24 * 14)
    on_timeout: OnTimeout = OnTimeout.REROUTE
    timeout_group: _Word = ""


class Routing(Page):
    """The whole book.

    Attributes:
        rules: The table.
        groups: Group → how it shares its work out; a group that is not named has a pool.
        fallback: Where a ticket goes that no rule fits, or whose category is not sure (RT-15).
        vip_levels: Customers of these levels come first in the pool (RT-06).
        renewing_days: A contract that ends within so many days makes its customer's tickets come next.
        warranty_days: The same for a warranty, after those.
        protected: Categories that newcomers are not given, beside P1 and P2 (RT-10).
        handle_minutes: Expected minutes by type, the first part of the category.
        usual_minutes: Expected minutes of any other ticket.
        reserve_minutes: How long a ticket stays reserved to a person who does not take it (RT-08).
    """

    rules: Annotated[tuple[RouteRule, ...], Field(max_length=500)] = ()
    groups: Annotated[dict[str, GroupWork], Field(default_factory=dict)]
    fallback: Annotated[str, StringConstraints(min_length=1, max_length=40)] = TRIAGE
    vip_levels: tuple[_Word, ...] = ("vip",)
    renewing_days: int = Field(default=30, ge=0, le=365)
    warranty_days: int = Field(default=14, ge=0, le=365)
    protected: tuple[_Label, ...] = (("complaint_safety",),)
    handle_minutes: Annotated[dict[str, _Minutes], Field(default_factory=dict)]
    usual_minutes: _Minutes = 30
    reserve_minutes: int = Field(default=240, ge=1, le=60 * 24 * 14)

    @model_validator(mode="after")
    def _no_rule_twice(self) -> "Routing":
        seen: dict[tuple[object, ...], int] = {}
        for place, rule in enumerate(self.rules, start=1):
            first = seen.setdefault(rule.conditions(), place)
            if first != place:
                zh = f"第 {place} 条规则的条件与第 {first} 条相同，两条中只有一条会生效"
                raise Refusal(zh, f"rule {place} has the conditions of rule {first}: one would never be used")
        return self

    def work_of(self, group_id: str | None) -> GroupWork:
        """Return how a group shares its work out."""
        return self.groups.get(group_id or "", GroupWork())

    def minutes_of(self, label_type: str) -> int:
        """Return how long a ticket of a type is expected to take."""
        return self.handle_minutes.get(label_type, self.usual_minutes)


def _empty() -> Routing:
    """Return what is in force before anybody has written a rule: everything waits in triage."""
    return Routing.model_validate({})


ROUTING = Book("routing", Routing, _empty)
