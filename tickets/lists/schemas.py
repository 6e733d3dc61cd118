"""Values of lists: what to show, in which order, from where on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tickets.rights import Sight
from tickets.schemas import TicketSummary
from tickets.words import LabelPath, Priority, TicketStatus

COUNT_BOUND = 1000
"""A tab counts no further: 999 is known, more is "999+"."""


class Sort(StrEnum):
    """The orders of a list; each is total, so that no ticket is shown twice or left out while others are filed."""

    NEWEST = "newest"
    OLDEST = "oldest"
    URGENCY = "urgency"  # priority, then age
    DUE = "due"  # when it should be resolved; without such a time last


class Column(StrEnum):
    """The columns of a list (LC-16), and what the desk needs beside."""

    NUMBER = "number"
    TITLE = "title"
    TYPE = "type"
    PRIORITY = "priority"
    STATUS = "status"
    SUBMITTER = "submitter"
    OWNER = "owner"
    GROUP = "group"
    CHANNEL = "channel"
    CREATED = "created"
    UPDATED = "updated"
    RESPONSE = "response"
    RESOLVE = "resolve"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows; what is empty does not narrow it.

    Attributes:
        statuses: Any of these.
        open_only: Neither resolved nor closed.
        group: Of this group.
        assignee: Of this person.
        unassigned: Of nobody.
        priorities: Any of these.
        label: Under this path of the taxonomy.
        channel: From this channel.
        created_from: Filed at this instant or after.
        created_to: Filed before this instant.
        updated_from: Last changed at this instant or after.
        updated_to: Last changed before this instant.
        overdue: Open, and should have been resolved.
        text: Words that all stand on it.
    """

    statuses: frozenset[TicketStatus] = frozenset()
    open_only: bool = False
    group: str = ""
    assignee: str = ""
    unassigned: bool = False
    priorities: frozenset[Priority] = frozenset()
    label: LabelPath = ()
    channel: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    overdue: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A page of a list.

    Attributes:
        cursor: Where the page before ended, as ``Page.after`` said; empty: the first page.
        visible_to: What the asking person may see; ``None``: everything (jobs, commands).
        submitters: Whether the customers' names are wanted: they must be decrypted.
    """

    filter: Filter = field(default_factory=Filter)
    sort: Sort = Sort.URGENCY
    cursor: str = ""
    limit: int = 50
    visible_to: Sight | None = None
    submitters: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A ticket's place in a list: what its order compares, then its number.

    Attributes:
        value: Creation, priority or due time; ``None`` for a ticket without a due time.
    """

    value: datetime | str | None
    number: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list; ``submitter`` is empty where it was not asked for, or the customer was erased."""

    ticket: TicketSummary
    submitter: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Lines in order; ``after`` is the cursor of the next page, empty on the last one."""

    lines: tuple[Line, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Count:
    """A count that stops at ``COUNT_BOUND``.

    Example:
        >>> str(Count(12)), str(Count(1000))
        ('12', '999+')
    """

    number: int

    def __str__(self) -> str:
        return str(self.number) if self.number < COUNT_BOUND else f"{COUNT_BOUND - 1}+"


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list somebody wants to come back to.

    Attributes:
        state: Filter, sort and columns as the screen's address has them.
        owner: Who made it.
        group: Shared with this group; empty: the owner's own.
        is_default: What the asking person sees first.
    """

    id: str
    name: str
    state: Mapping[str, object]
    owner: str
    group: str = ""
    is_default: bool = False
