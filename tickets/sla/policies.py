"""The book of service levels: who is promised what, by when; the most specific policy gives each target.

Priorities have one internal rank (P1 … P4); a scheme says what its users call each rank, so that "P1" of a scheme that
begins at P0 never means the internal P1 (CL-14).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field, model_validator

from tickets.books.schemas import Book, Page
from tickets.books.service import Refusal
from tickets.sla.words import AROUND_THE_CLOCK, ClockKind, EscalateTo, Promise
from tickets.words import Priority, Stage, TicketStatus

_FOLDER = Path(__file__).parent / "presets"
_YEAR_MINUTES = 366 * 24 * 60
_TimerName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
WATCHED = (*Stage, TicketStatus.TO_ASSIGN, TicketStatus.TO_REVIEW, TicketStatus.TO_SETTLE)
"""Stages, and states without stages, that a policy may limit."""


class Target(Page):
    """Minutes of a calendar, and what has to be there at their end."""

    minutes: int = Field(ge=1, le=_YEAR_MINUTES, examples=[480])
    calendar: str = Field(default=AROUND_THE_CLOCK, max_length=40, description="``24x7`` or a calendar of the book.")
    promise: Promise = Promise.SOLVE


class Policy(Page):
    """Targets for tickets that fit all of its terms; an empty term fits every ticket."""

    name: _Name
    zh: str = Field(default="", max_length=60)
    en: str = Field(default="", max_length=60)
    priority: Priority | None = None
    level: str = Field(default="", max_length=16, description="The customer's level, e.g. ``vip``.")
    group: str = Field(default="", max_length=40)
    first_response: Target | None = None
    next_response: Target | None = None
    resolve: Target | None = None
    stages: dict[str, Target] = Field(default={}, description="Stage or state → target.")
    ai_answer_counts: bool | None = Field(
        default=None, description="Whether an answer of the AI satisfies the first response; nothing said: no (SL-17)."
    )

    @model_validator(mode="after")
    def _known_stages(self) -> Self:
        unknown = sorted(set(self.stages) - {str(watched) for watched in WATCHED})
        if unknown:
            raise Refusal(zh=f"没有「{unknown[0]}」这个环节", en=f"there is no stage {unknown[0]!r}")
        return self

    @property
    def terms(self) -> tuple[str, str, str]:
        """What it asks of a ticket: level, group, priority."""
        return (self.level, self.group, self.priority or "")

    @property
    def rank(self) -> tuple[int, tuple[bool, ...]]:
        """How specific it is: the number of its terms, then level before group before priority."""
        asked = tuple(bool(term) for term in self.terms)
        return (sum(asked), asked)

    def fits(self, facts: "Facts") -> bool:
        """Tell whether a ticket fits all terms."""
        mine = (facts.level, facts.group, facts.priority)
        return all(not asked or asked == has for asked, has in zip(self.terms, mine, strict=True))

    def target(self, kind: ClockKind, name: str) -> Target | None:
        """Return what it promises for a clock."""
        if kind is ClockKind.STAGE:
            return self.stages.get(name)
        found = {
            ClockKind.FIRST_RESPONSE: self.first_response,
            ClockKind.NEXT_RESPONSE: self.next_response,
            ClockKind.RESOLVE: self.resolve,
        }
        return found.get(kind)


class Rank(Page):
    """What a scheme calls an internal rank, and its scenes."""

    rank: Priority
    key: str = Field(min_length=1, max_length=16, description="What imports and other systems write.")
    zh: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=40)
    scenes_zh: str = Field(default="", max_length=200)
    scenes_en: str = Field(default="", max_length=200)


class Scheme(Page):
    """A way to name priorities."""

    name: _Name
    zh: str = Field(min_length=1, max_length=60)
    en: str = Field(min_length=1, max_length=60)
    ranks: tuple[Rank, ...] = Field(min_length=1, max_length=len(Priority))

    @model_validator(mode="after")
    def _one_to_one(self) -> Self:
        for words in ([r.rank for r in self.ranks], [r.key.lower() for r in self.ranks]):
            if len(set(words)) != len(words):
                raise Refusal(zh="同一等级或名称出现两次", en="a rank or a key occurs twice")
        return self


class Rung(Page):
    """A step of the escalation matrix: whom to call how long after a breach (SL-10)."""

    after_minutes: int = Field(ge=0, le=_YEAR_MINUTES)
    to: tuple[EscalateTo, ...] = Field(min_length=1)


class Escalation(Page):
    """Who is called when, beside the targets."""

    ladder: tuple[Rung, ...] = (
        Rung(after_minutes=0, to=(EscalateTo.LEAD, EscalateTo.GROUP)),
        Rung(after_minutes=60, to=(EscalateTo.QA, EscalateTo.PRODUCT)),
        Rung(after_minutes=240, to=(EscalateTo.MANAGER,)),
    )
    emergency: tuple[Priority, ...] = Field(default=(Priority.P1,), description="Ranks that wait for no timeout.")
    emergency_to: tuple[EscalateTo, ...] = (EscalateTo.DUTY, EscalateTo.LEAD, EscalateTo.MANAGER)
    dwell_lead_minutes: int = Field(default=24 * 60, ge=1, le=_YEAR_MINUTES)
    dwell_supervisor_minutes: int = Field(default=48 * 60, ge=1, le=_YEAR_MINUTES)
    dwell_calendar: str = Field(default=AROUND_THE_CLOCK, max_length=40)
    dwell_raises_priority: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        after = [rung.after_minutes for rung in self.ladder]
        if after != sorted(set(after)):
            raise Refusal(zh="升级阶梯的时间必须逐级增加", en="each rung must come later than the one before")
        if self.dwell_supervisor_minutes <= self.dwell_lead_minutes:
            raise Refusal(zh="通知主管必须晚于提醒组长", en="the supervisor is told after the lead, not before")
        return self


class ServiceLevels(Page):
    """Everything promised."""

    scheme: _Name = Field(description="By which names priorities are shown.")
    schemes: tuple[Scheme, ...] = Field(min_length=1, max_length=10)
    policies: tuple[Policy, ...] = Field(min_length=1, max_length=200)
    timers: dict[_TimerName, Target] = Field(default={}, description="What a rule may start, e.g. ``p1_8h`` (SL-15).")
    warn_percent: int = Field(default=80, ge=1, le=99, description="Share of a target after which it is warned of.")
    escalation: Escalation = Escalation()

    @model_validator(mode="after")
    def _decided(self) -> Self:
        for what, names in (("policies", [p.name for p in self.policies]), ("schemes", [s.name for s in self.schemes])):
            twice = _twice(names)
            if twice is not None:
                raise Refusal(zh=f"{what} 中「{twice}」重复", en=f"two {what} are called {twice!r}")
        twice = _twice([p.terms for p in self.policies])
        if twice is not None:
            said = " + ".join(term for term in twice if term) or "*"
            raise Refusal(zh=f"两条规则的条件相同：{said}", en=f"two policies ask for the same: {said}")
        if self.scheme not in {scheme.name for scheme in self.schemes}:
            raise Refusal(zh=f"没有「{self.scheme}」这套等级", en=f"there is no scheme {self.scheme!r}")
        return self

    def calendars_used(self) -> Iterator[tuple[str, str]]:
        """Yield (place, calendar) of every target, so that a name nobody knows is found before it is saved."""
        for n, policy in enumerate(self.policies):
            found = {"first_response": policy.first_response, "next_response": policy.next_response}
            for name, target in {**found, "resolve": policy.resolve, **_at("stages", policy.stages)}.items():
                if target is not None:
                    yield f"policies.{n}.{name}.calendar", target.calendar
        for name, target in self.timers.items():
            yield f"timers.{name}.calendar", target.calendar
        yield "escalation.dwell_calendar", self.escalation.dwell_calendar

    def choose(self, kind: ClockKind, name: str, facts: "Facts") -> "Chosen | None":
        """Return the target of a ticket's clock: that of the most specific policy that has one for it."""
        if kind is ClockKind.TIMER:
            timer = self.timers.get(name)
            return Chosen(name, timer) if timer else None
        if kind is ClockKind.DWELL:
            rules = self.escalation
            return Chosen("dwell", Target(minutes=rules.dwell_supervisor_minutes, calendar=rules.dwell_calendar))
        fitting = ((p, p.target(kind, name)) for p in self.policies if p.fits(facts))
        found = [(p, target) for p, target in fitting if target is not None]
        if not found:
            return None
        policy, target = max(found, key=lambda pair: pair[0].rank)
        return Chosen(policy.name, target)

    def warn_minutes(self, kind: ClockKind, minutes: int) -> int:
        """Return after how many minutes of a clock it is warned of."""
        if kind is ClockKind.DWELL:
            return self.escalation.dwell_lead_minutes
        return max(1, minutes * self.warn_percent // 100)

    def ai_answer_counts(self, facts: "Facts") -> bool:
        """Tell whether the AI's answer satisfies a ticket's first response; the most specific word on it holds."""
        said = [p for p in self.policies if p.fits(facts) and p.ai_answer_counts is not None]
        return bool(max(said, key=lambda p: p.rank).ai_answer_counts) if said else False

    def policy(self, name: str) -> Policy | None:
        """Return a policy by name."""
        return next((policy for policy in self.policies if policy.name == name), None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What policies look at."""

    priority: Priority
    level: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A target and whose it is."""

    policy: str
    target: Target


@cache
def presets() -> Mapping[str, ServiceLevels]:
    """Return the sources' service levels, ready to be saved, by name."""
    found = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.yaml"))}
    schemes = [body.pop("own_scheme") for body in found.values()]
    return {
        name: ServiceLevels.model_validate({**body, "scheme": name, "schemes": schemes}) for name, body in found.items()
    }


def _default() -> ServiceLevels:
    return presets()["s0"]


def _twice(values: list[str] | list[tuple[str, str, str]]) -> str | tuple[str, str, str] | None:
    seen: set[str | tuple[str, str, str]] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


def _at(place: str, targets: Mapping[str, Target]) -> dict[str, Target]:
    return {f"{place}.{name}": target for name, target in targets.items()}


SERVICE_LEVELS = Book("sla", ServiceLevels, _default)
