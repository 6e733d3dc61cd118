"""The verbs of work on a real database: what a step changes, writes down and refuses."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from factories import RULES, Store, agent, lead, make_draft, make_prediction, make_store, make_ticket
from kit.db import Database, Session
from tickets.errors import EmptyRecord, NodeNotFound, TicketChanged, TicketTaken
from tickets.events import TicketResolved
from tickets.lifecycle.errors import CaseHasOpenTicket, GuardRefused, StepNeeds, TicketArchived, TransitionRefused
from tickets.lifecycle.schemas import CUSTOMER, Doer, Given, TicketAction
from tickets.schemas import NodeTemplate, Ticket
from tickets.words import CloseKind, RecordKind, StaffRole, Stage, TicketStatus

A, S = TicketAction, TicketStatus
QUALITY = ("quality", "malfunction", "no_power")


@pytest.fixture
def ticket(store: Store) -> str:
    with store.database.transaction() as session:
        ticket_id = make_ticket(store, session).summary.id
        store.work.assign(session, ticket_id, "wang", agent())
    return ticket_id


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    with store.database.transaction() as session:
        for name in ("wang", "li"):
            store.staff.save(
                session, username=name, name=name, role=StaffRole.AGENT, group_id="repair", password="a long password"
            )


def _take(
    store: Store, ticket_id: str, action: TicketAction, given: Given | None = None, doer: Doer | None = None
) -> Ticket:
    with store.database.transaction() as session:
        store.work.take(session, ticket_id, action, doer or agent(), given or Given())
        return store.tickets.get(session, ticket_id)


def test_work_says_where_it_stands_and_a_new_status_forgets_it(store: Store, ticket: str) -> None:
    """LC-02, LC-03."""
    at_parts = _take(store, ticket, A.SET_STAGE, Given(stage=Stage.AWAITING_PARTS))
    held = _take(store, ticket, A.HOLD, Given(reason="等厂家到货"))
    escalated = _take(store, ticket, A.ESCALATE, Given(reason="疑难", stage=Stage.VENDOR))

    assert (at_parts.summary.status, at_parts.summary.stage) == (S.IN_PROGRESS, Stage.AWAITING_PARTS)
    assert (held.summary.status, held.summary.stage) == (S.ON_HOLD, None)
    assert (escalated.summary.status, escalated.summary.stage) == (S.ESCALATED, Stage.VENDOR)
    kinds = {e.kind: e for e in escalated.timeline}
    assert kinds["held"].data == {"reason": "等厂家到货"}
    assert kinds["escalated"].changes["stage"] == ("", "vendor")


def test_a_refused_step_changes_nothing(store: Store, ticket: str) -> None:
    with pytest.raises(StepNeeds):
        _take(store, ticket, A.RESOLVE)
    with pytest.raises(TransitionRefused):
        _take(store, ticket, A.SETTLE, doer=lead())

    with store.database.reading() as session:
        after = store.tickets.get(session, ticket)
    assert after.summary.status is S.IN_PROGRESS
    assert after.timeline[-1].kind == "assigned"


def test_review_and_settlement_need_another_person_and_resolve_with_the_submitted_words(
    store: Store, ticket: str
) -> None:
    """LC-01, SE-04."""
    submitted = _take(store, ticket, A.SUBMIT, Given(fix="退款 200 元"), lead("gao"))
    with pytest.raises(GuardRefused):
        _take(store, ticket, A.APPROVE, doer=lead("gao"))
    _take(store, ticket, A.APPROVE, doer=lead("li"))
    settled = _take(store, ticket, A.SETTLE, doer=lead("li"))

    assert submitted.course.submitted_by == "gao"
    # LC-14, WH-01: an entry that came with words still says what it changed.
    assert submitted.timeline[-1].changes["status"] == ("in_progress", "to_review")
    assert settled.timeline[-1].changes["status"] == ("to_settle", "resolved")
    assert settled.summary.status is S.RESOLVED
    assert settled.timeline[-1].data["action"] == "退款 200 元"
    assert [e.subject_id for e in store.bus.events if isinstance(e, TicketResolved)] == [ticket]


def test_reopening_is_counted_and_forgets_that_it_was_resolved(store: Store, ticket: str) -> None:
    """LC-06, LC-07."""
    _take(store, ticket, A.RESOLVE, Given(fix="换了排水泵"))
    reopened = _take(store, ticket, A.REOPEN, Given(reason="还是不行"), CUSTOMER)
    _take(store, ticket, A.RESOLVE, Given(fix="换了主板"))
    again = _take(store, ticket, A.REOPEN, Given(reason="又坏了"), CUSTOMER)

    assert reopened.summary.status is S.REOPENED
    assert reopened.summary.resolved_at is None
    assert again.course.reopened_count == 2
    with store.database.reading() as session:
        assert store.tickets.figures(session)["all"]["reopened"] == 1


def test_reopening_never_gives_a_matter_two_open_tickets(store: Store, ticket: str) -> None:
    _take(store, ticket, A.RESOLVE, Given(fix="换了排水泵"))
    with store.database.transaction() as session:
        case_id = store.tickets.get(session, ticket).case_id
        conversation_id = store.tickets.get(session, ticket).summary.conversation_id
        other = store.tickets.file(session, make_draft(conversation_id, case_id), "customer")

    with pytest.raises(CaseHasOpenTicket, match=str(other.summary.number)):
        _take(store, ticket, A.REOPEN, Given(reason="还是不行"))


@pytest.mark.parametrize(
    ("action", "doer", "kind"),
    [(A.CLOSE, agent(), CloseKind.SOLVED), (A.CONFIRM, CUSTOMER, CloseKind.USER_CONFIRMED)],
)
def test_how_it_ended_is_kept(store: Store, ticket: str, action: TicketAction, doer: Doer, kind: CloseKind) -> None:
    """LC-08."""
    _take(store, ticket, A.RESOLVE, Given(fix="换了排水泵"))
    assert _take(store, ticket, action, doer=doer).course.close_kind is kind


def test_what_is_not_needed_ends_without_being_solved(store: Store, ticket: str) -> None:
    """LC-08."""
    cancelled = _take(store, ticket, A.CANCEL, Given(reason="重复提交"))

    assert cancelled.course.close_kind is CloseKind.NOT_NEEDED
    assert cancelled.summary.resolved_at is None


ON_CLOSED: list[Callable[[Store, Session, str], object]] = [
    lambda store, session, t: store.tickets.set_label(session, t, QUALITY, "wang"),
    lambda store, session, t: store.work.write_down(session, t, RecordKind.NOTE, "备注", agent()),
    lambda store, session, t: store.work.note_reply(session, t, agent()),
    lambda store, session, t: store.work.assign(session, t, "li", lead()),
]


@pytest.mark.parametrize("change", ON_CLOSED)
def test_a_closed_ticket_is_archived(store: Store, ticket: str, change: Callable[..., object]) -> None:
    """LC-06."""
    _take(store, ticket, A.CANCEL, Given(reason="重复提交"))
    with store.database.transaction() as session, pytest.raises((TicketArchived, TransitionRefused)):
        change(store, session, ticket)

    with store.database.transaction() as session:  # a classifier that was still thinking is no error
        before = store.tickets.get(session, ticket)
        store.tickets.record_prediction(session, ticket, make_prediction())
        assert store.tickets.get(session, ticket) == before


def test_a_closed_ticket_goes_on_in_a_linked_one(store: Store, ticket: str) -> None:
    """LC-06: after the window, a new ticket that knows where it comes from."""
    with store.database.transaction() as session, pytest.raises(TransitionRefused):
        store.tickets.follow_up(session, ticket, agent())
    closed = _take(store, ticket, A.CANCEL, Given(reason="重复提交"))

    with store.database.transaction() as session:
        new = store.tickets.follow_up(session, ticket, agent())
        again = store.tickets.follow_up(session, ticket, agent())
        before = store.tickets.get(session, ticket)

    assert new.summary.id == again.summary.id != ticket
    assert new.course.follows == closed.summary.number
    assert before.course.followed_by == (new.summary.number,)
    assert (new.description, [f.normal for f in new.fields]) == (closed.description, [f.normal for f in closed.fields])


def test_cause_workaround_and_fix_are_kept_apart_and_sealed(store: Store, ticket: str) -> None:
    """LC-12, LC-15, LC-18: colleagues read them, the customer's talk has none of it, the tables no plain word."""
    with store.database.transaction() as session:
        for kind in RecordKind:
            store.work.write_down(session, ticket, kind, f"内容-{kind}", agent())
    _take(store, ticket, A.RESOLVE, Given(fix="换了排水泵"))

    with store.database.reading() as session:
        records = store.work.records(session, ticket)
        found = store.tickets.get(session, ticket)
        talk = store.conversations.messages(session, found.summary.conversation_id)
        sealed = session.execute(text("SELECT text_sealed FROM ticket_records")).scalars().all()
    assert [r.kind for r in records] == [*RecordKind, RecordKind.FINAL_FIX]
    assert {r.author for r in records} == {"wang"}
    assert not any("内容" in m.raw for m in talk)
    assert not any("内容".encode() in bytes(blob) for blob in sealed)
    assert [e.data.get("kind") for e in found.timeline if e.kind == "recorded"] == list(RecordKind)


@pytest.mark.parametrize("words", ["", "  \n"])
def test_an_empty_record_is_refused(store: Store, ticket: str, words: str) -> None:
    with store.database.transaction() as session, pytest.raises(EmptyRecord):
        store.work.write_down(session, ticket, RecordKind.NOTE, words, agent())


class TestProcedure:
    """LC-11."""

    @pytest.fixture
    def store(self, database: Database, clock) -> Store:
        steps = (NodeTemplate("电话诊断", "Diagnose by phone", "", 60), NodeTemplate("派单", "Dispatch", "li", 480))
        general = (NodeTemplate("核实", "Check", "", 30),)
        procedures = {("quality",): steps, (): general}
        return make_store(database, clock, replace(RULES, procedures=procedures))

    def _routed(self, store: Store, ticket: str, label: tuple[str, ...]) -> None:
        with store.database.transaction() as session:
            store.tickets.set_label(session, ticket, label, "wang")
            store.tickets.route(session, ticket, line=None, urgent=False)

    def test_a_label_brings_its_steps_with_owner_and_time_limit_in_working_time(
        self, store: Store, ticket: str, clock
    ) -> None:
        self._routed(store, ticket, QUALITY)
        self._routed(store, ticket, QUALITY)  # twice is once

        with store.database.reading() as session:
            first, second = store.work.nodes(session, ticket)
        assert (first.task_zh, first.owner, second.owner) == ("电话诊断", "", "li")
        assert first.due_at == clock.now() + timedelta(hours=1)
        assert second.due_at == clock.now() + timedelta(days=3)  # from Friday 10:00, eight working hours: Monday 10:00

    def test_a_label_without_steps_has_the_general_ones(self, store: Store, ticket: str) -> None:
        self._routed(store, ticket, ("logistics", "late", "chase"))

        with store.database.reading() as session:
            assert [n.task_en for n in store.work.nodes(session, ticket)] == ["Check"]

    def test_a_step_is_ticked_off_and_on_again(self, store: Store, ticket: str) -> None:
        self._routed(store, ticket, QUALITY)
        with store.database.transaction() as session:
            node = store.work.nodes(session, ticket)[0].id
            for done in (True, True, False):
                store.work.mark_node(session, ticket, node, agent(), done=done)
                assert (store.work.nodes(session, ticket)[0].done_by == "wang") == done
            kinds = [e.kind for e in store.tickets.get(session, ticket).timeline]
        assert kinds.count("node_done") == kinds.count("node_undone") == 1

    def test_another_ticket_s_step_is_not_found(self, store: Store, ticket: str) -> None:
        self._routed(store, ticket, QUALITY)
        with store.database.transaction() as session:
            other = make_ticket(store, session).summary.id
            node = store.work.nodes(session, ticket)[0].id
            with pytest.raises(NodeNotFound):
                store.work.mark_node(session, other, node, agent(), done=True)


def test_two_agents_race_for_a_ticket_and_one_wins(store: Store) -> None:
    """Exactly one of them has it; the other hears that somebody else was faster."""
    with store.database.transaction() as session:
        ticket_id = make_ticket(store, session).summary.id
    ready = threading.Barrier(2)

    def claim(name: str) -> str:
        ready.wait(10)
        try:
            with store.database.transaction() as session:
                store.work.claim(session, ticket_id, agent(name))
        except (TicketChanged, TicketTaken):
            return "lost"
        return "won"

    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(("wang", "li"), pool.map(claim, ("wang", "li")), strict=True))

    with store.database.reading() as session:
        holder = store.tickets.get(session, ticket_id).summary.assignee
    assert sorted(outcomes.values()) == ["lost", "won"]
    assert outcomes[holder or ""] == "won"


def test_who_saw_the_holder_may_take_the_ticket_over(store: Store, ticket: str) -> None:
    with store.database.transaction() as session:
        with pytest.raises(TicketTaken, match="wang"):
            store.work.claim(session, ticket, agent("li"))
        store.work.claim(session, ticket, agent("li"), holder="wang")
        assert store.tickets.get(session, ticket).summary.assignee == "li"


def test_a_simple_house_runs_five_states(database: Database, clock) -> None:
    """LC-04."""
    store = make_store(database, clock, replace(RULES, scheme="simple"))
    with store.database.transaction() as session:
        ticket_id = make_ticket(store, session).summary.id
        store.tickets.route(session, ticket_id, line=None, urgent=False)
        assert store.tickets.get(session, ticket_id).summary.status is S.NEW
    _take(store, ticket_id, A.RESOLVE, Given(fix="远程指导"))
    assert _take(store, ticket_id, A.REOPEN, Given(reason="不行"), CUSTOMER).summary.status is S.IN_PROGRESS
    with pytest.raises(TransitionRefused):
        _take(store, ticket_id, A.HOLD, Given(reason="等"))


def test_a_ticket_keeps_the_scheme_it_began_with(store: Store, ticket: str, clock) -> None:
    simple = make_store(store.database, clock, replace(RULES, scheme="simple"))

    assert _take(simple, ticket, A.HOLD, Given(reason="等厂家")).summary.status is S.ON_HOLD
