"""Figures against values computed by hand; the docstrings' examples are run too."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.learn import bounds, calibration, metrics
from kit.learn.bounds import bootstrap, clopper_pearson, upper_bound, wilson
from kit.learn.calibration import expected_calibration_error, fit_temperature, reliability_table, softmax
from kit.learn.metrics import (
    accuracy,
    accuracy_at_coverage,
    auroc,
    coverage_at_precision,
    false_positive_rate,
    macro_f1,
)


@pytest.mark.parametrize("module", [metrics, bounds, calibration])
def test_worked_examples_in_the_docstrings_hold(module: object) -> None:
    result = doctest.testmod(module)

    assert result.attempted > 0
    assert result.failed == 0


class TestMacroF1:
    def test_each_class_counts_the_same(self) -> None:
        truth = ["a"] * 8 + ["b", "c"]
        predicted = ["a"] * 8 + ["a", "c"]

        # a: 8 hits, 1 false alarm: 16/17. b: no hit: 0. c: 1.
        assert macro_f1(truth, predicted) == pytest.approx((16 / 17 + 0 + 1) / 3)

    def test_class_that_was_only_predicted_counts_as_zero(self) -> None:
        assert macro_f1(["a"], ["b"]) == 0

    def test_unequal_lengths_are_refused(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            accuracy(["a"], [])


class TestAuroc:
    def test_perfect_and_inverted_order(self) -> None:
        assert auroc([3, 4], [1, 2]) == 1
        assert auroc([1, 2], [3, 4]) == 0

    def test_all_ties_are_chance(self) -> None:
        assert auroc([1, 1, 1], [1, 1]) == 0.5

    @given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.lists(st.integers(0, 9), min_size=1, max_size=8))
    def test_equals_the_share_of_pairs_won(self, high: list[int], low: list[int]) -> None:
        won = sum((a > b) + (a == b) / 2 for a in high for b in low) / (len(high) * len(low))

        assert auroc(high, low) == pytest.approx(won)

    def test_nothing_to_compare_is_no_number(self) -> None:
        assert math.isnan(auroc([], [1]))


class TestFalsePositiveRate:
    def test_threshold_keeps_ninety_five_of_a_hundred(self) -> None:
        inside = list(range(1, 101))

        # Keeping 95 of 100 means the threshold 6; of the outsiders 5, 6 and 7 two pass.
        assert false_positive_rate(inside, [5, 6, 7]) == pytest.approx(2 / 3)


class TestCoverage:
    def test_ties_pass_together(self) -> None:
        confidence = [0.9, 0.9, 0.5]
        correct = [True, False, True]

        # At 0.9 it is 1 of 2, at 0.5 it is 2 of 3; neither reaches 0.9.
        assert coverage_at_precision(confidence, correct, 0.9) == 0
        assert coverage_at_precision(confidence, correct, 0.6) == 1

    def test_order_of_the_rows_does_not_matter(self) -> None:
        assert coverage_at_precision([0.1, 0.9, 0.5], [False, True, True], 1.0) == pytest.approx(2 / 3)

    def test_accuracy_of_the_most_confident_part(self) -> None:
        confidence = [0.1, 0.9, 0.8, 0.7]
        correct = [True, True, False, True]

        assert accuracy_at_coverage(confidence, correct, 0.5) == 0.5
        assert accuracy_at_coverage(confidence, correct, 0.75) == pytest.approx(2 / 3)


class TestCalibration:
    def test_error_is_the_weighted_gap_of_the_bins(self) -> None:
        confidence = [0.6, 0.6, 1.0, 1.0]
        correct = [True, False, True, True]

        # Bins of two: |0.6 - 0.5| and |1 - 1|, half the rows each.
        assert expected_calibration_error(confidence, correct, bins=2) == pytest.approx(0.05)

    def test_bins_hold_equally_many_rows(self) -> None:
        table = reliability_table(np.linspace(0, 1, 31), np.ones(31, dtype=bool), bins=15)

        assert [part.n for part in table] == [3] + [2] * 14

    def test_fewer_rows_than_bins_leave_empty_bins_out(self) -> None:
        assert len(reliability_table([0.5], [True], bins=15)) == 1

    def test_temperature_restores_the_scale_the_scores_were_drawn_with(self) -> None:
        random = np.random.default_rng(3)
        logits = random.normal(size=(4000, 5)) * 2
        targets = np.array([random.choice(5, p=row) for row in softmax(logits)])

        assert fit_temperature(logits * 3, targets) == pytest.approx(3, rel=0.1)

    def test_softmax_survives_large_scores(self) -> None:
        assert softmax([[10_000.0, 0.0]]).tolist() == [[1.0, 0.0]]


class TestBounds:
    """Reference values: R 4.3, binom.test and prop.test(correct = FALSE)."""

    @pytest.mark.parametrize(
        ("hits", "n", "low", "high"), [(8, 10, 0.4439, 0.9748), (0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0)]
    )
    def test_clopper_pearson(self, hits: int, n: int, low: float, high: float) -> None:
        assert clopper_pearson(hits, n) == pytest.approx((low, high), abs=1e-4)

    def test_wilson(self) -> None:
        assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
        assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)

    def test_no_trials_say_nothing(self) -> None:
        assert wilson(0, 0) == clopper_pearson(0, 0) == (0, 1)
        assert upper_bound(0, 0) == 1

    def test_exact_interval_of_a_large_sample_is_still_found(self) -> None:
        low, high = clopper_pearson(50_000, 100_000)

        assert low == pytest.approx(0.4969, abs=1e-4)
        assert high == pytest.approx(0.5031, abs=1e-4)

    def test_impossible_counts_are_refused(self) -> None:
        with pytest.raises(ValueError, match="hits"):
            wilson(3, 2)

    @given(st.integers(1, 200), st.data())
    def test_exact_interval_holds_the_share(self, n: int, data: st.DataObject) -> None:
        hits = data.draw(st.integers(0, n))

        low, high = clopper_pearson(hits, n)

        assert low <= hits / n <= high

    def test_bootstrap_of_a_mean_agrees_with_the_normal_interval(self) -> None:
        rows = np.random.default_rng(1).normal(size=400)

        low, high = bootstrap(rows, lambda part: float(part.mean()), seed=5)

        half = 1.96 * rows.std() / 20
        assert low == pytest.approx(rows.mean() - half, abs=0.02)
        assert high == pytest.approx(rows.mean() + half, abs=0.02)
        assert (low, high) == bootstrap(rows, lambda part: float(part.mean()), seed=5)
