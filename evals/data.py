"""Reading a suite's folder: ``name.jsonl`` or ``name.jsonl.gz``, one object a line."""

import gzip
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evals.errors import DataInvalid, DataMissing


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the objects of a file.

    Raises:
        DataMissing: Neither form of the file is there.
        DataInvalid: A line is not a JSON object.
    """
    found = optional_rows(folder, name)
    if found is None:
        raise DataMissing(folder, name)
    return found


def optional_rows(folder: Path, name: str) -> list[dict[str, Any]] | None:
    """Return the objects of a file, or ``None`` where there is none; raises ``DataInvalid``."""
    path = next((p for p in (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz") if p.is_file()), None)
    if path is None:
        return None
    opener = gzip.open if path.suffix == ".gz" else open
    loaded: list[dict[str, Any]] = []
    with opener(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DataInvalid(path, number, str(error)) from error
            if not isinstance(row, dict):
                raise DataInvalid(path, number, "an object is expected")
            loaded.append(row)
    return loaded


def data_hash(folder: Path) -> str:
    """Return a fingerprint of every file of a folder: names and contents, in order (16 hex characters)."""
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files(folder: Path) -> Iterable[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())
