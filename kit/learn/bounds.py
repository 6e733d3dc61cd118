"""Intervals for shares and for any statistic, so that no figure stands without its uncertainty."""

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Interval = tuple[float, float]

_BISECTIONS = 60


def wilson(hits: int, n: int, confidence: float = 0.95) -> Interval:
    """Score interval of a share (Wilson, JASA 1927): good coverage on average, also for small n.

    Args:
        hits: Successes, 0 to n.
        n: Trials.
        confidence: Two-sided level, 0 to 1.

    Returns:
        (low, high); (0, 1) for no trials.

    Example:
        >>> [round(end, 4) for end in wilson(8, 10)]
        [0.4902, 0.9433]
    """
    _check(hits, n)
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def clopper_pearson(hits: int, n: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a share (Clopper & Pearson, Biometrika 1934): never less than the stated coverage.

    Args:
        hits: Successes, 0 to n.
        n: Trials.
        confidence: Two-sided level, 0 to 1.

    Returns:
        (low, high); (0, 1) for no trials.

    Example:
        No failure in ten trials still allows a rate of 31 %.

        >>> [round(end, 4) for end in clopper_pearson(0, 10)]
        [0.0, 0.3085]
    """
    _check(hits, n)
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else 1 - _share_with_tail(n - hits, n, tail)
    return low, upper_bound(hits, n, 1 - tail)


def upper_bound(hits: int, n: int, confidence: float = 0.95) -> float:
    """Exact one-sided upper bound of a share: the rate at which so few hits would be this unlikely.

    Args:
        hits: Successes, 0 to n.
        n: Trials.
        confidence: One-sided level, 0 to 1.

    Returns:
        The bound; 1 for no trials or only hits.

    Example:
        The "rule of three": no hit in 100 trials bounds the rate at about 3 / 100.

        >>> round(upper_bound(0, 100), 4)
        0.0295
    """
    _check(hits, n)
    return 1.0 if hits == n else _share_with_tail(hits, n, 1 - confidence)


def bootstrap(
    rows: ArrayLike,
    statistic: Callable[[NDArray[np.float64]], float],
    *,
    confidence: float = 0.95,
    rounds: int = 1000,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap interval (Efron & Tibshirani 1993): resample rows, recompute, take quantiles.

    Args:
        rows: The observations; the first axis is resampled.
        statistic: From resampled rows to a figure; nan results are left out.
        confidence: Two-sided level, 0 to 1.
        rounds: Resamples.
        seed: Of the resampling, so that a report can be repeated.

    Returns:
        (low, high); (nan, nan) where there is no row.
    """
    values = np.asarray(rows, dtype=np.float64)
    if not len(values):
        return math.nan, math.nan
    random = np.random.default_rng(seed)
    figures = [statistic(values[random.integers(0, len(values), len(values))]) for _ in range(rounds)]
    low, high = np.nanquantile(figures, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _share_with_tail(hits: int, n: int, tail: float) -> float:
    """Find the share at which P(X <= hits) equals ``tail``, by bisection on the exact binomial sum."""
    counts = np.arange(hits + 1)
    ways = np.array([math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in counts])
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        share = (low + high) / 2
        logs = ways + counts * math.log(share) + (n - counts) * math.log1p(-share)
        low, high = (share, high) if np.exp(logs).sum() > tail else (low, share)
    return (low + high) / 2


def _check(hits: int, n: int) -> None:
    if not 0 <= hits <= n:
        raise ValueError("hits must be between 0 and the number of trials")
