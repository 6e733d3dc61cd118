"""The templates' grammar, and the book that refuses what isn't one."""

from datetime import UTC, datetime

import pytest

from tickets.books.errors import BookInvalid
from tickets.books.service import Refusal, checked
from tickets.notices import wording
from tickets.notices.book import NOTICES, QuietHours, default
from tickets.notices.schemas import Audience, Channel, NoticeEvent

GOOD = {"subject": "{ticket}", "body": "{ticket} {link}"}


def template(**over: object) -> dict[str, object]:
    base = {"event": "filed", "audience": "customer", "channel": "mail", "zh": GOOD, "en": GOOD}
    return {**base, **over}


def refused(*templates: dict[str, object], **more: object) -> list[tuple[str, str]]:
    with pytest.raises(BookInvalid) as caught:
        checked(NOTICES, {"templates": list(templates), **more})
    return [(issue.field, issue.reason_en) for issue in caught.value.issues]


class TestGrammar:
    def test_values_are_put_in_and_their_own_braces_mean_nothing(self) -> None:
        """NT-03: what somebody typed is never read as a template."""
        filled = wording.fill("{ticket}：{title}", {"ticket": "T-1", "title": "{link} {0.__class__} %s"})

        assert filled == "T-1：{link} {0.__class__} %s"

    @pytest.mark.parametrize("text", ["{tickets}", "{ticket.__class__}", "{0}", "{", "}", "{{ticket}}", "{ticket!r}"])
    def test_whatever_is_no_variable_of_the_list_is_refused(self, text: str) -> None:
        with pytest.raises(Refusal):
            wording.check(text)

    def test_a_value_is_one_line_and_calls_nobody(self) -> None:
        """A43: no header, no mention comes out of a customer's words."""
        typed = 'a\r\nBcc: x@y.z\x00 <at user_id="all"> @所有人'

        assert "\n" not in wording.tame(typed, Channel.MAIL)
        assert "<" not in wording.tame(typed, Channel.FEISHU)
        assert "<" not in wording.tame(typed, Channel.WECOM)
        assert "@" not in wording.tame(typed, Channel.DINGTALK)
        assert len(wording.tame("x" * 9999, Channel.SMS)) <= 200

    def test_staff_s_channels_show_no_personal_data(self) -> None:
        assert wording.discreet("customer", "张三丰") == "张**"
        assert wording.discreet("title", "请打 13800138000") == "请打 138****8000"


class TestBook:
    def test_what_comes_with_the_service_is_a_book(self) -> None:
        """NT-02, NT-03: every key node has its words, each with ticket id and self-service link."""
        book = default()

        told = {t.event for t in book.templates if t.audience is Audience.CUSTOMER}
        nodes = {"filed", "visit_booked", "picked_up", "inbound", "judged", "refund_started", "refund_done", "closed"}
        assert nodes <= {str(event) for event in told}
        customers = [t for t in book.templates if t.audience is Audience.CUSTOMER]
        assert not [t.key for t in customers for words in (t.zh, t.en) if wording.missing(words.body)]

    def test_an_unknown_variable_is_refused_with_its_place(self) -> None:
        found = refused(template(), template(channel="sms", en={"body": "{ticket} {link} {password}"}))

        [(field, reason)] = found
        assert field == "templates.1.en.body"
        assert "{password}" in reason

    @pytest.mark.parametrize(("body", "lacking"), [("{ticket}", "{link}"), ("{link}", "{ticket}"), ("x", "{ticket}")])
    def test_a_customer_s_template_without_number_or_link_is_refused(self, body: str, lacking: str) -> None:
        """NT-03."""
        [(field, reason)] = refused(template(zh={"body": body}))

        assert field == "templates.0"
        assert lacking in reason
        assert "zh.body" in reason

    @pytest.mark.parametrize(
        "wrong",
        [
            template(channel="wecom"),
            template(channel="inbox"),
            template(audience="owner", channel="chat"),
            template(target="x"),
            template(statuses=["closed"]),
            template(event="party"),
            template(zh={"body": ""}),
            template(zh={"body": GOOD["body"], "html": "<b>"}),
        ],
    )
    def test_a_template_that_cannot_work_is_refused(self, wrong: dict[str, object]) -> None:
        assert refused(wrong)

    def test_one_template_written_twice_is_refused(self) -> None:
        assert refused(template(), template())

    @pytest.mark.parametrize(
        ("hours", "field"),
        [
            ({"audience": "customer", "start": "22:00"}, "quiet.0.end"),
            ({"audience": "customer", "start": "22:00", "end": "22:00"}, "quiet.0"),
            ({"audience": "customer", "start": "22:00", "end": "08:00", "zone": "Mars/Base"}, "quiet.0.zone"),
            ({"audience": "customer", "start": "25:00", "end": "08:00"}, "quiet.0.start"),
        ],
    )
    def test_quiet_hours_without_an_end_are_refused(self, hours: dict[str, str], field: str) -> None:
        assert [place for place, _ in refused(template(), quiet=[hours])] == [field]


class TestQuietHours:
    @pytest.mark.parametrize(
        ("span", "utc", "until"),
        [
            (("22:00", "08:00"), (20, 14, 0), (21, 0, 0)),  # 22:00 in Shanghai: tomorrow at 8
            (("22:00", "08:00"), (20, 20, 0), (21, 0, 0)),  # 4 in the morning: the same day at 8
            (("22:00", "08:00"), (20, 13, 59), None),
            (("22:00", "08:00"), (21, 0, 0), None),  # at its end it is over
            (("12:00", "14:00"), (20, 5, 0), (20, 6, 0)),
            (("12:00", "14:00"), (20, 6, 0), None),
        ],
    )
    def test_they_end_in_the_morning(
        self, span: tuple[str, str], utc: tuple[int, int, int], until: tuple[int, int, int] | None
    ) -> None:
        hours = QuietHours.model_validate({"audience": "customer", "start": span[0], "end": span[1]})

        found = hours.until(datetime(2026, 11, *utc, tzinfo=UTC))

        assert found == (datetime(2026, 11, *until, tzinfo=UTC) if until else None)

    def test_a_night_with_a_change_of_clocks_ends_at_the_wall_clock_s_hour(self) -> None:
        hours = QuietHours.model_validate(
            {"audience": "customer", "start": "22:00", "end": "08:00", "zone": "Europe/Berlin"}
        )

        # 2026-03-28 23:00 in Berlin is UTC+1; the morning after is UTC+2.
        assert hours.until(datetime(2026, 3, 28, 22, 0, tzinfo=UTC)) == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)


def test_every_event_can_be_named_in_a_template() -> None:
    staff = {"audience": "lead", "channel": "inbox"}
    book = checked(NOTICES, {"templates": [template(event=str(event), **staff) for event in NoticeEvent]})

    assert {t.event for t in book.templates} == set(NoticeEvent)
