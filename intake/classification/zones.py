"""From probabilities to a decision: which level of the tree is sure enough, and what may be done with it.

A parent's probability is the sum of its leaves'. The answer is the deepest node whose probability reaches the
threshold, so an unsure leaf backs off to its cause, and an unsure cause to its type.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kit.learn.bounds import upper_bound
from kit.learn.calibration import Floats
from kit.learn.features import Indices
from tickets.words import LabelPath

# No probability reaches it: a zone that could not be made safe enough stays empty.
NEVER = 2.0
# Below one half two different answers could both qualify, and the deeper need not lie below the higher.
_LOWEST = 0.5
_GRID = np.round(np.arange(_LOWEST, 0.9951, 0.005), 3)
_MIN_AUTO_DEPTH = 2  # a type alone does not choose a queue, a cause does


@dataclass(frozen=True, slots=True)
class ZonePolicy:
    """How often each zone may be wrong; the thresholds follow from predictions on held-out rows.

    Attributes:
        auto_error: Bound on the share of automatic labels that are wrong, at whatever level they are given.
        suggest_error: The same for suggested labels.
        certainty: One-sided confidence of the exact bound. Above .5, so that few rows do not pass by luck; not .95,
            since the shares are taken from the training data's own hard cases.
        scope_recall: Share of the texts in scope that the scope threshold must keep.
    """

    auto_error: float = 0.02
    suggest_error: float = 0.33
    certainty: float = 0.75
    scope_recall: float = 0.98


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the zones begin.

    Attributes:
        auto: Least probability of a label that is written by itself; never below ``suggest``.
        suggest: Least probability of a label that is offered.
        scope: Least scope score of a text that gets any label.
    """

    auto: float
    suggest: float
    scope: float


@dataclass(frozen=True, slots=True)
class Settled:
    """Decisions for n texts, one array each.

    Attributes:
        depth: Length of the label; 0 where no level is sure enough.
        node: Number of the label among the nodes of that depth.
        probability: Of the label; 0 where there is none.
    """

    depth: Indices
    node: Indices
    probability: Floats


@dataclass(frozen=True, slots=True)
class Tops:
    """The best node of each level for n texts: depth → (numbers of the nodes, their probabilities)."""

    rows: int
    levels: tuple[tuple[Indices, Floats], ...]

    def settle(self, threshold: float, min_depth: int = 1) -> Settled:
        """Choose for each text the deepest node whose probability reaches a threshold.

        Args:
            threshold: At least 0.5.
            min_depth: Shorter labels do not count.

        Returns:
            The decisions.
        """
        depth, node = np.zeros(self.rows, np.int64), np.zeros(self.rows, np.int64)
        probability = np.zeros(self.rows)
        for level, (top, chance) in enumerate(self.levels, start=1):
            if level >= min_depth:
                sure = chance >= threshold
                depth[sure], node[sure], probability[sure] = level, top[sure], chance[sure]
        return Settled(depth, node, probability)


class Hierarchy:
    """The tree above the leaves of a taxonomy, as sums of columns.

    Args:
        leaves: Paths in the order of the probability columns; they may differ in length.
    """

    def __init__(self, leaves: tuple[LabelPath, ...]) -> None:
        self.leaves = leaves
        self.depth = max(map(len, leaves))
        self.nodes = [tuple(dict.fromkeys(leaf[:depth] for leaf in leaves)) for depth in range(1, self.depth + 1)]
        self._node_of_leaf = [
            np.array([nodes.index(leaf[: depth + 1]) for leaf in leaves]) for depth, nodes in enumerate(self.nodes)
        ]

    @property
    def auto_depth(self) -> int:
        """The shortest label that may be written automatically."""
        return min(_MIN_AUTO_DEPTH, self.depth)

    def level(self, probabilities: Floats, depth: int) -> Floats:
        """Sum leaves to the nodes of a depth (1 is the root's children): shape (n, nodes)."""
        member = np.eye(len(self.nodes[depth - 1]))[self._node_of_leaf[depth - 1]]
        return np.asarray(probabilities @ member, dtype=np.float64)

    def node_of(self, leaf: Indices, depth: int) -> Indices:
        """Return the nodes of a depth above these leaf columns; -1 (no leaf) stays -1."""
        return np.where(leaf < 0, -1, self._node_of_leaf[depth - 1][leaf])

    def tops(self, probabilities: Floats) -> Tops:
        """Find the best node of each level.

        Args:
            probabilities: Shape (n, leaves).

        Returns:
            What decisions at any threshold need.
        """
        sums = [self.level(probabilities, depth) for depth in range(1, self.depth + 1)]
        return Tops(len(probabilities), tuple((level.argmax(axis=1), level.max(axis=1)) for level in sums))

    def wrong(self, settled: Settled, truth: Indices) -> NDArray[np.bool_]:
        """Tell which labels are wrong; ``truth`` holds leaf columns, -1 for out of scope (any label is wrong)."""
        wanted = np.full(len(truth), -1)
        for level in range(1, self.depth + 1):
            wanted = np.where(settled.depth == level, self.node_of(truth, level), wanted)
        return np.asarray((settled.depth > 0) & (settled.node != wanted), dtype=np.bool_)


def choose_thresholds(
    hierarchy: Hierarchy, probabilities: Floats, truth: Indices, in_scope: NDArray[np.bool_], policy: ZonePolicy
) -> tuple[float, float]:
    """Choose the thresholds of the automatic and the suggested zone on held-out rows.

    The automatic one is the lowest whose wrong share is bounded by the policy (exact upper bound of Clopper and
    Pearson). The suggested one is the lowest that keeps its own share for the rows that are not automatic.

    Args:
        hierarchy: Of the leaves.
        probabilities: Held-out, calibrated, shape (n, leaves).
        truth: Leaf columns, -1 for out of scope.
        in_scope: Rows that pass the scope threshold; the others get no label.
        policy: The bounds.

    Returns:
        (auto, suggest), auto never below suggest; ``NEVER`` where no threshold is safe.
    """
    tops = hierarchy.tops(probabilities)

    def lowest(min_depth: int, limit: float, taken: NDArray[np.bool_]) -> float:
        found = NEVER
        for threshold in _GRID[::-1]:
            settled = tops.settle(float(threshold), min_depth)
            chosen = (settled.depth > 0) & in_scope & ~taken
            if _bounded(hierarchy.wrong(settled, truth), chosen, limit, policy.certainty):
                found = float(threshold)
        return found

    auto = lowest(hierarchy.auto_depth, policy.auto_error, np.zeros(len(truth), dtype=bool))
    automatic = (tops.settle(auto, hierarchy.auto_depth).depth > 0) & in_scope
    return auto, min(auto, lowest(1, policy.suggest_error, automatic))


def _bounded(wrong: NDArray[np.bool_], chosen: NDArray[np.bool_], limit: float, certainty: float) -> bool:
    return upper_bound(int((wrong & chosen).sum()), int(chosen.sum()), certainty) <= limit


def choose_scope(inside: Floats, labelled_outside: Floats, left_out: Floats, policy: ZonePolicy) -> float:
    """Choose the scope threshold that separates best while it keeps enough of the texts in scope.

    Args:
        inside: Held-out scope scores of texts in scope.
        labelled_outside: Held-out scores of texts labelled out of scope; may be empty.
        left_out: Scores of texts whose whole intent was left out of training; may be empty.
        policy: Says how many texts in scope must pass.

    Returns:
        The highest useful threshold among the scores of ``inside``; with nothing to reject, their minimum.
    """
    highest = float(np.quantile(inside, 1 - policy.scope_recall, method="lower"))
    candidates = np.unique(inside[inside <= highest])
    outside = [scores for scores in (labelled_outside, left_out) if len(scores)]
    if not outside:
        return float(candidates[0])
    kept = 1 - np.searchsorted(np.sort(inside), candidates) / len(inside)
    passed = sum(1 - np.searchsorted(np.sort(scores), candidates) / len(scores) for scores in outside) / len(outside)
    return float(candidates[np.argmax(kept - passed)])
