"""What Jiedai needs of a vector index: plain points with a dense and a sparse vector, filters, and each arm's hits.

An index is derived data. It may be thrown away at any time and built again from the database, so it is never the only
place of anything; whoever uses its hits looks them up in the database before showing them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kit.ai.ports import Vectors
from kit.errors import ErrorKind, JiedaiError

PayloadValue = str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SparseVector:
    """A bag of terms: 32-bit term numbers, each once, with their weights."""

    indices: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class IndexPoint:
    """A thing to find.

    Attributes:
        id: A UUID; writing the same id again replaces the point.
        dense: Shape (width,), length 1.
        sparse: Its terms.
        payload: What filters look at: words, whole numbers, or several words.
        revision: Fingerprint of everything above, so that a later inventory tells what is out of date.
    """

    id: str
    dense: Vectors
    sparse: SparseVector
    payload: Mapping[str, PayloadValue]
    revision: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The payload field is, or holds, one of the words."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AtMost:
    """The payload number is smaller than or equal to ``number``."""

    field: str
    number: int


@dataclass(frozen=True, slots=True)
class MoreThan:
    """The payload number is greater than ``number``."""

    field: str
    number: int


Condition = AnyOf | AtMost | MoreThan


@dataclass(frozen=True, slots=True, eq=False)
class IndexQuery:
    """A question to the index; every condition must hold.

    Attributes:
        dense: Shape (width,), or ``None`` to leave that arm out (no encoder: lexical search goes on).
        sparse: The question's terms; an empty bag leaves that arm out.
        conditions: Filters.
        limit: Most hits of each arm.
    """

    dense: Vectors | None
    sparse: SparseVector
    conditions: tuple[Condition, ...] = ()
    limit: int = 10


@dataclass(frozen=True, slots=True)
class IndexHit:
    """A point and its score in one arm."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class ArmHits:
    """Hits of each arm, best first: cosine for ``dense``, inverse-document-frequency weighted sum for ``sparse``."""

    dense: tuple[IndexHit, ...] = field(default=())
    sparse: tuple[IndexHit, ...] = field(default=())


class VectorSearch(Protocol):
    """Finds points."""

    def search(self, query: IndexQuery) -> ArmHits:
        """Return the best points of each arm, unfused.

        Raises:
            IndexOwned: Another process owns the embedded index.
            IndexUnavailable: The index cannot be reached or read.
        """
        ...


class VectorStore(Protocol):
    """Keeps points."""

    def write(self, points: Sequence[IndexPoint], remove: Sequence[str] = ()) -> None:
        """Insert or replace points and remove others by id; searchable when it returns. Raises as ``search`` does."""
        ...

    def replace(self, points: Iterable[IndexPoint]) -> None:
        """Build a new generation beside the one in use and switch over at the end; a failure leaves the old one.

        Searches go on meanwhile. A write that comes in between must wait or come again: it belongs to the old one.
        """
        ...

    def inventory(self) -> Mapping[str, str]:
        """Return the revision of every point by id; empty where the index is new or was made by another encoder."""
        ...


class VectorIndex(VectorSearch, VectorStore, Protocol):
    """An index as its owner sees it."""

    def close(self) -> None:
        """Give files, locks and connections back; the next use opens it again."""
        ...


class IndexOwned(JiedaiError):
    """Another process holds the embedded index, which has exactly one owner."""

    kind = ErrorKind.CONFLICT
    code = "index_owned"

    def __init__(self, owner: str) -> None:
        super().__init__(
            f"检索索引正被另一个进程（{owner}）使用；请先停止该进程，或改用 Qdrant 服务器",
            f"The search index is in use by another process ({owner}); stop it first, or use a Qdrant server",
        )


class IndexUnavailable(JiedaiError):
    """The index cannot be reached or read; it can be built again from the database."""

    kind = ErrorKind.UNAVAILABLE
    code = "index_unavailable"

    def __init__(self) -> None:
        super().__init__("检索索引暂不可用", "The search index is unavailable")
