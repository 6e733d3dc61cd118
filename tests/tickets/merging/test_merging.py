"""Two tickets go on as one and are parted again; nothing of either is lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from factories import Store, agent, incoming, lead, make_draft, open_conversation
from kit.db import Session
from kit.errors import JiedaiError
from tickets.errors import TicketNotFound
from tickets.lifecycle.errors import CaseHasOpenTicket, StepNeeds, StepNotAllowed
from tickets.lifecycle.schemas import Doer, Given, Part, TicketAction
from tickets.merging.errors import (
    AlreadyLinked,
    AlreadyMerged,
    AnotherCustomer,
    MergeOfDone,
    MergeWithItself,
    NotLinked,
    NotMerged,
    PartOuterFirst,
    ReasonMissing,
)
from tickets.merging.events import TicketsMerged, TicketsParted
from tickets.merging.schemas import LinkKind
from tickets.schemas import Ticket
from tickets.words import CloseKind, Priority, Role, StaffRole, TicketStatus

S = TicketStatus


@dataclass(frozen=True)
class Filed:
    """A ticket of the customer 张三 and where it was talked about."""

    id: str
    number: int
    talk: str


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    with store.database.transaction() as session:
        store.staff.save(
            session, username="wang", name="wang", role=StaffRole.AGENT, group_id="repair", password="a long password"
        )


def file(store: Store, user: str = "zhang", priority: Priority | None = None) -> Filed:
    with store.database.transaction() as session:
        talk = open_conversation(store, session, user=user)
        store.conversations.receive(session, talk, incoming())
        case = store.cases.current(session, talk, first_seq=1)
        ticket = store.tickets.file(session, make_draft(talk, case.id, priority), "customer")
    return Filed(ticket.summary.id, ticket.summary.number, talk)


def merge(store: Store, into: Filed, other: Filed, doer: Doer | None = None, **more: bool) -> None:
    with store.database.transaction() as session:
        store.merging.merge(session, into.id, other.id, doer or agent(), "同一件事", **more)


def part(store: Store, merged: Filed) -> None:
    with store.database.transaction() as session:
        store.merging.unmerge(session, merged.id, agent(), "不是一件事")


def get(store: Store, filed: Filed) -> Ticket:
    with store.database.reading() as session:
        return store.tickets.get(session, filed.id)


def as_it_stands(ticket: Ticket) -> Ticket:
    """A ticket without what every change leaves on it: its history, its version and the time of the last change."""
    summary = replace(ticket.summary, updated_at=ticket.summary.created_at, version=0)
    return replace(ticket, timeline=(), summary=summary)


class TestMerge:
    def test_the_merged_one_is_closed_as_merged_and_goes_on_in_the_other(self, store: Store) -> None:
        """DM-05: both say so in their history, with the reason."""
        first, second = file(store), file(store)

        merge(store, first, second)

        survivor, merged = get(store, first), get(store, second)
        assert (merged.summary.status, merged.course.close_kind) == (S.CLOSED, CloseKind.MERGED)
        assert survivor.summary.status is S.NEW
        assert merged.timeline[-1].data == {"number": first.number, "reason": "同一件事"}
        assert (survivor.timeline[-1].kind, survivor.timeline[-1].data["number"]) == ("absorbed", second.number)
        with store.database.reading() as session:
            assert store.merging.survivor(session, second.id) == first.id
            assert [m.number for m in store.merging.family(session, first.id)] == [second.number]
        assert [e.subject_id for e in store.bus.events if isinstance(e, TicketsMerged)] == [first.id]

    def test_clocks_begin_when_the_matter_was_first_heard_of(self, store: Store, clock) -> None:
        """DM-05: the later ticket survives, its due times count from the earlier one."""
        early = file(store)
        clock.instant += timedelta(hours=2)
        late = file(store)
        before = get(store, late).summary

        merge(store, late, early)

        after = get(store, late).summary
        assert after.resolve_due_at == get(store, early).summary.resolve_due_at < before.resolve_due_at
        part(store, early)
        assert get(store, late).summary.resolve_due_at == before.resolve_due_at

    def test_the_greater_urgency_and_the_earlier_answer_stay_with_the_survivor(self, store: Store, clock) -> None:
        """Nothing urgent is lost."""
        calm, urgent = file(store), file(store, priority=Priority.P1)
        with store.database.transaction() as session:
            store.work.note_reply(session, urgent.id, agent())
        clock.instant += timedelta(minutes=5)

        merge(store, calm, urgent)

        survivor = get(store, calm).summary
        assert survivor.priority is Priority.P1
        assert survivor.first_responded_at == clock.instant - timedelta(minutes=5)
        part(store, urgent)
        assert (get(store, calm).summary.priority, get(store, calm).summary.first_responded_at) == (Priority.P3, None)

    def test_the_customer_hears_it_where_they_wrote(self, store: Store) -> None:
        first, second = file(store), file(store)

        merge(store, first, second)

        with store.database.reading() as session:
            last = store.conversations.messages(session, second.talk)[-1]
            assert last.role is Role.BOT
            assert f"T-{first.number}" in last.raw
            assert [m.role for m in store.conversations.messages(session, first.talk)] == [Role.CUSTOMER]

    def test_what_was_merged_before_comes_along(self, store: Store) -> None:
        """DM-05: a number resolves however often its ticket was merged."""
        first, second, third = file(store), file(store), file(store)
        merge(store, second, third)

        merge(store, first, second)

        with store.database.reading() as session:
            assert store.merging.survivor(session, third.id) == first.id
            assert store.merging.talks(session, first.id) == [first.talk, third.talk, second.talk]
            with pytest.raises(PartOuterFirst, match=str(second.number)):
                store.merging.unmerge(session, third.id, agent(), "不是")
        part(store, second)
        with store.database.reading() as session:
            assert store.merging.survivor(session, third.id) == second.id
            assert store.merging.family(session, first.id) == []

    def test_a_merged_ticket_counts_no_more_in_the_figures(self, store: Store) -> None:
        """DM-07."""
        first, second = file(store), file(store)
        merge(store, first, second)

        with store.database.reading() as session:
            figures = store.tickets.figures(session)
        assert figures["all"]["total"] == sum(figures["status"].values()) == 1


class TestTheTalkGoesOn:
    """DM-05: whoever writes in a merged ticket's talk writes about the survivor."""

    def test_a_message_wakes_the_survivor(self, store: Store) -> None:
        first, second = file(store), file(store)
        with store.database.transaction() as session:
            store.work.note_reply(session, first.id, agent(), asks=True)
        merge(store, first, second)

        with store.database.transaction() as session:
            store.conversations.receive(session, second.talk, incoming("照片发您了"))
            store.work.customer_wrote(session, second.talk)

        assert get(store, first).summary.status is S.IN_PROGRESS
        with store.database.reading() as session:
            assert [t.summary.id for t in store.tickets.of_conversation(session, second.talk)] == [first.id, second.id]

    def test_an_answer_belongs_where_the_customer_wrote_last(self, store: Store, clock) -> None:
        first, second = file(store), file(store)
        merge(store, first, second)

        told = []
        for talk in (first.talk, second.talk, first.talk):
            clock.instant += timedelta(minutes=1)
            with store.database.transaction() as session:
                store.conversations.receive(session, talk, incoming("在吗"))
                told.append(store.merging.talk_to(session, first.id))

        assert told == [first.talk, second.talk, first.talk]

    def test_filing_the_merged_case_again_gives_the_survivor(self, store: Store) -> None:
        """The confirm card tapped twice, with a merge between the taps."""
        first, second = file(store), file(store)
        merge(store, first, second)

        with store.database.transaction() as session:
            again = store.tickets.file(
                session, make_draft(second.talk, store.tickets.get(session, second.id).case_id), "customer"
            )
            followed = store.tickets.follow_up(session, second.id, agent())

        assert again.summary.id == followed.summary.id == first.id


class TestUndo:
    def test_both_stand_as_they_stood(self, store: Store, clock) -> None:
        """DM-06: to the last column, with only their history longer."""
        first, second = file(store), file(store, priority=Priority.P2)
        with store.database.transaction() as session:
            store.work.assign(session, second.id, "wang", agent())
            store.work.take(session, second.id, TicketAction.HOLD, agent(), Given(reason="等厂家"))
        before = [get(store, one) for one in (first, second)]
        clock.instant += timedelta(hours=1)

        merge(store, first, second)
        clock.instant += timedelta(hours=1)
        part(store, second)

        after = [get(store, one) for one in (first, second)]
        assert list(map(as_it_stands, after)) == list(map(as_it_stands, before))
        assert [e.kind for e in after[1].timeline][-2:] == ["merged", "unmerged"]
        assert [e.kind for e in after[0].timeline][-2:] == ["absorbed", "released"]
        assert {e.subject_id for e in store.bus.events if isinstance(e, TicketsParted)} == {first.id, second.id}

    def test_what_happened_meanwhile_stays_with_whom_it_belongs_to(self, store: Store, clock) -> None:
        """DM-06: a message wakes the one it was about, an answer counts for the talk it was said in."""
        first, second = file(store), file(store)
        with store.database.transaction() as session:
            store.work.note_reply(session, second.id, agent(), asks=True)
        merge(store, first, second)
        clock.instant += timedelta(minutes=3)
        with store.database.transaction() as session:
            store.work.note_reply(session, first.id, agent(), conversation_id=first.talk)
            store.conversations.receive(session, second.talk, incoming("已经寄出了"))
            store.work.customer_wrote(session, second.talk)
        answered = clock.instant

        part(store, second)

        assert get(store, second).summary.status is S.IN_PROGRESS
        assert get(store, first).summary.first_responded_at == answered
        assert get(store, first).summary.status is S.IN_PROGRESS

    def test_an_answer_in_the_merged_talk_counts_for_the_parted_ticket(self, store: Store, clock) -> None:
        first, second = file(store), file(store)
        merge(store, first, second)
        clock.instant += timedelta(minutes=3)
        with store.database.transaction() as session:
            store.work.note_reply(session, first.id, agent(), conversation_id=second.talk)

        part(store, second)

        assert get(store, second).summary.first_responded_at == clock.instant

    def test_merges_are_undone_in_any_order(self, store: Store) -> None:
        """What the one brought stays as long as it stays, whatever comes and goes beside it."""
        calm, hot, warm = file(store), file(store, priority=Priority.P1), file(store, priority=Priority.P2)
        merge(store, calm, hot)
        merge(store, calm, warm)

        part(store, hot)
        assert get(store, calm).summary.priority is Priority.P2
        part(store, warm)
        assert get(store, calm).summary.priority is Priority.P3

    def test_a_case_that_has_another_open_ticket_keeps_one(self, store: Store) -> None:
        """Law three holds when a merge is undone: refused, nothing half done."""
        first, second = file(store), file(store)
        merge(store, first, second)
        with store.database.transaction() as session:
            store.work.take(session, first.id, TicketAction.CANCEL, agent(), Given(reason="误报"))
            new = store.tickets.follow_up(session, second.id, agent())

        with store.database.transaction() as session:
            with pytest.raises(CaseHasOpenTicket, match=str(new.summary.number)):
                store.merging.unmerge(session, second.id, agent(), "不是一件事")
            assert store.merging.survivor(session, second.id) == first.id

    def test_time_that_ran_on_does_not_close_a_ticket_the_moment_it_is_back(self, store: Store, clock) -> None:
        first, second = file(store), file(store)
        with store.database.transaction() as session:
            store.work.note_reply(session, second.id, agent(), asks=True)
        merge(store, first, second)
        clock.instant += timedelta(days=9)

        part(store, second)

        with store.database.reading() as session:
            assert second.id not in [found for found, _ in store.aftercare.due(session)]
        assert get(store, second).summary.status is S.WAITING_CUSTOMER


REFUSED: list[tuple[Callable[[Store, Session, Filed, Filed], object], type[JiedaiError]]] = [
    (lambda st, s, a, b: st.merging.merge(s, a.id, a.id, agent(), "x"), MergeWithItself),
    (lambda st, s, a, b: st.merging.merge(s, a.id, b.id, agent(), "  "), StepNeeds),
    (lambda st, s, a, b: st.merging.merge(s, a.id, "nobody", agent(), "x"), TicketNotFound),
    (lambda st, s, a, b: st.merging.unmerge(s, a.id, agent(), "x"), NotMerged),
    (lambda st, s, a, b: st.merging.unmerge(s, a.id, agent(), " "), ReasonMissing),
    (lambda st, s, a, b: st.merging.link(s, a.id, a.id, LinkKind.RELATED, doer=agent(), reason="x"), MergeWithItself),
    (lambda st, s, a, b: st.merging.link(s, a.id, b.id, LinkKind.RELATED, doer=agent(), reason=""), ReasonMissing),
    (lambda st, s, a, b: st.merging.unlink(s, a.id, b.id, doer=agent(), reason="x"), NotLinked),
]


@pytest.mark.parametrize(("act", "error"), REFUSED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_refusal_changes_nothing(store: Store, act: Callable[..., object], error: type[JiedaiError]) -> None:
    first, second = file(store), file(store)
    with store.database.transaction() as session, pytest.raises(error):
        act(store, session, first, second)

    assert [e.kind for e in get(store, first).timeline] == [e.kind for e in get(store, second).timeline] == ["filed"]
    with store.database.reading() as session:
        assert len(store.conversations.messages(session, second.talk)) == 1


class TestIllegal:
    def test_merged_twice_or_in_a_circle(self, store: Store) -> None:
        first, second, third = file(store), file(store), file(store)
        merge(store, first, second)

        for into, other in ((third, second), (second, third), (second, first)):
            with pytest.raises(AlreadyMerged, match=str(first.number)):
                merge(store, into, other)

    @pytest.mark.parametrize("done", [TicketAction.RESOLVE, TicketAction.CANCEL])
    def test_across_one_that_is_done(self, store: Store, done: TicketAction) -> None:
        first, second = file(store), file(store)
        with store.database.transaction() as session:
            store.work.take(session, first.id, done, agent(), Given(reason="误报", fix="远程指导"))

        for into, other in ((first, second), (second, first)):
            with pytest.raises(MergeOfDone, match=str(first.number)):
                merge(store, into, other)

    def test_another_customer_s_needs_a_lead_who_says_so(self, store: Store) -> None:
        first, second = file(store, "zhang"), file(store, "li")

        for doer, said in ((agent(), True), (lead(), False), (Doer("rule", Part.SYSTEM), True)):
            with pytest.raises(AnotherCustomer):
                merge(store, first, second, doer, across_customers=said)
        merge(store, first, second, lead(), across_customers=True)

        with store.database.reading() as session:  # one customer does not learn the other's number
            assert f"T-{first.number}" not in store.conversations.messages(session, second.talk)[-1].raw

    def test_one_that_is_being_reviewed_only_by_a_lead(self, store: Store) -> None:
        """SE-04."""
        first, second = file(store), file(store)
        with store.database.transaction() as session:
            store.work.assign(session, second.id, "wang", agent())
            store.work.take(session, second.id, TicketAction.SUBMIT, agent(), Given(fix="退款 200 元"))

        with pytest.raises(StepNotAllowed):
            merge(store, first, second)
        merge(store, first, second, lead())
        part(store, second)
        assert get(store, second).course.submitted_by == "wang"

    @pytest.mark.parametrize("crosswise", [False, True])
    def test_of_two_who_merge_at_once_one_wins(self, store: Store, crosswise: bool) -> None:
        """The other hears that it has been done, also where they meant it the other way round."""
        first, second, third = file(store), file(store), file(store)
        ready = threading.Barrier(2)
        wanted = [(first, second), (second, first) if crosswise else (third, second)]

        def run(pair: tuple[Filed, Filed]) -> str:
            ready.wait(10)
            try:
                merge(store, *pair)
            except AlreadyMerged:
                return "lost"
            return "won"

        with ThreadPoolExecutor(2) as pool:
            outcomes = sorted(pool.map(run, wanted))

        assert outcomes == ["lost", "won"]

    def test_undone_once(self, store: Store) -> None:
        first, second = file(store), file(store)
        merge(store, first, second)
        part(store, second)

        with pytest.raises(NotMerged):
            part(store, second)
        merge(store, first, second)  # and joined again, if somebody thinks so
        assert get(store, second).course.close_kind is CloseKind.MERGED


class TestLinks:
    """DM-06: the weaker word for two tickets."""

    def test_both_see_the_link_and_both_can_take_it_back(self, store: Store) -> None:
        first, second = file(store), file(store, "li")
        with store.database.transaction() as session:
            store.merging.link(session, first.id, second.id, LinkKind.SAME_CAUSE, doer=agent(), reason="同一批次")
            seen = [store.merging.joined(session, one.id).links[0] for one in (first, second)]
            with pytest.raises(AlreadyLinked):
                store.merging.link(session, second.id, first.id, LinkKind.RELATED, doer=agent(), reason="x")
            store.merging.unlink(session, second.id, first.id, doer=agent(), reason="搞错了")
            left = [store.merging.joined(session, one.id).links for one in (first, second)]

        assert [(link.number, link.kind) for link in seen] == [
            (second.number, LinkKind.SAME_CAUSE),
            (first.number, LinkKind.SAME_CAUSE),
        ]
        assert left == [(), ()]
        assert [e.kind for e in get(store, first).timeline] == ["filed", "linked", "unlinked"]
        assert get(store, second).timeline[1].data == {
            "number": first.number, "kind": "same_cause", "reason": "同一批次",
        }  # fmt: skip
