"""A customer comes again: counted on the ticket, never a new one, louder by rule. And the sure duplicates."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from factories import Store, agent, incoming, lead, make_field, open_conversation
from kit.db import Session
from tickets.books.errors import BookInvalid
from tickets.lifecycle.schemas import CUSTOMER, Given, TicketAction
from tickets.merging.book import DUPLICATES, FollowUpKind
from tickets.schemas import Ticket, TicketDraft
from tickets.words import CloseKind, FieldName, Priority, Role, TicketStatus

ORDER, OTHER_ORDER = "LT20261103004821", "LT20261103004899"
QUALITY, LOGISTICS = ("quality", "malfunction", "no_power"), ("logistics", "late", "chase")


def file(
    store: Store,
    session: Session,
    words: str = "洗衣机脱水的时候不转，显示E3",
    *,
    user: str = "zhang",
    facts: Mapping[FieldName, str] | None = None,
    label: tuple[str, ...] = QUALITY,
) -> Ticket:
    talk = open_conversation(store, session, user=user)
    store.conversations.receive(session, talk, incoming(words))
    case = store.cases.current(session, talk, first_seq=1)
    given = {FieldName.ORDER_NO: ORDER} if facts is None else facts
    fields = tuple(make_field(name, normal) for name, normal in given.items())
    ticket = store.tickets.file(session, TicketDraft(case.id, talk, words[:20], words, fields), "customer")
    store.tickets.set_label(session, ticket.summary.id, label, "wang")
    return store.tickets.get(session, ticket.summary.id)


def say(store: Store, session: Session, ticket: Ticket, *texts: str) -> Mapping[str, int]:
    """Let the customer write a burst, and return what the ticket counts afterwards."""
    talk = ticket.summary.conversation_id
    before = store.conversations.get(session, talk).last_seq
    for words in texts:
        store.conversations.receive(session, talk, incoming(words))
    said = [m for m in store.conversations.messages(session, talk, after_seq=before) if m.role is Role.CUSTOMER]
    store.follow_ups.heard(session, talk, said)
    return store.follow_ups.counts(session, [ticket.summary.id]).get(ticket.summary.id, {})


class TestUrging:
    def test_it_joins_the_open_ticket_and_is_counted(self, store: Store, clock) -> None:
        """PG-06, PG-07, DM-07."""
        with store.database.transaction() as session:
            ticket = file(store, session)
            assert say(store, session, ticket, "催一下", "怎么还没人联系我") == {"urge": 1}  # a burst is one
            clock.instant += timedelta(minutes=5)
            assert say(store, session, ticket, "催单") == {"urge": 1}  # too soon: recorded, not counted
            clock.instant += timedelta(minutes=31)
            assert say(store, session, ticket, "催单") == {"urge": 2}
            assert store.tickets.figures(session)["all"]["total"] == 1
            kinds = [e.kind for e in store.tickets.get(session, ticket.summary.id).timeline]
        assert kinds.count("urged") == 3

    def test_it_makes_the_ticket_louder_by_rule_and_no_further_than_the_book_says(self, store: Store, clock) -> None:
        """DM-04, PG-07, AR-06: the second raises, the fourth escalates; P1 is for danger."""
        with store.database.transaction() as session:
            ticket = file(store, session)
            due = ticket.summary.resolve_due_at
            stood = []
            for _ in range(6):
                say(store, session, ticket, "催单")
                clock.instant += timedelta(minutes=31)
                now = store.tickets.get(session, ticket.summary.id).summary
                stood.append((now.priority, now.status))
        assert [priority for priority, _ in stood] == [Priority.P3, *[Priority.P2] * 5]
        assert [status for _, status in stood].index(TicketStatus.ESCALATED) == 3
        assert due is not None
        assert now.resolve_due_at is not None
        assert now.resolve_due_at < due

    @pytest.mark.parametrize("words", ["照片发您了", "E3", "好的谢谢"])
    def test_other_words_are_no_follow_up(self, store: Store, words: str) -> None:
        with store.database.transaction() as session:
            assert say(store, session, file(store, session), words) == {}

    def test_without_an_open_ticket_there_is_nothing_to_urge(self, store: Store) -> None:
        with store.database.transaction() as session:
            ticket = file(store, session)
            store.work.take(session, ticket.summary.id, TicketAction.CANCEL, agent(), Given(reason="误报"))
            assert say(store, session, ticket, "催单") == {}

    def test_in_a_merged_talk_it_counts_for_the_survivor(self, store: Store) -> None:
        with store.database.transaction() as session:
            first, second = file(store, session), file(store, session)
            store.merging.merge(session, first.summary.id, second.summary.id, agent(), "同一件事")
            say(store, session, second, "催单")
            counts = store.follow_ups.counts(session, [first.summary.id, second.summary.id])
        assert counts == {first.summary.id: {"urge": 1}}


def test_saying_it_again_is_a_repeat(store: Store) -> None:
    """DM-07."""
    with store.database.transaction() as session:
        ticket = file(store, session)
        assert say(store, session, ticket, "洗衣机脱水还是不转，显示E3") == {"repeat": 1}


def test_the_same_key_is_one_follow_up(store: Store) -> None:
    with store.database.transaction() as session:
        ticket = file(store, session).summary.id
        told = [store.follow_ups.join(session, ticket, FollowUpKind.REPEAT, key="k", doer=CUSTOMER) for _ in range(2)]
        assert store.follow_ups.counts(session, [ticket]) == {ticket: {"repeat": 1}}
    assert told == [True, False]


def test_the_book_decides(store: Store) -> None:
    """AR-12: what coming again leads to is the manager's page, checked when saved."""
    rule = {"kind": "urge", "count": 1, "then": "raise"}
    with store.database.transaction() as session:
        with pytest.raises(BookInvalid):
            store.books.save(session, DUPLICATES, {"follow_ups": [rule, rule]}, base_version=0, actor="gao")
        store.books.save(session, DUPLICATES, {"follow_ups": [rule], "highest": "P1"}, base_version=0, actor="gao")
        ticket = file(store, session)
        say(store, session, ticket, "催单")
        assert store.tickets.get(session, ticket.summary.id).summary.priority is Priority.P2


class TestDuplicates:
    def test_the_sure_one_is_merged_into_the_earlier_by_rule(self, store: Store) -> None:
        """DM-03, AR-08, DM-07: with the rule's name and reason in the history, undone like any other."""
        with store.database.transaction() as session:
            first = file(store, session)
            second = file(store, session, "洗衣机脱水还是不转，一直E3")
            assert store.duplicates.merge_sure(session, second.summary.id)
            after = store.tickets.get(session, second.summary.id)
            assert after.course.close_kind is CloseKind.MERGED
            assert after.timeline[-1].actor == "system:duplicates"
            assert after.timeline[-1].data["reason"]
            assert store.follow_ups.counts(session, [first.summary.id]) == {first.summary.id: {"repeat": 1}}

            store.merging.unmerge(session, second.summary.id, agent(), "两台机器")
            assert not store.duplicates.merge_sure(session, second.summary.id)  # a person has decided
            assert [c.sure for c in store.duplicates.candidates(session, second.summary.id)] == [False]

    @pytest.mark.parametrize(
        "other",
        [
            {"user": "li"},
            {"facts": {FieldName.ORDER_NO: OTHER_ORDER}},
            {"facts": {}},
            {"label": LOGISTICS},
            {"words": "开机就跳闸，闻到糊味"},
        ],
    )
    def test_anything_less_is_left_to_a_person(self, store: Store, other: dict) -> None:
        """DM-02: another problem with the same order stays a ticket of its own."""
        with store.database.transaction() as session:
            file(store, session)
            second = file(store, session, **other)
            assert not store.duplicates.merge_sure(session, second.summary.id)

    @pytest.mark.parametrize(("hours", "found"), [(24, 1), (25, 0)])
    def test_only_within_the_window(self, store: Store, clock, hours: int, found: int) -> None:
        with store.database.transaction() as session:
            file(store, session)
            clock.instant += timedelta(hours=hours)
            second = file(store, session)
            assert len(store.duplicates.candidates(session, second.summary.id)) == found

    def test_without_an_order_number_it_is_suggested_with_why(self, store: Store) -> None:
        """The last section's point 5."""
        with store.database.transaction() as session:
            first = file(store, session, facts={})
            second = file(store, session, facts={})
            (candidate,) = store.duplicates.candidates(session, second.summary.id)
        assert (candidate.ticket.number, candidate.sure) == (first.summary.number, False)
        assert set(candidate.why) == {"same_customer", "same_label", "same_words"}

    def test_the_book_can_leave_all_to_people(self, store: Store) -> None:
        with store.database.transaction() as session:
            store.books.save(session, DUPLICATES, {"merge_automatically": False}, base_version=0, actor="gao")
            file(store, session)
            second = file(store, session)
            assert not store.duplicates.merge_sure(session, second.summary.id)
            assert store.duplicates.candidates(session, second.summary.id)[0].sure

    def test_a_rule_takes_nothing_out_of_a_review(self, store: Store) -> None:
        with store.database.transaction() as session:
            first = file(store, session)
            second = file(store, session)
            store.work.take(session, second.summary.id, TicketAction.ESCALATE, lead(), Given(reason="x", stage="l2"))
            store.work.take(session, second.summary.id, TicketAction.SUBMIT, lead(), Given(fix="退款"))
            assert not store.duplicates.merge_sure(session, second.summary.id)
            assert not store.merging.family(session, first.summary.id)
            assert len(store.conversations.messages(session, second.summary.conversation_id)) == 1


def test_the_figures_say_who_came_again_and_what_was_spared(store: Store) -> None:
    """DM-08: what the rule merged is one repetition, not two."""
    with store.database.transaction() as session:
        assert store.follow_ups.figures(session, 0)["rate"] == 0.0
        first, second = file(store, session), file(store, session, "洗衣机脱水还是不转，一直E3")
        third = file(store, session, "空调漏水", user="li")
        store.duplicates.merge_sure(session, second.summary.id)
        store.merging.merge(session, first.summary.id, third.summary.id, lead(), "同一家", across_customers=True)
        say(store, session, first, "催单")
        figures = store.follow_ups.figures(session, store.tickets.figures(session)["all"]["total"])

    assert figures == {"repeat": 1, "urge": 1, "merged": 2, "by_rule": 1, "saved": 2, "rate": 0.75}
