"""``jddc_intent_dev`` by k folds, and with whole intents left out, for the suite ``intent``.

``python -m evals.datasets.jddc_intent FOLDER OUT`` writes ``OUT/fold-0 … fold-4`` (every question is a test once) and
``OUT/left-out-0 … left-out-4`` (ten whole intents a draw become ``oos``).
"""

import gzip
import json
import random
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

_FOLDS = 5
_LEFT_OUT = 10
_SEED = 20261122


def write_folds(source: Path, out: Path) -> None:
    """Write the folders.

    Args:
        source: Folder with ``intent.jsonl.gz`` (``{text, intent}``).
        out: Where to write.
    """
    with gzip.open(source / "intent.jsonl.gz", "rt", encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    rows = [{"text": row["text"], "label": row["intent"]} for row in found]
    chooser = random.Random(_SEED)  # noqa: S311 - a repeatable split, no secret
    chooser.shuffle(rows)
    for fold in range(_FOLDS):
        test = rows[fold::_FOLDS]
        train = [row for i, row in enumerate(rows) if i % _FOLDS != fold]
        _folder(out / f"fold-{fold}", train, test, [])
    intents = sorted({str(row["label"]) for row in rows})
    for draw in range(_FOLDS):
        outside = set(chooser.sample(intents, _LEFT_OUT))
        inside = [row for row in rows if row["label"] not in outside]
        cut = len(inside) // _FOLDS
        oos = [{"text": row["text"]} for row in rows if row["label"] in outside]
        _folder(out / f"left-out-{draw}", inside[cut:], inside[:cut], oos)


def _folder(
    folder: Path, train: Sequence[dict[str, Any]], test: Sequence[dict[str, Any]], oos: Sequence[dict[str, Any]]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "train.jsonl", train)
    _write(folder / "test.jsonl", test)
    if oos:
        _write(folder / "oos.jsonl", oos)


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    write_folds(*map(Path, sys.argv[1:3]))
