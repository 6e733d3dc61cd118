"""The honest figures of a training run: all from rows that the scoring head had not seen."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intake.classification.schemas import Scored
from intake.classification.zones import Hierarchy, Thresholds
from kit.learn.bounds import upper_bound, wilson
from kit.learn.calibration import Floats, expected_calibration_error, reliability_table
from kit.learn.features import Indices
from kit.learn.metrics import auroc, coverage_at_precision, false_positive_rate, macro_f1

LEVELS = ("type", "cause", "detail")
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its Wilson 95 % interval; of nothing it is 0 in [0, 1]."""

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, hits: NDArray[np.bool_]) -> "Share":
        """Make one from marks."""
        return cls(float(hits.mean()) if len(hits) else 0.0, *wilson(int(hits.sum()), len(hits)), len(hits))


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """What a zone did.

    Attributes:
        share: Of all rows, those out of scope included.
        wrong: Share of its labels that are wrong at the level given; a text out of scope has no right label.
        wrong_at_most: Exact one-sided 95 % bound of ``wrong``.
    """

    share: Share
    wrong: Share
    wrong_at_most: float


@dataclass(frozen=True, slots=True)
class Separation:
    """How well texts out of scope are told apart: AUROC, and the share that passes where 95 % in scope do."""

    auroc: float
    fpr95: float
    n: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What held-out rows say.

    Attributes:
        accuracy: By level, ``type`` to ``detail``: the most probable node is the right one.
        macro_f1: Over the leaves.
        ece: By level, expected calibration error in 15 equal-mass bins.
        coverage: By wanted precision: share of the texts in scope that can be answered with a leaf.
        zones: By zone.
        labelled_out: Against examples labelled out of scope; None without any.
        left_out: Against whole intents left out of training; None without any.
        recall: By leaf, ids joined with slashes (CL-07).
        reliability: Stated and observed accuracy of leaves: (n, stated, observed).
    """

    accuracy: Mapping[str, Share]
    macro_f1: float
    ece: Mapping[str, float]
    coverage: Mapping[str, float]
    zones: Mapping[str, ZoneFigures]
    labelled_out: Separation | None
    left_out: Separation | None
    recall: Mapping[str, Share]
    reliability: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What is known of a freshly trained classifier.

    Attributes:
        version: The model's.
        n: Examples in scope that were used, each text and label once.
        n_out_of_scope: Examples labelled out of scope.
        labels: Number of leaves.
        figures: From ``held_out`` rows.
        held_out: How many rows the figures rest on.
        thresholds: Chosen on the same rows.
        temperature: Fitted on the same rows.
        seconds_encoding: Time spent in the encoder.
        seconds_training: Everything else.
    """

    version: str
    n: int
    n_out_of_scope: int
    labels: int
    figures: Figures
    held_out: int
    thresholds: Thresholds
    temperature: float
    seconds_encoding: float
    seconds_training: float

    def as_json(self) -> dict[str, Any]:
        """Return plain values for ``report.json`` and the screens, with the headline figures on top."""
        figures = self.figures
        headline = {f"accuracy_{level}": share.value for level, share in figures.accuracy.items()}
        plain = _rounded({**headline, "ece": figures.ece["detail"], **asdict(self)})
        assert isinstance(plain, dict)
        return plain


def figures_of(
    scored: Scored, truth: Indices, left_out: Floats, thresholds: Thresholds, hierarchy: Hierarchy
) -> Figures:
    """Compute the figures.

    Args:
        scored: Held-out rows, in scope and labelled out of scope.
        truth: Their leaf columns, -1 for out of scope.
        left_out: Scope scores of rows whose whole intent was left out of training.
        thresholds: Of the zones.
        hierarchy: Of the leaves.

    Returns:
        The figures; accuracy, calibration and coverage are those of the rows in scope.
    """
    inside = truth >= 0
    chances, wanted = scored.probabilities[inside], truth[inside]
    top, right = chances.max(axis=1), chances.argmax(axis=1) == wanted
    names = LEVELS[-hierarchy.depth :]
    levels = {name: hierarchy.level(chances, depth) for depth, name in enumerate(names, start=1)}
    hits = {n: s.argmax(axis=1) == hierarchy.node_of(wanted, d) for d, (n, s) in enumerate(levels.items(), start=1)}
    scope = scored.scope
    return Figures(
        accuracy={name: Share.of(hits[name]) for name in names},
        macro_f1=macro_f1(wanted.tolist(), chances.argmax(axis=1).tolist()),
        ece={name: expected_calibration_error(levels[name].max(axis=1), hits[name]) for name in names},
        coverage={str(p): coverage_at_precision(top, right, p) for p in (0.95, 0.99)},
        zones=_zones(scored, truth, thresholds, hierarchy),
        labelled_out=_separation(scope[inside], scope[~inside]),
        left_out=_separation(scope[inside], left_out),
        recall={"/".join(path): Share.of(right[wanted == column]) for column, path in enumerate(scored.paths)},
        reliability=tuple((part.n, part.confidence, part.accuracy) for part in reliability_table(top, right)),
    )


def _zones(scored: Scored, truth: Indices, thresholds: Thresholds, hierarchy: Hierarchy) -> dict[str, ZoneFigures]:
    passed = scored.scope >= thresholds.scope
    tops = hierarchy.tops(scored.probabilities)
    auto = tops.settle(thresholds.auto, hierarchy.auto_depth)
    offered = tops.settle(thresholds.suggest)
    automatic = passed & (auto.depth > 0)
    suggested = passed & (offered.depth > 0) & ~automatic
    human = ~automatic & ~suggested
    return {
        "auto": _zone(automatic, hierarchy.wrong(auto, truth)),
        "suggest": _zone(suggested, hierarchy.wrong(offered, truth)),
        "human": _zone(human, np.zeros(len(truth), dtype=bool)),
    }


def _zone(chosen: NDArray[np.bool_], wrong: NDArray[np.bool_]) -> ZoneFigures:
    marks = wrong[chosen]
    return ZoneFigures(Share.of(chosen), Share.of(marks), upper_bound(int(marks.sum()), len(marks)))


def _separation(inside: Floats, outside: Floats) -> Separation | None:
    if not len(outside):
        return None
    return Separation(auroc(inside, outside), false_positive_rate(inside, outside), len(outside))


def _rounded(value: object) -> object:
    """Round every float of a nested value, so that the file reads well and nan becomes null."""
    if isinstance(value, Mapping):
        return {str(key): _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return round(value, _DIGITS) if math.isfinite(value) else None
    return value
