from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.articles import NOW, make_article
from kit.index.ports import ArmHits, IndexHit
from knowledge.parsing import passages_of
from knowledge.retrieval import DENSE_WEIGHT, fuse, in_scope, revision_of, scan
from knowledge.schemas import ArticleStatus, Audience, Scope

ARTICLE = make_article(
    products=("washer",), models=("WX75G",), regions=("south",), channels=("web",), effective_to=NOW + timedelta(days=1)
)
SCOPE = Scope(at=NOW)


def _hits(**scores: float) -> tuple[IndexHit, ...]:
    return tuple(IndexHit(k, v) for k, v in sorted(scores.items(), key=lambda item: -item[1]))


class TestFuse:
    def test_worked_example(self) -> None:
        """Dense .9 .8 .7 have z 1.2247, 0, -1.2247; words 2, 0, 0 (b and c share none) have z 1.4142, -.7071 twice."""
        found = fuse(ArmHits(_hits(a=0.7, b=0.8, c=0.9), _hits(a=2.0)), 0.5)

        assert [c.point_id for c in found] == ["c", "a", "b"]
        assert found[0].score == pytest.approx(0.5 * 1.224745 - 0.5 * 0.707107, abs=1e-5)
        assert found[1].score == pytest.approx(-0.5 * 1.224745 + 0.5 * 1.414214, abs=1e-5)
        assert [(c.dense, c.lexical) for c in found] == [(0.9, 0.0), (0.7, 2.0), (0.8, 0.0)]

    def test_agreement_of_both_arms_wins(self) -> None:
        found = fuse(ArmHits(_hits(a=0.9, b=0.9, c=0.7), _hits(a=3.0, c=3.0, b=1.0)))

        assert found[0].point_id == "a"

    def test_only_places_count_not_the_size_of_cosines(self) -> None:
        squeezed = fuse(ArmHits(_hits(a=0.874, b=0.842, c=0.841), _hits(b=1.0, c=2.0)))
        spread = fuse(ArmHits(_hits(a=0.874, b=0.554, c=0.544), _hits(b=1.0, c=2.0)))

        assert [c.score for c in squeezed] == pytest.approx([c.score for c in spread])

    def test_missing_in_an_arm_is_as_bad_as_its_last(self) -> None:
        found = fuse(ArmHits(_hits(a=0.9, b=0.5), _hits(c=1.0)), 1.0)

        scores = {c.point_id: c.score for c in found}
        assert scores["c"] == scores["b"]
        assert next(c for c in found if c.point_id == "c").dense is None

    def test_equal_scores_come_in_a_fixed_order(self) -> None:
        found = fuse(ArmHits(_hits(b=0.5, a=0.5)))

        assert [c.point_id for c in found] == ["a", "b"]

    def test_yardstick_gives_the_scale(self) -> None:
        """Its dense .8 .6 have mean .7 and spread .1, its words 3, 1 mean 2 and spread 1."""
        yardstick = ArmHits(_hits(a=0.8, b=0.6), _hits(a=3.0, b=1.0))

        (alone,) = fuse(ArmHits(_hits(q=0.9), _hits(q=4.0)), 0.5, yardstick=yardstick)

        assert alone.score == pytest.approx(0.5 * 2 + 0.5 * 2)

    def test_yardstick_without_spread_is_none(self) -> None:
        flat = ArmHits(_hits(a=0.8, b=0.8))
        arms = ArmHits(_hits(q=0.9, r=0.7))

        assert fuse(arms, yardstick=flat) == fuse(arms)

    def test_nothing_gives_nothing(self) -> None:
        assert fuse(ArmHits()) == []

    @given(
        st.dictionaries(st.text(max_size=3), st.floats(-1, 1), max_size=8),
        st.dictionaries(st.text(max_size=3), st.floats(0, 50), max_size=8),
    )
    def test_every_candidate_comes_once_best_first(self, dense: dict[str, float], words: dict[str, float]) -> None:
        found = fuse(ArmHits(_hits(**dense), _hits(**words)), DENSE_WEIGHT)

        assert {c.point_id for c in found} == dense.keys() | words.keys()
        assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


class TestInScope:
    """KB-15 and SE-12, as the database decides."""

    @pytest.mark.parametrize(
        ("scope", "expected"),
        [
            (SCOPE, True),
            (replace(SCOPE, product="washer", model="WX75G", region="south", channel="web"), True),
            (replace(SCOPE, product="tv"), False),
            (replace(SCOPE, model="WX100-HD"), False),
            (replace(SCOPE, region="north"), False),
            (replace(SCOPE, channel="wechat"), False),
            (replace(SCOPE, at=NOW + timedelta(days=1)), False),
            (replace(SCOPE, at=NOW + timedelta(days=1) - timedelta(seconds=1)), True),
            (replace(SCOPE, at=ARTICLE.effective_from), True),
            (replace(SCOPE, at=ARTICLE.effective_from - timedelta(seconds=1)), False),
        ],
    )
    def test_scope_and_window(self, scope: Scope, *, expected: bool) -> None:
        assert in_scope(ARTICLE, scope) is expected

    @pytest.mark.parametrize("status", [s for s in ArticleStatus if s is not ArticleStatus.PUBLISHED])
    def test_unpublished_is_out(self, status: ArticleStatus) -> None:
        assert not in_scope(replace(ARTICLE, status=status), SCOPE)

    def test_internal_is_for_agents(self) -> None:
        internal = replace(ARTICLE, audience=Audience.AGENT)

        assert not in_scope(internal, SCOPE)
        assert in_scope(internal, replace(SCOPE, audience=Audience.AGENT))

    def test_unrestricted_article_fits_every_scope(self) -> None:
        assert in_scope(make_article(), replace(SCOPE, product="tv", model="X", region="north", channel="wechat"))


class TestRevision:
    def test_changes_with_all_that_a_point_is_made_of(self) -> None:
        passage = passages_of(ARTICLE)[0]
        revisions = {
            revision_of(passage, ARTICLE, "e"),
            revision_of(passage, ARTICLE, "other encoder"),
            revision_of(replace(passage, text="x"), ARTICLE, "e"),
            revision_of(passage, replace(ARTICLE, audience=Audience.AGENT), "e"),
            revision_of(passage, replace(ARTICLE, effective_to=None), "e"),
            revision_of(passage, replace(ARTICLE, products=()), "e"),
        }

        assert len(revisions) == 6
        assert revision_of(passage, ARTICLE, "e") in revisions


class TestScan:
    def test_ranks_by_shared_rare_words(self) -> None:
        passages = [
            passages_of(make_article(f"a{n}", title="文章", body=text))[0]
            for n, text in enumerate(["洗衣机排水", "洗衣机进水", "洗衣机开发票"])
        ]

        hits = scan("洗衣机 发票", passages)

        assert hits.sparse[0].id == "a2@1#1"
        assert hits.dense == ()

    def test_no_shared_word_is_no_hit(self) -> None:
        assert scan("发票", passages_of(make_article(title="甲", body="乙丙。"))) == ArmHits()
