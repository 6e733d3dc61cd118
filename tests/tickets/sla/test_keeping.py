"""A ticket's clocks through its life: what starts, pauses, meets and moves them, and that each can say why."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from factories import Store, agent, incoming, lead, make_prediction, make_ticket
from kit.db import Session
from kit.errors import JiedaiError
from tests.conftest import StandingClock
from tickets.automation.actions import StartTimer
from tickets.automation.neighbours import RunTimer
from tickets.automation.words import Do
from tickets.books.errors import BookInvalid
from tickets.events import TicketUpdated
from tickets.lifecycle.schemas import Given, TicketAction
from tickets.notices.facts import Reporter
from tickets.notices.schemas import Audience, NoticeEvent
from tickets.sla.errors import CalendarInUse, ClockNotFound, NotBreached, PauseNeeds, UnknownPriority, UnknownTimer
from tickets.sla.events import SlaBreached, SlaEscalated, SlaWarned
from tickets.sla.policies import ServiceLevels, presets
from tickets.sla.schemas import ClockState, SlaClock
from tickets.sla.words import BreachCause, ClockKind, PauseReason
from tickets.words import Priority, Role, StaffRole, Stage

K, A = ClockKind, TicketAction
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    with store.database.transaction() as session:
        store.staff.save(
            session, username="wang", name="王", role=StaffRole.AGENT, group_id="repair", password="a long password"
        )


@pytest.fixture
def ticket(store: Store) -> str:
    """A P2 ticket, filed on a Friday at 10:00: first response in 2 hours, solved in 24."""
    return _file(store, Priority.P2)


def _file(store: Store, priority: Priority) -> str:
    with store.database.transaction() as session:
        return make_ticket(store, session, priority).summary.id


def _clock(store: Store, ticket_id: str, kind: ClockKind) -> SlaClock:
    with store.database.reading() as session:
        found = store.sla.status(session, ticket_id).of(kind)
    assert found is not None
    return found


def _due(store: Store, ticket_id: str, kind: ClockKind) -> datetime | None:
    return _clock(store, ticket_id, kind).due_at


def _says(store: Store, ticket_id: str, clock: StandingClock, text: str = "在吗") -> None:
    """Let the customer write; it is read two minutes later, as the pipeline would."""
    with store.database.transaction() as session:
        conversation = store.tickets.get(session, ticket_id).summary.conversation_id
        store.conversations.receive(session, conversation, incoming(text))
    clock.instant += timedelta(minutes=2)
    with store.database.transaction() as session:
        store.work.customer_wrote(session, conversation)


def _reply(store: Store, ticket_id: str, *, asks: bool = False) -> None:
    with store.database.transaction() as session:
        conversation = store.tickets.get(session, ticket_id).summary.conversation_id
        store.conversations.say(session, conversation, Role.AGENT, "您好", author="wang")
        store.work.note_reply(session, ticket_id, agent(), asks=asks)


def _take(store: Store, ticket_id: str, action: TicketAction, given: Given | None = None) -> None:
    with store.database.transaction() as session:
        store.work.take(session, ticket_id, action, agent(), given or Given())


def _explained(store: Store, ticket_id: str) -> None:
    """Every clock's explanation ends in the very instant that its row says."""
    with store.database.reading() as session:
        for found in store.sla.explanations(session, ticket_id):
            assert found.due_at == found.clock.due_at
            assert all(line.zh and line.en for line in found.lines)


def _raw(levels: ServiceLevels) -> dict[str, Any]:
    return levels.model_dump(mode="json", exclude_defaults=True)


def _save(store: Store, change: Any) -> None:
    with store.database.transaction() as session:
        edition = store.sla.levels(session)
        raw = _raw(edition.body)
        change(raw)
        store.sla.save_levels(session, raw, base_version=edition.version, actor="gao")


def _recompute(store: Store) -> None:
    with store.database.transaction() as session:
        after: str | None = ""
        while after is not None:
            after = store.sla.recompute(session, after)


def _attend(store: Store) -> list[str]:
    with store.database.transaction() as session:
        due = store.sla.due(session)
        for ticket_id, _ in due:
            store.sla.attend(session, ticket_id)
    return [ticket_id for ticket_id, _ in due]


def test_a_ticket_begins_with_its_priorities_targets(store: Store, ticket: str, clock: StandingClock) -> None:
    """SL-01, SL-02: and the list shows the same instants."""
    with store.database.reading() as session:
        shown = store.tickets.get(session, ticket).summary

    assert _due(store, ticket, K.FIRST_RESPONSE) == clock.instant + 2 * HOUR == shown.first_response_due_at
    assert _due(store, ticket, K.RESOLVE) == clock.instant + 24 * HOUR == shown.resolve_due_at
    _explained(store, ticket)


def test_waiting_for_the_customer_stops_the_solving_but_not_the_answering(
    store: Store, ticket: str, clock: StandingClock
) -> None:
    """LC-05, SL-07, SL-08: and it goes on at the customer's message, not when that was read."""
    began = clock.instant
    clock.instant += HOUR
    _reply(store, ticket, asks=True)
    waiting = _clock(store, ticket, K.RESOLVE)
    clock.instant += 30 * HOUR
    assert _attend(store) == []  # nothing is late while nobody but the customer can do anything
    _says(store, ticket, clock)

    after = _clock(store, ticket, K.RESOLVE)
    assert (waiting.state, waiting.due_at) == (ClockState.PAUSED, None)
    assert (after.state, after.due_at) == (ClockState.RUNNING, began + 54 * HOUR)
    assert _clock(store, ticket, K.FIRST_RESPONSE).state is ClockState.MET
    _explained(store, ticket)


def test_each_unanswered_message_starts_one_next_response(store: Store, ticket: str, clock: StandingClock) -> None:
    """SL-01: the first response comes first; then the oldest unanswered word counts."""
    _says(store, ticket, clock)
    with store.database.reading() as session:
        assert store.sla.status(session, ticket).of(K.NEXT_RESPONSE) is None
    _reply(store, ticket)
    clock.instant += HOUR
    asked = clock.instant
    _says(store, ticket, clock)
    _says(store, ticket, clock, "怎么样了")
    running = _clock(store, ticket, K.NEXT_RESPONSE)
    _reply(store, ticket)

    assert (running.started_at, running.due_at) == (asked, asked + 2 * HOUR)
    assert _clock(store, ticket, K.NEXT_RESPONSE).state is ClockState.MET
    with store.database.reading() as session:
        assert sum(c.kind is K.NEXT_RESPONSE for c in store.sla.status(session, ticket).clocks) == 1


def test_the_ais_answer_is_recorded_and_satisfies_nothing(store: Store, ticket: str, clock: StandingClock) -> None:
    """SL-17: unless the policy says so."""
    clock.instant += timedelta(minutes=5)
    with store.database.transaction() as session:
        conversation = store.tickets.get(session, ticket).summary.conversation_id
        store.work.ai_answered(session, conversation)
    apart = _clock(store, ticket, K.FIRST_RESPONSE)

    assert (apart.state, apart.ai_answered_at) == (ClockState.RUNNING, clock.instant)

    _save(store, lambda raw: raw["policies"][1].update(ai_answer_counts=True))
    with store.database.transaction() as session:
        store.work.ai_answered(session, conversation)
    counted = _clock(store, ticket, K.FIRST_RESPONSE)

    assert (counted.state, counted.met_by) == (ClockState.MET, "bot")
    with store.database.reading() as session:
        assert store.tickets.get(session, ticket).summary.first_responded_at is None


def test_holding_needs_a_reason_and_a_proof(store: Store, ticket: str, clock: StandingClock) -> None:
    """SL-07: the proof is kept among the sealed records."""
    with store.database.transaction() as session:
        with pytest.raises(PauseNeeds, match="proof"):
            store.sla.pause(session, ticket, PauseReason.LOGISTICS, "  ", agent())
        with pytest.raises(JiedaiError) as refused:
            store.sla.pause(session, ticket, PauseReason.SOLVED, "SF123", agent())
        store.sla.pause(session, ticket, PauseReason.LOGISTICS, "顺丰 SF1060", agent())
    clock.instant += 5 * HOUR
    with store.database.transaction() as session:
        store.sla.resume(session, ticket, agent())
        status = store.sla.status(session, ticket)
        records = {record.id: record.text for record in store.work.records(session, ticket)}

    assert refused.value.code == "not_a_persons_reason"
    (pause,) = status.pauses
    assert (pause.reason, pause.by, pause.until) == (PauseReason.LOGISTICS, "wang", clock.instant)
    assert records[str(pause.proof_id)] == "顺丰 SF1060"
    assert _due(store, ticket, K.RESOLVE) == clock.instant + 24 * HOUR
    _explained(store, ticket)


def test_parts_and_vendors_pause_by_the_stage(store: Store, ticket: str, clock: StandingClock) -> None:
    """SL-07."""
    began = clock.instant
    _reply(store, ticket)
    for stage, reason in ((Stage.AWAITING_PARTS, PauseReason.PARTS), (Stage.AWAITING_MATERIAL, PauseReason.CUSTOMER)):
        _take(store, ticket, A.SET_STAGE, Given(stage=stage))
        with store.database.reading() as session:
            paused = store.sla.status(session, ticket).paused
        assert paused is not None
        assert paused.reason is reason
        clock.instant += HOUR
    _take(store, ticket, A.SET_STAGE, Given(stage=Stage.DIAGNOSING))

    assert _due(store, ticket, K.RESOLVE) == began + 26 * HOUR


def test_a_stage_has_a_target_of_its_own(store: Store, ticket: str, clock: StandingClock) -> None:
    """SL-01."""
    _save(store, lambda raw: raw["policies"][1].update(stages={"diagnosing": {"minutes": 30}}))
    _reply(store, ticket)
    _take(store, ticket, A.SET_STAGE, Given(stage=Stage.DIAGNOSING))
    running = _clock(store, ticket, K.STAGE)
    clock.instant += HOUR
    _take(store, ticket, A.SET_STAGE, Given(stage=Stage.CALLED))

    assert (running.name, running.due_at) == ("diagnosing", clock.instant - HOUR / 2)
    with store.database.reading() as session:
        first, second = (c for c in store.sla.status(session, ticket).clocks if c.kind is K.STAGE)
    assert (first.state, second.state) == (ClockState.MISSED, ClockState.NONE)


def test_reopening_goes_on_where_it_stood(store: Store, ticket: str, clock: StandingClock) -> None:
    """SL-07: the time in which everybody thought it solved is nobody's."""
    began = clock.instant
    clock.instant += HOUR
    _take(store, ticket, A.RESOLVE, Given(fix="换了电容"))
    solved = _clock(store, ticket, K.RESOLVE)
    clock.instant += 48 * HOUR
    _take(store, ticket, A.REOPEN, Given(reason="又坏了"))

    assert (solved.state, solved.met_at) == (ClockState.MET, began + HOUR)
    assert (_clock(store, ticket, K.RESOLVE).state, _due(store, ticket, K.RESOLVE)) == (
        ClockState.RUNNING,
        began + 72 * HOUR,
    )
    _explained(store, ticket)


def test_a_change_of_rules_moves_running_clocks_and_leaves_ended_ones(
    store: Store, ticket: str, clock: StandingClock
) -> None:
    """Exact recompute: the same as if the new rules had always held; what ended was judged by those in force."""
    began = clock.instant
    _reply(store, ticket)
    answered = _clock(store, ticket, K.FIRST_RESPONSE)

    def halve(raw: dict[str, Any]) -> None:
        raw["policies"][1].update(first_response={"minutes": 1}, resolve={"minutes": 480, "calendar": "standard"})

    with store.database.reading() as session:
        raw = _raw(store.sla.levels(session).body)
        halve(raw)
        moves = store.sla.preview(session, levels=raw)
    _save(store, halve)
    _recompute(store)

    assert (moves.tickets, moves.later, moves.earlier, moves.complete) == (1, 1, 0, True)
    assert _due(store, ticket, K.RESOLVE) == began + timedelta(days=3)  # Friday 10:00, eight working hours: Monday
    assert _clock(store, ticket, K.FIRST_RESPONSE) == answered
    _explained(store, ticket)


def test_a_calendar_that_changes_moves_what_counts_by_it(store: Store, clock: StandingClock) -> None:
    ticket = _file(store, Priority.P3)  # 1,440 working minutes: Friday 10:00 to Wednesday 10:00
    with store.database.transaction() as session:
        edition = store.sla.calendars(session)
        raw = edition.body.model_dump(mode="json")
        raw["calendars"][0]["days"] = [{"day": "2026-11-23", "name": "盘点"}]
        before = _due(store, ticket, K.RESOLVE)
        moves = store.sla.preview(session, calendars=raw)
        store.sla.save_calendars(session, raw, base_version=0, actor="gao")
    _recompute(store)

    assert before == clock.instant + timedelta(days=5)
    assert _due(store, ticket, K.RESOLVE) == clock.instant + timedelta(days=6)
    assert moves.later == 2  # the first response is eight working hours away
    with store.database.reading() as session:
        lines = [line.zh for line in store.sla.explain(session, ticket, K.RESOLVE).lines]
    assert "11月23日 周一 特殊安排（盘点），不计时" in lines
    assert lines[-1] == "因此截止时间是 11月26日 周四 10:00"


def test_every_due_time_explains_itself(store: Store, clock: StandingClock) -> None:
    """The answer to "why 10:00 on Wednesday?", counted out in both languages."""
    ticket = _file(store, Priority.P3)
    with store.database.reading() as session:
        found = store.sla.explain(session, ticket, K.FIRST_RESPONSE)
        with pytest.raises(ClockNotFound):
            store.sla.explain(session, ticket, K.TIMER)

    assert [line.zh for line in found.lines] == [
        "首次响应适用规则「p3」（优先级 P3；规则第 0 版，日历第 0 版）",
        "首次响应目标 8 小时，只计日历「标准工作日」的工作时间（Asia/Shanghai）",
        "11月20日 周五 10:00 开始（建单）",
        "11月20日 周五 10:00–12:00 计 2 小时，还剩 6 小时",
        "11月20日 周五 13:00–18:00 计 5 小时，还剩 1 小时",
        "11月21日 周六 休息日，不计时",
        "11月22日 周日 休息日，不计时",
        "11月23日 周一 09:00–10:00 计 1 小时，计满",
        "这类计时不会暂停",
        "因此截止时间是 11月23日 周一 10:00",
    ]
    assert found.lines[-1].en == "So it is due on Mon 2026-11-23 10:00"


def test_the_sweep_warns_once_then_breaches_then_climbs(store: Store, ticket: str, clock: StandingClock) -> None:
    """SL-09, SL-10: cost and words follow what is due."""
    assert _attend(store) == []
    clock.instant += timedelta(minutes=97)  # four fifths of two hours
    assert _attend(store) == [ticket]
    assert _attend(store) == []
    clock.instant += timedelta(minutes=23)
    assert _attend(store) == [ticket]
    clock.instant += HOUR
    assert _attend(store) == [ticket]

    told = [event for event in store.bus.events if isinstance(event, SlaWarned | SlaBreached | SlaEscalated)]
    assert [type(event) for event in told] == [SlaWarned, SlaBreached, SlaEscalated, SlaEscalated]
    assert [e.level for e in told if isinstance(e, SlaEscalated)] == ["1", "2"]
    assert {event.subject_id for event in told} == {ticket}
    with store.database.reading() as session:
        kinds = [event.kind for event in store.tickets.get(session, ticket).timeline]
    assert kinds == ["filed", "sla_warned", "sla_breached", "sla_escalated", "sla_escalated"]


def test_an_answer_that_comes_too_late_is_told_too(store: Store, ticket: str, clock: StandingClock) -> None:
    clock.instant += 3 * HOUR
    _reply(store, ticket)

    assert _clock(store, ticket, K.FIRST_RESPONSE).state is ClockState.MISSED
    assert _attend(store) == [ticket]
    assert [type(e) for e in store.bus.events if isinstance(e, SlaBreached | SlaEscalated)] == [SlaBreached]


def test_a_person_says_why_it_was_missed_and_the_figures_count_it(
    store: Store, ticket: str, clock: StandingClock
) -> None:
    """SL-09: attainment and causes."""
    other = _file(store, Priority.P2)
    _reply(store, other)
    clock.instant += 3 * HOUR
    _reply(store, ticket)
    missed = _clock(store, ticket, K.FIRST_RESPONSE)
    with store.database.transaction() as session:
        store.sla.set_cause(session, ticket, missed.id, agent(), cause=BreachCause.STAFFING, words="夜班只有一人")
        kept = store.sla.status(session, other).of(K.FIRST_RESPONSE)
        assert kept is not None
        with pytest.raises(NotBreached):
            store.sla.set_cause(session, other, kept.id, agent(), cause=BreachCause.OTHER, words="")
        with pytest.raises(ClockNotFound):
            store.sla.set_cause(session, other, missed.id, agent(), cause=BreachCause.OTHER, words="")
        figures = store.sla.figures(session, timedelta(days=7))

    line = next(line for line in figures.lines if line.kind is K.FIRST_RESPONSE)
    assert (line.total, line.missed, line.rate) == (2, 1, 0.5)
    assert figures.causes == {"staffing": 1}


def test_dwelling_reminds_the_lead_raises_the_rank_and_tells_the_supervisor(store: Store, clock: StandingClock) -> None:
    """SL-11: after 24 hours with one group, and after 48."""
    ticket = _file(store, Priority.P4)
    with store.database.transaction() as session:
        store.tickets.record_prediction(session, ticket, make_prediction())
        store.tickets.route(session, ticket, line=None, urgent=False)
    clock.instant += 24 * HOUR
    _attend(store)
    with store.database.reading() as session:
        after_a_day = store.tickets.get(session, ticket).summary
    clock.instant += 24 * HOUR
    _attend(store)

    assert after_a_day.priority is Priority.P3
    assert after_a_day.resolve_due_at == _due(store, ticket, K.RESOLVE)
    escalated = [event for event in store.bus.events if isinstance(event, SlaEscalated)]
    assert [(event.level, event.to) for event in escalated] == [
        ("dwell_lead", ("lead",)),
        ("dwell_supervisor", ("supervisor",)),
    ]


@pytest.mark.parametrize(("priority", "called"), [(Priority.P1, 1), (Priority.P2, 0), (Priority.P4, 0)])
def test_an_emergency_waits_for_no_timeout(store: Store, priority: Priority, called: int) -> None:
    """SL-12, SL-13: the duty, the lead and management are called as it is filed."""
    _file(store, priority)

    escalated = [event for event in store.bus.events if isinstance(event, SlaEscalated)]
    assert [event.level for event in escalated] == ["emergency"] * called
    assert all("manager" in event.to and "duty" in event.to for event in escalated)


def test_a_rule_starts_a_timer_by_name_once(store: Store, ticket: str, clock: StandingClock) -> None:
    """SL-15."""
    with store.database.transaction() as session:
        first = store.sla.start_timer(session, ticket, "p1_8h", lead())
        again = store.sla.start_timer(session, ticket, "p1_8h", lead())
        with pytest.raises(UnknownTimer, match="p1_8h"):
            store.sla.start_timer(session, ticket, "p9", lead())

    assert first.id == again.id
    assert first.due_at == clock.instant + 8 * HOUR
    _save(store, lambda raw: raw["timers"].pop("p1_8h"))
    _recompute(store)
    assert _due(store, ticket, K.TIMER) == first.due_at  # what runs goes on


def test_s4s_p1_is_not_s0s(store: Store, session_of: Session) -> None:
    """CL-14: an agent who imports S4's "P1" gets its own targets, not S0's around the clock."""
    rank = store.sla.rank_of(session_of, "s4", "p1")
    with pytest.raises(UnknownPriority):
        store.sla.rank_of(session_of, "s4", "P4")
    with pytest.raises(UnknownPriority):
        store.sla.rank_of(session_of, "s9", "P1")

    assert rank is Priority.P2
    assert store.sla.rank_of(session_of, "s0", "P1") is Priority.P1
    assert store.sla.rank_of(session_of, "s2", "urgent") is Priority.P1


@pytest.fixture
def session_of(store: Store) -> Any:
    with store.database.reading() as session:
        yield session


def test_targets_and_calendars_know_of_each_other(store: Store, session_of: Session) -> None:
    """A target cannot count by a calendar nobody has, nor a calendar go while a target counts by it."""
    raw = _raw(presets()["s4"])
    raw["policies"][0]["resolve"]["calendar"] = "mars"
    with pytest.raises(BookInvalid) as refused:
        store.sla.save_levels(session_of, raw, base_version=0, actor="gao")
    calendars = store.sla.calendars(session_of).body.model_dump(mode="json")
    calendars["calendars"][0]["name"] = calendars["standard"] = "night"
    with pytest.raises(CalendarInUse, match="standard"):
        store.sla.save_calendars(session_of, calendars, base_version=0, actor="gao")

    assert refused.value.field == "policies.0.resolve.calendar"


def test_an_escalation_is_news_to_those_it_calls_and_to_nobody_else(store: Store, clock: StandingClock) -> None:
    """SL-10, SL-11: after a day the lead, after two the supervisor."""
    ticket = _file(store, Priority.P4)
    with store.database.transaction() as session:
        store.tickets.record_prediction(session, ticket, make_prediction())
        store.tickets.route(session, ticket, line=None, urgent=False)
    for _ in range(2):
        clock.instant += 24 * HOUR
        _attend(store)

    entries = [event.subject_id for event in store.bus.events if isinstance(event, TicketUpdated)]
    with store.database.reading() as session:
        news = [found for entry in entries for found in Reporter.news_of(session, entry)]
    told = [(found.audiences, found.values["text"][0]) for found in news if found.event is NoticeEvent.SLA_ESCALATED]
    assert told == [({Audience.LEAD}, "部门停留过久。"), ({Audience.SUPERVISOR}, "部门停留过久。")]


def test_a_rules_hand_starts_a_timer_and_knows_which_there_are(store: Store, session_of: Session) -> None:
    """SL-15, AR-10."""
    hand = RunTimer(store.sla)

    assert hand.check(session_of, StartTimer(action=Do.START_TIMER, sla="p1_8h")) is None
    wrong = hand.check(session_of, StartTimer(action=Do.START_TIMER, sla="p9"))
    assert wrong is not None
    assert "p1_8h" in str(wrong)
