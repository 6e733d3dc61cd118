"""The address of a ticket list: the one place that turns query parameters into a filter and back."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tickets.lists.schemas import Column, Filter, ListQuery, Sort
from tickets.rights import Right
from tickets.schemas import StaffMember
from tickets.service import WORKING_ZONE
from tickets.words import Priority, TicketStatus

ME, NOBODY, MINE = "me", "none", "mine"
DEFAULT_COLUMNS = (
    Column.NUMBER,
    Column.TITLE,
    Column.TYPE,
    Column.PRIORITY,
    Column.STATUS,
    Column.SUBMITTER,
    Column.OWNER,
    Column.CREATED,
    Column.UPDATED,
    Column.RESPONSE,
    Column.RESOLVE,
)
_NOT_KEPT = {"cursor", "after", "limit"}  # a place in a list is nothing to come back to


def _blank_is_absent(value: object) -> object:
    """Read a form's untouched field as not given."""
    return None if value == "" else value


def _without_blanks(value: object) -> object:
    return [one for one in value if one != ""] if isinstance(value, list) else value


Day = Annotated[date | None, BeforeValidator(_blank_is_absent)]
Statuses = Annotated[list[TicketStatus], BeforeValidator(_without_blanks)]
Priorities = Annotated[list[Priority], BeforeValidator(_without_blanks)]
Columns = Annotated[list[Column], BeforeValidator(_without_blanks)]
Order = Annotated[Sort | None, BeforeValidator(_blank_is_absent)]


class ListFilter(BaseModel):
    """Which tickets are shown, in which order, from where on; days are those of the shop's clock."""

    status: Statuses = Field(default=[], max_length=20)
    group: str = Field(default="", max_length=40, description="A group, or `mine`.")
    assignee: str = Field(default="", max_length=64, description="A user name, `me` or `none`.")
    priority: Priorities = Field(default=[], max_length=4)
    label: str = Field(default="", max_length=200, description="A path such as `quality_issue/malfunction`.")
    channel: str = Field(default="", max_length=32)
    created_from: Day = None
    created_to: Day = None
    updated_from: Day = None
    updated_to: Day = None
    overdue: bool = False
    all: bool = Field(default=False, description="Resolved and closed ones too.")
    q: str = Field(default="", max_length=200, description="Words that all stand on the ticket.")
    sort: Order = None
    cursor: str = Field(default="", max_length=200, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)

    def filter(self, member: StaffMember) -> Filter:
        """Return the filter for a person: `me` and `mine` are theirs."""
        group = (member.group_id or "") if self.group == MINE else self.group
        return Filter(
            statuses=frozenset(self.status),
            open_only=not self.all and not self.status,
            group=group,
            assignee=member.username if self.assignee == ME else "" if self.assignee == NOBODY else self.assignee,
            unassigned=self.assignee == NOBODY,
            priorities=frozenset(self.priority),
            label=tuple(part for part in self.label.split("/") if part),
            channel=self.channel,
            created_from=_begin(self.created_from),
            created_to=_end(self.created_to),
            updated_from=_begin(self.updated_from),
            updated_to=_end(self.updated_to),
            overdue=self.overdue,
            text=self.q,
        )

    def order(self) -> Sort:
        """Return the order: as asked, else what suits the list: words newest first, work by urgency."""
        return self.sort or (Sort.NEWEST if self.q.strip() else Sort.URGENCY)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns, in their fixed order."""
        return DEFAULT_COLUMNS

    def query(self, member: StaffMember) -> ListQuery:
        """Return the page that is asked for."""
        return ListQuery(
            filter=self.filter(member),
            sort=self.order(),
            cursor=self.cursor,
            limit=self.limit,
            visible_to=member.sight(),
            submitters=Column.SUBMITTER in self.columns() and member.may(Right.READ_PERSONAL_DATA),
        )


class ListParams(ListFilter):
    """What a list's screen shows, as its address says it."""

    model_config = ConfigDict(extra="ignore")

    col: Columns = Field(default=[], max_length=20)
    after: str = Field(default="", max_length=36, description="The last ticket's id, as an older way to say `cursor`.")

    def columns(self) -> tuple[Column, ...]:
        """Return the columns, in their fixed order; the number is always among them."""
        chosen = set(self.col) or set(DEFAULT_COLUMNS)
        return tuple(column for column in Column if column in chosen or column is Column.NUMBER)

    def state(self) -> dict[str, object]:
        """Return what a saved view keeps; the usual columns, which a form sends along, are nothing to keep."""
        usual = {"col"} if set(self.col) == set(DEFAULT_COLUMNS) else set()
        return self.model_dump(mode="json", exclude_defaults=True, exclude=_NOT_KEPT | usual)

    def address(self, path: str = "/desk/tickets", **changed: object) -> str:
        """Return the list's address with some parameters changed; ``None`` takes one away.

        Example:
            >>> ListParams(overdue=True).address(sort="due")
            '/desk/tickets?overdue=true&sort=due'
        """
        return address_of({**self.state(), **changed}, path)


ListParamsOf = Annotated[ListParams, Query()]


def address_of(state: Mapping[str, object], path: str = "/desk/tickets") -> str:
    """Return the address of a list that was saved, or is to be shown."""
    kept = {name: value for name, value in state.items() if value not in (None, "", [], False)}
    written = {name: "true" if value is True else value for name, value in kept.items()}
    return f"{path}?{urlencode(written, doseq=True)}" if written else path


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), WORKING_ZONE) if day else None


def _end(day: date | None) -> datetime | None:
    return _begin(day + timedelta(days=1)) if day and day < date.max else None
