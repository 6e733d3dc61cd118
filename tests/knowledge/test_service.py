from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from fakes.articles import FAQ, NOW, article_text
from kit.ai.ports import Vectors
from kit.index.ports import ArmHits, IndexQuery, IndexUnavailable
from knowledge.answerability import FEATURES, AnswerModel
from knowledge.errors import ArticleNotFound, PassageNotFound
from knowledge.finder import Arm
from knowledge.repository import point_id
from knowledge.retrieval import index_query
from knowledge.schemas import Audience, CodeVerdict, Scope, Support
from knowledge.service import KnowledgeService

ALWAYS = AnswerModel((0.0,) * len(FEATURES), 9.0, (0.0,) * len(FEATURES), (1.0,) * len(FEATURES), 0.5, {})
NEVER = replace(ALWAYS, intercept=-9.0)


def _articles(shelf, scope: Scope, query: str = "洗衣机漏水 申请开票 退货", arm: Arm = Arm.FUSED) -> set[str]:
    with shelf.database.reading() as session:
        hits = shelf.service.search(session, query, scope, 50, arm=arm)
    return {hit.passage.article_id for hit in hits}


class TestSearch:
    def test_best_passage_comes_first(self, shelf, customer: Scope) -> None:
        """KB-03."""
        with shelf.database.reading() as session:
            hits = shelf.service.search(session, "签收次日起 7 天内可申请无理由退货", customer)

        assert hits[0].passage.id == "policy-return@2#1"
        assert hits[0].passage.title == "七天无理由退货规则"
        assert hits[0].dense_score is not None
        assert hits[0].lexical_score > 0
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)

    @pytest.mark.parametrize("arm", list(Arm))
    def test_customers_never_see_internal_articles(self, shelf, customer: Scope, agent: Scope, arm: Arm) -> None:
        """KB-08, SE-12."""
        query = "客服处置：冒烟起火"

        assert "sop-agent-fire" not in _articles(shelf, customer, query, arm)
        assert "sop-agent-fire" in _articles(shelf, agent, query, arm)

    def test_product_narrows_and_general_articles_stay(self, shelf, customer: Scope) -> None:
        """KB-15."""
        found = _articles(shelf, replace(customer, product="tv"))

        assert "sop-leak" not in found
        assert "faq-invoice" in found

    def test_region_narrows(self, shelf, customer: Scope) -> None:
        assert "faq-south" in _articles(shelf, customer, "华南上门时段")
        assert "faq-south" in _articles(shelf, replace(customer, region="south"), "华南上门时段")
        assert "faq-south" not in _articles(shelf, replace(customer, region="north"), "华南上门时段")

    @pytest.mark.parametrize("query", ["", "   ", "\0\ud83d", "，。！"])
    def test_question_without_words_does_no_harm(self, shelf, customer: Scope, query: str) -> None:
        with shelf.database.reading() as session:
            assert len(shelf.service.search(session, query, customer)) <= 5

    def test_very_long_question_is_answered_by_its_beginning(self, shelf, customer: Scope) -> None:
        with shelf.database.reading() as session:
            hits = shelf.service.search(session, "七天无理由退货期限 " + "无关的话" * 5_000, customer)

        assert hits

    def test_one_arm_alone_ranks_by_its_own_score(self, shelf, customer: Scope) -> None:
        with shelf.database.reading() as session:
            dense = shelf.service.search(session, "七天无理由退货", customer, 50, arm=Arm.DENSE)
            lexical = shelf.service.search(session, "七天无理由退货", customer, 50, arm=Arm.LEXICAL)

        assert [h.dense_score for h in dense] == sorted((h.dense_score for h in dense), reverse=True)
        assert [h.lexical_score for h in lexical] == sorted((h.lexical_score for h in lexical), reverse=True)
        assert not any(h.degraded for h in lexical)


class TestIndexQuery:
    """The index itself leaves out what may not be shown: else strangers would crowd out the candidates."""

    @pytest.mark.parametrize(
        ("over", "missing"),
        [
            ({}, "sop-agent-fire@1"),
            ({"at": NOW}, "policy-return@1"),
            ({"product": "tv"}, "sop-leak@1"),
            ({"region": "north"}, "faq-south@1"),
        ],
    )
    def test_out_of_scope_points_are_no_candidates(
        self, shelf, customer: Scope, over: dict[str, Any], missing: str
    ) -> None:
        everything = set(shelf.index.inventory())
        query = index_query("洗衣机 发票 退货", shelf.encoder.encode(["洗衣机"])[0], replace(customer, **over))

        found = {hit.id for hit in shelf.index.search(query).dense}

        article_id, version = missing.split("@")
        with shelf.database.reading() as session:
            points = {point_id(p.id) for p in shelf.service.passages(session, article_id, int(version))}
        assert points <= everything
        assert found
        assert not points & found


class BrokenEncoder:
    name = "hashing-64"
    width = 64

    def encode(self, texts: Sequence[str]) -> Vectors:
        message = "no weights"
        raise OSError(message)


class TestDegraded:
    """F13, F14: without encoder or index, words go on finding, and say so."""

    def test_without_encoder(self, shelf, customer: Scope) -> None:
        service = KnowledgeService(BrokenEncoder(), shelf.index)
        with shelf.database.reading() as session:
            hits = service.search(session, "七天无理由退货期限", customer)

        assert hits[0].passage.article_id == "policy-return"
        assert all(hit.degraded and hit.dense_score is None for hit in hits)

    def test_without_index(self, shelf, customer: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(_query: IndexQuery) -> ArmHits:
            raise IndexUnavailable

        monkeypatch.setattr(shelf.index, "search", away)
        with shelf.database.reading() as session:
            hits = shelf.service.search(session, "七天无理由退货期限", customer)

        assert hits[0].passage.id == "policy-return@2#1"
        assert all(hit.degraded for hit in hits)

    def test_before_the_index_is_built(self, empty, customer: Scope) -> None:
        empty.write(a=article_text("a", "faq", FAQ), b=article_text("b", "faq", FAQ, audience="agent"))
        with empty.database.transaction() as session:
            empty.service.import_articles(session, empty.folder)

        with empty.database.reading() as session:
            hits = empty.service.search(session, "申请开票", customer)

        assert {hit.passage.article_id for hit in hits} == {"a"}
        assert all(hit.degraded for hit in hits)

    def test_degraded_search_gives_no_answer(self, shelf, customer: Scope) -> None:
        service = KnowledgeService(BrokenEncoder(), shelf.index, answer_model=ALWAYS)
        with shelf.database.reading() as session:
            assert service.answer(session, "七天无理由退货期限", customer) is None


class TestFindCode:
    def test_row_of_the_family(self, shelf, customer: Scope) -> None:
        with shelf.database.reading() as session:
            answer = shelf.service.find_code(session, "e07", "washer", customer)

        assert answer.verdict is CodeVerdict.FOUND
        assert answer.folded
        assert answer.passage is not None
        assert answer.passage.text.startswith("E-07 溢水保护")

    def test_code_that_does_not_exist(self, shelf, customer: Scope) -> None:
        with shelf.database.reading() as session:
            answer = shelf.service.find_code(session, "E2", "washer", customer)

        assert (answer.verdict, answer.passage) == (CodeVerdict.NO_SUCH_CODE, None)

    def test_family_without_a_table(self, shelf, customer: Scope) -> None:
        with shelf.database.reading() as session:
            answer = shelf.service.find_code(session, "E1", "tv", customer)

        assert answer.verdict is CodeVerdict.NO_TABLE

    def test_codes_are_found_in_words(self, shelf, customer: Scope) -> None:
        with shelf.database.reading() as session:
            answers = shelf.service.find_codes(session, "先报E1，后来显示 5e 和 E99", "washer", customer)

        assert [a.passage.code if a.passage else None for a in answers] == ["E1", "5E", None]


class TestAnswer:
    @pytest.fixture
    def sure(self, shelf) -> KnowledgeService:
        return KnowledgeService(shelf.encoder, shelf.index, answer_model=ALWAYS)

    def test_every_sentence_stands_in_its_passage(self, shelf, sure: KnowledgeService, customer: Scope) -> None:
        """KB-04, and law 2: supported or silent."""
        with shelf.database.reading() as session:
            answer = sure.answer(session, "七天无理由退货期限从哪天起", customer)
            assert answer is not None
            passages = {s.passage_id: sure.get_passage(session, s.passage_id) for s in answer.sentences}

        assert all(s.text in passages[s.passage_id].text for s in answer.sentences)
        assert [(c.article_id, c.version) for c in answer.citations] == [("policy-return", 2)]
        assert answer.citations[0].as_json()["passage_id"] == "policy-return@2#1"
        assert "15 天" not in answer.text

    def test_unsure_is_silent(self, shelf, customer: Scope) -> None:
        service = KnowledgeService(shelf.encoder, shelf.index, answer_model=NEVER)
        with shelf.database.reading() as session:
            assert service.answer(session, "七天无理由退货期限", customer) is None

    def test_code_is_looked_up_not_guessed(self, shelf, sure: KnowledgeService, customer: Scope) -> None:
        washer = replace(customer, product="washer")
        with shelf.database.reading() as session:
            named = sure.answer(session, "屏幕上显示 E07 怎么办", washer)
            given = sure.answer(session, "怎么办", washer, code="E-07")

        assert named is not None
        assert given is not None
        assert named.text == given.text == "E-07 溢水保护\n客户自查：关闭水龙头\n处理：断电停用"

    @pytest.mark.parametrize("query", ["洗衣机显示 E2 怎么办", "E99"])
    def test_unknown_code_gets_no_neighbour(self, shelf, sure: KnowledgeService, customer: Scope, query: str) -> None:
        with shelf.database.reading() as session:
            assert sure.answer(session, query, replace(customer, product="washer")) is None

    def test_model_name_is_no_unknown_code(self, shelf, sure: KnowledgeService, customer: Scope) -> None:
        washer = replace(customer, product="washer")
        with shelf.database.reading() as session:
            answer = sure.answer(session, "WX75 一直显示 E-07", washer)

        assert answer is not None
        assert answer.citations[0].heading == "E-07"

    def test_symptoms_lead_to_safety_and_first_steps(self, shelf, sure: KnowledgeService, customer: Scope) -> None:
        with shelf.database.reading() as session:
            answer = sure.answer(session, "洗衣机漏水 症状 底下一滩水", replace(customer, product="washer"))

        assert answer is not None
        assert [c.heading for c in answer.citations] == ["安全提示", "步骤 1", "步骤 2"]

    def test_nothing_in_scope_is_silent(self, shelf, sure: KnowledgeService) -> None:
        with shelf.database.reading() as session:
            assert sure.answer(session, "七天无理由退货", Scope(at=NOW.replace(year=2020))) is None


class TestReading:
    def test_steps_and_passages_of_a_version(self, shelf) -> None:
        """KB-12."""
        with shelf.database.reading() as session:
            steps = shelf.service.steps(session, "sop-leak", 1)
            passages = shelf.service.passages(session, "sop-leak", 1)

        assert [step.number for step in steps] == [1, 2, 3]
        assert {step.passage_id for step in steps} < {p.id for p in passages}

    def test_citation_of_an_old_version_opens(self, shelf) -> None:
        with shelf.database.reading() as session:
            assert "15 天" in shelf.service.get_passage(session, "policy-return@1#1").text

    def test_unknown_ids(self, shelf) -> None:
        with shelf.database.reading() as session:
            with pytest.raises(PassageNotFound):
                shelf.service.get_passage(session, "policy-return@9#1")
            with pytest.raises(ArticleNotFound):
                shelf.service.steps(session, "policy-return", 9)

    def test_what_holds_for_a_scope(self, shelf, customer: Scope) -> None:
        with shelf.database.reading() as session:
            held = shelf.service.in_force(session, replace(customer, product="washer"))
            everything = shelf.service.articles(session)

        assert [(a.id, a.version) for a in held] == [
            ("codes-washer", 1),
            ("faq-invoice", 1),
            ("faq-south", 1),
            ("policy-return", 2),
            ("sop-leak", 1),
        ]
        assert len(everything) == 7

    def test_grounding_is_at_hand(self, shelf) -> None:
        verdict = shelf.service.supports("洗衣机每台 80 元", "洗衣机每台 100 元，电视每台 80 元。")

        assert verdict.support is Support.CONTRADICTED


class TestIndex:
    def test_in_line_needs_nothing(self, shelf) -> None:
        before = shelf.encoder.encoded
        with shelf.database.reading() as session:
            plan = shelf.service.plan_index(session)
            shelf.service.sync_index(session)

        assert (plan.entries, plan.remove, plan.replace) == ((), (), False)
        assert shelf.encoder.encoded == before

    def test_only_what_changed_is_encoded(self, shelf) -> None:
        before = shelf.encoder.encoded
        shelf.write(one=article_text("one", "faq", "## 甲\n新的一段。"))

        shelf.load()

        assert shelf.encoder.encoded == before + 1

    def test_withdrawn_points_are_removed(self, shelf) -> None:
        size = len(shelf.index.inventory())
        with shelf.database.transaction() as session:
            shelf.service.retire(session, "faq-invoice", 1)
        with shelf.database.reading() as session:
            shelf.service.sync_index(session)

        assert len(shelf.index.inventory()) == size - 2

    def test_lost_index_is_built_again_from_the_database(self, shelf, make_shelf: Callable, customer: Scope) -> None:
        size = len(shelf.index.inventory())
        shelf.index.replace([])
        shelf.service.close()
        again = make_shelf()

        with again.database.reading() as session:
            again.service.sync_index(session)

        assert len(again.index.inventory()) == size
        assert "policy-return" in _articles(again, customer)

    def test_points_of_a_stranger_are_never_shown(self, shelf, customer: Scope) -> None:
        """F14: ids are looked up in the database."""
        with shelf.database.reading() as session:
            plan = shelf.service.plan_index(session, everything=True)
        strange = [(replace(passage, id=f"strange#{n}"), article) for n, (passage, article) in enumerate(plan.entries)]
        shelf.service.apply_index(replace(plan, entries=(*plan.entries, *strange)))

        with shelf.database.reading() as session:
            hits = shelf.service.search(session, "七天无理由退货", customer, 100)

        assert hits
        assert not any(hit.passage.id.startswith("strange") for hit in hits)

    def test_rebuild_encodes_everything_and_reports(self, shelf) -> None:
        size, before, seen = len(shelf.index.inventory()), shelf.encoder.encoded, []
        with shelf.database.reading() as session:
            shelf.service.rebuild_index(session, lambda done, total: seen.append((done, total)))

        assert shelf.encoder.encoded == before + size
        assert seen[-1] == (size, size)

    def test_audience_of_a_point_follows_the_article(self, shelf, customer: Scope) -> None:
        """The same content released to agents only must vanish for customers as soon as the database says so."""
        shelf.write(faq_two=article_text("faq-invoice", "faq", FAQ, version=2, audience="agent", start="2026-11-01"))

        shelf.load()

        assert "faq-invoice" not in _articles(shelf, customer)
        assert "faq-invoice" in _articles(shelf, replace(customer, audience=Audience.AGENT))
