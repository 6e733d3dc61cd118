"""TC-02, TC-03, TC-04, EV-02: the development set, its targets and the evidence of every value."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from intake.extraction.service import ExtractionService
from tickets.schemas import Field, Message, TextSpan
from tickets.words import FieldName, FieldState

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))
KEYS = {FieldName.ORDER_NO: "o", FieldName.MODEL: "m", FieldName.FAULT_CODE: "c"}
TARGET_F1 = 0.95


@pytest.fixture
def services(extraction: ExtractionService, other_extraction: ExtractionService) -> dict[str, ExtractionService]:
    return {"main": extraction, "other": other_extraction}


def turns_of(case: dict[str, Any]) -> list[str]:
    return case.get("turns") or [case["t"]]


def values(fields: Iterable[Field]) -> set[str]:
    return {value for field in fields for value in (field.candidates or (field.normal,))}


class TestDevelopmentSet:
    def test_every_fact_reaches_the_target(
        self, services: dict[str, ExtractionService], dialogue: Callable[..., list[Message]]
    ) -> None:
        right, wrong, missed = Counter[FieldName](), Counter[FieldName](), Counter[FieldName]()
        for case in CASES:
            service = services[case.get("shop", "main")]
            fields = service.resolve_cases(service.from_turns(dialogue(*turns_of(case))))
            for name, key in KEYS.items():
                found, expected = values(fields.get(name, [])), {str(v) for v in case.get(key, [])}
                right[name] += len(found & expected)
                wrong[name] += len(found - expected)
                missed[name] += len(expected - found)

        f1 = {name: 2 * right[name] / (2 * right[name] + wrong[name] + missed[name]) for name in FieldName}

        assert min(f1.values()) >= TARGET_F1, (f1, wrong, missed)

    def test_contradictions_are_left_to_the_customer(
        self, services: dict[str, ExtractionService], dialogue: Callable[..., list[Message]]
    ) -> None:
        for case in (c for c in CASES if "conflict" in c):
            fields = services["main"].resolve_cases(services["main"].from_turns(dialogue(*turns_of(case))))

            contradictory = {n for n, fs in fields.items() for f in fs if f.state is FieldState.CONFLICT}
            assert contradictory == set(case["conflict"]), case

    def test_evidence_shows_the_value_in_the_raw_text(
        self, services: dict[str, ExtractionService], dialogue: Callable[..., list[Message]]
    ) -> None:
        for case in CASES:
            messages = dialogue(*turns_of(case))
            raw = {m.id: m.raw for m in messages}
            for o in services[case.get("shop", "main")].from_turns(messages):
                assert isinstance(o.evidence, TextSpan)
                assert raw[o.evidence.message_id][o.evidence.start : o.evidence.end] == o.value
                assert 0 < o.confidence <= 1
