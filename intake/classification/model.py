"""The trained classifier as a value: features, head, thresholds; it turns vectors into predictions and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from intake.classification.schemas import Scored, Taxonomy
from intake.classification.wording import ALTERNATIVES, abstention, reason
from intake.classification.zones import Hierarchy, Thresholds
from kit.learn.calibration import softmax
from kit.learn.features import Matrix, NgramSettings, TextFeatures, count_ngrams
from kit.learn.head import HeadUnusable, LinearHead, StoredHead
from tickets.schemas import Prediction
from tickets.words import LabelPath, Zone

OUT_OF_SCOPE = "-"  # the head's last column; never a label
# The scope score is the best label's logit minus this share of the out-of-scope logit. Measured as AUROC on 2,028
# utterances against 80 labelled out of scope / 202 of other kinds / whole intents left out: with 0 (plain max logit)
# .924 / .873 / .777, with .5 .986 / .940 / .775, with 1 .993 / .941 / .740.
_OUTSIDE_SHARE = 0.5
_WORTH_SHOWING = 0.01  # an alternative below one per cent is noise


@dataclass(frozen=True, slots=True)
class IntentModel:
    """A trained classifier.

    Attributes:
        taxonomy: The leaves are the head's columns but the last.
        features: As fitted on all examples.
        head: One column a leaf, and one for out of scope.
        thresholds: Where the zones begin.
        version: Encoder, recipe and data it came from.
    """

    taxonomy: Taxonomy
    features: TextFeatures
    head: LinearHead
    thresholds: Thresholds
    version: str

    def score(self, vectors: Matrix, texts: Sequence[str]) -> Scored:
        """Score prepared texts.

        Args:
            vectors: Their encodings, shape (n, width).
            texts: As ``prepare`` made them.

        Returns:
            Probabilities of the leaves and scope scores.
        """
        rows = self.features.transform(vectors, count_ngrams(texts, self.features.settings))
        return scored(self.taxonomy.leaves, self.head.scores(rows), self.head.temperature)

    def predict(self, vectors: Matrix, texts: Sequence[str], lang: str) -> list[Prediction]:
        """Turn prepared, usable texts into predictions; the reason is written in ``lang``."""
        scores = self.score(vectors, texts)
        hierarchy = Hierarchy(scores.paths)
        tops = hierarchy.tops(scores.probabilities)
        auto = tops.settle(self.thresholds.auto, hierarchy.auto_depth)
        offered = tops.settle(self.thresholds.suggest)
        predictions = []
        for row in range(len(texts)):
            leaves = _ranked(scores, row)
            if scores.scope[row] < self.thresholds.scope:
                predictions.append(abstention("out_of_scope", lang, self.version, leaves))
                continue
            zone, settled = (Zone.AUTO, auto) if auto.depth[row] else (Zone.SUGGEST, offered)
            if not settled.depth[row]:
                predictions.append(abstention("unsure", lang, self.version, leaves))
                continue
            label = hierarchy.nodes[settled.depth[row] - 1][settled.node[row]]
            predictions.append(self._prediction(zone, label, float(settled.probability[row]), leaves, lang))
        return predictions

    def _prediction(
        self, zone: Zone, label: LabelPath, probability: float, leaves: Sequence[tuple[LabelPath, float]], lang: str
    ) -> Prediction:
        others = [leaf for leaf in leaves if leaf[0] != label][:ALTERNATIVES]
        names = self.taxonomy.name(label, lang)
        whole = label in self.taxonomy.leaves
        sentence = reason(zone, names, probability, self.thresholds, lang=lang, whole=whole)
        return Prediction(label, probability, tuple(others), zone, self.version, sentence)

    def save(self, folder: Path, notes: Mapping[str, object]) -> None:
        """Write the model as ``head.npz`` and ``head.json``."""
        limits = {
            "auto": self.thresholds.auto,
            "suggest": self.thresholds.suggest,
            "scope": self.thresholds.scope,
            "ngram_weight": self.features.settings.weight,
        }
        arrays = {"centre": self.features.centre, "idf": self.features.idf}
        self.head.save(folder, arrays, {**notes, "version": self.version, "thresholds": limits})

    @classmethod
    def load(cls, folder: Path, taxonomy: Taxonomy) -> Self:
        """Read a model for a taxonomy.

        Raises:
            HeadUnusable: Missing, damaged, or its columns are not the taxonomy's leaves (CL-06).
        """
        stored = StoredHead.load(folder)
        if stored.head.classes != head_classes(taxonomy):
            raise HeadUnusable("other_taxonomy")
        try:
            limits: Any = stored.notes["thresholds"]
            thresholds = Thresholds(float(limits["auto"]), float(limits["suggest"]), float(limits["scope"]))
            centre, idf = (stored.arrays[name].astype(np.float32) for name in ("centre", "idf"))
            settings = NgramSettings(len(idf), float(limits["ngram_weight"]))
            version = str(stored.notes["version"])
        except (KeyError, TypeError, ValueError) as error:
            raise HeadUnusable("damaged") from error
        if len(stored.head.weights) != len(centre) + len(idf) or thresholds.auto < thresholds.suggest:
            raise HeadUnusable("damaged")
        return cls(taxonomy, TextFeatures(centre, idf, settings), stored.head, thresholds, version)


def head_classes(taxonomy: Taxonomy) -> tuple[str, ...]:
    """Name the head's columns: the leaves in order, then out of scope."""
    return (*("/".join(path) for path in taxonomy.leaves), OUT_OF_SCOPE)


def scored(leaves: tuple[LabelPath, ...], logits: Matrix, temperature: float) -> Scored:
    """Turn the head's logits into probabilities of the leaves and scope scores."""
    inside, outside = logits[:, :-1].max(axis=1), logits[:, -1]
    scope = (inside - _OUTSIDE_SHARE * outside).astype(np.float64)
    return Scored(leaves, softmax(logits, temperature)[:, :-1], scope)


def _ranked(scores: Scored, row: int) -> list[tuple[LabelPath, float]]:
    """Return the leaves worth showing, best first, one more than the alternatives asked for."""
    chances = scores.probabilities[row]
    order = np.argsort(-chances, kind="stable")[: ALTERNATIVES + 1]
    return [(scores.paths[column], float(chances[column])) for column in order if chances[column] >= _WORTH_SHOWING]
