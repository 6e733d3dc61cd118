"""Customers' own questions of an article: they help to find it and never come out again."""

from dataclasses import replace

import pytest

from fakes.articles import FAQ, NOW, article_text, make_article
from kit.index.ports import ArmHits, IndexQuery, IndexUnavailable
from knowledge.answerability import FEATURES, AnswerModel
from knowledge.events import ArticlesChanged
from knowledge.finder import Arm
from knowledge.parsing import passages_of
from knowledge.retrieval import QUESTION_WEIGHT, Candidate, lift
from knowledge.schemas import Article, Audience, Hit, ImportReport, Passage, Scope
from knowledge.service import KnowledgeService

ALWAYS = AnswerModel((0.0,) * len(FEATURES), 9.0, (0.0,) * len(FEATURES), (1.0,) * len(FEATURES), 0.5, {})
ASKED = "鸽子飞走了还没人影"
UNLIKE = "## 迟到\n超过时段三十分钟补偿三十元。\n\n## 爽约\n当天未到补偿八十元。"


def _search(shelf, query: str, scope: Scope, arm: Arm = Arm.FUSED) -> list[Hit]:
    with shelf.database.reading() as session:
        return shelf.service.search(session, query, scope, 50, arm=arm)


@pytest.fixture
def asked(shelf):
    """The small shop, and an article that shares no word with the question it lists."""
    shelf.write(late=article_text("late", "faq", UNLIKE, title="师傅没来", questions=[ASKED, "人呢"]))
    shelf.load()
    return shelf


class TestFinding:
    @pytest.mark.parametrize("arm", list(Arm))
    def test_article_is_found_by_a_question_that_its_text_does_not_hold(self, asked, customer: Scope, arm: Arm) -> None:
        """KB-03."""
        hits = _search(asked, ASKED, customer, arm)

        assert hits[0].passage.article_id == "late"
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)

    def test_so_it_is_without_an_index(self, asked, customer: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(_query: IndexQuery) -> ArmHits:
            raise IndexUnavailable

        monkeypatch.setattr(asked.index, "search", away)

        hits = _search(asked, ASKED, customer)

        assert hits[0].passage.article_id == "late"
        assert hits[0].degraded

    def test_internal_article_is_not_found_by_its_question(self, shelf, customer: Scope, agent: Scope) -> None:
        """SE-12."""
        shelf.write(inner=article_text("inner", "faq", UNLIKE, audience="agent", questions=[ASKED]))
        shelf.load()

        assert "inner" not in {hit.passage.article_id for hit in _search(shelf, ASKED, customer)}
        assert _search(shelf, ASKED, agent)[0].passage.article_id == "inner"

    def test_database_decides_before_the_index_knows(self, asked, customer: Scope) -> None:
        with asked.database.transaction() as session:
            asked.service.retire(session, "late", 1)

        assert "late" not in {hit.passage.article_id for hit in _search(asked, ASKED, customer)}


class TestNeverShown:
    def test_no_hit_and_no_sentence_is_a_question(self, asked, customer: Scope) -> None:
        """KB-04: every sentence stands in a passage, also where a question led to it."""
        service = KnowledgeService(asked.encoder, asked.index, answer_model=ALWAYS)
        with asked.database.reading() as session:
            answer = service.answer(session, ASKED, customer)
            hits = service.search(session, ASKED, customer, 100)
            assert answer is not None
            quoted = [service.get_passage(session, s.passage_id).text for s in answer.sentences]

        assert answer.citations[0].article_id == "late"
        assert all(s.text in text for s, text in zip(answer.sentences, quoted, strict=True))
        shown = [answer.text, *(c.heading + c.title for c in answer.citations)]
        shown += [hit.passage.title + hit.passage.heading + hit.passage.text for hit in hits]
        assert not any(ASKED in text or "人呢" in text for text in shown)

    def test_its_point_opens_no_citation(self, asked) -> None:
        with asked.database.reading() as session:
            passages = asked.service.passages(session, "late", 1)

        assert [p.id for p in passages] == ["late@1#1", "late@1#2"]


class TestImport:
    def test_questions_of_a_release_may_change(self, asked, customer: Scope) -> None:
        """A search that missed is mended by a question, without a new version."""
        told = len(asked.bus.events)
        asked.write(late=article_text("late", "faq", UNLIKE, title="师傅没来", questions=["乌龟都爬到了"]))

        report = asked.load()

        assert report == ImportReport(unchanged=7, questions_changed=1)
        assert report.total == 8
        assert [type(event) for event in asked.bus.events[told:]] == [ArticlesChanged]
        assert _search(asked, "乌龟都爬到了", customer)[0].passage.article_id == "late"
        with asked.database.reading() as session:
            assert asked.service.article(session, "late", 1).questions == ("乌龟都爬到了",)
            assert asked.service.plan_index(session).entries == ()

    def test_old_questions_leave_the_index(self, asked) -> None:
        size = len(asked.index.inventory())
        asked.write(late=article_text("late", "faq", UNLIKE, title="师傅没来"))

        asked.load()

        assert len(asked.index.inventory()) == size - 2

    def test_the_same_again_changes_nothing(self, asked) -> None:
        assert asked.load() == ImportReport(unchanged=8)

    def test_wrong_questions_stop_no_other_file(self, empty) -> None:
        bad = article_text("bad", "faq", FAQ).replace("questions: []", "questions: 怎么开票")
        empty.write(bad=bad, good=article_text("good", "faq", FAQ))

        report = empty.load()

        assert report.added == 1
        assert "questions" in report.refused[0].reason_zh

    def test_what_no_database_stores_is_replaced(self, empty) -> None:
        with empty.database.transaction() as session:
            empty.service.add_articles(session, [make_article("a", questions=("甲\0乙\ud83d",))])

        with empty.database.reading() as session:
            assert empty.service.article(session, "a", 1).questions == ("甲\ufffd乙\ufffd",)


def _known(*articles: Article) -> dict[str, tuple[Passage, Article]]:
    return {passage.id: (passage, article) for article in articles for passage in passages_of(article)}


class TestLift:
    """FAQ has two passages, ``a@1#1`` and ``a@1#2``."""

    A = make_article("a", questions=("问",))
    B = make_article("b", questions=("答",))
    PLAIN = make_article("c")

    def _candidates(self, **scores: float) -> list[Candidate]:
        found = [Candidate(key.replace("_", "@1#"), score, 0.5, 1.0) for key, score in scores.items()]
        return sorted(found, key=lambda c: -c.score)

    def _scores(self, found: list[Candidate]) -> dict[str, float]:
        return {c.point_id: c.score for c in found}

    def test_best_question_lifts_the_best_passage_only(self) -> None:
        found = self._candidates(a_1=1.0, b_1=2.0, a_2=0.5)
        asked = [Candidate("qa", 4.0, None, 0.0), Candidate("qa2", 3.0, None, 0.0), Candidate("qb", 0.0, None, 0.0)]
        owners = {"qa": ("a", 1), "qa2": ("a", 1), "qb": ("b", 1)}

        lifted = lift(found, asked, _known(self.A, self.B), owners)

        assert [c.point_id for c in lifted] == ["a@1#1", "b@1#1", "a@1#2"]
        assert self._scores(lifted)["a@1#1"] == pytest.approx(1.0 + QUESTION_WEIGHT * 3.0)
        assert self._scores(lifted)["a@1#2"] == 0.5
        assert self._scores(lifted)["b@1#1"] == pytest.approx(2.0 - QUESTION_WEIGHT * 2.0)

    def test_questions_unlike_the_query_lower_the_whole_article(self) -> None:
        found = self._candidates(a_1=2.0, a_2=1.9, b_1=0.0)
        asked = [Candidate("qb", 3.0, None, 0.0), Candidate("qb2", -1.0, None, 0.0)]

        scores = self._scores(lift(found, asked, _known(self.A, self.B), {"qb": ("b", 1), "qb2": ("b", 1)}))

        assert scores["a@1#1"] == pytest.approx(2.0 - QUESTION_WEIGHT * 3.0)
        assert scores["a@1#1"] - scores["a@1#2"] == pytest.approx(0.1)

    def test_article_without_questions_keeps_its_scores(self) -> None:
        found = self._candidates(c_1=1.5, c_2=1.0, a_1=0.2)
        asked = [Candidate("qa", 2.0, None, 0.0)]

        scores = self._scores(lift(found, asked, _known(self.A, self.PLAIN), {"qa": ("a", 1)}))

        assert (scores["c@1#1"], scores["c@1#2"]) == (1.5, 1.0)

    def test_article_known_by_its_question_alone_opens_with_its_first_passage(self) -> None:
        found = self._candidates(b_1=2.0, b_2=-1.0)
        asked = [Candidate("qa", 5.0, None, 0.0)]

        lifted = lift(found, asked, _known(self.A, self.B), {"qa": ("a", 1)})

        opened = next(c for c in lifted if c.point_id == "a@1#1")
        assert opened.score == pytest.approx(-1.0 + QUESTION_WEIGHT * 6.0)
        assert (opened.dense, opened.lexical) == (None, 0.0)
        assert "a@1#2" not in self._scores(lifted)

    def test_no_question_found_changes_nothing(self) -> None:
        found = self._candidates(a_1=1.0, a_2=0.5)

        assert lift(found, [], _known(self.A), {}) == found


def test_index_holds_passages_and_questions_apart(asked, agent: Scope) -> None:
    with asked.database.reading() as session:
        everything = asked.service.plan_index(session, everything=True).entries
        passages = sum(len(asked.service.passages(session, a.id, a.version)) for a in asked.service.articles(session))

    assert len(everything) == passages + 2 == len(asked.index.inventory())
    assert _search(asked, ASKED, replace(agent, audience=Audience.AGENT, at=NOW))
