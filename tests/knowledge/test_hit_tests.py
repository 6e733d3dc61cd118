from pathlib import Path

import pytest

from fakes.articles import NOW, POLICY, article_text
from knowledge.errors import ArticleUnreadable
from knowledge.hit_tests import HitTest, load_hit_tests
from knowledge.schemas import Audience, Scope

SHOP = Path(__file__).parents[2] / "api" / "demo" / "shop"


class TestLoad:
    def test_demo_file_is_large_enough_and_names_existing_articles(self) -> None:
        """EV-03: question -> expected article."""
        tests = load_hit_tests(SHOP / "hit_tests.yaml", NOW)

        known = {path.stem.partition("@")[0] for path in (SHOP / "articles").glob("*.md")}
        answerable = [t for t in tests if t.articles]
        assert len(answerable) >= 120
        assert len(tests) - len(answerable) >= 60
        assert {article for t in answerable for article in t.articles} == known
        assert len({t.question for t in tests}) == len(tests)

    def test_both_halves_have_enough_of_both_kinds(self) -> None:
        tests = load_hit_tests(SHOP / "hit_tests.yaml", NOW)

        for held_out in (True, False):
            half = [t for t in tests if t.held_out is held_out]
            assert sum(bool(t.articles) for t in half) >= 60
            assert sum(not t.articles for t in half) >= 30

    @pytest.mark.parametrize("text", ["", "[]", "answerable: 3", "answerable: [{x: 1}]\nunanswerable: []", "{"])
    def test_other_files_are_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "t.yaml").write_text(text)

        with pytest.raises(ArticleUnreadable):
            load_hit_tests(tmp_path / "t.yaml", NOW)


def _test(question: str, *articles: str, product: str | None = None, audience: Audience = Audience.CUSTOMER) -> HitTest:
    return HitTest(question, frozenset(articles), Scope(at=NOW, product=product, audience=audience))


class TestMeasure:
    def test_counts_the_place_of_the_right_article(self, shelf) -> None:
        tests = [
            _test("七天无理由退货期限", "policy-return"),
            _test("电子发票在哪里申请开票", "faq-invoice", "faq-south"),
            _test("签收次日起 7 天内可申请无理由退货", "sop-leak"),
            _test("火星上的天气"),
        ]
        with shelf.database.reading() as session:
            report = shelf.service.hit_test(session, tests)

        assert report.count == 3
        assert report.recall_at_1 == pytest.approx(2 / 3)
        assert report.misses == (("签收次日起 7 天内可申请无理由退货", "policy-return"),)
        assert 2 / 3 < report.mrr < 1

    def test_product_helps_where_it_is_told(self, shelf) -> None:
        shelf.write(tv=article_text("policy-tv", "policy", POLICY, title="七天无理由退货规则", products="tv"))
        shelf.load()
        tests = [_test("七天无理由退货期限", "policy-tv", product="washer")]

        with shelf.database.reading() as session:
            told = shelf.service.hit_test(session, tests, by_product=True)
            untold = shelf.service.hit_test(session, tests)

        assert told.mrr == 0.0
        assert untold.mrr > 0.0


class TestCalibrate:
    def test_reports_the_half_it_did_not_see(self, shelf) -> None:
        tests = [_test(f"七天无理由退货期限 {n}", "policy-return") for n in range(12)]
        tests += [_test(f"星球大战第 {n} 部") for n in range(12)]
        held_out = [t for t in tests if t.held_out]

        with shelf.database.reading() as session:
            model, report = shelf.service.calibrate(session, tests, "made up")

        assert report.answerable + report.unanswerable == len(held_out)
        assert report.refusal == 1.0
        assert report.precision == 1.0
        assert model.provenance["data"] == "made up"
        assert model.provenance["encoder"] == "hashing-64"

    def test_model_in_use_is_judged_even_where_nothing_is_in_scope(self, shelf) -> None:
        nobody = HitTest("七天无理由退货", frozenset(), Scope(at=NOW.replace(year=2020)))

        with shelf.database.reading() as session:
            report = shelf.service.judge_answers(session, [nobody])

        assert (report.unanswerable, report.refusal) == (1, 1.0)
