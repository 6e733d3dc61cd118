"""What intake needs of the rest of the house."""

from collections.abc import Mapping
from typing import Protocol

from tickets.schemas import Prediction
from tickets.words import FieldName


class Classifier(Protocol):
    """Labels a customer's words."""

    def predict(self, text: str, context: Mapping[FieldName, str] | None = None) -> Prediction:
        """Return a calibrated prediction; the human zone with an empty label where it abstains."""
        ...
