"""Suite ``intent``: accuracy, calibration, rejection and coverage of the classifier (EV-01, CL-07)."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evals.counting import Table, measured, plain, share
from evals.data import data_hash, optional_rows, rows
from evals.schemas import Failure, Metric, Options, SuiteResult, System
from intake.classification.schemas import Example, Scored, Taxonomy
from intake.classification.service import ClassificationService
from kit.learn.bounds import bootstrap
from kit.learn.calibration import expected_calibration_error, reliability_table
from kit.learn.metrics import accuracy_at_coverage, auroc, coverage_at_precision, false_positive_rate, macro_f1
from tickets.schemas import Prediction
from tickets.words import LabelPath, Zone

_SEED = 7
_TYPE, _CAUSE = 1, 2


@dataclass(frozen=True, slots=True)
class _Split:
    """What one run trains and is tested on."""

    train: Sequence[Example]
    test: Sequence[Example]
    oos: Sequence[str]
    taxonomy: Taxonomy


@dataclass(frozen=True, slots=True)
class _Run:
    """A trained service's answers to the test texts."""

    truth: list[LabelPath]
    best: list[tuple[LabelPath, float]]
    predictions: list[Prediction]
    scope: list[float]
    oos: list[float]
    seconds: float

    @property
    def correct(self) -> list[bool]:
        return [path == truth for (path, _), truth in zip(self.best, self.truth, strict=True)]

    @property
    def confidence(self) -> list[float]:
        return [p for _, p in self.best]


def run(data: Path, system: System, options: Options) -> SuiteResult:
    """Train on ``train``, measure on ``test`` and, where it is there, on ``oos``.

    Returns:
        accuracy (of the full path; where labels are paths also ``accuracy_cause`` and ``accuracy_type``), macro_f1,
        ece, auroc_oos, fpr95_oos, coverage_at_95/99, accuracy_at_70/90, the share of automatic decisions with their
        error, and ms_per_text. With several seeds, each figure is over all of them.
    """
    train, test = _examples(rows(data, "train")), _examples(rows(data, "test"))
    oos = [str(row["text"]) for row in optional_rows(data, "oos") or []]
    taxonomy = Taxonomy.from_paths(sorted({e.label for e in [*train, *test] if e.label}))
    runs = [
        _measure(_Split(_drawn(train, options.shots, seed), test, oos, taxonomy), system, options, seed=seed)
        for seed in range(options.seeds)
    ]
    merged = _merge(runs)
    versions = {
        "data": data_hash(data),
        "encoder": system.encoder.name,
        "model": merged.predictions[0].model_version if merged.predictions else "",
        "shots": str(options.shots or "all"),
    }
    bins = reliability_table(merged.confidence, merged.correct)
    texts = [e.text for e in test] * options.seeds
    failures = tuple(
        Failure(str(i), "/".join(truth), f"{'/'.join(path)} {p:.2f}", text)
        for i, (truth, (path, p), text) in enumerate(zip(merged.truth, merged.best, texts, strict=True))
        if path != truth
    )
    curve = tuple((b.confidence, b.accuracy) for b in bins)
    return SuiteResult("intent", _metrics(merged), versions, failures, curves={"reliability": curve})


def _measure(split: _Split, system: System, options: Options, *, seed: int) -> _Run:
    service = ClassificationService(system.encoder, split.taxonomy, system.work_dir / f"classifier-{seed}")
    service.train(split.train, lambda done, total: options.progress(f"train {seed}", done, total))
    texts = [e.text for e in split.test]
    begun = time.perf_counter()
    predictions = service.predict_many(texts)
    seconds = time.perf_counter() - begun
    scored = service.score_many(texts)
    return _Run(
        truth=[e.label for e in split.test if e.label],
        best=scored.best(),
        predictions=predictions,
        scope=_scope(scored),
        oos=_scope(service.score_many(split.oos)) if split.oos else [],
        seconds=seconds,
    )


def _metrics(run: _Run) -> dict[str, Metric]:
    confidence, correct = run.confidence, run.correct
    pairs = list(zip(confidence, correct, strict=True))

    def over(statistic: Callable[[Any, Any], float]) -> Metric:
        return measured(pairs, lambda t: float(statistic(t[:, 0], t[:, 1] > 0)))

    metrics = {"accuracy": share(correct)}
    for depth, name in ((_CAUSE, "accuracy_cause"), (_TYPE, "accuracy_type")):
        if len(run.truth[0]) > depth:
            pairs_at = zip(run.best, run.truth, strict=True)
            metrics[name] = share([path[:depth] == truth[:depth] for (path, _), truth in pairs_at])
    metrics["macro_f1"] = _macro_f1(run)
    metrics["ece"] = over(expected_calibration_error)
    metrics["coverage_at_95"] = over(lambda c, r: coverage_at_precision(c, r, 0.95))
    metrics["coverage_at_99"] = over(lambda c, r: coverage_at_precision(c, r, 0.99))
    metrics["accuracy_at_70"] = over(lambda c, r: accuracy_at_coverage(c, r, 0.7))
    metrics["accuracy_at_90"] = over(lambda c, r: accuracy_at_coverage(c, r, 0.9))
    metrics |= _zones(run)
    if run.oos:
        metrics["auroc_oos"] = _two_sided(run.scope, run.oos, auroc)
        metrics["fpr95_oos"] = _two_sided(run.scope, run.oos, false_positive_rate)
    metrics["ms_per_text"] = plain(1000 * run.seconds / max(1, len(run.truth)), len(run.truth))
    return metrics


def _zones(run: _Run) -> dict[str, Metric]:
    """Return the share of each zone, and how often an automatic or offered label is wrong at its own depth."""
    metrics: dict[str, Metric] = {}
    for zone in Zone:
        metrics[f"share_{zone}"] = share([p.zone is zone for p in run.predictions])
    for zone in (Zone.AUTO, Zone.SUGGEST):
        of_zone = [(p, t) for p, t in zip(run.predictions, run.truth, strict=True) if p.zone is zone]
        metrics[f"error_{zone}"] = share([t[: len(p.label)] != p.label for p, t in of_zone])
    return metrics


def _macro_f1(run: _Run) -> Metric:
    names = {path: i for i, path in enumerate(sorted({*run.truth, *(path for path, _ in run.best)}))}
    table = [[names[truth], names[path]] for truth, (path, _) in zip(run.truth, run.best, strict=True)]
    return measured(table, lambda t: macro_f1(t[:, 0].tolist(), t[:, 1].tolist()))


def _two_sided(inside: Sequence[float], outside: Sequence[float], statistic: Callable[..., float]) -> Metric:
    """Measure a figure of two samples; both are resampled together, told apart by a flag."""
    table = [[v, 1.0] for v in inside] + [[v, 0.0] for v in outside]

    def figure(t: Table) -> float:
        return float(statistic(t[t[:, 1] > 0, 0], t[t[:, 1] == 0, 0]))

    low, high = bootstrap(table, figure)
    return Metric(figure(np.asarray(table)), low, high, len(table))


def _scope(scored: Scored) -> list[float]:
    return [float(v) for v in scored.scope]


def _merge(runs: Sequence[_Run]) -> _Run:
    return _Run(
        truth=[t for r in runs for t in r.truth],
        best=[b for r in runs for b in r.best],
        predictions=[p for r in runs for p in r.predictions],
        scope=[s for r in runs for s in r.scope],
        oos=[s for r in runs for s in r.oos],
        seconds=sum(r.seconds for r in runs),
    )


def _examples(found: Sequence[Mapping[str, Any]]) -> list[Example]:
    return [Example(str(row["text"]), _path(row.get("label"))) for row in found]


def _path(label: object) -> LabelPath | None:
    if label is None:
        return None
    return tuple(label) if isinstance(label, list) else (str(label),)


def _drawn(train: Sequence[Example], shots: int, seed: int) -> list[Example]:
    """Draw ``shots`` examples a class; all of them where ``shots`` is 0."""
    if not shots:
        return list(train)
    by_label: dict[LabelPath | None, list[Example]] = defaultdict(list)
    for example in train:
        by_label[example.label].append(example)
    chooser = random.Random(_SEED + seed)  # noqa: S311 - a repeatable draw, no secret
    return [e for many in by_label.values() for e in chooser.sample(many, min(shots, len(many)))]
