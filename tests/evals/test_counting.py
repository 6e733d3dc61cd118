import math

import pytest

from evals.counting import Counts, counts_of, precision_recall_f1, share
from evals.suites.ocr import character_error_rate
from evals.suites.retrieval import _metrics


def test_values_are_compared_as_sets() -> None:
    assert counts_of({"E3", "E4"}, {"E4", "E5"}) == Counts(tp=1, fp=1, fn=1)
    assert counts_of(set(), set()) == Counts(0, 0, 0)


def test_precision_recall_and_f1_match_the_hand_computed_ones() -> None:
    """EV-02: 6 right, 2 false, 3 missed: P = 6/8, R = 6/9, F1 = 12/17."""
    metrics = precision_recall_f1([Counts(3, 1, 0), Counts(2, 1, 1), Counts(1, 0, 2)], "model")

    assert metrics["model_precision"].value == pytest.approx(0.75)
    assert metrics["model_recall"].value == pytest.approx(2 / 3)
    assert metrics["model_f1"].value == pytest.approx(12 / 17)
    assert metrics["model_f1"].low <= 12 / 17 <= metrics["model_f1"].high
    assert metrics["model_f1"].n == 3


def test_an_interval_narrows_with_more_cases() -> None:
    few, many = share([True, False] * 5), share([True, False] * 500)

    assert few.high - few.low > 5 * (many.high - many.low)


def test_no_case_is_no_figure() -> None:
    assert math.isnan(share([]).value)


def test_the_character_error_rate_finds_the_best_place() -> None:
    assert character_error_rate("订单号", "您的订单号是") == 0
    assert character_error_rate("LT2026", "LT2O26") == pytest.approx(1 / 6)
    assert character_error_rate("abc", "") == 1


def test_ranks_become_recall_mrr_and_ndcg() -> None:
    """Two queries: found first, and found third of one relevant: MRR = (1 + 1/3) / 2, nDCG of the second = 1/2."""
    metrics = _metrics("", [[True, False], [False, False, True]], [1, 1])

    assert metrics["recall_at_1"].value == 0.5
    assert metrics["recall_at_5"].value == 1
    assert metrics["mrr"].value == pytest.approx(2 / 3)
    assert metrics["ndcg_at_10"].value == pytest.approx(0.75)
