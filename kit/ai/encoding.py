"""A cache in front of any encoder: one text is encoded once in the life of a data folder, so a second start is fast."""

import sqlite3
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from kit.ai.ports import Encoder, Vectors

_DTYPE = np.dtype("<f4")  # float16 would halve 1.5 kB a row but make a cached vector differ from a fresh one
_PRUNE_EVERY = 256  # rows written between two looks at the bound


class CachedEncoder:
    """An ``Encoder`` that remembers vectors in a small SQLite file; nothing but hashes of texts is stored.

    Args:
        encoder: The real one; its name is part of every key.
        path: The cache file; its folder is created. It may be deleted at any time.
        max_rows: Bound on remembered vectors; the oldest go first. The default is about 80 MB at width 384.
        max_chars: Longer texts are encoded but not remembered: they hardly ever come twice.
    """

    def __init__(self, encoder: Encoder, path: Path, max_rows: int = 50_000, max_chars: int = 2_000) -> None:
        self._encoder = encoder
        self._path = path
        self._max_rows = max_rows
        self._max_chars = max_chars
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._written = 0

    @property
    def name(self) -> str:
        """The wrapped encoder's name: the vectors are the same."""
        return self._encoder.name

    @property
    def width(self) -> int:
        """Length of a vector."""
        return self._encoder.width

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Implement ``Encoder.encode``; each different text is encoded at most once a call."""
        keys = [self._key(text) for text in texts]
        known = self._read(set(keys))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            fresh = dict(zip(missing, self._encoder.encode(list(missing.values())), strict=True))
            self._write({k: v for k, v in fresh.items() if len(missing[k]) <= self._max_chars})
            known.update(fresh)
        if not keys:
            return np.empty((0, self.width), dtype=np.float32)
        return np.stack([known[key] for key in keys]).astype(np.float32, copy=False)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _key(self, text: str) -> bytes:
        # surrogatepass: two texts that differ in a lone surrogate are two texts.
        return sha256(f"{self._encoder.name}\0{text}".encode("utf-8", "surrogatepass")).digest()

    def _read(self, keys: set[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        with self._lock:
            connection = self._open()
            for key in keys:
                row = connection.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
                if row is not None and len(row[0]) == self.width * _DTYPE.itemsize:
                    found[key] = np.frombuffer(row[0], dtype=_DTYPE)
        return found

    def _write(self, rows: dict[bytes, Vectors]) -> None:
        with self._lock, self._open() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)",
                [(key, vector.astype(_DTYPE).tobytes()) for key, vector in rows.items()],
            )
            self._written += len(rows)
            if self._written >= min(_PRUNE_EVERY, self._max_rows):
                self._written = 0
                connection.execute(
                    "DELETE FROM vectors WHERE rowid <= (SELECT max(rowid) FROM vectors) - ?", (self._max_rows,)
                )

    def _open(self) -> sqlite3.Connection:
        """Open the file on first use (after a fork); a file that is no database any more is thrown away."""
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = _connect(self._path)
            except sqlite3.DatabaseError:
                self._path.unlink(missing_ok=True)
                self._connection = _connect(self._path)
        return self._connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=15)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")  # a lost cache costs seconds, nothing else
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors "
            "(rowid INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL)"
        )
        connection.commit()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
