"""Who is told what, when, and what comes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from factories import agent, lead
from kit.crypto import PersonKey
from tickets.books.errors import BookInvalid
from tickets.lifecycle.schemas import Given, TicketAction
from tickets.notices.errors import (
    AddressRefused,
    AlwaysTold,
    NoticeNotFound,
    PlaceKnown,
    PlaceNotFound,
    SecretRequired,
    WrongChannel,
)
from tickets.notices.facts import events_of
from tickets.notices.readers import owner_of
from tickets.notices.schemas import Channel, News, NoticeEvent, NoticeState, Order, Outcome
from tickets.words import Priority, Role

NIGHT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai


def mail(office, owner: str, address: str = "someone@x.example") -> None:
    office.do(lambda s: office.inbox.set_address(s, owner, Channel.MAIL, address))


def routed(office, priority: Priority | None = None):
    ticket = office.ticket(priority=priority)
    office.do(lambda s: office.store.tickets.set_label(s, ticket.summary.id, ("quality",), "gao"))
    office.do(lambda s: office.store.tickets.route(s, ticket.summary.id, line=None, urgent=False))
    return ticket


class TestEventsOf:
    @pytest.mark.parametrize(
        ("kind", "changes", "expected"),
        [
            ("filed", {}, ["filed"]),
            ("assigned", {"assignee": (None, "wang")}, ["assigned"]),
            ("taken", {"assignee": (None, "wang"), "status": ("new", "in_progress")}, ["assigned", "status_changed"]),
            ("unassigned", {"assignee": ("wang", None)}, []),
            ("asked", {"status": ("in_progress", "waiting_customer")}, ["waiting_customer"]),
            ("customer_wrote", {"status": ("waiting_customer", "in_progress")}, ["customer_replied", "status_changed"]),
            ("submitted", {"status": ("in_progress", "to_review")}, ["review_asked"]),
            ("approved", {"status": ("to_review", "to_settle")}, ["approved", "status_changed"]),
            ("sent_back", {"status": ("to_review", "in_progress")}, ["sent_back", "status_changed"]),
            ("resolved", {"status": ("in_progress", "resolved")}, ["resolved"]),
            ("closed", {"status": ("resolved", "closed")}, ["closed"]),
            ("reopened", {"status": ("resolved", "reopened")}, ["reopened"]),
            ("held", {"status": ("in_progress", "on_hold")}, ["status_changed"]),
            ("stage_set", {"stage": ("", "awaiting_visit")}, ["visit_booked"]),
            ("stage_set", {"stage": ("", "diagnosing")}, []),
            ("recorded", {}, []),
        ],
    )  # fmt: skip
    def test_every_node_of_a_ticket_s_way_is_news_once(self, kind, changes, expected) -> None:
        """NT-02, NT-04, NT-07."""
        assert [str(event) for event in events_of(kind, changes)] == expected


class TestTelling:
    def test_an_assigned_ticket_reaches_its_owner_and_nobody_who_did_it(self, office) -> None:
        """NT-07."""
        ticket = routed(office)
        office.do(lambda s: office.store.work.assign(s, ticket.summary.id, "wang", lead("gao")))
        office.tell_all(ticket)

        [line] = office.lines("wang")
        assert line.event is NoticeEvent.ASSIGNED
        assert line.zh.subject == f"T-{ticket.summary.number} 分派给您"
        assert line.en.subject == f"T-{ticket.summary.number} is yours"
        assert office.lines("gao") == office.lines("li") == []

    def test_who_takes_a_ticket_is_not_told_so(self, office) -> None:
        ticket = routed(office)
        office.do(lambda s: office.store.work.claim(s, ticket.summary.id, agent("wang")))
        office.tell_all(ticket)

        assert office.lines("wang") == []

    def test_one_fact_reaches_a_reader_once_however_often_it_is_told(self, office) -> None:
        ticket = routed(office)
        office.do(lambda s: office.store.work.assign(s, ticket.summary.id, "wang", lead("gao")))
        office.tell_all(ticket)
        office.tell_all(ticket)

        assert len(office.lines("wang")) == 1

    def test_a_review_reaches_the_group_s_lead_and_its_answer_the_owner(self, office) -> None:
        """NT-07: approvals."""
        ticket = routed(office)
        number, work = ticket.summary.id, office.store.work
        office.do(lambda s: work.claim(s, number, agent("wang")))
        office.do(lambda s: work.take(s, number, TicketAction.SUBMIT, agent("wang"), Given(reason="x", fix="y")))
        office.do(lambda s: work.take(s, number, TicketAction.SEND_BACK, lead("gao"), Given(reason="不够")))
        office.tell_all(ticket)

        assert [line.event for line in office.lines("gao")] == [NoticeEvent.REVIEW_ASKED]
        assert office.lines("qian") == []
        assert [line.event for line in office.lines("wang")] == [NoticeEvent.SENT_BACK]

    def test_a_changed_status_is_said_in_the_chat_with_number_and_link(self, office) -> None:
        """NT-03, NT-04."""
        ticket = routed(office)
        office.do(lambda s: office.store.work.claim(s, ticket.summary.id, agent("wang")))
        office.do(
            lambda s: office.store.work.take(s, ticket.summary.id, TicketAction.HOLD, agent("wang"), Given(reason="等"))
        )
        office.tell_all(ticket)

        said = office.do(lambda s: office.store.conversations.messages(s, ticket.summary.conversation_id))
        [notice] = [m for m in said if m.role is Role.SYSTEM]
        token = notice.raw.rpartition("/progress/")[2]
        assert f"T-{ticket.summary.number}" in notice.raw
        assert "挂起" in notice.raw
        assert office.links.subject("progress", token) == ticket.summary.id
        assert office.links.subject("csat", token) is None

    @pytest.mark.parametrize("event", [NoticeEvent.SLA_WARNED, NoticeEvent.SLA_BREACHED, NoticeEvent.SLA_ESCALATED])
    def test_a_time_limit_reaches_owner_lead_and_supervisor_by_how_bad_it_is(self, office, event) -> None:
        """NT-05, NT-10."""
        ticket = routed(office)
        office.do(lambda s: office.store.work.claim(s, ticket.summary.id, agent("wang")))
        office.do(lambda s: office.told.announce(s, News(ticket.summary.id, event, f"k:{event}")))

        told = {name for name in ("wang", "gao", "root", "li", "qian") if office.lines(name)}
        expected = {
            NoticeEvent.SLA_WARNED: {"wang"},
            NoticeEvent.SLA_BREACHED: {"wang", "gao"},
            NoticeEvent.SLA_ESCALATED: {"gao", "root"},
        }
        assert told == expected[event]

    def test_somebody_who_does_not_want_to_hear_of_it_does_not(self, office) -> None:
        ticket = routed(office)
        office.do(lambda s: office.inbox.mute(s, "wang", {(NoticeEvent.ASSIGNED, Channel.INBOX)}))
        office.do(lambda s: office.store.work.assign(s, ticket.summary.id, "wang", lead("gao")))
        office.tell_all(ticket)

        assert office.lines("wang") == []
        with pytest.raises(AlwaysTold):
            office.do(lambda s: office.inbox.mute(s, "wang", {(NoticeEvent.SLA_ESCALATED, Channel.INBOX)}))

    def test_what_is_read_is_counted_no_more_and_nobody_reads_another_s(self, office) -> None:
        ticket = routed(office)
        office.do(lambda s: office.store.work.assign(s, ticket.summary.id, "wang", lead("gao")))
        office.tell_all(ticket)
        [line] = office.lines("wang")

        office.do(lambda s: office.inbox.mark_read(s, "li", line.id))
        assert office.do(lambda s: office.inbox.unread(s, "wang")) == 1
        office.do(lambda s: office.inbox.mark_read(s, "wang", line.id))
        assert office.do(lambda s: office.inbox.unread(s, "wang")) == 0


class TestMail:
    def test_a_customer_with_an_address_gets_mail_by_a_job(self, office) -> None:
        """NT-01, NT-02."""
        ticket = office.ticket()
        mail(office, ticket.customer_id, "zhang@x.example")
        office.tell_all(ticket)

        assert office.carrier.parcels == []  # nothing leaves inside the unit of work
        office.run()
        [parcel] = office.carrier.parcels
        assert (parcel.channel, parcel.to) == (Channel.MAIL, "zhang@x.example")
        assert f"T-{ticket.summary.number}" in parcel.text.body
        assert "https://s.example/progress/" in parcel.text.body
        [notice] = office.sent()
        assert (notice.state, notice.attempts) == (NoticeState.DELIVERED, 1)

    def test_a_customer_without_an_address_is_not_written_to(self, office) -> None:
        office.tell_all(office.ticket())

        assert office.sent() == []

    def test_at_night_it_waits_for_the_morning(self, office) -> None:
        office.clock.instant = NIGHT
        ticket = office.ticket()
        mail(office, ticket.customer_id)
        office.tell_all(ticket)
        office.run()

        assert office.carrier.parcels == []
        assert office.sent()[0].next_at == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)  # 8:30 in Shanghai
        office.later(hours=9, minutes=29)
        assert office.carrier.parcels == []
        office.later(minutes=1)
        assert len(office.carrier.parcels) == 1

    @pytest.mark.parametrize("why", ["priority", "event"])
    def test_what_is_urgent_does_not_wait(self, office, why: str) -> None:
        office.clock.instant = NIGHT
        if why == "event":
            office.save(urgent=["filed"])
        ticket = office.ticket(priority=Priority.P1 if why == "priority" else None)
        mail(office, ticket.customer_id)
        office.tell_all(ticket)
        office.run()

        assert len(office.carrier.parcels) == 1

    def test_a_refusal_for_good_is_not_tried_again_and_can_be_resent(self, office) -> None:
        ticket = office.ticket()
        mail(office, ticket.customer_id)
        office.carrier.outcomes = [Outcome("smtp_550", final=True)]
        office.tell_all(ticket)
        office.run()
        [failed] = office.sent()
        assert (failed.state, failed.error) == (NoticeState.FAILED, "smtp_550")
        office.later(days=1)
        assert len(office.carrier.parcels) == 1

        office.do(lambda s: office.delivery.resend(s, failed.id, "gao"))
        office.run()
        [again] = office.sent()
        assert (again.state, again.error) == (NoticeState.DELIVERED, "")
        assert {p.id for p in office.carrier.parcels} == {failed.id}

    def test_a_temporary_refusal_is_tried_by_the_schedule_until_it_is_given_up(self, office) -> None:
        ticket = office.ticket()
        mail(office, ticket.customer_id)
        office.carrier.outcomes = [Outcome("smtp_451")] * 9
        office.tell_all(ticket)
        office.run()
        [first] = office.sent()
        assert (first.state, first.next_at) == (NoticeState.PENDING, office.clock.now() + timedelta(minutes=1))
        for minutes in (1, 5, 30, 120, 999):
            office.later(minutes=minutes)

        [last] = office.sent()
        assert (last.state, last.attempts) == (NoticeState.FAILED, 5)

    def test_what_asks_to_be_left_alone_is(self, office) -> None:
        ticket = office.ticket()
        mail(office, ticket.customer_id)
        office.carrier.outcomes = [Outcome("http_429", retry_after=timedelta(minutes=20))]
        office.tell_all(ticket)
        office.run()

        assert office.sent()[0].next_at == office.clock.now() + timedelta(minutes=20)

    def test_the_words_go_with_the_customer_s_key(self, office) -> None:
        ticket = office.ticket()
        mail(office, owner_of("wang"), "wang@x.example")
        office.do(lambda s: office.store.work.assign(s, ticket.summary.id, "wang", lead("gao")))
        office.tell_all(ticket)
        office.do(lambda s: s.delete(s.get(PersonKey, ticket.customer_id)))
        office.run()

        assert office.carrier.parcels == []
        assert [n.error for n in office.sent() if n.channel is Channel.MAIL] == ["erased"]
        assert "{" not in office.lines("wang")[0].zh.body

    @pytest.mark.parametrize(
        "address", ["x", "a@b", "a@b.c\r\nBcc: d@e.f", "a b@c.de", "@c.de", "ü@x.example", f"a@{'b' * 300}.de"]
    )
    def test_what_is_no_address_is_refused(self, office, address: str) -> None:
        """A43."""
        with pytest.raises(AddressRefused):
            mail(office, owner_of("wang"), address)


class TestOrders:
    """NT-06, AR-03: what rules and people have sent."""

    def place(self, office, name: str, channel: Channel, group: str = "", secret: str = "s") -> None:
        office.do(
            lambda s: office.places.add(
                s, name, channel, "https://qyapi.weixin.qq.com/cgi?key=1", secret=secret, group_id=group, actor="gao"
            )
        )

    def test_a_group_s_robot_is_told_without_personal_data(self, office) -> None:
        ticket = routed(office)
        self.place(office, "repair-robot", Channel.WECOM, "repair")
        self.place(office, "other-robot", Channel.WECOM, "logistics")
        order = Order(ticket.summary.id, Channel.WECOM, "group", "rule:1", "{ticket} {customer} {title} 请跟进 {link}")
        made = office.do(lambda s: office.told.notify(s, order))
        again = office.do(lambda s: office.told.notify(s, order))
        office.run()

        [parcel] = office.carrier.parcels
        assert len(made) == 1
        assert again == []
        assert parcel.to == "repair-robot"
        assert parcel.url == "https://qyapi.weixin.qq.com/cgi?key=1"
        assert "张**" in parcel.text.body
        assert "张三" not in parcel.text.body
        assert f"/desk/tickets/{ticket.summary.number}" in parcel.text.body

    @pytest.mark.parametrize("target", ["repair", "other-robot", "user:li"])
    def test_targets_are_groups_places_and_people(self, office, target: str) -> None:
        ticket = routed(office)
        self.place(office, "other-robot", Channel.DINGTALK, "logistics")
        channel = Channel.DINGTALK if target == "other-robot" else Channel.INBOX
        office.do(lambda s: office.told.notify(s, Order(ticket.summary.id, channel, target, "k", "看 {ticket}")))
        office.run()

        told = {name for name in ("wang", "gao", "li", "root") if office.lines(name)}
        assert told == {"repair": {"wang", "li", "gao"}, "other-robot": set(), "user:li": {"li"}}[target]
        assert [p.to for p in office.carrier.parcels] == (["other-robot"] if target == "other-robot" else [])

    def test_words_for_a_customer_get_number_and_link_where_they_lack_them(self, office) -> None:
        """NT-03."""
        ticket = routed(office)
        order = Order(ticket.summary.id, Channel.CHAT, "customer", "k", "已为您加急")
        office.do(lambda s: office.told.notify(s, order))

        said = office.do(lambda s: office.store.conversations.messages(s, ticket.summary.conversation_id))
        assert said[-1].raw.startswith(f"已为您加急 T-{ticket.summary.number} https://s.example/progress/")

    def test_an_order_can_name_a_template(self, office) -> None:
        """NT-02: nodes of the goods are templates that rules send."""
        ticket = routed(office)
        order = Order(ticket.summary.id, Channel.CHAT, "customer", "k", event=NoticeEvent.PICKED_UP)
        office.do(lambda s: office.told.notify(s, order))

        said = office.do(lambda s: office.store.conversations.messages(s, ticket.summary.conversation_id))
        assert "已取件" in said[-1].raw

    @pytest.mark.parametrize(
        ("channel", "target", "text", "error"),
        [
            (Channel.WECOM, "customer", "x", WrongChannel),
            (Channel.CHAT, "owner", "x", WrongChannel),
            (Channel.CHAT, "repair", "x", WrongChannel),
            (Channel.WECOM, "user:li", "x", WrongChannel),
            (Channel.WECOM, "nowhere", "x", PlaceNotFound),
            (Channel.INBOX, "owner", "{secret}", BookInvalid),
            (Channel.INBOX, "owner", "", BookInvalid),
        ],
    )
    def test_what_cannot_be_sent_is_refused_before_a_rule_is_saved(self, office, channel, target, text, error) -> None:
        ticket = routed(office)
        order = Order(ticket.summary.id, channel, target, "k", text)
        for verb in (office.told.check_order, office.told.notify):
            with pytest.raises(error):
                office.do(lambda s, verb=verb: verb(s, order))
        assert office.sent() == []

    def test_a_place_that_was_removed_meanwhile_fails_its_notices(self, office) -> None:
        ticket = routed(office)
        self.place(office, "robot", Channel.FEISHU, "repair")
        office.do(lambda s: office.told.notify(s, Order(ticket.summary.id, Channel.FEISHU, "robot", "k", "{ticket}")))
        office.do(lambda s: office.places.remove(s, "robot"))
        office.run()

        assert [(n.state, n.error) for n in office.sent()] == [(NoticeState.FAILED, "no_place")]

    def test_a_signed_robot_needs_its_secret_and_a_name_is_taken_once(self, office) -> None:
        with pytest.raises(SecretRequired):
            self.place(office, "robot", Channel.DINGTALK, secret=" ")
        self.place(office, "robot", Channel.WECOM)
        with pytest.raises(PlaceKnown):
            self.place(office, "robot", Channel.WECOM)
        with pytest.raises(NoticeNotFound):
            office.do(lambda s: office.delivery.resend(s, "01a20130-0000-7000-8000-000000000000", "gao"))
