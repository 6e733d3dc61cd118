import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from fakes.encoder import HashingEncoder
from kit.ai.encoding import CachedEncoder


@pytest.fixture
def real() -> HashingEncoder:
    return HashingEncoder()


def _rows(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        count: int = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
    connection.close()
    return count


def test_text_is_encoded_once(real: HashingEncoder, tmp_path: Path) -> None:
    cached = CachedEncoder(real, tmp_path / "c.db")
    first = cached.encode(["甲", "乙", "甲"])

    again = cached.encode(["乙", "甲"])

    assert real.encoded == 2
    assert np.array_equal(first[[1, 0]], again)


def test_another_start_reads_the_file(real: HashingEncoder, tmp_path: Path) -> None:
    before = CachedEncoder(real, tmp_path / "c.db")
    vectors = before.encode(["甲", "乙"])
    before.close()
    second = HashingEncoder()

    after = CachedEncoder(second, tmp_path / "c.db").encode(["甲", "乙"])

    assert second.encoded == 0
    assert np.array_equal(vectors, after)


def test_another_encoder_shares_nothing(real: HashingEncoder, tmp_path: Path) -> None:
    CachedEncoder(real, tmp_path / "c.db").encode(["甲"])
    wider = HashingEncoder(width=128)

    row = CachedEncoder(wider, tmp_path / "c.db").encode(["甲"])

    assert wider.encoded == 1
    assert row.shape == (1, 128)


def test_oldest_rows_go_beyond_the_bound(real: HashingEncoder, tmp_path: Path) -> None:
    cached = CachedEncoder(real, tmp_path / "c.db", max_rows=10)
    for i in range(50):
        cached.encode([f"text {i}"])

    cached.encode(["text 49"])

    assert real.encoded == 50
    assert _rows(tmp_path / "c.db") <= 20


def test_text_itself_is_not_in_the_file(real: HashingEncoder, tmp_path: Path) -> None:
    """A52: personal words must not lie about in a cache."""
    cached = CachedEncoder(real, tmp_path / "c.db")
    cached.encode(["我叫王小明 13800138000"])
    cached.close()

    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"13800138000" not in stored
    assert "王小明".encode() not in stored


def test_long_texts_are_not_remembered(real: HashingEncoder, tmp_path: Path) -> None:
    cached = CachedEncoder(real, tmp_path / "c.db", max_chars=5)

    cached.encode(["一二三四五六"])

    assert _rows(tmp_path / "c.db") == 0


def test_broken_file_is_made_anew(real: HashingEncoder, tmp_path: Path) -> None:
    (tmp_path / "c.db").write_bytes(b"no database at all" * 100)

    rows = CachedEncoder(real, tmp_path / "c.db").encode(["甲"])

    assert rows.shape == (1, 64)


def test_threads_may_share_it(real: HashingEncoder, tmp_path: Path) -> None:
    cached = CachedEncoder(real, tmp_path / "c.db")
    failed: list[BaseException] = []

    def work(n: int) -> None:
        try:
            cached.encode([f"{n}-{i}" for i in range(20)])
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            failed.append(error)

    threads = [threading.Thread(target=work, args=(n % 3,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert _rows(tmp_path / "c.db") == 60
