"""An encoder without a model: bigrams hashed into a few dimensions. Shared words make texts near, nothing else does."""

from collections.abc import Sequence
from hashlib import blake2s

import numpy as np

from kit.ai.ports import Vectors
from kit.text import bigrams, displayable


class HashingEncoder:
    """Deterministic on every machine; counts how many texts it was given.

    Args:
        width: Length of a vector.
    """

    def __init__(self, width: int = 64) -> None:
        self._width = width
        self.encoded = 0

    @property
    def name(self) -> str:
        return f"hashing-{self._width}"

    @property
    def width(self) -> int:
        return self._width

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += len(texts)
        rows = np.zeros((len(texts), self._width), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for token in bigrams(displayable(text)) or [""]:
                digest = blake2s(token.encode(), digest_size=5).digest()
                row[int.from_bytes(digest[:4], "big") % self._width] += 1.0 if digest[4] % 2 else -1.0
            if not row.any():  # tokens that cancel out
                row[0] = 1.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
