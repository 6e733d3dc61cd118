"""A trained linear head: weights, classes and temperature, kept as a NumPy archive and a JSON file, never a pickle."""

import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from kit.errors import ErrorKind, JiedaiError
from kit.learn.calibration import Floats, softmax
from kit.learn.features import FeatureRows, Matrix

SCHEMA_VERSION = 1
_ARRAYS, _DESCRIPTION = HEAD_FILES = "head.npz", "head.json"
_SUPPORTED_DTYPES = "fiu"  # floats and integers; an archive that holds objects would be a pickle in disguise

Arrays = Mapping[str, NDArray[np.generic]]


class HeadUnusable(JiedaiError):
    """A stored head that cannot be used; ``code`` says why (missing, damaged, other_schema)."""

    kind = ErrorKind.UNAVAILABLE

    def __init__(self, code: str) -> None:
        super().__init__("模型文件缺失或已损坏，请重新训练", "The model's files are missing or damaged; train it again")
        self.code = code


@dataclass(frozen=True, slots=True)
class LinearHead:
    """One linear layer over features: a score for each class, and calibrated probabilities.

    Attributes:
        weights: Shape (features, classes); the dense features come first, then the n-gram buckets.
        bias: Shape (classes,).
        classes: Names in the order of the columns.
        temperature: Scores are divided by it before they become probabilities.
    """

    weights: Matrix
    bias: Matrix
    classes: tuple[str, ...]
    temperature: float = 1.0

    def scores(self, rows: FeatureRows) -> Matrix:
        """Return raw scores (logits), shape (len(rows), classes)."""
        width = rows.dense.shape[1]
        linear = rows.dense @ self.weights[:width] + rows.sparse.dot(self.weights[width:])
        return np.asarray(linear + self.bias, dtype=np.float32)

    def probabilities(self, rows: FeatureRows) -> Floats:
        """Return calibrated probabilities, shape (len(rows), classes), rows summing to 1."""
        return softmax(self.scores(rows), self.temperature)

    def with_temperature(self, temperature: float) -> "LinearHead":
        """Return the same head with another temperature."""
        return LinearHead(self.weights, self.bias, self.classes, temperature)

    def save(self, folder: Path, arrays: Arrays | None = None, notes: Mapping[str, object] | None = None) -> None:
        """Write ``head.npz`` and ``head.json`` into a folder, each by an atomic replace.

        A crash between the two leaves files that do not match, which ``load`` refuses.

        Args:
            folder: Is created where missing.
            arrays: More arrays to keep beside the head's own.
            notes: More facts for the JSON file; must be JSON-serialisable.
        """
        buffer = io.BytesIO()
        np.savez_compressed(buffer, weights=self.weights, bias=self.bias, **(arrays or {}))  # type: ignore[arg-type]  # numpy's stub takes the flag allow_pickle out of the keywords
        content = buffer.getvalue()
        description = {
            "schema": SCHEMA_VERSION,
            "classes": list(self.classes),
            "temperature": self.temperature,
            "sha256": hashlib.sha256(content).hexdigest(),
            "notes": dict(notes or {}),
        }
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / _ARRAYS, content)
        write_atomically(folder / _DESCRIPTION, json.dumps(description, ensure_ascii=False, indent=1).encode())


@dataclass(frozen=True, slots=True)
class StoredHead:
    """A head as it lay on the disk.

    Attributes:
        head: The head.
        arrays: The arrays that were kept beside it.
        notes: The facts that were kept with it.
        digest: SHA-256 of the arrays, in hexadecimal.
    """

    head: LinearHead
    arrays: Arrays
    notes: Mapping[str, object]
    digest: str

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``LinearHead.save`` wrote.

        Raises:
            HeadUnusable: Missing, damaged, of another schema, or the two files do not belong together.
        """
        described = _read_description(folder / _DESCRIPTION)
        try:
            content = (folder / _ARRAYS).read_bytes()
        except OSError as error:
            raise HeadUnusable("missing") from error
        digest = hashlib.sha256(content).hexdigest()
        if digest != described.sha256:
            raise HeadUnusable("damaged")
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            head = LinearHead(arrays.pop("weights"), arrays.pop("bias"), described.classes, described.temperature)
        except (KeyError, ValueError, BadZipFile) as error:
            raise HeadUnusable("damaged") from error
        if not _consistent(head, arrays):
            raise HeadUnusable("damaged")
        return cls(head, arrays, described.notes, digest)


@dataclass(frozen=True, slots=True)
class _Description:
    """What the JSON file says."""

    classes: tuple[str, ...]
    temperature: float
    sha256: str
    notes: Mapping[str, object]


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that a reader sees the old or the new content, never a part."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def _read_description(path: Path) -> _Description:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise HeadUnusable("missing") from error
    except ValueError as error:
        raise HeadUnusable("damaged") from error
    if not isinstance(content, dict):
        raise HeadUnusable("damaged")
    if content.get("schema") != SCHEMA_VERSION:
        raise HeadUnusable("other_schema")
    try:
        classes, notes = tuple(map(str, content["classes"])), dict(content["notes"])
        return _Description(classes, float(content["temperature"]), str(content["sha256"]), notes)
    except (KeyError, TypeError, ValueError) as error:
        raise HeadUnusable("damaged") from error


def _consistent(head: LinearHead, arrays: Arrays) -> bool:
    shapes = head.weights.ndim == 2 and head.weights.shape[1:] == head.bias.shape == (len(head.classes),)  # noqa: PLR2004 - a matrix
    kinds = all(array.dtype.kind in _SUPPORTED_DTYPES for array in arrays.values())
    return shapes and kinds and head.temperature > 0 and bool(np.isfinite(head.weights).all())
