"""The vector index on a Qdrant server, for when one machine is not enough; ``qdrant-client``'s local mode is its twin.

Readers use an alias; a generation is a collection of its own, and ``replace`` moves the alias in one request.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2s
from itertools import islice
from typing import Any

from kit.errors import JiedaiError
from kit.ids import new_id
from kit.index.ports import (
    AnyOf,
    ArmHits,
    AtMost,
    Condition,
    IndexHit,
    IndexPoint,
    IndexQuery,
    IndexUnavailable,
    SparseVector,
)

_BATCH = 128  # points a request: about half a megabyte of JSON
_REVISION = "_revision"
_TIMEOUT_SECONDS = 10


class ServerIndex:
    """An index on a server; connects on first use.

    Args:
        location: URL of the server; ``:memory:`` for the client's own brute-force twin (tests).
        api_key: The server's key; empty: none.
        width: Length of the dense vectors.
        collection: Name of the alias; width and signature are added to it, so two encoders never share one.
        signature: What the vectors are made with, such as the encoder's name.
    """

    def __init__(
        self, location: str, api_key: str, width: int, *, collection: str = "knowledge", signature: str = ""
    ) -> None:
        self._location = location
        self._alias = f"{collection}-{blake2s(f'{signature}/{width}'.encode(), digest_size=4).hexdigest()}"
        self._width = width
        self._api_key = api_key
        self._connected: Any = None
        self._connecting = threading.Lock()

    def open(self) -> None:
        """Connect and make the collection where there is none (otherwise the first use does it)."""
        with self._using():
            pass

    def close(self) -> None:
        """Close the connection."""
        if self._connected is not None:
            self._connected.close()
            self._connected = None

    def search(self, query: IndexQuery) -> ArmHits:
        """Implement ``VectorSearch.search``."""
        with self._using() as client:
            dense = None if query.dense is None else query.dense.astype(float).tolist()
            return ArmHits(
                () if dense is None else self._ask(client, dense, "dense", query),
                self._ask(client, _sparse(query.sparse), "sparse", query) if query.sparse.indices else (),
            )

    def write(self, points: Sequence[IndexPoint], remove: Sequence[str] = ()) -> None:
        """Implement ``VectorStore.write``."""
        from qdrant_client import models  # a second to import, and unused in the embedded default

        with self._using() as client:
            _write(client, self._alias, points)
            if remove:
                client.delete(self._alias, models.PointIdsList(points=list(remove)), wait=True)

    def replace(self, points: Iterable[IndexPoint]) -> None:
        """Implement ``VectorStore.replace``."""
        with self._using() as client:
            old = self._collections(client)
            fresh = self._create(client)
            try:
                _write(client, fresh, points)
            except BaseException:
                client.delete_collection(fresh)
                raise
            self._point_alias(client, fresh)
            for name in old:
                client.delete_collection(name)

    def inventory(self) -> Mapping[str, str]:
        """Implement ``VectorStore.inventory``."""
        found: dict[str, str] = {}
        offset: object = None
        with self._using() as client:
            while True:
                records, offset = client.scroll(self._alias, limit=1000, offset=offset, with_payload=[_REVISION])
                found.update((str(r.id), str((r.payload or {}).get(_REVISION, ""))) for r in records)
                if offset is None:
                    return found

    @contextmanager
    def _using(self) -> Iterator[Any]:
        """Give a connected client; whatever goes wrong on the way becomes ``IndexUnavailable``."""
        try:
            with self._connecting:
                if self._connected is None:
                    self._connected = self._connect()
            yield self._connected
        except JiedaiError:
            raise
        except _vendor_errors() as error:
            raise IndexUnavailable from error

    def _connect(self) -> Any:  # noqa: ANN401 - a vendor's client
        client = _connect(self._location, self._api_key)
        if self._alias not in {a.alias_name for a in client.get_aliases().aliases}:
            self._point_alias(client, self._create(client))
        return client

    def _ask(self, client: Any, vector: object, arm: str, query: IndexQuery) -> tuple[IndexHit, ...]:  # noqa: ANN401
        from qdrant_client import models  # a second to import, and unused in the embedded default

        answer = client.query_points(
            self._alias,
            query=vector,
            using=arm,
            query_filter=models.Filter(must=[_condition(c) for c in query.conditions]) if query.conditions else None,
            limit=query.limit,
            with_payload=False,
        )
        # The client's local mode also lists points that share no term, with score 0; the server and edge do not.
        return tuple(IndexHit(str(p.id), float(p.score)) for p in answer.points if arm == "dense" or p.score > 0)

    def _collections(self, client: Any) -> list[str]:  # noqa: ANN401 - a vendor's client
        names = (c.name for c in client.get_collections().collections)
        return [name for name in names if name.startswith(f"{self._alias}.")]

    def _create(self, client: Any) -> str:  # noqa: ANN401 - a vendor's client
        from qdrant_client import models  # a second to import, and unused in the embedded default

        name = f"{self._alias}.{new_id()}"
        client.create_collection(
            name,
            vectors_config={"dense": models.VectorParams(size=self._width, distance=models.Distance.DOT)},
            sparse_vectors_config={"sparse": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        )
        return name

    def _point_alias(self, client: Any, name: str) -> None:  # noqa: ANN401 - a vendor's client
        from qdrant_client import models  # a second to import, and unused in the embedded default

        # One request, so that no reader ever finds the alias gone.
        create = models.CreateAliasOperation(
            create_alias=models.CreateAlias(collection_name=name, alias_name=self._alias)
        )
        known = self._alias in {a.alias_name for a in client.get_aliases().aliases}
        delete = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=self._alias))
        client.update_collection_aliases([delete, create] if known else [create])


def _connect(location: str, api_key: str) -> Any:  # noqa: ANN401 - a vendor's client
    from qdrant_client import QdrantClient  # a second to import, and unused in the embedded default

    if location == ":memory:":
        return QdrantClient(location)
    return QdrantClient(url=location, api_key=api_key or None, timeout=_TIMEOUT_SECONDS, check_compatibility=False)


def _vendor_errors() -> tuple[type[Exception], ...]:
    import httpx  # as qdrant_client, which builds on it
    from qdrant_client.http.exceptions import ApiException

    return (ApiException, httpx.HTTPError, OSError)


def _write(client: Any, collection: str, points: Iterable[IndexPoint]) -> None:  # noqa: ANN401 - a vendor's client
    from qdrant_client import models  # a second to import, and unused in the embedded default

    source = iter(points)
    while batch := list(islice(source, _BATCH)):
        client.upsert(
            collection,
            [
                models.PointStruct(
                    id=p.id,
                    vector={"dense": p.dense.astype(float).tolist(), "sparse": _sparse(p.sparse)},
                    payload={
                        _REVISION: p.revision,
                        **{k: list(v) if isinstance(v, tuple) else v for k, v in p.payload.items()},
                    },
                )
                for p in batch
            ],
            wait=True,
        )


def _sparse(vector: SparseVector) -> Any:  # noqa: ANN401 - a vendor's vector
    from qdrant_client import models  # a second to import, and unused in the embedded default

    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def _condition(condition: Condition) -> Any:  # noqa: ANN401 - a vendor's condition
    from qdrant_client import models  # a second to import, and unused in the embedded default

    if isinstance(condition, AnyOf):
        return models.FieldCondition(key=condition.field, match=models.MatchAny(any=list(condition.values)))
    if isinstance(condition, AtMost):
        return models.FieldCondition(key=condition.field, range=models.Range(lte=condition.number))
    return models.FieldCondition(key=condition.field, range=models.Range(gt=condition.number))
