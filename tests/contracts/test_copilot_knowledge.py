"""What the copilot relies on in a knowledge base: the scripted one and the real service alike."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import pytest

from api.migrations.runner import migrate
from copilot.ports import Knowledge
from fakes.copilot_desk import ARTICLES, NOW
from fakes.encoder import HashingEncoder
from fakes.knowledge_base import ScriptedKnowledge
from kit.db import Database, Session
from kit.index.adapters.edge import EdgeIndex
from knowledge.schemas import Audience, CodeVerdict, Scope
from knowledge.service import KnowledgeService

AGENT = Scope(NOW, Audience.AGENT)
CUSTOMER = Scope(NOW)


class StandingClock:
    def now(self):
        return NOW


@pytest.fixture(params=["scripted", "real"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Knowledge, Session]]:
    if request.param == "scripted":
        yield ScriptedKnowledge(ARTICLES), cast("Session", None)
        return
    encoder = HashingEncoder()
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(database)
    service = KnowledgeService(encoder, EdgeIndex(tmp_path / "vectors", encoder.width), clock=StandingClock())
    with ExitStack() as stack:
        stack.callback(database.dispose)
        stack.callback(service.close)
        with database.transaction() as session:
            service.add_articles(session, ARTICLES)
        session = stack.enter_context(database.reading())
        service.sync_index(session)
        yield service, session


def test_a_code_is_right_or_not_there(base: tuple[Knowledge, Session]) -> None:
    knowledge, session = base

    found = [
        knowledge.find_code(session, code, family, AGENT) for code, family in (("e2", "washer"), ("E99", "washer"))
    ]
    both = knowledge.find_code(session, "E3", "", AGENT)

    assert [answer.verdict for answer in found] == [CodeVerdict.FOUND, CodeVerdict.NO_SUCH_CODE]
    assert found[0].passage is not None
    assert found[0].passage.text.split("\n")[0] == "E2 排水超时"
    assert both.verdict is CodeVerdict.AMBIGUOUS


def test_what_is_in_force_depends_on_who_asks_and_for_what(base: tuple[Knowledge, Session]) -> None:
    knowledge, session = base

    for_agents = {a.id for a in knowledge.in_force(session, AGENT)}
    for_customers = {a.id for a in knowledge.in_force(session, CUSTOMER)}
    for_fridges = {a.id for a in knowledge.in_force(session, Scope(NOW, product="fridge"))}
    before = knowledge.in_force(session, Scope(NOW.replace(year=2025)))

    assert for_agents - for_customers == {"policy-compensation", "sop-agent-smoke"}
    assert "sop-fridge-cool" in for_fridges
    assert "sop-aircon-cool" not in for_fridges
    assert before == []


def test_a_search_finds_the_words_first_and_nothing_out_of_scope(base: tuple[Knowledge, Session]) -> None:
    knowledge, session = base

    hits = knowledge.search(session, "洗衣机不排水，检查排水管", AGENT, 5)
    customers = knowledge.search(session, "补偿 100 元", CUSTOMER, 30)

    assert hits[0].passage.article_id == "sop-washer-drain"
    assert len(hits) == 5
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert "policy-compensation" not in {hit.passage.article_id for hit in customers}


def test_steps_name_their_passages(base: tuple[Knowledge, Session]) -> None:
    knowledge, session = base

    steps = knowledge.steps(session, "sop-washer-drain", 1)
    passages = {p.id: p for p in knowledge.passages(session, "sop-washer-drain", 1)}

    assert [step.number for step in steps] == [1, 2, 3, 4]
    assert all(step.action in passages[step.passage_id].text for step in steps)
    assert knowledge.steps(session, "faq-invoice", 1) == []


def test_nonsense_has_no_answer(base: tuple[Knowledge, Session]) -> None:
    knowledge, session = base

    assert knowledge.answer(session, "火星上几点了", CUSTOMER) is None
