"""Counting working time: spans, holidays, make-up workdays, daylight saving, pauses; against a clock that ticks."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.sla.adapters.public_days import announced, public_days
from tickets.sla.calendars import CALENDARS, Calendar, Span, SpecialDay, Week
from tickets.sla.counting import Pause, counted, walk
from tickets.sla.hours import Always, Hours, WorkingHours
from tickets.sla.words import DayKind, PauseReason

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
STANDARD = WorkingHours(CALENDARS.default().calendars[0])


def _at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def _due(hours: Hours, start: datetime, minutes: int, pauses: Sequence[Pause] = ()) -> datetime | None:
    return walk(hours, start, minutes * MINUTE, pauses).due_at


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        (_at(20, 10), 60, _at(20, 11)),  # Friday morning
        (_at(20, 11, 30), 60, _at(20, 13, 30)),  # over lunch
        (_at(20, 17, 30), 60, _at(23, 9, 30)),  # over the weekend
        (_at(21, 12), 60, _at(23, 10)),  # written on a Saturday
        (_at(20, 9), 480, _at(20, 18)),  # a whole working day ends at its close
        (_at(20, 18), 1, _at(23, 9, 1)),
        (_at(20, 9), 0, _at(20, 9)),
        (_at(30, 17, month=9), 120, _at(8, 10, month=10)),  # over the National Day week
        (_at(9, 17, month=10), 120, _at(10, 10, month=10)),  # Saturday the 10th is a make-up workday
        (_at(13, 17, month=2), 120, _at(14, 10, month=2)),  # so is Saturday the 14th of February
        (_at(14, 17, month=2), 120, _at(24, 10, month=2)),  # then the Spring Festival, Sunday to Monday the 23rd
    ],
)
def test_working_time_skips_what_does_not_count(start: datetime, minutes: int, due: datetime) -> None:
    """SL-05, SL-06: lunch, nights, weekends and holidays do not count; make-up workdays of 2026 do."""
    assert _due(STANDARD, start, minutes) == due


def test_calendar_time_runs_through() -> None:
    """SL-02: P1 counts around the clock."""
    assert _due(Always(), _at(21, 23), 480) == _at(22, 7)


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 1, 2), DayKind.HOLIDAY, "休息日（由 2026-01-04 调休）"),
        (date(2026, 1, 4), DayKind.MAKE_UP, "调休上班"),
        (date(2026, 9, 20), DayKind.MAKE_UP, "调休上班"),
        (date(2026, 10, 1), DayKind.HOLIDAY, "国庆节"),
        (date(2026, 10, 8), DayKind.WORK, ""),
        (date(2026, 10, 11), DayKind.REST, ""),
    ],
)
def test_the_librarys_data_says_what_kind_of_day_it_is(day: date, kind: DayKind, name: str) -> None:
    """SL-06: as the State Council announced it for 2026."""
    found = STANDARD.day(day)

    assert (found.kind, found.name_zh) == (kind, name)
    assert bool(found.spans) is (kind in {DayKind.MAKE_UP, DayKind.WORK})


def test_a_year_without_an_announcement_is_known_as_such() -> None:
    assert announced("CN", 2026)
    assert not announced("CN", 2040)
    assert announced("DE", 2040)
    assert public_days("XX", 2026) == {}


def test_a_special_day_goes_before_the_public_holidays() -> None:
    usual = CALENDARS.default().calendars[0]
    days = (
        SpecialDay(day=date(2026, 10, 1), name="值班", spans=(Span(opens="10:00", closes="12:00"),)),
        SpecialDay(day=date(2026, 11, 20), name="年会"),
    )
    calendar = WorkingHours(usual.model_copy(update={"days": days}))

    assert _due(calendar, _at(1, 8, month=10), 60) == _at(1, 11, month=10)
    assert _due(calendar, _at(20, 9), 60) == _at(23, 10)


def _every_day(zone: str, *spans: tuple[str, str]) -> WorkingHours:
    made = tuple(Span(opens=opens, closes=closes) for opens, closes in spans)
    week = Week(mon=made, tue=made, wed=made, thu=made, fri=made, sat=made, sun=made)
    return WorkingHours(Calendar(name="x", zh="x", en="x", zone=zone, week=week))


@pytest.mark.parametrize(
    ("on", "spans", "hours"),
    [
        (date(2026, 3, 29), ("00:00", "24:00"), 23),  # the clock goes from 2 to 3 o'clock
        (date(2026, 10, 25), ("00:00", "24:00"), 25),  # and back
        (date(2026, 6, 1), ("00:00", "24:00"), 24),
        (date(2026, 3, 29), ("01:00", "02:30"), 1),  # half past two never comes
        (date(2026, 3, 29), ("02:30", "04:00"), 1),
        (date(2026, 10, 25), ("02:00", "03:00"), 2),  # two o'clock comes twice
    ],
)
def test_daylight_saving_shortens_and_lengthens_days(on: date, spans: tuple[str, str], hours: int) -> None:
    """SL-06: elsewhere the clocks are put forward and back."""
    day = _every_day("Europe/Berlin", spans).day(on)

    assert sum((end - begin for begin, end in day.spans), timedelta()) == timedelta(hours=hours)


def test_a_pause_moves_the_due_time_by_the_working_time_in_it() -> None:
    """SL-07."""
    pause = Pause(_at(20, 11), _at(20, 14), PauseReason.CUSTOMER)  # an hour before lunch and one after it

    assert _due(STANDARD, _at(20, 10), 240, [pause]) == _at(20, 17)
    assert _due(STANDARD, _at(20, 10), 60, [pause]) == _at(20, 11)


def test_while_a_pause_goes_on_there_is_no_due_time_but_what_is_left() -> None:
    paused = walk(STANDARD, _at(20, 10), 240 * MINUTE, [Pause(_at(20, 11), None, PauseReason.VENDOR)])

    assert paused.due_at is None
    assert paused.left == 180 * MINUTE


CALENDAR_OF_DAYS = st.sampled_from(
    [
        STANDARD,
        _every_day("Europe/Berlin", ("08:00", "12:00"), ("22:00", "24:00")),
        _every_day("America/New_York", ("00:00", "03:00")),
        Always(),
    ]
)
STARTS = st.integers(0, 525_000).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + minute * MINUTE)


@st.composite
def pauses_after(draw: st.DrawFn, start: datetime) -> list[Pause]:
    marks = draw(st.lists(st.integers(0, 6_000), max_size=6))
    lengths = draw(st.lists(st.integers(1, 2_000), min_size=len(marks), max_size=len(marks)))
    return [
        Pause(start + mark * MINUTE, start + (mark + length) * MINUTE, PauseReason.PARTS)
        for mark, length in zip(marks, lengths, strict=True)
    ]


def _ticking(hours: Hours, start: datetime, minutes: int, pauses: Sequence[Pause]) -> datetime:
    """Count minute by minute, as slowly and plainly as can be."""
    left = minutes
    spans = [span for day in islice(hours.days(start), 60) for span in day.spans]
    at = start
    while left:
        works = any(begin <= at < end for begin, end in spans)
        stands = any(p.since <= at and (p.until is None or at < p.until) for p in pauses)
        left -= works and not stands
        at += MINUTE
    return at


@given(CALENDAR_OF_DAYS, STARTS, st.integers(1, 400), st.data())
@settings(max_examples=60, deadline=None)
def test_it_counts_as_a_clock_would_that_ticks_every_minute(
    hours: Hours, start: datetime, minutes: int, data: st.DataObject
) -> None:
    """Never negative, never early: the same instant as counting one minute after the other."""
    pauses = data.draw(pauses_after(start))

    due = _due(hours, start, minutes, pauses)

    assert due == _ticking(hours, start, minutes, pauses)


@given(CALENDAR_OF_DAYS, STARTS, st.integers(1, 4_000), st.data())
@settings(max_examples=60, deadline=None)
def test_pausing_and_resuming_conserves_time(hours: Hours, start: datetime, minutes: int, data: st.DataObject) -> None:
    """What was promised is counted exactly, however often it stood still; and more is never due before less."""
    pauses = data.draw(pauses_after(start))

    way = walk(hours, start, minutes * MINUTE, pauses)

    assert way.due_at is not None
    assert way.due_at >= start + minutes * MINUTE
    assert counted(hours, start, way.due_at, pauses) == minutes * MINUTE
    assert sum((leg.counted for leg in way.legs), timedelta()) == minutes * MINUTE
    later = _due(hours, start, minutes + 7, pauses)
    assert later is not None
    assert later > way.due_at
    unpaused = _due(hours, start, minutes)
    assert unpaused is not None
    assert unpaused <= way.due_at
