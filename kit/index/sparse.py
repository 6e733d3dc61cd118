"""Sparse vectors for lexical search: Han characters and bigrams, Latin words and codes, weighted as BM25 weighs them.

The inverse document frequency is applied by the index at query time, over what it holds then (Qdrant's IDF modifier),
so that a growing collection needs no second pass. Bigrams beat a dictionary segmenter (see ``kit.text.bigrams``).
"""

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2s

from kit.index.ports import SparseVector
from kit.text import bigrams

SCHEME = "han-bigrams-bm25-1"
"""Identity of tokens and weights; part of an index's signature, so that a change of either rebuilds it."""

# Okapi BM25 with the usual k1 and b (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework").
_K1 = 1.2
_B = 0.75
# Fixed, because an average over the collection would change every vector with each article; a passage of the demo
# shop has 60 to 250 tokens. As with Qdrant's own BM25 (256), only the ratio between passages matters.
_AVERAGE_TOKENS = 150


def document_vector(text: str) -> SparseVector:
    """Weigh a passage's terms: saturated term frequency, discounted by length.

    Args:
        text: Any text.

    Returns:
        Terms in ascending order; empty for a text without letters or digits.
    """
    counts = Counter(map(_term, _tokens(text)))
    norm = _K1 * (1 - _B + _B * sum(counts.values()) / _AVERAGE_TOKENS)
    terms = sorted(counts)
    return SparseVector(tuple(terms), tuple(counts[t] * (_K1 + 1) / (counts[t] + norm) for t in terms))


def query_vector(text: str) -> SparseVector:
    """Weigh a question's terms: each once, weight 1."""
    terms = sorted(set(map(_term, _tokens(text))))
    return SparseVector(tuple(terms), (1.0,) * len(terms))


def _tokens(text: str) -> Iterator[str]:
    """Yield tokens; codes and model names also without their separators, so that ``E07`` meets ``E-07``."""
    for token in bigrams(text):
        yield token
        if token.isascii() and not token.isalnum():
            yield token.replace("-", "").replace("_", "").replace(".", "")


def _term(token: str) -> int:
    """Hash a token to 32 bits; 100,000 different tokens collide about once (birthday bound)."""
    return int.from_bytes(blake2s(token.encode(), digest_size=4).digest(), "big")
