"""Suite ``ocr``: strings found in pictures, character error rate, seconds a picture."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.counting import plain, share
from evals.data import data_hash, rows
from evals.schemas import Failure, Metric, Options, SuiteResult, System
from kit.ai.ports import PictureRefused
from kit.text import normalise


def run(data: Path, system: System, options: Options) -> SuiteResult:
    """Measure the picture reader on ``labels``: ``{file, fields: {contains: [..]}}`` or ``{…, fields: {text}}``."""
    labels = rows(data, "labels")
    hits: list[bool] = []
    errors: list[float] = []
    seconds: list[float] = []
    failures: list[Failure] = []
    for done, label in enumerate(labels, 1):
        begun = time.perf_counter()
        read = _read(system, data / label["file"])
        seconds.append(time.perf_counter() - begun)
        for wanted in _wanted(label["fields"]):
            hits.append(_flat(wanted) in read)
            errors.append(character_error_rate(_flat(wanted), read))
            if not hits[-1]:
                failures.append(Failure(label["file"], wanted, read[:200], label["file"]))
        options.progress("ocr", done, len(labels))
    metrics = {"strings_found": share(hits), "cer": share(errors), "seconds_per_picture": _median(seconds)}
    return SuiteResult("ocr", metrics, {"data": data_hash(data)}, tuple(failures))


def character_error_rate(wanted: str, text: str) -> float:
    """Return the least edit distance of ``wanted`` to any part of ``text``, per wanted character (Sellers 1980).

    >>> character_error_rate("abc", "xxabdyy")
    0.3333333333333333
    """
    if not wanted:
        return 0.0
    row = [0] * (len(text) + 1)
    for i, char in enumerate(wanted, 1):
        previous, row = row, [i]
        for j, other in enumerate(text, 1):
            row.append(min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (char != other)))
    return min(row) / len(wanted)


def _read(system: System, path: Path) -> str:
    try:
        picture = system.reader.read(path.read_bytes())
    except PictureRefused:
        return ""
    return _flat("".join(line.text for line in picture.lines))


def _wanted(fields: Mapping[str, Any]) -> Sequence[str]:
    if "contains" in fields:
        return list(fields["contains"])
    return [str(value) for value in fields.values() if isinstance(value, str)]


def _flat(text: str) -> str:
    """Fold widths and drop spaces: layout is no reading error."""
    return "".join(normalise(text).text.split())


def _median(seconds: Sequence[float]) -> Metric:
    ordered = sorted(seconds)
    return plain(ordered[len(ordered) // 2] if ordered else float("nan"), len(ordered))
