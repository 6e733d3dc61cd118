"""Keeping the index in line with the database: planned in a short read, written with no transaction open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kit.ai.ports import Encoder
from kit.db import Session
from kit.index.ports import IndexPoint, VectorIndex
from knowledge import repository
from knowledge.questions import questions_of
from knowledge.retrieval import Entry, entry_text, index_point, revision_of
from knowledge.schemas import Article

Progress = Callable[[int, int], None]
"""Called with (entries done, entries in all)."""

_BATCH = 32
# Beyond this share of changed points a new generation is built beside the old one: searches then never meet an index
# that is half of one encoder and half of another.
_REPLACE_FROM = 0.5


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """What the index needs to be in line.

    Attributes:
        entries: What to encode and write, with its article.
        remove: Points that are no longer published.
        replace: Whether to build a whole new generation of ``entries``.
    """

    entries: tuple[tuple[Entry, Article], ...]
    remove: tuple[str, ...] = ()
    replace: bool = False


def plan(session: Session, index: VectorIndex, encoder_name: str, *, everything: bool = False) -> IndexPlan:
    """Compare database and index; ``everything`` rebuilds, whatever the index holds."""
    published = _published(session)
    if everything:
        return IndexPlan(tuple(published), replace=True)
    held = dict(index.inventory())
    wanted = {repository.point_id(entry.id): revision_of(entry, a, encoder_name) for entry, a in published}
    stale = tuple(pair for pair, point in zip(published, wanted, strict=True) if held.get(point) != wanted[point])
    gone = tuple(point for point in held if point not in wanted)
    if len(stale) + len(gone) > _REPLACE_FROM * max(len(wanted), 1):
        return IndexPlan(tuple(published), replace=True)
    return IndexPlan(stale, gone)


def apply(todo: IndexPlan, encoder: Encoder, index: VectorIndex, progress: Progress) -> None:
    """Encode and write what was planned; needs no database."""
    if todo.replace:
        index.replace(_points(todo.entries, encoder, progress))
    elif todo.entries or todo.remove:
        index.write(list(_points(todo.entries, encoder, progress)), todo.remove)


def _published(session: Session) -> list[tuple[Entry, Article]]:
    passages = repository.published_passages(session)
    articles = {(article.id, article.version): article for _, article in passages}
    questions = [(question, article) for article in articles.values() for question in questions_of(article)]
    return [*passages, *questions]


def _points(pairs: Sequence[tuple[Entry, Article]], encoder: Encoder, progress: Progress) -> Iterator[IndexPoint]:
    for start in range(0, len(pairs), _BATCH):
        batch = pairs[start : start + _BATCH]
        rows = encoder.encode([entry_text(entry) for entry, _ in batch])
        for (entry, article), row in zip(batch, rows, strict=True):
            yield index_point(entry, article, row, revision_of(entry, article, encoder.name))
        progress(start + len(batch), len(pairs))
