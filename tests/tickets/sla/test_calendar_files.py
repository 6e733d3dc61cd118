"""Days off from calendar files, as a company exports them."""

from datetime import date

import pytest

from tickets.sla.adapters.calendar_files import days_off
from tickets.sla.errors import CalendarFileUnreadable

_FRAME = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{}END:VCALENDAR\r\n"


def _file(*events: str) -> bytes:
    lines = "".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{e}END:VEVENT\r\n" for n, e in enumerate(events))
    return _FRAME.format(lines).encode()


def test_whole_days_are_taken_with_their_names_and_meetings_are_not() -> None:
    """SL-06."""
    found = days_off(
        _file(
            "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270103\r\nSUMMARY:盘点\r\n",
            "DTSTART;VALUE=DATE:20261101\r\nSUMMARY:店庆\r\n",
            "DTSTART:20261102T090000Z\r\nDTEND:20261102T100000Z\r\nSUMMARY:例会\r\n",
        )
    )

    assert found == {
        date(2026, 11, 1): "店庆",
        date(2026, 12, 31): "盘点",
        date(2027, 1, 1): "盘点",
        date(2027, 1, 2): "盘点",
    }


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no calendar"),
        (b"\x00\xff\xfe", "no calendar"),
        (b"<html></html>", "no calendar"),
        (_file(), "no whole day"),
        (_file("DTSTART:20261102T090000Z\r\nSUMMARY:x\r\n"), "no whole day"),
        (_file("DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20990101\r\n"), "too many days"),
        (b"x" * 1_000_001, "too big"),
    ],
)
def test_what_holds_no_days_off_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(CalendarFileUnreadable, match=why):
        days_off(data)
