"""Training: encode once, judge every example by heads that have not seen it, choose thresholds, fit the final head.

The out-of-fold rows serve three ends at once: the temperature, the thresholds and the report. They are the training
data's own cases, which are harder and closer together than a day's traffic, so the figures err on the cautious side.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from intake.classification.errors import LabelOutsideTaxonomy, TooFewExamples
from intake.classification.model import IntentModel, head_classes, scored
from intake.classification.preparation import label_texts, prepare
from intake.classification.report import TrainingReport, figures_of
from intake.classification.schemas import Example, Scored, Taxonomy
from intake.classification.zones import Hierarchy, Thresholds, ZonePolicy, choose_scope, choose_thresholds
from kit.ai.ports import Encoder
from kit.learn.calibration import Floats, fit_temperature
from kit.learn.features import (
    FeatureRows,
    Indices,
    Matrix,
    NgramSettings,
    SparseRows,
    TextFeatures,
    count_ngrams,
    join_rows,
)
from kit.learn.head import LinearHead
from kit.learn.training import fit_head, out_of_fold, stratified_folds

Progress = Callable[[int, int], None]

# Part of the model's version: another way of preparing or training is another model. Raise it with every change.
RECIPE = "lr2"
_FOLDS = 5
# Rows × classes × fits that about a minute allows (2 s a fit at 100,000, 15 s at 2,250,000); large data gets fewer
# rounds, each on fewer held-out rows, which are still thousands.
_FIT_BUDGET = 5_000_000
_ENCODE_BATCH = 64
_MIN_LEAVES_TO_LEAVE_OUT = 5
_SEED = 20261121


def data_hash(examples: Sequence[Example], taxonomy: Taxonomy, encoder_name: str) -> str:
    """Hash everything a trained model depends on; the order of the examples does not matter."""
    rows = sorted(json.dumps([example.text, example.label]) for example in examples)
    content = json.dumps([RECIPE, encoder_name, taxonomy.fingerprint, rows])
    return hashlib.sha256(content.encode()).hexdigest()


def train_model(
    examples: Sequence[Example], taxonomy: Taxonomy, encoder: Encoder, policy: ZonePolicy, progress: Progress
) -> tuple[IntentModel, TrainingReport]:
    """Train a classifier and judge it.

    Args:
        examples: Labelled texts; unusable ones and exact repeats are left out.
        taxonomy: Every label must be one of its leaves.
        encoder: Turns texts into vectors.
        policy: How often each zone may be wrong.
        progress: Called with (steps done, steps in all); a step is a text encoded or a twentieth of a fit.

    Returns:
        The model and its report.

    Raises:
        LabelOutsideTaxonomy: An example's label is no leaf.
        TooFewExamples: Fewer than two labels are left.
    """
    started = time.perf_counter()
    rows = _rows(examples, taxonomy)
    rounds = _rounds(len(rows.targets), len(taxonomy.leaves) + 1)
    fit_steps = max(1, len(rows.texts) // 20)
    steps = _Steps(progress, len(rows.texts) + (2 * rounds + 1) * fit_steps)
    vectors = _encode(encoder, rows.texts, steps)
    encoded = time.perf_counter()
    bench = _Bench(taxonomy, rows, vectors, steps, fit_steps)
    held = _held_out(bench, rounds, policy)
    features, head = bench.fit(np.arange(len(rows.targets)))
    version = f"{encoder.name}+{RECIPE}-{data_hash(examples, taxonomy, encoder.name)[:12]}"
    model = IntentModel(taxonomy, features, head.with_temperature(held.temperature), held.thresholds, version)
    inside = int((rows.targets < len(taxonomy.leaves)).sum())
    figures = figures_of(held.scored, held.truth, held.left_out, held.thresholds, Hierarchy(taxonomy.leaves))
    report = TrainingReport(
        version=version,
        n=inside,
        n_out_of_scope=len(rows.targets) - inside,
        labels=len(taxonomy.leaves),
        figures=figures,
        held_out=len(held.truth),
        thresholds=held.thresholds,
        temperature=held.temperature,
        seconds_encoding=encoded - started,
        seconds_training=time.perf_counter() - encoded,
    )
    steps.finish()
    return model, report


@dataclass(frozen=True, slots=True)
class _HeldOut:
    """What heads thought of examples they had not seen, and what was settled by it."""

    scored: Scored
    truth: Indices
    left_out: Floats
    temperature: float
    thresholds: Thresholds


def _held_out(bench: "_Bench", rounds: int, policy: ZonePolicy) -> _HeldOut:
    held, logits = out_of_fold(bench.folds(), bench.scores_after, rounds)
    targets, leaves = bench.targets[held], bench.leaves
    truth = np.where(targets < len(leaves), targets, -1)
    temperature = fit_temperature(logits, targets)
    seen = scored(leaves, logits, temperature)
    left_out = bench.left_out(rounds, temperature)
    scope = choose_scope(seen.scope[truth >= 0], seen.scope[truth < 0], left_out, policy)
    hierarchy = Hierarchy(leaves)
    auto, suggest = choose_thresholds(hierarchy, seen.probabilities, truth, seen.scope >= scope, policy)
    return _HeldOut(seen, truth, left_out, temperature, Thresholds(auto, suggest, scope))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Prepared texts: the examples first, then what the taxonomy says of its leaves.

    Attributes:
        texts: All of them.
        targets: Columns of the examples; the last column is out of scope.
        own_targets: Columns of the taxonomy's texts.
    """

    texts: list[str]
    targets: Indices
    own_targets: Indices


def _rows(examples: Sequence[Example], taxonomy: Taxonomy) -> _Rows:
    column = {path: number for number, path in enumerate(taxonomy.leaves)}
    kept: dict[tuple[str, int], None] = {}
    for example in examples:
        if example.label is not None and example.label not in column:
            raise LabelOutsideTaxonomy(example.label)
        prepared = prepare(example.text)
        if prepared.usable:
            kept[prepared.text, column[example.label] if example.label else len(column)] = None
    if len({target for _, target in kept}) < 2:  # noqa: PLR2004 - one label is no choice
        raise TooFewExamples
    own = label_texts(taxonomy)
    texts = [text for text, _ in kept] + [text for text, _ in own]
    targets = np.array([target for _, target in kept], dtype=np.int64)
    return _Rows(texts, targets, np.array([column[path] for _, path in own], dtype=np.int64))


def _rounds(rows: int, classes: int) -> int:
    return max(1, min(_FOLDS, _FIT_BUDGET // (rows * classes)))


class _Steps:
    """Counts steps for a progress bar."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self, steps: int) -> None:
        self._done = min(self._done + steps, self._total)
        self._progress(self._done, self._total)

    def finish(self) -> None:
        self.add(self._total - self._done)


def _encode(encoder: Encoder, texts: Sequence[str], steps: _Steps) -> Matrix:
    parts = []
    for start in range(0, len(texts), _ENCODE_BATCH):
        parts.append(encoder.encode(texts[start : start + _ENCODE_BATCH]))
        steps.add(len(parts[-1]))
    return np.vstack(parts)


class _Bench:
    """Fits heads on parts of the examples, always with the taxonomy's own texts beside them."""

    def __init__(self, taxonomy: Taxonomy, rows: _Rows, vectors: Matrix, steps: _Steps, fit_steps: int) -> None:
        self._classes = head_classes(taxonomy)
        self.leaves = taxonomy.leaves
        self.targets = rows.targets
        self._rows = rows
        self._settings = NgramSettings()
        counts = count_ngrams(rows.texts, self._settings)
        examples, own = np.arange(len(rows.targets)), np.arange(len(rows.targets), len(rows.texts))
        self._vectors, self._counts = vectors[examples], counts.take(examples)
        self._own: tuple[Matrix, SparseRows] = vectors[own], counts.take(own)
        self._steps, self._fit_steps = steps, fit_steps

    def folds(self) -> Indices:
        """Deal the examples to folds; the same prepared text with two labels stays together."""
        return stratified_folds(self.targets, self._rows.texts[: len(self.targets)], _FOLDS, _SEED)

    def fit(self, rows: Indices, without: frozenset[int] = frozenset()) -> tuple[TextFeatures, LinearHead]:
        """Fit features and head on some examples; ``without`` names leaf columns that must stay unknown."""
        features = TextFeatures.fit(self._vectors[rows], self._counts.take(rows), self._settings)
        own = np.flatnonzero(~np.isin(self._rows.own_targets, list(without)))
        own_rows = features.transform(self._own[0][own], self._own[1].take(own))
        joined = join_rows([self._transform(features, rows), own_rows])
        targets = np.concatenate([self.targets[rows], self._rows.own_targets[own]])
        head = fit_head(joined, targets, self._classes, self._settings.buckets)
        self._steps.add(self._fit_steps)
        return features, head

    def scores_after(self, train: Indices, held: Indices) -> Matrix:
        """Fit on some examples and return the logits of others."""
        features, head = self.fit(train)
        return head.scores(self._transform(features, held))

    def left_out(self, rounds: int, temperature: float) -> Floats:
        """Leave each leaf out of training once, a fifth of them at a time, and return its rows' scope scores."""
        targets = self.targets
        leaves = len(self.leaves)
        if leaves < _MIN_LEAVES_TO_LEAVE_OUT:
            return np.empty(0)
        parts = np.array_split(np.random.default_rng(_SEED).permutation(leaves), _FOLDS)
        found = [np.empty(0)]
        for part in parts[:rounds]:
            absent = np.flatnonzero(np.isin(targets, part))
            if len(absent):
                features, head = self.fit(np.flatnonzero(~np.isin(targets, part)), frozenset(part.tolist()))
                logits = head.scores(self._transform(features, absent))
                found.append(scored(self.leaves, logits, temperature).scope)
        return np.concatenate(found)

    def _transform(self, features: TextFeatures, rows: Indices) -> FeatureRows:
        return features.transform(self._vectors[rows], self._counts.take(rows))
