from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.sla import CalendarKind, due_at

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        (_at(20, 10), 60, _at(20, 11)),  # Friday morning
        (_at(20, 11, 30), 60, _at(20, 13, 30)),  # over lunch
        (_at(20, 17, 30), 60, _at(23, 9, 30)),  # over the weekend
        (_at(21, 12), 60, _at(23, 10)),  # written on a Saturday
        (_at(20, 9), 480, _at(20, 18)),  # a whole working day ends at its close
        (_at(20, 9), 0, _at(20, 9)),
    ],
)
def test_working_time_skips_lunch_nights_and_weekends(start: datetime, minutes: int, due: datetime) -> None:
    """SL-05, SL-06 (first form)."""
    assert due_at(start, minutes, CalendarKind.WORKING) == due


def test_calendar_time_runs_through() -> None:
    """SL-02: P1 counts around the clock."""
    assert due_at(_at(21, 23), 480, CalendarKind.CALENDAR) == _at(22, 7)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    st.integers(1, 5000),
    st.integers(0, 2000),
)
def test_due_times_never_run_backwards(start: datetime, minutes: int, more: int) -> None:
    due = due_at(start, minutes, CalendarKind.WORKING)

    assert due >= start + timedelta(minutes=minutes)
    assert due_at(start, minutes + more, CalendarKind.WORKING) >= due
    assert due_at(start + timedelta(minutes=7), minutes, CalendarKind.WORKING) >= due
