"""The classifier's face: train, load, predict. It knows texts and labels, not tickets or conversations."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from intake.classification.errors import ClassifierNotCurrent
from intake.classification.model import IntentModel
from intake.classification.preparation import prepare
from intake.classification.report import TrainingReport
from intake.classification.schemas import Example, Scored, Taxonomy
from intake.classification.training import Progress, data_hash, train_model
from intake.classification.wording import abstention
from intake.classification.zones import ZonePolicy
from kit.ai.ports import Encoder
from kit.learn.head import HEAD_FILES, HeadUnusable, StoredHead, write_atomically
from tickets.schemas import Prediction
from tickets.words import FieldName

_REPORT = "report.json"
_UNTRAINED = "none"


class ClassificationService:
    """Labels customers' words with paths of one taxonomy; safe to share between threads.

    Args:
        encoder: Turns texts into vectors.
        taxonomy: The shop's labels.
        model_dir: Folder of the trained model: ``head.npz``, ``head.json``, ``report.json``.
        policy: How often each zone may be wrong; used in training.
    """

    def __init__(self, encoder: Encoder, taxonomy: Taxonomy, model_dir: Path, policy: ZonePolicy | None = None) -> None:
        self._encoder = encoder
        self._taxonomy = taxonomy
        self._model_dir = model_dir
        self._policy = policy or ZonePolicy()
        self._model: IntentModel | None = None
        self._loaded_at: tuple[int, ...] = ()

    @property
    def taxonomy(self) -> Taxonomy:
        """The labels it may give."""
        return self._taxonomy

    def train(self, examples: Iterable[Example], progress: Progress | None = None) -> TrainingReport:
        """Train on labelled texts, store the model and use it from now on.

        Args:
            examples: At least two labels; five texts a label are a useful minimum.
            progress: Called with (steps done, steps in all).

        Returns:
            Figures from held-out rows.

        Raises:
            LabelOutsideTaxonomy: An example's label is no leaf of the taxonomy.
            TooFewExamples: Fewer than two labels.
        """
        rows = list(examples)
        steps = progress or (lambda _done, _total: None)
        model, report = train_model(rows, self._taxonomy, self._encoder, self._policy, steps)
        self._model_dir.mkdir(parents=True, exist_ok=True)
        content = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
        write_atomically(self._model_dir / _REPORT, content.encode())
        model.save(self._model_dir, self._identity(rows))
        self._model = model
        return report

    def load(self) -> None:
        """Use the stored model.

        Raises:
            HeadUnusable: It is missing or damaged.
            ClassifierNotCurrent: It was made by another encoder or for another taxonomy.
        """
        notes = StoredHead.load(self._model_dir).notes
        if notes.get("encoder") != self._encoder.name or notes.get("taxonomy") != self._taxonomy.fingerprint:
            raise ClassifierNotCurrent
        self._model = IntentModel.load(self._model_dir, self._taxonomy)

    def refresh(self) -> bool:
        """Use the stored model if another process has stored a newer one; return whether it did."""
        stored = self._stored_at()
        if stored == self._loaded_at:
            return False
        try:
            self.load()
        except (HeadUnusable, ClassifierNotCurrent):  # half written, or for a taxonomy we have not loaded: later
            return False
        self._loaded_at = stored
        return True

    def _stored_at(self) -> tuple[int, ...]:
        files = (self._model_dir / name for name in HEAD_FILES)
        try:
            return tuple(file.stat().st_mtime_ns for file in files)
        except OSError:
            return ()

    def is_current(self, examples: Iterable[Example]) -> bool:
        """Tell whether the stored model was trained on just these examples, by this recipe, encoder and taxonomy."""
        try:
            notes = StoredHead.load(self._model_dir).notes
        except HeadUnusable:
            return False
        return notes == {**notes, **self._identity(list(examples))}

    def report(self) -> dict[str, Any]:
        """Return the stored training report as plain values (see ``TrainingReport``); empty where there is none."""
        try:
            content = json.loads((self._model_dir / _REPORT).read_bytes())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def predict(self, text: str, context: Mapping[FieldName, str] | None = None, *, lang: str = "zh") -> Prediction:
        """Label a text.

        Args:
            text: A customer's words, untrusted.
            context: Normal forms of facts known from elsewhere; a fault code counts as said.
            lang: Language of the reason.

        Returns:
            A prediction. Without a model, and for a text that holds no words or nothing but numbers, it abstains:
            the human zone with an empty label, never a default class.
        """
        return self._predict([(text, context)], lang)[0]

    def predict_many(self, texts: Sequence[str], *, lang: str = "zh") -> list[Prediction]:
        """Label several texts at once, see ``predict``."""
        return self._predict([(text, None) for text in texts], lang)

    def score_many(self, texts: Sequence[str]) -> Scored:
        """Score texts without any threshold, for measuring: unusable ones get probability 0 and the lowest scope.

        Raises:
            HeadUnusable: There is no model.
        """
        if self._model is None:
            raise HeadUnusable("missing")
        prepared = [prepare(text) for text in texts]
        scores = self._model.score(self._encoder.encode([p.text for p in prepared]), [p.text for p in prepared])
        usable = np.array([p.usable for p in prepared], dtype=bool)
        probabilities = np.where(usable[:, None], scores.probabilities, 0.0)
        return Scored(scores.paths, probabilities, np.where(usable, scores.scope, -np.inf))

    def _predict(self, asked: Sequence[tuple[str, Mapping[FieldName, str] | None]], lang: str) -> list[Prediction]:
        model = self._model  # one read, so that a training in another thread cannot change it half-way
        if model is None:
            return [abstention("untrained", lang, _UNTRAINED) for _ in asked]
        prepared = [prepare(text, context) for text, context in asked]
        texts = [p.text for p in prepared if p.usable]
        known = iter(model.predict(self._encoder.encode(texts), texts, lang) if texts else ())
        return [next(known) if p.usable else abstention("unusable", lang, model.version) for p in prepared]

    def _identity(self, examples: Sequence[Example]) -> dict[str, object]:
        return {
            "encoder": self._encoder.name,
            "taxonomy": self._taxonomy.fingerprint,
            "data": data_hash(examples, self._taxonomy, self._encoder.name),
        }
