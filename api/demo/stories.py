"""The demo conversations as data: what the customer does, what the agent does, what should come of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "conversations"


@dataclass(frozen=True, slots=True)
class Story:
    """One demo conversation.

    Attributes:
        steps: ``{say}``, ``{send_picture, say?}``, ``{confirm}``, ``{correct}``, ``{agent}``, ``{resolve, action?}``.
        expect: What should come of it; printed beside what did, and checked by a test.
    """

    id: str
    title: str
    lang: str
    customer: str
    steps: tuple[dict[str, Any], ...]
    expect: dict[str, Any]
    qa_expect: tuple[str, ...]


def load_stories(folder: Path = FOLDER) -> list[Story]:
    """Read all stories of a folder, in the order of their file names."""
    return [_story(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.yaml"))]


def picture(name: str, folder: Path = FOLDER) -> bytes:
    """Return a picture of a story."""
    return (folder / "pictures" / name).read_bytes()


def _story(data: dict[str, Any]) -> Story:
    return Story(
        id=data["id"],
        title=data["title_zh"],
        lang=data.get("lang", "zh"),
        customer=data.get("customer", {}).get("name", ""),
        steps=tuple(data["steps"]),
        expect=data.get("expect", {}),
        qa_expect=tuple(data.get("qa_expect", ())),
    )
