"""Dialogue files: one JSON object a line, plain or gzipped; turns by role, or the pair form of user and agent."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kit.errors import JiedaiError
from tickets.words import Role


class DialogueInvalid(JiedaiError):
    """A line of a dialogue file cannot be read; says which and why."""

    code = "dialogue_invalid"

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(
            f"{path.name} 第 {line} 行无法读取：{reason}", f"{path.name} line {line} cannot be read: {reason}"
        )


@dataclass(frozen=True, slots=True)
class DialogueTurn:
    """One turn of a dialogue file; ``image`` is a path beside the file."""

    role: Role
    text: str
    at: datetime | None = None
    image: str = ""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One dialogue of a file."""

    id: str
    turns: tuple[DialogueTurn, ...]


def read_dialogues(path: Path) -> Iterator[Dialogue]:
    """Yield the dialogues of a ``.jsonl`` or ``.jsonl.gz`` file.

    Raises:
        DialogueInvalid: A line is not of either form, or the file is not there.
    """
    if not path.is_file():
        raise DialogueInvalid(path, 0, "no such file")
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield _dialogue(json.loads(line), number)
            except (ValueError, KeyError, TypeError) as error:
                raise DialogueInvalid(path, number, f"{type(error).__name__}: {error}") from error


def _dialogue(data: dict[str, Any], number: int) -> Dialogue:
    turns: list[DialogueTurn] = []
    for turn in data["turns"]:
        if "role" in turn:
            at = datetime.fromisoformat(turn["at"]) if turn.get("at") else None
            turns.append(DialogueTurn(Role(turn["role"]), turn["text"], at, turn.get("image", "")))
            continue
        turns += [
            DialogueTurn(role, turn[name])
            for name, role in (("user", Role.CUSTOMER), ("agent", Role.AGENT))
            if turn[name]
        ]
    return Dialogue(str(data.get("id", number)), tuple(turns))
