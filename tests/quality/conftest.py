"""Reads the labelled dialogues and makes the service under test."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from quality.ruleset import load_rules
from quality.schemas import Transcript, Turn
from quality.service import QualityService
from tickets.words import Role

START = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
_ROLES = {"c": Role.CUSTOMER, "a": Role.AGENT, "b": Role.BOT, "s": Role.SYSTEM}
_TURN = re.compile(r"([cabs])(?:\+([\d.]+))?: ", re.ASCII)


@dataclass(frozen=True)
class Labelled:
    transcript: Transcript
    expected: dict[str, list[str]]


def transcript_of(*lines: str, closed: bool = False, observed: float | None = None, name: str = "t") -> Transcript:
    turns = []
    for index, line in enumerate(lines):
        mark = _TURN.match(line)
        assert mark, line
        at = START + timedelta(minutes=float(mark[2])) if mark[2] else None
        turns.append(Turn(index, _ROLES[mark[1]], "", line[mark.end() :], at))
    seen = START + timedelta(minutes=observed) if observed is not None else None
    return Transcript(name, tuple(turns), closed=closed, observed_at=seen)


def labelled_dialogues() -> list[Labelled]:
    items = yaml.safe_load((Path(__file__).parent / "dialogues.yaml").read_text(encoding="utf-8"))
    return [
        Labelled(
            transcript_of(
                *item["turns"], closed=item.get("closed", False), observed=item.get("observed"), name=item["id"]
            ),
            item["expect"],
        )
        for item in items
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "labelled" in metafunc.fixturenames:
        cases = labelled_dialogues()
        metafunc.parametrize("labelled", cases, ids=[case.transcript.id for case in cases])


@pytest.fixture(scope="session")
def service() -> QualityService:
    return QualityService(load_rules())


@pytest.fixture
def transcript():
    return transcript_of
