"""Figures of a classifier, each a pure function of plain arrays, none knowing where they came from."""

import math
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike


def accuracy(truth: Sequence[Hashable], predicted: Sequence[Hashable]) -> float:
    """Share of answers that are right.

    Args:
        truth: Right labels.
        predicted: Labels given, as many.

    Returns:
        0 to 1; nan for no rows.

    Example:
        >>> accuracy(["a", "b", "b", "c"], ["a", "b", "c", "c"])
        0.75
    """
    pairs = list(zip(truth, predicted, strict=True))
    return sum(right == given for right, given in pairs) / len(pairs) if pairs else math.nan


def f1(hits: int, false_alarms: int, misses: int) -> float:
    """Harmonic mean of precision and recall; 0 where there is no hit.

    Example:
        >>> f1(2, 1, 1) == 2 / 3
        True
    """
    return 2 * hits / (2 * hits + false_alarms + misses) if hits else 0.0


def macro_f1(truth: Sequence[Hashable], predicted: Sequence[Hashable]) -> float:
    """Mean F1 over the classes that occur in ``truth`` or ``predicted``, each counting the same.

    Args:
        truth: Right labels.
        predicted: Labels given, as many.

    Returns:
        0 to 1; nan for no rows.

    Example:
        Class a: 1 hit, 1 false alarm, F1 2/3. Class b: 1 hit, 1 miss, F1 2/3.

        >>> macro_f1(["a", "b", "b"], ["a", "b", "a"]) == 2 / 3
        True
    """
    pairs = list(zip(truth, predicted, strict=True))
    classes = {label for pair in pairs for label in pair}
    scores = [
        f1(
            sum(right == label == given for right, given in pairs),
            sum(right != label == given for right, given in pairs),
            sum(right == label != given for right, given in pairs),
        )
        for label in classes
    ]
    return sum(scores) / len(scores) if scores else math.nan


def auroc(positives: ArrayLike, negatives: ArrayLike) -> float:
    """Probability that a positive scores above a negative, ties half (Hanley & McNeil, Radiology 1982).

    Args:
        positives: Scores of rows that should score high, shape (n,).
        negatives: Scores of the others, shape (m,).

    Returns:
        0 to 1, 0.5 for chance; nan where either is empty.

    Example:
        Pairs won: (3 > 2), (3 > 1), (2 = 2, half), (2 > 1): 3.5 of 4.

        >>> auroc([3, 2], [2, 1])
        0.875
    """
    high, low = np.sort(np.asarray(positives, np.float64)), np.sort(np.asarray(negatives, np.float64))
    if not len(high) or not len(low):
        return math.nan
    below = np.searchsorted(low, high, side="left")
    not_above = np.searchsorted(low, high, side="right")
    return float((below + not_above).sum() / 2 / (len(high) * len(low)))


def false_positive_rate(positives: ArrayLike, negatives: ArrayLike, at_recall: float = 0.95) -> float:
    """Share of negatives that pass the threshold which keeps ``at_recall`` of the positives ("FPR95").

    The usual figure for rejecting what is out of scope (Hendrycks & Gimpel, ICLR 2017).

    Args:
        positives: Scores of rows in scope, shape (n,).
        negatives: Scores of rows out of scope, shape (m,).
        at_recall: Share of the positives to keep, 0 to 1.

    Returns:
        0 to 1, lower is better; nan where either is empty.

    Example:
        Keeping all of [0.9, 0.8] means a threshold of 0.8; one of the two negatives passes.

        >>> false_positive_rate([0.9, 0.8], [0.85, 0.1], at_recall=1.0)
        0.5
    """
    high, low = np.sort(np.asarray(positives, np.float64)), np.asarray(negatives, np.float64)
    if not len(high) or not len(low):
        return math.nan
    kept = max(1, math.ceil(at_recall * len(high) - 1e-9))
    return float((low >= high[len(high) - kept]).mean())


def precision_by_coverage(confidence: ArrayLike, correct: ArrayLike) -> tuple[list[float], list[int], list[int]]:
    """Walk the threshold down: at each distinct confidence, how many rows pass and how many of them are right.

    Args:
        confidence: Shape (n,).
        correct: Shape (n,).

    Returns:
        Thresholds (descending), rows that pass, rows that pass and are right. Ties pass together.
    """
    stated, right = np.asarray(confidence, np.float64), np.asarray(correct, bool)
    order = np.argsort(-stated, kind="stable")
    stated, hits = stated[order], np.cumsum(right[order])
    last = np.append(stated[1:] != stated[:-1], True)[: len(stated)]
    ends = np.flatnonzero(last)
    return stated[ends].tolist(), (ends + 1).tolist(), hits[ends].tolist()


def coverage_at_precision(confidence: ArrayLike, correct: ArrayLike, precision: float) -> float:
    """Largest share of rows that can be answered while so many answers are right (Geifman & El-Yaniv, NIPS 2017).

    Args:
        confidence: Shape (n,).
        correct: Whether the answer was right, shape (n,).
        precision: Wanted share of right answers among those given, 0 to 1.

    Returns:
        0 to 1; nan for no rows.

    Example:
        The first three answers hold 2 of 3 right; with all four it is 3 of 4.

        >>> coverage_at_precision([0.9, 0.8, 0.7, 0.6], [True, False, True, True], 0.75)
        1.0
        >>> coverage_at_precision([0.9, 0.8, 0.7, 0.6], [True, False, True, True], 0.9)
        0.25
    """
    _, passed, hits = precision_by_coverage(confidence, correct)
    if not passed:
        return math.nan
    good = [rows for rows, right in zip(passed, hits, strict=True) if right >= precision * rows - 1e-9]
    return max(good, default=0) / passed[-1]


def accuracy_at_coverage(confidence: ArrayLike, correct: ArrayLike, coverage: float) -> float:
    """Share of right answers among the most confident ``coverage`` of the rows.

    Args:
        confidence: Shape (n,).
        correct: Shape (n,).
        coverage: Share of rows answered, above 0 to 1; at least one row is.

    Returns:
        0 to 1; nan for no rows.

    Example:
        >>> accuracy_at_coverage([0.9, 0.8, 0.7, 0.6], [True, True, False, True], 0.5)
        1.0
    """
    stated, right = np.asarray(confidence, np.float64), np.asarray(correct, bool)
    if not len(stated):
        return math.nan
    kept = max(1, round(coverage * len(stated)))
    return float(right[np.argsort(-stated, kind="stable")[:kept]].mean())
