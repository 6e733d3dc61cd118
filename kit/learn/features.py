"""Features of a short text: a centred encoder vector beside hashed n-grams. Pure numpy, so that a head runs anywhere.

The vector carries meaning, the n-grams carry the exact words; measured on 2,094 Chinese shop questions of 51 intents
(5-fold), a linear head reaches .863 on the centred vector, .833 on the n-grams and .886 on both.
"""

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Indices = NDArray[np.int64]

# A run of Latin letters, a number, or any other single character (each Han character is a token of its own).
_TOKEN = re.compile(r"[a-z][a-z']*|[0-9]+|[^\sa-z0-9]")
_INNER_GRAMS = (3, 4)


@dataclass(frozen=True, slots=True)
class NgramSettings:
    """How texts become n-grams.

    Attributes:
        buckets: Number of hash buckets; 2^13 … 2^15 measured the same within 0.5 points.
        weight: Length of the n-gram part beside the vector part of length 1; 0 leaves it out. 0.8 … 1.3 measured
            the same within noise.
    """

    buckets: int = 2**14
    weight: float = 1.2


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Sparse rows in CSR layout: row ``i`` owns ``indices[starts[i]:starts[i + 1]]`` and the values beside them."""

    starts: Indices
    indices: Indices
    values: Matrix

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: Indices) -> "SparseRows":
        """Return the rows with these numbers, in this order."""
        spans = [np.arange(self.starts[row], self.starts[row + 1]) for row in rows]
        picked = np.concatenate([np.empty(0, np.int64), *spans])
        starts = np.concatenate([[0], np.cumsum([len(span) for span in spans])]).astype(np.int64)
        return SparseRows(starts, self.indices[picked], self.values[picked])

    def dot(self, weights: Matrix) -> Matrix:
        """Multiply with dense weights.

        Args:
            weights: Shape (buckets, outputs).

        Returns:
            Shape (len(self), outputs).
        """
        out = np.zeros((len(self), weights.shape[1]), dtype=np.float32)
        for row in range(len(self)):
            span = slice(self.starts[row], self.starts[row + 1])
            out[row] = self.values[span] @ weights[self.indices[span]]
        return out

    def row_numbers(self) -> Indices:
        """Return the row each value belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))


@dataclass(frozen=True, slots=True)
class FeatureRows:
    """Features of some texts: the dense part, shape (n, width), and the sparse part beside it."""

    dense: Matrix
    sparse: SparseRows

    def __len__(self) -> int:
        return len(self.dense)


def ngram_tokens(text: str) -> list[str]:
    """Split a text: single tokens, pairs of neighbours, and the 3- and 4-grams inside Latin words.

    Args:
        text: Folded and lower-cased.

    Returns:
        Tokens with repeats. A Han character or a punctuation mark is a token, so is a Latin word or a number.
    """
    singles = _TOKEN.findall(text)
    tokens = singles + [f"{left} {right}" for left, right in zip(["^", *singles], [*singles, "$"], strict=True)]
    for word in singles:
        if len(word) > 1 and "a" <= word[0] <= "z":
            marked = f"<{word}>"
            tokens += [marked[i : i + size] for size in _INNER_GRAMS for i in range(len(marked) - size + 1)]
    return tokens


def count_ngrams(texts: Sequence[str], settings: NgramSettings) -> SparseRows:
    """Count hashed n-grams ("hashing trick", Weinberger et al., ICML 2009); CRC-32 is the same on every machine.

    Args:
        texts: Folded and lower-cased texts.
        settings: The number of buckets.

    Returns:
        One row a text with the counts of its buckets, buckets ascending.
    """
    starts, indices, values = [0], list[int](), list[int]()
    for text in texts:
        tokens = (token.encode("utf-8", "surrogatepass") for token in ngram_tokens(text))
        counts = Counter(zlib.crc32(token) % settings.buckets for token in tokens)
        indices.extend(sorted(counts))
        values.extend(counts[bucket] for bucket in sorted(counts))
        starts.append(len(indices))
    return SparseRows(np.array(starts, np.int64), np.array(indices, np.int64), np.array(values, np.float32))


@dataclass(frozen=True, slots=True)
class TextFeatures:
    """What has to be learnt before texts can be turned into features: the mean vector and the weight of each bucket.

    Centring matters because the cosines of contrastive encoders are squeezed into a narrow cone (Ethayarajh, EMNLP
    2019; here .84 between unrelated texts).

    Attributes:
        centre: Mean of the training vectors, shape (width,).
        idf: Inverse document frequency of each bucket, shape (buckets,).
        settings: How n-grams were made.
    """

    centre: Matrix
    idf: Matrix
    settings: NgramSettings

    @classmethod
    def fit(cls, vectors: Matrix, counts: SparseRows, settings: NgramSettings) -> Self:
        """Learn from training rows.

        Args:
            vectors: Shape (n, width).
            counts: The n rows of ``count_ngrams``.
            settings: Those the counts were made with.

        Returns:
            The fitted features; idf is smoothed as in scikit-learn: ln((1 + n) / (1 + df)) + 1.
        """
        frequency = np.bincount(counts.indices, minlength=settings.buckets)
        idf = np.log((1 + len(counts)) / (1 + frequency)) + 1
        return cls(vectors.mean(axis=0, dtype=np.float64).astype(np.float32), idf.astype(np.float32), settings)

    def transform(self, vectors: Matrix, counts: SparseRows) -> FeatureRows:
        """Turn rows into features: a centred unit vector, and tf-idf of length ``settings.weight``.

        Args:
            vectors: Shape (n, width).
            counts: The n rows of ``count_ngrams`` with the same settings.

        Returns:
            n rows; a text without any token has an empty sparse row.
        """
        dense = vectors - self.centre
        dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-6)
        values = (1 + np.log(counts.values)) * self.idf[counts.indices]
        rows = counts.row_numbers()
        length = np.sqrt(np.bincount(rows, weights=values * values, minlength=len(counts)))
        scaled = values / np.maximum(length[rows], 1e-6) * self.settings.weight
        return FeatureRows(
            dense.astype(np.float32), SparseRows(counts.starts, counts.indices, scaled.astype(np.float32))
        )


def join_rows(parts: Sequence[FeatureRows]) -> FeatureRows:
    """Put the rows of several parts below one another."""
    offsets = np.cumsum([0, *(len(part.sparse.indices) for part in parts)])
    starts = [part.sparse.starts[1:] + offset for part, offset in zip(parts, offsets[:-1], strict=True)]
    return FeatureRows(
        np.vstack([part.dense for part in parts]),
        SparseRows(
            np.concatenate([np.zeros(1, np.int64), *starts]),
            np.concatenate([part.sparse.indices for part in parts]),
            np.concatenate([part.sparse.values for part in parts]),
        ),
    )
