import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.intents import CANCEL, COLD, INVOICE, OIL, WATER
from intake.classification.zones import NEVER, Hierarchy, ZonePolicy, choose_scope, choose_thresholds

LEAVES = (WATER, OIL, COLD, INVOICE, CANCEL)
TREE = Hierarchy(LEAVES)
EVERYTHING = np.ones(1000, dtype=bool)


def label(row: list[float], threshold: float, min_depth: int = 1) -> tuple[str, ...]:
    settled = TREE.tops(np.array([row])).settle(threshold, min_depth)
    depth = settled.depth[0]
    return TREE.nodes[depth - 1][settled.node[0]] if depth else ()


class TestSettle:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ([0.8, 0.1, 0.0, 0.1, 0.0], WATER),
            ([0.4, 0.4, 0.1, 0.1, 0.0], WATER[:2]),  # two leaks: the cause is sure, the leaf is not
            ([0.3, 0.2, 0.3, 0.2, 0.0], WATER[:1]),  # quality, whatever it is
            ([0.3, 0.1, 0.1, 0.3, 0.2], ()),
        ],
    )
    def test_unsure_leaf_backs_off_to_a_sure_parent(self, row: list[float], expected: tuple[str, ...]) -> None:
        """CL-04: a parent's probability is the sum of its leaves'."""
        assert label(row, 0.7) == expected

    def test_short_labels_can_be_ruled_out(self) -> None:
        assert label([0.3, 0.2, 0.3, 0.2, 0.0], 0.7, min_depth=2) == ()

    @given(st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(lambda row: sum(row) > 0), st.floats(0.5, 1))
    def test_deeper_label_lies_below_the_higher_one(self, row: list[float], threshold: float) -> None:
        chances = [value / sum(row) for value in row]
        sure, unsure = label(chances, threshold), label(chances, 0.5)

        assert unsure[: len(sure)] == sure

    def test_leaves_of_different_depth_settle_too(self) -> None:
        tree = Hierarchy((("greet",), ("order", "cancel")))

        settled = tree.tops(np.array([[0.9, 0.1], [0.1, 0.9]])).settle(0.8)

        assert [tree.nodes[d - 1][n] for d, n in zip(settled.depth, settled.node, strict=True)] == list(tree.leaves)


class TestWrong:
    def test_parent_of_the_truth_is_right_and_any_label_out_of_scope_is_wrong(self) -> None:
        chances = np.array([[0.4, 0.5, 0.1, 0, 0], [0.4, 0.5, 0.1, 0, 0], [0.95, 0.05, 0, 0, 0], [0.2] * 5])
        settled = TREE.tops(chances).settle(0.85)

        assert TREE.wrong(settled, np.array([0, 2, -1, 3])).tolist() == [False, True, True, False]


def _rows(n: int, sure: float, right_above: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose best leaf has a probability from 0.3 to ``sure``; those below ``right_above`` are wrong."""
    top = np.linspace(0.3, sure, n)
    chances = np.zeros((n, 5))
    chances[:, 0] = top
    chances[:, 3] = (1 - top) / 2
    chances[:, 4] = (1 - top) / 2
    return chances, np.where(top >= right_above, 0, 2)


class TestChooseThresholds:
    def test_automatic_zone_begins_where_errors_end(self) -> None:
        """CL-03: only above the threshold."""
        chances, truth = _rows(1000, 0.99, right_above=0.8)

        auto, suggest = choose_thresholds(TREE, chances, truth, EVERYTHING, ZonePolicy())

        assert auto == pytest.approx(0.8, abs=0.02)
        assert suggest <= auto

    def test_few_rows_are_not_enough_to_be_automatic(self) -> None:
        chances, truth = _rows(40, 0.99, right_above=0.0)

        auto, suggest = choose_thresholds(TREE, chances, truth, EVERYTHING[:40], ZonePolicy())

        assert auto == NEVER  # no error in 40 rows still allows 3 %
        assert suggest < 1

    def test_texts_out_of_scope_count_as_errors(self) -> None:
        chances, truth = _rows(1000, 0.99, right_above=0.0)
        truth[900:] = -1

        auto, _ = choose_thresholds(TREE, chances, truth, EVERYTHING, ZonePolicy())

        assert auto == NEVER

    def test_rows_below_the_scope_threshold_do_not_count(self) -> None:
        chances, truth = _rows(1000, 0.99, right_above=0.0)
        truth[900:] = -1

        auto, _ = choose_thresholds(TREE, chances, truth, truth >= 0, ZonePolicy())

        assert auto < 1

    def test_lone_type_is_never_automatic(self) -> None:
        chances = np.tile([0.34, 0.0, 0.66 - 0.01, 0.01, 0.0], (500, 1))  # quality .99, its causes unsure

        settled = TREE.tops(chances).settle(0.9, TREE.auto_depth)

        assert not settled.depth.any()

    @settings(deadline=None, max_examples=20)  # a search over a hundred thresholds each
    @given(st.integers(0, 2**32 - 1))
    def test_suggestions_never_need_more_than_automation(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        chances = random.dirichlet(np.full(5, 0.3), 300)
        truth = np.where(random.random(300) < 0.7, chances.argmax(axis=1), random.integers(-1, 5, 300))

        auto, suggest = choose_thresholds(TREE, chances, truth, EVERYTHING[:300], ZonePolicy())

        assert 0.5 <= suggest <= auto


class TestChooseScope:
    def test_threshold_lies_between_inside_and_outside(self) -> None:
        inside = np.linspace(4, 9, 200)

        threshold = choose_scope(inside, np.linspace(0, 3, 50), np.empty(0), ZonePolicy())

        assert 3 < threshold <= 4.2

    def test_overlap_never_costs_more_than_the_policy_allows(self) -> None:
        inside, outside = np.linspace(0, 9, 1000), np.linspace(0, 9, 1000)

        threshold = choose_scope(inside, outside, outside, ZonePolicy(scope_recall=0.97))

        assert (inside >= threshold).mean() >= 0.97

    def test_with_nothing_to_reject_everything_passes(self) -> None:
        inside = np.array([3.0, 1.0, 2.0])

        assert choose_scope(inside, np.empty(0), np.empty(0), ZonePolicy()) == 1.0
