"""Surveys: asked once a solving, answered, changed, counted."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from factories import RULES, Store, agent, make_queue, make_ticket
from kit.crypto import PersonKey
from kit.live import LiveSignal
from tickets.csat.errors import ScoreRequired, SurveyNotFound, SurveyOver
from tickets.csat.schemas import Figures, Survey
from tickets.csat.service import SurveyService
from tickets.ledger import Ledger
from tickets.lifecycle.schemas import CUSTOMER, Given, TicketAction
from tickets.models import UserRow
from tickets.notices.book import NOTICES
from tickets.notices.facts import Reporter
from tickets.notices.inbox import InboxService
from tickets.notices.links import Links
from tickets.notices.service import NoticeService
from tickets.words import StaffRole

NOWHERE = "01a20130-0000-7000-8000-00000000dead"


class Desk:
    """Solves tickets and asks for judgement."""

    def __init__(self, store: Store, clock) -> None:
        self.store, self.clock = store, clock
        queue, _, _ = make_queue(clock)
        live = LiveSignal()
        ledger = Ledger(store.vault, clock, store.bus, live, RULES, books=store.books)
        self.links = Links(store.vault, "https://s.example")
        told = NoticeService(
            Reporter(ledger, store.staff, self.links),
            store.staff,
            books=store.books,
            conversations=store.conversations,
            queue=queue,
            clock=clock,
            live=live,
        )
        self.surveys = SurveyService(ledger, store.conversations, told, self.links)
        self.inbox = InboxService(store.vault, clock)
        with store.database.transaction() as session:
            for name, role in (("wang", StaffRole.AGENT), ("gao", StaffRole.LEAD)):
                session.add(UserRow(username=name, name=name, role=role, group_id="repair", lines=["*"]))

    def do(self, what):
        with self.store.database.transaction() as session:
            return what(session)

    def solved(self):
        ticket = self.do(lambda s: make_ticket(self.store, s))
        self.do(lambda s: self.store.work.claim(s, ticket.summary.id, agent("wang")))
        self.resolve(ticket.summary.id)
        return ticket

    def resolve(self, ticket_id: str) -> None:
        self.do(lambda s: self.store.work.resolve(s, ticket_id, agent("wang"), "换了排水泵"))
        self.do(lambda s: self.surveys.ask(s, ticket_id))

    def survey(self, ticket, which: int = 0) -> Survey:
        return self.do(lambda s: self.surveys.of_ticket(s, ticket.summary.id))[which]

    def answer(self, survey: Survey, score: int | None, words: str = "") -> Survey:
        return self.do(lambda s: self.surveys.answer(s, survey.id, score, words))


@pytest.fixture
def desk(store: Store, clock) -> Iterator[Desk]:
    return Desk(store, clock)


def test_a_solving_is_asked_for_once_in_the_chat_and_tied_to_ticket_and_agent(desk: Desk) -> None:
    """NT-08."""
    ticket = desk.solved()
    desk.do(lambda s: desk.surveys.ask(s, ticket.summary.id))
    said = desk.do(lambda s: desk.store.conversations.messages(s, ticket.summary.conversation_id))
    asked = [m.data for m in said if m.data.get("kind") == "survey"]

    assert [data["survey_id"] for data in asked] == [desk.survey(ticket).id]
    assert desk.survey(ticket).agent == "wang"


def test_each_solving_is_judged_by_itself(desk: Desk) -> None:
    ticket = desk.solved()
    desk.answer(desk.survey(ticket), 1)
    desk.do(lambda s: desk.store.work.take(s, ticket.summary.id, TicketAction.REOPEN, CUSTOMER, Given(reason="没好")))
    desk.resolve(ticket.summary.id)
    desk.answer(desk.survey(ticket, 1), 5)

    assert [s.score for s in desk.do(lambda s: desk.surveys.of_ticket(s, ticket.summary.id))] == [1, 5]


def test_an_answer_can_be_changed_until_it_expires(desk: Desk) -> None:
    survey = desk.survey(desk.solved())
    desk.answer(survey, 4, "很快")
    desk.clock.instant = survey.expires_at - timedelta(seconds=1)
    assert desk.answer(survey, 5).words == "很快"
    desk.clock.instant = survey.expires_at
    with pytest.raises(SurveyOver):
        desk.answer(survey, 1)


@pytest.mark.parametrize("score", [None, 0, 6, -1])
def test_no_score_is_no_answer(desk: Desk, score: int | None) -> None:
    survey = desk.survey(desk.solved())
    with pytest.raises(ScoreRequired):
        desk.answer(survey, score, "话")
    assert desk.do(lambda s: desk.surveys.get(s, survey.id)).words == ""


def test_a_low_score_tells_the_lead_once_and_stands_in_the_timeline(desk: Desk) -> None:
    ticket = desk.solved()
    for score in (2, 1):
        desk.answer(desk.survey(ticket), score)
    lines = desk.do(lambda s: desk.inbox.lines(s, "gao", 10))
    timeline = desk.do(lambda s: desk.store.tickets.get(s, ticket.summary.id)).timeline

    assert [line.zh.subject for line in lines] == [f"T-{ticket.summary.number} 客户评价 2 分"]
    assert [e.data for e in timeline if e.kind == "surveyed"] == [
        {"score": 2, "before": None},
        {"score": 1, "before": 2},
    ]


def test_another_talk_s_survey_is_not_found(desk: Desk) -> None:
    mine, other = desk.solved(), desk.solved()
    survey = desk.survey(mine)
    talk = other.summary.conversation_id
    with pytest.raises(SurveyNotFound):
        desk.do(lambda s: desk.surveys.answer_in_chat(s, talk, survey.id, 5))
    with pytest.raises(SurveyNotFound):
        desk.do(lambda s: desk.surveys.answer(s, NOWHERE, 5))


def test_switched_off_nobody_is_asked(desk: Desk) -> None:
    def switch_off(session) -> None:
        raw = desk.store.books.current(session, NOTICES).body.model_dump(mode="json")
        desk.store.books.save(session, NOTICES, {**raw, "survey": {"on": False}}, base_version=0, actor="gao")

    desk.do(switch_off)
    ticket = desk.solved()

    assert desk.do(lambda s: desk.surveys.of_ticket(s, ticket.summary.id)) == []


def test_the_words_go_with_the_customer_s_key_and_the_score_stays(desk: Desk) -> None:
    ticket = desk.solved()
    survey = desk.survey(ticket)
    desk.answer(survey, 5, "谢谢王工")
    desk.do(lambda s: s.delete(s.get(PersonKey, ticket.customer_id)))

    kept = desk.do(lambda s: desk.surveys.get(s, survey.id))
    assert (kept.score, kept.words) == (5, "")


def test_figures_count_all_groups_and_agents_with_their_intervals(desk: Desk) -> None:
    """NT-08: score, response rate and n."""
    scores = (5, 4, 2, None)
    for score in scores:
        ticket = desk.solved()
        if score:
            desk.answer(desk.survey(ticket), score)
    found = desk.do(desk.surveys.satisfaction)

    assert found.all == found.by_agent["wang"] == Figures(asked=4, answered=3, satisfied=2, total=11)
    assert found.all.mean == pytest.approx(11 / 3)
    share, (low, high) = found.all.satisfaction
    assert share == pytest.approx(2 / 3)
    assert (round(low, 3), round(high, 3)) == (0.208, 0.939)  # Wilson, 2 of 3
    assert found.all.response[0] == pytest.approx(0.75)


def test_nobody_asked_is_no_figure() -> None:
    nothing = Figures(0, 0, 0, 0)

    assert (nothing.mean, nothing.satisfaction, nothing.response) == (None, None, None)
