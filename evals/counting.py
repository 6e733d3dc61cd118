"""Precision, recall and F1 from per-case counts, with bootstrap intervals over the cases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.schemas import Metric
from kit.learn.bounds import bootstrap

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a case contributes: true positives, false positives, false negatives."""

    tp: int
    fp: int
    fn: int


def counts_of(expected: set[str], got: set[str]) -> Counts:
    """Compare two sets of values.

    >>> counts_of({"a", "b"}, {"b", "c"})
    Counts(tp=1, fp=1, fn=1)
    """
    return Counts(len(expected & got), len(got - expected), len(expected - got))


def precision_recall_f1(cases: Sequence[Counts], prefix: str) -> dict[str, Metric]:
    """Return ``<prefix>_precision``, ``_recall`` and ``_f1``; whole cases are resampled."""
    table = [[c.tp, c.fp, c.fn] for c in cases]
    return {
        f"{prefix}_precision": measured(table, lambda t: _ratio(t[:, 0].sum(), t[:, 1].sum())),
        f"{prefix}_recall": measured(table, lambda t: _ratio(t[:, 0].sum(), t[:, 2].sum())),
        f"{prefix}_f1": measured(table, lambda t: _ratio(2 * t[:, 0].sum(), t[:, 1].sum() + t[:, 2].sum())),
    }


def share(hits: Sequence[bool | float]) -> Metric:
    """Return the mean of per-case values."""
    return measured([[float(h)] for h in hits], lambda t: float(t.mean()))


def measured(table: Sequence[Sequence[float]], statistic: Callable[[Table], float]) -> Metric:
    """Return a statistic of a table of cases with its bootstrap interval."""
    if not table:
        return Metric(float("nan"), float("nan"), float("nan"), 0)
    low, high = bootstrap(table, statistic)
    return Metric(statistic(np.asarray(table, dtype=np.float64)), low, high, len(table))


def plain(value: float, n: int) -> Metric:
    """Return a figure without an interval, such as a speed."""
    return Metric(value, value, value, n)


def _ratio(hits: float, others: float) -> float:
    """Return hits / (hits + others); nothing asked and nothing said is right: 1, as in the usual convention."""
    return float(hits / (hits + others)) if hits + others else 1.0
