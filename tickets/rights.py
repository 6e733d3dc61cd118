"""Rights as one table: what a role may do, and how far it sees (SE-01, SE-02, SE-03).

The customer is no role of this table: a customer holds the token of one conversation and can do nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tickets.words import StaffRole

ALL_LINES = "*"


class Right(StrEnum):
    """What somebody may be allowed to do."""

    OWN_ACCOUNT = "own_account"  # one's own password
    READ_TICKETS = "read_tickets"  # lists: numbers, states, titles
    READ_PERSONAL_DATA = "read_personal_data"  # what customers wrote and sent; recorded (SE-07)
    WORK = "work"  # write to customers, decide categories, resolve
    CLAIM = "claim"
    APPLY = "apply"  # ask for a sensitive action
    REVIEW = "review"  # approve or refuse one
    ASSIGN = "assign"
    TRANSFER = "transfer"
    DISPATCH = "dispatch"
    READ_QUALITY = "read_quality"
    REVIEW_QUALITY = "review_quality"
    READ_REPORTS = "read_reports"
    EXPORT = "export"
    MANAGE_JOBS = "manage_jobs"
    MANAGE_WEBHOOKS = "manage_webhooks"
    MANAGE_RULES = "manage_rules"  # service levels, calendars, routing, forms, automation, notices
    MANAGE_PEOPLE = "manage_people"
    READ_AUDIT = "read_audit"
    ERASE = "erase"


class DataScope(StrEnum):
    """Whose tickets somebody sees."""

    OWN = "own"  # those assigned to this person
    GROUP = "group"  # the own group's lines, what is assigned to oneself, and what waits in triage
    LINE = "line"  # all groups, the own product lines
    ALL = "all"


_R = Right
_AGENT = frozenset({_R.OWN_ACCOUNT, _R.READ_TICKETS, _R.READ_PERSONAL_DATA, _R.WORK, _R.CLAIM, _R.APPLY, _R.TRANSFER})
_QUALITY = frozenset({_R.READ_QUALITY, _R.REVIEW_QUALITY, _R.READ_REPORTS})

RIGHTS: Mapping[StaffRole, frozenset[Right]] = MappingProxyType(
    {
        StaffRole.AGENT: _AGENT,
        StaffRole.QA: _QUALITY | {_R.OWN_ACCOUNT, _R.READ_TICKETS, _R.READ_PERSONAL_DATA},
        StaffRole.LEAD: _AGENT
        | _QUALITY
        | {_R.REVIEW, _R.ASSIGN, _R.DISPATCH, _R.EXPORT, _R.MANAGE_JOBS, _R.MANAGE_WEBHOOKS, _R.MANAGE_RULES},
        StaffRole.OUTLET: frozenset({_R.OWN_ACCOUNT, _R.READ_TICKETS, _R.READ_PERSONAL_DATA, _R.APPLY}),
        StaffRole.WAREHOUSE: frozenset({_R.OWN_ACCOUNT, _R.READ_TICKETS, _R.DISPATCH}),
        StaffRole.FINANCE: frozenset(
            {_R.OWN_ACCOUNT, _R.READ_TICKETS, _R.READ_PERSONAL_DATA, _R.REVIEW, _R.READ_REPORTS}
        ),
        StaffRole.ADMIN: frozenset(Right),
    }
)

SCOPES: Mapping[StaffRole, DataScope] = MappingProxyType(
    {
        StaffRole.AGENT: DataScope.GROUP,
        StaffRole.QA: DataScope.ALL,
        StaffRole.LEAD: DataScope.LINE,
        StaffRole.OUTLET: DataScope.OWN,
        StaffRole.WAREHOUSE: DataScope.GROUP,
        StaffRole.FINANCE: DataScope.LINE,
        StaffRole.ADMIN: DataScope.ALL,
    }
)

GRANTABLE = frozenset(Right) - {Right.OWN_ACCOUNT, Right.MANAGE_PEOPLE}
"""What a program's token may be given: not what would make it more people or tokens, nor its owner's password."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Which tickets somebody sees; ``tickets.repository.sight`` turns it into a condition, for every reader alike."""

    scope: DataScope
    username: str
    group_id: str | None
    lines: tuple[str, ...]

    @property
    def everything(self) -> bool:
        """Whether nothing is hidden."""
        return self.scope is DataScope.ALL or (self.scope is DataScope.LINE and ALL_LINES in self.lines)
