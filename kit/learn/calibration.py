"""Turning scores into probabilities that mean what they say, and measuring whether they do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kit.learn.bounds import wilson

Floats = NDArray[np.float64]

# Search range of ln(temperature): 0.05 to 20 covers every head measured so far (0.4 to 5.8).
_LOG_RANGE = (-3.0, 3.0)
_GOLDEN = (5**0.5 - 1) / 2
_STEPS = 40


def softmax(scores: ArrayLike, temperature: float = 1.0) -> Floats:
    """Turn scores into probabilities, row by row.

    Args:
        scores: Shape (n, classes).
        temperature: Above 1 flattens, below 1 sharpens.

    Returns:
        Shape (n, classes), rows summing to 1.

    Example:
        >>> softmax([[0.0, 0.0]]).tolist()
        [[0.5, 0.5]]
    """
    logits = np.asarray(scores, dtype=np.float64) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)


def negative_log_likelihood(scores: ArrayLike, targets: ArrayLike, temperature: float) -> float:
    """Mean of −ln p(target): what the temperature minimises."""
    wanted = np.asarray(targets, dtype=np.int64)
    probabilities = softmax(scores, temperature)[np.arange(len(wanted)), wanted]
    return float(-np.log(np.maximum(probabilities, 1e-12)).mean())


def fit_temperature(scores: ArrayLike, targets: ArrayLike) -> float:
    """Find the temperature that fits rows the head was not trained on (Guo et al., ICML 2017), by golden section.

    Args:
        scores: Shape (n, classes), of rows held apart.
        targets: The right class of each row, shape (n,).

    Returns:
        The temperature, 0.05 to 20.
    """
    low, high = _LOG_RANGE
    for _ in range(_STEPS):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        at_left = negative_log_likelihood(scores, targets, float(np.exp(left)))
        at_right = negative_log_likelihood(scores, targets, float(np.exp(right)))
        low, high = (low, right) if at_left < at_right else (left, high)
    return float(np.exp((low + high) / 2))


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One bin of a reliability table.

    Attributes:
        n: Rows in it.
        confidence: Their mean stated probability.
        accuracy: The share that was right.
        low: Lower end of the Wilson 95 % interval of ``accuracy``.
        high: Its upper end.
    """

    n: int
    confidence: float
    accuracy: float
    low: float
    high: float


def reliability_table(confidence: ArrayLike, correct: ArrayLike, bins: int = 15) -> tuple[ReliabilityBin, ...]:
    """Compare stated with observed accuracy in bins that hold equally many rows.

    Args:
        confidence: Probability stated for the answer given, shape (n,).
        correct: Whether the answer was right, shape (n,).
        bins: Number of bins; equal mass, since equal width leaves most bins empty (Nixon et al., CVPR-W 2019).

    Returns:
        Bins by ascending confidence; empty ones (n < bins) are left out.
    """
    stated, right = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=bool)
    order = np.argsort(stated, kind="stable")
    table = []
    for part in np.array_split(order, bins):
        if not len(part):
            continue
        hits = int(right[part].sum())
        low, high = wilson(hits, len(part))
        table.append(ReliabilityBin(len(part), float(stated[part].mean()), hits / len(part), low, high))
    return tuple(table)


def expected_calibration_error(confidence: ArrayLike, correct: ArrayLike, bins: int = 15) -> float:
    """Mean gap between stated and observed accuracy, weighted by rows (Naeini et al., AAAI 2015; equal-mass bins).

    Args:
        confidence: Probability stated for the answer given, shape (n,).
        correct: Whether the answer was right, shape (n,).
        bins: Number of bins.

    Returns:
        0 (calibrated) to 1; 0 for no rows.

    Example:
        Four answers at 0.9 of which three are right: |0.9 − 0.75| = 0.15.

        >>> round(expected_calibration_error([0.9] * 4, [True, True, True, False], bins=1), 6)
        0.15
    """
    table = reliability_table(confidence, correct, bins)
    return _weighted_gap(table)


def _weighted_gap(table: Sequence[ReliabilityBin]) -> float:
    rows = sum(part.n for part in table)
    return sum(part.n * abs(part.confidence - part.accuracy) for part in table) / rows if rows else 0.0
