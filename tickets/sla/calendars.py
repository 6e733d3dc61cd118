"""The book of calendars: which hours count, on which days, in which zone; a calendar that never counts is refused."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from tickets.books.schemas import Book, Page
from tickets.books.service import Refusal
from tickets.sla.adapters.public_days import countries
from tickets.sla.words import AROUND_THE_CLOCK

_TIME = r"^(?:[01]\d|2[0-3]):[0-5]\d$"
_CLOSING = r"^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$"
_MOST_SPANS, _MOST_DAYS, _MOST_CALENDARS = 12, 1000, 50

CalendarName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


def minute_of(text: str) -> int:
    """Return the minute of the day of ``HH:MM``."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


class Span(Page):
    """Hours in which time counts."""

    opens: str = Field(pattern=_TIME, examples=["09:00"])
    closes: str = Field(pattern=_CLOSING, examples=["18:00"], description="``24:00`` is the day's end.")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if minute_of(self.opens) >= minute_of(self.closes):
            raise Refusal(
                zh=f"{self.opens}–{self.closes} 的结束时间必须晚于开始时间（跨夜请分成两天写）",
                en=f"{self.opens}–{self.closes} must end after it begins (write a night as two days)",
            )
        return self


def _apart(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    in_order = sorted(spans, key=lambda span: span.opens)
    for first, second in pairwise(in_order):
        if minute_of(second.opens) < minute_of(first.closes):
            raise Refusal(
                zh=f"时段 {first.opens}–{first.closes} 与 {second.opens}–{second.closes} 重叠",
                en=f"the spans {first.opens}–{first.closes} and {second.opens}–{second.closes} overlap",
            )
    return tuple(in_order)


Spans = Annotated[tuple[Span, ...], Field(max_length=_MOST_SPANS), AfterValidator(_apart)]


class Week(Page):
    """The usual week; a day without spans is off."""

    mon: Spans = ()
    tue: Spans = ()
    wed: Spans = ()
    thu: Spans = ()
    fri: Spans = ()
    sat: Spans = ()
    sun: Spans = ()

    @model_validator(mode="after")
    def _counts_sometime(self) -> Self:
        if not any(self.days()):
            raise Refusal(
                zh="日历没有任何工作时间，计时永远不会走", en="a calendar without any working time never counts"
            )
        return self

    def days(self) -> tuple[tuple[Span, ...], ...]:
        """Return the spans of Monday to Sunday."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


class SpecialDay(Page):
    """A day that is not as usual: off, or with hours of its own; it goes before the public holidays."""

    day: date
    name: str = Field(default="", max_length=80)
    spans: Spans = ()


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise Refusal(zh=f"不认识时区「{name}」", en=f"unknown time zone {name!r}")
    return name


def _country(code: str) -> str:
    if code and code not in countries():
        raise Refusal(zh=f"没有「{code}」的节假日数据", en=f"no public holidays are known for {code!r}")
    return code


class Calendar(Page):
    """When time counts."""

    name: CalendarName
    zh: str = Field(min_length=1, max_length=60)
    en: str = Field(min_length=1, max_length=60)
    zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    week: Week
    holidays: Annotated[str, AfterValidator(_country)] = Field(
        default="", description="Country whose public holidays are off and whose make-up workdays count; empty: none."
    )
    days: tuple[SpecialDay, ...] = Field(default=(), max_length=_MOST_DAYS)

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        double = _double(special.day.isoformat() for special in self.days)
        if double:
            raise Refusal(zh=f"{double} 写了两次", en=f"{double} is written twice")
        return self

    @property
    def tz(self) -> ZoneInfo:
        """Its zone."""
        return ZoneInfo(self.zone)


class Calendars(Page):
    """Every calendar, and which one is meant where nothing else is said."""

    calendars: tuple[Calendar, ...] = Field(min_length=1, max_length=_MOST_CALENDARS)
    standard: CalendarName = "standard"

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        names = [calendar.name for calendar in self.calendars]
        double = _double(names)
        if double:
            raise Refusal(zh=f"日历名「{double}」重复", en=f"two calendars are called {double!r}")
        if AROUND_THE_CLOCK in names:
            raise Refusal(zh=f"「{AROUND_THE_CLOCK}」是内置日历", en=f"{AROUND_THE_CLOCK!r} is built in")
        if self.standard not in names:
            raise Refusal(
                zh=f"默认日历「{self.standard}」不存在", en=f"the standard calendar {self.standard!r} is missing"
            )
        return self

    def get(self, name: str) -> Calendar | None:
        """Return a calendar; ``None``: the one in which every minute counts."""
        if name == AROUND_THE_CLOCK:
            return None
        found = next((calendar for calendar in self.calendars if calendar.name == name), None)
        return found or self.get(self.standard)


def _double(values: Iterator[str] | list[str]) -> str:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return ""


def _usual() -> Calendars:
    day = (Span(opens="09:00", closes="12:00"), Span(opens="13:00", closes="18:00"))
    week = Week(mon=day, tue=day, wed=day, thu=day, fri=day)
    return Calendars(
        calendars=(Calendar(name="standard", zh="标准工作日", en="Working days", week=week, holidays="CN"),)
    )


CALENDARS = Book("calendars", Calendars, _usual)
