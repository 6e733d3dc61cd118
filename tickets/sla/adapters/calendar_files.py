"""Days off from a calendar file (iCalendar, RFC 5545), by the library ``icalendar``, loaded with the first file."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tickets.sla.errors import CalendarFileUnreadable

MAX_BYTES = 1_000_000
_MOST_DAYS = 400  # of one file: a year of holidays has some thirty, and longer lists are calendars of meetings
_NAME_CHARS = 80


def days_off(data: bytes) -> dict[date, str]:
    """Return the whole days that a calendar file names, with their names.

    Events with a time of day are meetings, no holidays, and are left out; so are rules of repetition.

    Args:
        data: The file.

    Raises:
        CalendarFileUnreadable: It is too big, no calendar, or names no whole day.
    """
    import icalendar

    if len(data) > MAX_BYTES:
        raise CalendarFileUnreadable("太大", "it is too big")
    try:
        calendar = icalendar.Calendar.from_ical(data)
        found = {day: name for event in calendar.walk("VEVENT") for day, name in _days(event)}
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise CalendarFileUnreadable("不是日历文件", "it is no calendar") from error
    if not found:
        raise CalendarFileUnreadable("里面没有全天的日子", "it names no whole day")
    if len(found) > _MOST_DAYS:
        raise CalendarFileUnreadable("日子太多", "it names too many days")
    return dict(sorted(found.items()))


def _days(event: Any) -> Iterator[tuple[date, str]]:  # noqa: ANN401 - the library's event answers to any key
    start, end = event.get("DTSTART"), event.get("DTEND")
    if start is None or isinstance(start.dt, datetime):
        return
    last = end.dt if end is not None and not isinstance(end.dt, datetime) else start.dt + timedelta(days=1)
    name = str(event.get("SUMMARY", "")).strip()[:_NAME_CHARS]
    for n in range(min((last - start.dt).days, _MOST_DAYS + 1) or 1):  # an end that is the start means that day
        yield start.dt + timedelta(days=n), name
