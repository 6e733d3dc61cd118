"""A small taxonomy and a service on the fake encoder."""

from pathlib import Path

import pytest

from fakes.encoder import HashingEncoder
from fakes.intents import TREE
from intake.classification.schemas import Taxonomy
from intake.classification.service import ClassificationService
from intake.classification.zones import ZonePolicy


@pytest.fixture
def taxonomy() -> Taxonomy:
    return Taxonomy.from_mapping(TREE)


@pytest.fixture
def service(taxonomy: Taxonomy, tmp_path: Path) -> ClassificationService:
    """Untrained; with so few examples the strict default would never let a label be automatic."""
    return ClassificationService(HashingEncoder(), taxonomy, tmp_path / "model", ZonePolicy(auto_error=0.2))
