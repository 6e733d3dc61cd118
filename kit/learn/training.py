"""Training a linear head, and scoring rows it has not seen. The only module that needs scikit-learn."""

import warnings
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kit.learn.features import FeatureRows, Indices, Matrix
from kit.learn.head import LinearHead

# A class without a training row (only in a fold, or left out on purpose) scores this much below the lowest bias.
_ABSENT_BELOW = 10.0
_TOLERANCE = 1e-3  # against scikit-learn's 1e-4: same accuracy, half the iterations


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How a head is fitted.

    Attributes:
        inverse_regularisation: scikit-learn's ``C``. 3 … 30 measured within 0.5 points of one another on 2,094 rows
            of 51 classes and on 1,462 rows of 48.
        class_weight: ``balanced`` weighs rows by the inverse frequency of their class, which lifts rare classes and
            spoils the calibration of the others; None keeps the frequencies of the data.
        max_iterations: Bound on L-BFGS steps.
    """

    inverse_regularisation: float = 10.0
    class_weight: Literal["balanced"] | None = None
    max_iterations: int = 200


def fit_head(
    rows: FeatureRows,
    targets: Indices,
    classes: Sequence[str],
    buckets: int,
    options: TrainingOptions | None = None,
) -> LinearHead:
    """Fit a multinomial logistic regression (L2, L-BFGS) with temperature 1.

    Args:
        rows: Features of the training rows.
        targets: Column of the right class for each row, shape (n,).
        classes: Names of all columns; a class without any row is kept and practically never wins.
        buckets: Width of the sparse part.
        options: How; defaults where None.

    Returns:
        The head.

    Raises:
        ValueError: There is no row, or a target that is no column.
    """
    if not len(rows) or targets.min() < 0 or targets.max() >= len(classes):
        raise ValueError("targets must be columns of the classes, and there must be some")
    present = np.unique(targets)
    weights = np.zeros((rows.dense.shape[1] + buckets, len(classes)), dtype=np.float32)
    bias = np.zeros(len(classes), dtype=np.float32)
    if len(present) > 1:
        weights[:, present], bias[present] = _logistic_regression(rows, targets, buckets, options or TrainingOptions())
    bias[np.setdiff1d(np.arange(len(classes)), present)] = bias[present].min() - _ABSENT_BELOW
    return LinearHead(weights, bias, tuple(classes))


def _logistic_regression(
    rows: FeatureRows, targets: Indices, buckets: int, options: TrainingOptions
) -> tuple[Matrix, Matrix]:
    """Return weights, shape (features, present classes), and bias, shape (present classes,)."""
    # One to three seconds of imports that only training needs.
    from scipy.sparse import csr_matrix, hstack
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    sparse = rows.sparse
    # A bucket without a value keeps weight 0; leaving it out halves the optimiser's work on short texts.
    used, columns = np.unique(sparse.indices, return_inverse=True)
    grams = csr_matrix((sparse.values, columns, sparse.starts), shape=(len(rows), len(used)))
    model = LogisticRegression(
        C=options.inverse_regularisation,
        class_weight=options.class_weight,
        max_iter=options.max_iterations,
        tol=_TOLERANCE,
    )
    with warnings.catch_warnings():
        # Stopped at the bound, the head is usable: accuracy no longer moves, only the loss's last digits do.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(hstack([csr_matrix(rows.dense), grams], format="csr"), targets)
    weights, bias = model.coef_.T, model.intercept_
    if weights.shape[1] == 1:  # two classes share one column z; softmax over (-z/2, z/2) gives the same probability
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    width = rows.dense.shape[1]
    spread = np.zeros((width + buckets, weights.shape[1]), dtype=np.float32)
    spread[:width], spread[width + used] = weights[:width], weights[width:]
    return spread, bias.astype(np.float32)


def stratified_folds(targets: Indices, groups: Sequence[Hashable], folds: int, seed: int = 0) -> Indices:
    """Deal rows to folds class by class, rows of one group always together (the same text must not be on both sides).

    Args:
        targets: Class of each row, shape (n,).
        groups: Group of each row, n of them; a group goes where its first row goes.
        folds: How many, at least 2.
        seed: Of the shuffling.

    Returns:
        Fold of each row, 0 to folds − 1. A class of at least ``folds`` groups is in every fold.
    """
    random = np.random.default_rng(seed)
    fold_of_group: dict[Hashable, int] = {}
    result = np.zeros(len(targets), dtype=np.int64)
    dealt = 0  # goes on over the classes, so that small classes do not all land in the first folds
    for target in np.unique(targets):
        for row in random.permutation(np.flatnonzero(targets == target)):
            if groups[row] not in fold_of_group:
                fold_of_group[groups[row]] = dealt % folds
                dealt += 1
            result[row] = fold_of_group[groups[row]]
    return result


def out_of_fold(
    fold_of: Indices, fit_and_score: Callable[[Indices, Indices], Matrix], rounds: int | None = None
) -> tuple[Indices, Matrix]:
    """Score rows by heads that have not seen them.

    Args:
        fold_of: Fold of each row.
        fit_and_score: From (training rows, rows to score) to scores of the latter.
        rounds: How many folds are scored; all where None. Fewer save time on large data.

    Returns:
        (numbers of the scored rows, their scores), ordered by row.
    """
    rows, scores = [], []
    for fold in range(int(fold_of.max()) + 1)[:rounds]:
        held = np.flatnonzero(fold_of == fold)
        if len(held):
            rows.append(held)
            scores.append(fit_and_score(np.flatnonzero(fold_of != fold), held))
    order = np.argsort(np.concatenate(rows))
    return np.concatenate(rows)[order], np.vstack(scores)[order]
