"""A calendar as instants: the working hours of each day, daylight saving and make-up workdays counted in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from tickets.sla.adapters.public_days import public_days
from tickets.sla.calendars import Calendar, Span, minute_of
from tickets.sla.words import DayKind

FAR = datetime(9000, 1, 1, tzinfo=UTC)
_HORIZON_DAYS = 7_320  # twenty years: a target that needs longer has no due time
_SECOND = timedelta(seconds=1)
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a calendar.

    Attributes:
        on: The date in the calendar's zone; ``None``: time without days, which always counts.
        kind: What kind of day it is.
        name_zh: Of the holiday, where it has one.
        name_en: The same in English.
        spans: (begin, end) in UTC, in order.
    """

    on: date | None
    kind: DayKind
    name_zh: str
    name_en: str
    spans: tuple[tuple[datetime, datetime], ...]


class Hours(Protocol):
    """When time counts."""

    def days(self, start: datetime) -> Iterator[Day]:
        """Yield the days from the one of ``start`` on, as far as anybody plans."""
        ...


class Always:
    """Every minute counts."""

    def days(self, start: datetime) -> Iterator[Day]:
        """Yield one stretch without end."""
        yield Day(None, DayKind.WORK, "", "", ((start.astimezone(UTC), FAR),))


class WorkingHours:
    """The hours of a calendar; each day is worked out once."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._zone = calendar.tz
        self._week = calendar.week.days()
        self._special = {special.day: special for special in calendar.days}
        self._known: dict[date, Day] = {}

    def days(self, start: datetime) -> Iterator[Day]:
        """Yield the days from the one of ``start`` on, for twenty years."""
        first = start.astimezone(self._zone).date()
        for offset in range(_HORIZON_DAYS):
            yield self.day(first + timedelta(days=offset))

    def day(self, on: date) -> Day:
        """Return a day."""
        known = self._known.get(on)
        if known is None:
            known = self._known[on] = self._work_out(on)
        return known

    def _work_out(self, on: date) -> Day:
        usual = self._week[on.weekday()]
        special = self._special.get(on)
        if special is not None:
            return self._made(on, DayKind.SPECIAL, special.name, special.name, special.spans)
        public = public_days(self.calendar.holidays, on.year).get(on) if self.calendar.holidays else None
        if public is not None and not public.works:
            return self._made(on, DayKind.HOLIDAY, public.name_zh, public.name_en, ())
        if public is not None:
            spans = usual or next(spans for spans in self._week if spans)
            return self._made(on, DayKind.MAKE_UP, public.name_zh, public.name_en, spans)
        return self._made(on, DayKind.WORK if usual else DayKind.REST, "", "", usual)

    def _made(self, on: date, kind: DayKind, zh: str, en: str, spans: tuple[Span, ...]) -> Day:
        made = (
            (self._instant(on, span.opens, late=False), self._instant(on, span.closes, late=True)) for span in spans
        )
        return Day(on, kind, zh, en, tuple((begin, end) for begin, end in made if begin < end))

    def _instant(self, on: date, clock: str, *, late: bool) -> datetime:
        """Return when a wall clock shows a time; of two such instants the later one closes, the earlier one opens."""
        days, minute = divmod(minute_of(clock), _DAY_MINUTES)
        naive = datetime.combine(on + timedelta(days=days), datetime.min.time()) + timedelta(minutes=minute)
        local = naive.replace(tzinfo=self._zone, fold=int(late))
        instant = local.astimezone(UTC)
        if instant.astimezone(self._zone).replace(tzinfo=None) == naive:
            return instant
        return _end_of_gap(naive, self._zone)


def _end_of_gap(naive: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which a clock was put forward over a time that it therefore never shows."""
    low = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    high = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
