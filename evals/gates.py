"""Gates: what a metric must keep, against fixed figures or an accepted baseline (EV-09)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.schemas import SuiteResult

# Per suite and metric: the worst value that may pass. Only figures agreed in an issue stand here; other data sets are
# gated by their own baseline.
GATES: Mapping[str, Mapping[str, float]] = {}
# Lower is better for these; higher for all others.
LOWER_IS_BETTER = frozenset(
    {"ece", "fpr95_oos", "cer", "seconds_per_picture", "ms_per_text", "ms_per_query", "wrong_answer_rate"}
)
# A speed depends on the machine of the day: it is reported, never gated against another day's.
_NOT_COMPARED = frozenset({"seconds_per_picture", "ms_per_text", "ms_per_query"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a metric keeps its gate, in words."""

    metric: str
    holds: bool
    text: str


def judge(result: SuiteResult, baseline: Path | None) -> list[Verdict]:
    """Compare a result with the fixed gates and, where given, an accepted report.

    A metric falls below its baseline only where its whole interval does: one case more or less is no regression.

    Args:
        result: The new result.
        baseline: An earlier ``report.json``.
    """
    verdicts = [_fixed(result, name, bound) for name, bound in GATES.get(result.suite, {}).items()]
    if baseline is not None:
        before = json.loads(baseline.read_text(encoding="utf-8"))["metrics"]
        verdicts += [
            _compared(result, name, old["value"])
            for name, old in before.items()
            if name in result.metrics and name not in _NOT_COMPARED
        ]
    return verdicts


def _fixed(result: SuiteResult, name: str, bound: float) -> Verdict:
    value = result.metrics[name].value
    lower = name in LOWER_IS_BETTER
    holds = value <= bound if lower else value >= bound
    return Verdict(name, holds, f"{name} {value:.4f}, {'at most' if lower else 'at least'} {bound:.4f}")


def _compared(result: SuiteResult, name: str, before: float) -> Verdict:
    metric = result.metrics[name]
    holds = metric.low <= before if name in LOWER_IS_BETTER else metric.high >= before
    return Verdict(name, holds, f"{name} {metric.value:.4f} [{metric.low:.4f}, {metric.high:.4f}], before {before:.4f}")
