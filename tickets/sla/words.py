"""Fixed words of service levels."""

from enum import StrEnum
from zoneinfo import ZoneInfo

WORKING_ZONE = ZoneInfo("Asia/Shanghai")
"""The shop's zone, in which screens write times; a calendar may have another."""

AROUND_THE_CLOCK = "24x7"
"""Name of the calendar in which every minute counts; no calendar of the book may be called so."""


class ClockKind(StrEnum):
    """What a clock measures."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLVE = "resolve"
    STAGE = "stage"
    DWELL = "dwell"  # how long a ticket stays with one group (SL-11)
    TIMER = "timer"  # started by a rule or a person (SL-15)


RESPONSES = frozenset({ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE})
PAUSABLE = frozenset({ClockKind.RESOLVE, ClockKind.DWELL, ClockKind.TIMER})
"""Clocks that a pause stops. A customer's question can be answered whatever else is waited for, and a stage's own time
is what limits the waiting, so responses and stages run on (point 4 of the sources' disagreements)."""


class PauseReason(StrEnum):
    """What is waited for (SL-07)."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    LOGISTICS = "logistics"
    PARTS = "parts"
    SOLVED = "solved"  # resolved, and the customer has not said otherwise: only a reopening ends it


GIVEN_REASONS = tuple(reason for reason in PauseReason if reason is not PauseReason.SOLVED)
"""Reasons that a person may pause for."""


class Promise(StrEnum):
    """What has to be there when a resolve clock ends: one scheme restores, offers and solves (SL-04)."""

    RESPOND = "respond"
    RESTORE = "restore"
    OFFER = "offer"
    SOLVE = "solve"


class BreachCause(StrEnum):
    """Why a target was missed, as a person judges it (SL-09)."""

    STAFFING = "staffing"
    WRONG_ROUTE = "wrong_route"
    PARTS = "parts"
    LOGISTICS = "logistics"
    VENDOR = "vendor"
    CUSTOMER = "customer"
    SYSTEM = "system"
    MISJUDGED = "misjudged"
    OTHER = "other"


class EscalateTo(StrEnum):
    """Whom an escalation calls (SL-10 … SL-14); who that is, the notices decide."""

    DUTY = "duty"
    LEAD = "lead"
    QA = "qa"
    PRODUCT = "product"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    GROUP = "group"


class DayKind(StrEnum):
    """What kind of day a calendar says it is."""

    WORK = "work"
    REST = "rest"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    SPECIAL = "special"
