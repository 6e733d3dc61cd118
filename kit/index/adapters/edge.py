"""The vector index in this process: Qdrant's own engine as a library (``qdrant-edge-py``), one owner, no server.

The folder holds generations; ``CURRENT`` names the one in use. ``replace`` writes the next generation completely,
then renames ``CURRENT`` over: a crash at any point leaves a whole generation, old or new (PERFORMANCE and MODELS hold
the measurements: 1.6 ms a filtered query at 50,000 points).
"""

import fcntl
import json
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

from kit.index.ports import (
    AnyOf,
    ArmHits,
    AtMost,
    Condition,
    IndexHit,
    IndexOwned,
    IndexPoint,
    IndexQuery,
    IndexUnavailable,
    SparseVector,
)

_BATCH = 256  # points a write operation; keeps a rebuild's memory flat
# Fields of that many points are indexed: a filter then costs 1 ms instead of 14 at 1,200 points. A smaller collection
# is filtered as fast without, and an index of a field takes a tenth of a second to make.
_INDEX_FIELDS_FROM = _BATCH
_REVISION = "_revision"


class EdgeIndex:
    """An embedded index in one folder; opened on first use, so that a process that never searches owns nothing.

    Args:
        folder: Where it lives; created when needed.
        width: Length of the dense vectors.
        signature: What the vectors are made with, such as the encoder's name; a folder made with another counts as
            empty, because its vectors mean nothing to the new one.
    """

    def __init__(self, folder: Path, width: int, signature: str = "") -> None:
        self._folder = folder
        self._width = width
        self._signature = signature
        # One lock round every call: a query takes about a millisecond, the encoder in front of it thirteen.
        self._lock = threading.RLock()
        self._writer = threading.Lock()  # held for a whole write or rebuild, so that no write falls between two of them
        self._owner: IO[str] | None = None
        self._shard: Any = None

    def open(self) -> None:
        """Take ownership and load what is there (otherwise the first use does it).

        Raises:
            IndexOwned: Another process has it.
        """
        with self._lock:
            if self._shard is None:
                self._own()
                self._shard = self._load()

    def close(self) -> None:
        """Flush and give the ownership back."""
        with self._lock:
            if self._shard is not None:
                self._shard.close()
                self._shard = None
            if self._owner is not None:
                self._owner.close()
                self._owner = None

    def search(self, query: IndexQuery) -> ArmHits:
        """Implement ``VectorSearch.search``; exact below any size we ship (HNSW loses hits and costs a build)."""
        dense = None if query.dense is None else query.dense.astype(float).tolist()
        with self._using() as shard:
            return ArmHits(
                () if dense is None else _ask(shard, dense, "dense", query),
                _ask(shard, _sparse(query.sparse), "sparse", query) if query.sparse.indices else (),
            )

    def write(self, points: Sequence[IndexPoint], remove: Sequence[str] = ()) -> None:
        """Implement ``VectorStore.write``."""
        with self._writer, self._using() as shard:
            _write(shard, points)
            if remove:
                from qdrant_edge import UpdateOperation  # a vendor's engine, loaded on first use

                shard.update(UpdateOperation.delete_points(list(remove)))
            shard.flush()

    def replace(self, points: Iterable[IndexPoint]) -> None:
        """Implement ``VectorStore.replace``; searches go on in the old generation meanwhile."""
        with self._writer:
            self.open()
            name = f"gen-{self._generation() + 1}"
            fresh = self._create(name)
            try:
                _write(fresh, points)
                fresh.flush()
            except BaseException:
                fresh.close()
                shutil.rmtree(self._folder / name, ignore_errors=True)
                raise
            with self._lock:
                self._publish(name)
                self._shard.close()
                self._shard = fresh
                self._sweep(name)

    def inventory(self) -> Mapping[str, str]:
        """Implement ``VectorStore.inventory``."""
        from qdrant_edge import ScrollRequest  # a vendor's engine, loaded on first use

        found: dict[str, str] = {}
        offset: Any = None
        with self._using() as shard:
            while True:
                records, offset = shard.scroll(ScrollRequest(offset=offset, limit=1000, with_payload=[_REVISION]))
                found.update((str(r.id), str(r.payload.get(_REVISION, ""))) for r in records)
                if offset is None:
                    return found

    @contextmanager
    def _using(self) -> Iterator[Any]:
        """Give the open shard, alone; what the engine raises becomes ``IndexUnavailable``."""
        with self._lock:
            self.open()
            try:
                yield self._shard
            except Exception as error:  # the engine raises bare Exception
                if type(error) is not Exception:
                    raise
                raise IndexUnavailable from error

    def _own(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / "owner.lock").open("a+", encoding="utf-8")
        try:
            # A file lock besides the engine's own: it says who, and it is gone with its process, however that ends.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read(64).strip()
            file.close()
            raise IndexOwned(owner or "pid ?") from None  # the cause would only repeat it
        file.truncate(0)
        file.write(f"pid {os.getpid()}")
        file.flush()
        self._owner = file

    def _load(self) -> Any:  # noqa: ANN401 - a vendor's shard
        from qdrant_edge import EdgeShard  # a vendor's engine, loaded on first use

        name = self._current()
        if name:
            self._sweep(name)
            # Derived data that does not load is given up for an empty index; the owner's sync fills it again.
            with suppress(Exception):
                return EdgeShard.load(str(self._folder / name))
        name = f"gen-{self._generation() + 1}"
        shard = self._create(name)
        self._publish(name)
        self._sweep(name)
        return shard

    def _create(self, name: str) -> Any:  # noqa: ANN401 - a vendor's shard
        from qdrant_edge import Distance, EdgeConfig, EdgeShard, EdgeSparseVectorParams, EdgeVectorParams, Modifier

        path = self._folder / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        # The write-ahead log stays on: without it two writers both "succeed" and lose points (measured).
        config = EdgeConfig(
            vectors={"dense": EdgeVectorParams(size=self._width, distance=Distance.Dot)},
            sparse_vectors={"sparse": EdgeSparseVectorParams(modifier=Modifier.Idf)},
            max_search_threads=1,
        )
        return EdgeShard.create(str(path), config)

    def _current(self) -> str:
        """Return the folder name of the generation in use; empty where there is none for this signature."""
        try:
            current = json.loads((self._folder / "CURRENT").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        same = current.get("signature") == self._signature and current.get("width") == self._width
        return str(current.get("generation", "")) if same else ""

    def _generation(self) -> int:
        numbers = [int(p.name[4:]) for p in self._folder.glob("gen-*") if p.name[4:].isdigit()]
        return max(numbers, default=0)

    def _publish(self, name: str) -> None:
        draft = self._folder / "CURRENT.new"
        text = json.dumps({"generation": name, "signature": self._signature, "width": self._width})
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / "CURRENT")

    def _sweep(self, keep: str) -> None:
        for path in self._folder.glob("gen-*"):
            if path.name != keep:
                shutil.rmtree(path, ignore_errors=True)


def _write(shard: Any, points: Iterable[IndexPoint]) -> None:  # noqa: ANN401 - a vendor's shard
    from qdrant_edge import Point, UpdateOperation  # a vendor's engine, loaded on first use

    source = iter(points)
    while batch := list(islice(source, _BATCH)):
        if len(batch) >= _INDEX_FIELDS_FROM:
            _index_fields(shard, batch[0])
        shard.update(
            UpdateOperation.upsert_points(
                [
                    Point(
                        p.id,
                        {"dense": p.dense.astype(float).tolist(), "sparse": _sparse(p.sparse)},
                        {_REVISION: p.revision, **{k: _plain(v) for k, v in p.payload.items()}},
                    )
                    for p in batch
                ]
            )
        )


def _index_fields(shard: Any, example: IndexPoint) -> None:  # noqa: ANN401 - a vendor's shard
    """Index what filters look at; doing it again takes no time."""
    from qdrant_edge import PayloadSchemaType, UpdateOperation  # a vendor's engine, loaded on first use

    for name, value in example.payload.items():
        kind = PayloadSchemaType.Integer if isinstance(value, int) else PayloadSchemaType.Keyword
        shard.update(UpdateOperation.create_field_index(name, kind))


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _sparse(vector: SparseVector) -> Any:  # noqa: ANN401 - a vendor's vector
    from qdrant_edge import SparseVector as EdgeSparse  # a vendor's engine, loaded on first use

    return EdgeSparse(list(vector.indices), list(vector.values))


def _ask(shard: Any, vector: Any, arm: str, query: IndexQuery) -> tuple[IndexHit, ...]:  # noqa: ANN401 - a vendor's
    from qdrant_edge import Filter, Query, QueryRequest, SearchParams  # a vendor's engine, loaded on first use

    request = QueryRequest(
        limit=query.limit,
        query=Query.Nearest(vector, using=arm),
        filter=Filter(must=[_condition(c) for c in query.conditions]) if query.conditions else None,
        params=SearchParams(exact=True),
    )
    return tuple(IndexHit(str(p.id), float(p.score)) for p in shard.query(request))


def _condition(condition: Condition) -> Any:  # noqa: ANN401 - a vendor's condition
    from qdrant_edge import FieldCondition, MatchAny, RangeFloat  # a vendor's engine, loaded on first use

    if isinstance(condition, AnyOf):
        return FieldCondition(condition.field, match=MatchAny(list(condition.values)))
    if isinstance(condition, AtMost):
        return FieldCondition(condition.field, range=RangeFloat(lte=float(condition.number)))
    return FieldCondition(condition.field, range=RangeFloat(gt=float(condition.number)))
