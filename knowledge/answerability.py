"""Does the best passage answer the question? A calibrated probability, never a bare cosine.

Logistic regression over features that hold for any corpus (places among candidates and shared words, not absolute
scores alone). The coefficients lie in ``answerability.json`` with where they came from and what they reached on the
held-out half; ``fit`` makes them. On another domain, unchanged (CMRC 2018 dev, 300 questions on 212 articles and 300
on articles that were left out): 98 % answered, each from the right article; 89 % of the others refused.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kit.text import bigrams
from knowledge.retrieval import Candidate, passage_text
from knowledge.schemas import Passage

SHIPPED = Path(__file__).with_name("answerability.json")

FEATURES = (
    "cosine",  # of the best passage; squeezed, so it counts for little alone
    "dense_z",  # how far it stands out among the dense candidates
    "lexical_z",  # the same among the lexical ones
    "margin",  # fused score before the third other article: two may well say the same, three seldom do
    "coverage",  # share of the question's words that the passage has
    "agreement",  # 1 where both arms put the article first, 0.5 where one does
)
_RIVAL = 3
_RIDGE = 1.0
_ITERATIONS = 50
# Question words and courtesy: they say nothing of the subject.
_STOP = frozenset(
    re.split(
        r"[/\s]+",
        """怎么/么办/什么/多少/可以/是不/不是/我们/你们/请问/怎样/如何/能不/不能/有没/没有/为什/哪里/几天
        the/a/an/is/are/do/does/i/my/me/you/your/can/could/how/what/when/where/which/who/to/of/in/on/for/it/this/that""",
    )
)


def features(query: str, found: Sequence[Candidate], passages: Mapping[str, Passage]) -> NDArray[np.float64]:
    """Describe how well the best candidate fits.

    Args:
        query: What was asked.
        found: Fused candidates, best first; not empty.
        passages: Their passages by point id.

    Returns:
        Shape (len(FEATURES),).
    """
    best = found[0]
    top = passages[best.point_id]
    dense = np.array([c.dense for c in found if c.dense is not None], dtype=float)
    cosine = best.dense if best.dense is not None else float(dense.min(initial=1.0))
    lexical = np.array([c.lexical for c in found])
    rivals = list(dict.fromkeys(passages[c.point_id].article_id for c in found))
    third = next((c for c in found if passages[c.point_id].article_id in rivals[_RIVAL:]), None)
    arms = (max(found, key=lambda c: c.dense or -1.0), max(found, key=lambda c: c.lexical))
    agreed = sum(passages[c.point_id].article_id == top.article_id for c in arms) / len(arms)
    words = _content(query)
    held = set(bigrams(passage_text(top)))
    return np.array(
        [
            cosine,
            _z(cosine, dense),
            _z(best.lexical, lexical),
            best.score - (third.score if third else 0.0),
            sum(word in held for word in words) / max(len(words), 1),
            agreed,
        ]
    )


@dataclass(frozen=True)
class AnswerModel:
    """Coefficients and the probability from which on an answer is given.

    Attributes:
        provenance: Data, encoder, date and measured figures.
    """

    coefficients: tuple[float, ...]
    intercept: float
    means: tuple[float, ...]
    scales: tuple[float, ...]
    threshold: float
    provenance: Mapping[str, object]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "AnswerModel":
        """Read coefficients; the shipped ones by default."""
        data = json.loads(path.read_text(encoding="utf-8"))
        if tuple(data["features"]) != FEATURES:
            message = f"{path.name} was made for other features"
            raise ValueError(message)
        return cls(
            tuple(data["coefficients"]),
            float(data["intercept"]),
            tuple(data["means"]),
            tuple(data["scales"]),
            float(data["threshold"]),
            data["provenance"],
        )

    def save(self, path: Path) -> None:
        """Write the coefficients with their provenance."""
        data = {
            "features": FEATURES,
            "coefficients": [round(c, 6) for c in self.coefficients],
            "intercept": round(self.intercept, 6),
            "means": [round(m, 6) for m in self.means],
            "scales": [round(s, 6) for s in self.scales],
            "threshold": round(self.threshold, 4),
            "provenance": dict(self.provenance),
        }
        path.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    @cached_property
    def _arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        return np.array(self.coefficients), np.array(self.means), np.array(self.scales)

    def probability(self, row: NDArray[np.float64]) -> float:
        """Return the probability, 0 to 1, that the best passage answers."""
        coefficients, means, scales = self._arrays
        return float(_sigmoid(((row - means) / scales) @ coefficients + self.intercept))


def fit(
    rows: NDArray[np.float64], answers: NDArray[np.bool_], threshold: float, provenance: Mapping[str, object]
) -> AnswerModel:
    """Fit by ridge-penalised Newton steps (iteratively reweighted least squares, Bishop 2006, §4.3.3).

    Args:
        rows: Shape (n, len(FEATURES)).
        answers: Shape (n,), whether the best passage did answer.
        threshold: From which probability on to answer.
        provenance: What to remember of the fit.
    """
    means, scales = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    design = np.column_stack([(rows - means) / scales, np.ones(len(rows))])
    penalty = _RIDGE * np.eye(design.shape[1])
    penalty[-1, -1] = 0.0
    weights = np.zeros(design.shape[1])
    for _ in range(_ITERATIONS):
        p = _sigmoid(design @ weights)
        gradient = design.T @ (p - answers) + penalty @ weights
        curvature = (design * (p * (1 - p))[:, None]).T @ design + penalty
        weights = weights - np.linalg.solve(curvature + 1e-9 * np.eye(len(weights)), gradient)
    return AnswerModel(
        tuple(map(float, weights[:-1])),
        float(weights[-1]),
        tuple(map(float, means)),
        tuple(map(float, scales)),
        threshold,
        provenance,
    )


def _content(query: str) -> list[str]:
    """Return the question's bigrams and words without question words; single Han characters do not count."""
    return [t for t in dict.fromkeys(bigrams(query)) if t not in _STOP and (len(t) > 1 or t.isascii())]


def _z(value: float, among: NDArray[np.float64]) -> float:
    spread = float(among.std()) if len(among) else 0.0
    return (value - float(among.mean())) / spread if spread > 0 else 0.0


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))))
