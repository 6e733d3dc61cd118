"""Due times: first response and resolution by priority, in calendar or working time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tickets.words import Priority

# The demo shop's working day: 8 hours in two spans, Monday to Friday. Holidays, several zones and pauses come with
# the ticket store's own work; a target in working time never counts outside these spans.
WORKING_ZONE = ZoneInfo("Asia/Shanghai")
WORKING_SPANS = ((time(9), time(12)), (time(13), time(18)))
_SATURDAY = 5


class CalendarKind(StrEnum):
    """How minutes are counted."""

    CALENDAR = "24x7"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class SlaTarget:
    """Targets of one priority, in minutes of its calendar."""

    first_response_minutes: int
    resolve_minutes: int
    calendar: CalendarKind


SlaPolicy = Mapping[Priority, SlaTarget]


def due_at(start: datetime, minutes: int, calendar: CalendarKind) -> datetime:
    """Return the instant when ``minutes`` of a calendar have passed since ``start``.

    Args:
        start: Aware instant.
        minutes: 0 or more.
        calendar: What counts.

    Returns:
        An aware instant in the zone of ``start``.
    """
    if calendar is CalendarKind.CALENDAR:
        return start + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    day = start.astimezone(WORKING_ZONE).date()
    while True:
        for opens, closes in WORKING_SPANS if day.weekday() < _SATURDAY else ():
            begin = max(datetime.combine(day, opens, WORKING_ZONE), start)
            end = datetime.combine(day, closes, WORKING_ZONE)
            if begin >= end:
                continue
            if left <= end - begin:
                return (begin + left).astimezone(start.tzinfo)
            left -= end - begin
        day += timedelta(days=1)
