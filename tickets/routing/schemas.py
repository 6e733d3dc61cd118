"""Values of routing: a ticket's facts, what was decided and why, who can be given work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum

from tickets.routing.book import RouteRule
from tickets.words import LabelPath, Priority, Zone


@dataclass(frozen=True, slots=True)
class Why:
    """A reason in both languages."""

    zh: str = ""
    en: str = ""

    def data(self) -> dict[str, str]:
        """Return it as the timeline keeps it."""
        return {"reason": self.en, "reason_zh": self.zh} if self.zh or self.en else {}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the table looks at.

    Attributes:
        zone: What the category's prediction may do; a person's category counts as sure.
    """

    label: LabelPath = ()
    line: str = ""
    region: str = ""
    channel: str = ""
    customer_level: str = ""
    priority: Priority = Priority.P3
    urgent: bool = False
    zone: Zone = Zone.AUTO


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a ticket goes.

    Attributes:
        rule: The row that said so; ``None``: none did.
        place: Its place in the table, from 1; 0: none.
        reason: The same in a short form that programs read (``rule a/b + line``).
        why: The same for people.
    """

    group_id: str
    reason: str
    why: Why
    rule: RouteRule | None = None
    place: int = 0

    @property
    def share(self) -> tuple[str, ...]:
        """Return the groups that take part beside."""
        return self.rule.share_with if self.rule else ()


class Rank(IntEnum):
    """Who comes first in the pool among tickets of one priority (RT-06)."""

    VIP = 0
    RENEWING = 1
    WARRANTY_ENDING = 2
    USUAL = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """What the house knows of a customer for routing (RT-05, RT-06).

    Attributes:
        level: Empty: what the order book says.
        region: Where they live.
        success_manager: User name of who looks after them.
        renews_on: When their contract ends.
        warranty_ends_on: When their warranty ends.
    """

    level: str = ""
    region: str = ""
    success_manager: str = ""
    renews_on: date | None = None
    warranty_ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody knows and how much they take; an empty list means everything.

    Attributes:
        lines: Product lines.
        regions: Regions.
        issues: Categories, as paths.
        level: 1 to 3.
        capacity: Most open tickets at once; ``None``: no limit.
        on_duty: Whether they are at work.
        newcomer: Protected from urgent work and complaints (RT-10).
        mentor: User name of who takes that instead.
        handle_minutes: How long a ticket takes them; ``None``: as long as the book says.
    """

    username: str
    lines: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    issues: tuple[LabelPath, ...] = ()
    level: int = 2
    capacity: int | None = None
    on_duty: bool = True
    newcomer: bool = False
    mentor: str = ""
    handle_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a ticket asks of a person.

    Attributes:
        protected: Not for newcomers.
        excluded: Who had it already and did not accept it.
    """

    line: str = ""
    region: str = ""
    issue: LabelPath = ()
    level: int = 1
    protected: bool = False
    excluded: frozenset[str] = frozenset()


class Skip(StrEnum):
    """Why somebody is passed over."""

    OFF_DUTY = "off_duty"
    FULL = "full"
    SKILL = "skill"
    NEWCOMER = "newcomer"
    TRIED = "tried"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be given a ticket.

    Attributes:
        name: What colleagues call them.
        profile: What they know.
        open_count: How many tickets they have.
        open_minutes: How long those are expected to take.
    """

    name: str
    profile: Profile
    open_count: int = 0
    open_minutes: int = 0

    @property
    def username(self) -> str:
        """Return the user name."""
        return self.profile.username


@dataclass(frozen=True, slots=True)
class Pick:
    """Who gets a ticket, or that nobody does, and why.

    Attributes:
        username: Empty: nobody.
        turn: Whether the group's turn moves on to them.
    """

    username: str
    why: Why
    turn: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """What the book would do with some facts (nothing is written)."""

    decision: Decision
    pick: Pick | None
    skipped: Mapping[str, Skip] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RouteState:
    """How a ticket came to where it is, as screens show it.

    Attributes:
        edition: Of the book that decided.
        place: Of the rule, from 1; 0: none.
        group_why: Why this group.
        person_why: Why this person.
        pinned: A person chose the group: rules leave it there.
        reserved_for: Who alone may take it, until ``reserved_until``.
        due_at: When the wait for somebody to accept it ends.
    """

    edition: int
    place: int
    group_why: Why
    person_why: Why
    pinned: bool
    reserved_for: str
    reserved_until: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pool:
    """What waits for somebody to take it.

    Attributes:
        count: How many.
        oldest_at: Since when the oldest one waits.
        mine: How many open tickets the asking person has.
    """

    count: int
    oldest_at: datetime | None
    mine: int


class SubTaskState(StrEnum):
    """Where a sub-task stands."""

    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class SubTask:
    """Something that another department or person is asked to do by a time (RT-16).

    Attributes:
        visit: It was dispatched: somebody goes there.
        owner: User name; empty: anybody of the group.
    """

    id: str
    ask: str
    group_id: str
    owner: str
    due_at: datetime
    state: SubTaskState
    answer: str
    visit: bool
    created_by: str
    created_at: datetime
    done_by: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Participant:
    """A group that works on a ticket beside the one it belongs to (RT-12)."""

    group_id: str
    since: datetime
    added_by: str
