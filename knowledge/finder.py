"""One search from query to passages: encode, ask the index, fuse, and let the database decide what may be shown."""

from dataclasses import dataclass
from enum import StrEnum

from kit.ai.ports import Encoder, Vectors
from kit.db import Session
from kit.index.ports import ArmHits, IndexOwned, IndexUnavailable, VectorIndex
from knowledge import repository
from knowledge.questions import questions_of
from knowledge.retrieval import DENSE_WEIGHT, Candidate, Part, fuse, in_scope, index_query, lift, scan
from knowledge.schemas import Article, Hit, Passage, Scope

# Beyond this a question is a whole story; its first part says what it is about, and the encoder reads no more anyway.
_MAX_QUERY_CHARS = 1_000


class Arm(StrEnum):
    """Which arm ranks: both fused, or one alone (to measure)."""

    FUSED = "fused"
    DENSE = "dense"
    LEXICAL = "lexical"


_WEIGHTS = {Arm.FUSED: DENSE_WEIGHT, Arm.DENSE: 1.0, Arm.LEXICAL: 0.0}


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates of one search, best first, with their passages by point id.

    Attributes:
        degraded: Whether only words were compared, because encoder or index were unavailable.
    """

    candidates: tuple[Candidate, ...]
    passages: dict[str, Passage]
    degraded: bool = False

    def hits(self, limit: int) -> list[Hit]:
        """Return the first candidates as hits."""
        return [
            Hit(self.passages[c.point_id], c.score, c.dense, c.lexical, self.degraded) for c in self.candidates[:limit]
        ]


class Finder:
    """Searches the index, and the database alone where that fails."""

    def __init__(self, encoder: Encoder, index: VectorIndex) -> None:
        self._encoder = encoder
        self._index = index

    def find(self, session: Session, query: str, scope: Scope, arm: Arm = Arm.FUSED) -> Found:
        """Find what may be shown of what fits.

        Args:
            session: An open unit of work.
            query: Any words; only the first thousand characters count.
            scope: For whom, about what, when.
            arm: Which arm ranks.
        """
        query = query[:_MAX_QUERY_CHARS].strip()
        if not query:
            return Found((), {})
        dense = None if arm is Arm.LEXICAL else self._encode(query)
        arms = self._ask(query, dense, scope)
        if arms is None or not any(hits.dense or hits.sparse for hits in arms.values()):
            return self._scan(session, query, scope)
        weight = _WEIGHTS[arm] if dense is not None else 0.0
        passages, questions = _only(arms[Part.PASSAGE], arm), _only(arms[Part.QUESTION], arm)
        found, asked = fuse(passages, weight), fuse(questions, weight, yardstick=passages)
        known = repository.by_points(session, [c.point_id for c in found])
        owners = repository.question_owners(session, [c.point_id for c in asked])
        known |= repository.openings(
            session, set(owners.values()) - {(p.article_id, p.version) for p, _ in known.values()}
        )
        degraded = dense is None and arm is not Arm.LEXICAL
        return _shown(scope, (found, asked), known, owners, degraded=degraded)

    def _encode(self, query: str) -> Vectors | None:
        try:
            vectors = self._encoder.encode([query])
        except Exception:  # noqa: BLE001 - a vendor's model raises what it likes; words alone still find something
            return None
        row: Vectors = vectors[0]
        return row

    def _ask(self, query: str, dense: Vectors | None, scope: Scope) -> dict[Part, ArmHits] | None:
        try:
            return {part: self._index.search(index_query(query, dense, scope, part)) for part in Part}
        except (IndexOwned, IndexUnavailable):
            return None

    def _scan(self, session: Session, query: str, scope: Scope) -> Found:
        known = {p.id: (p, a) for p, a in repository.published_passages(session) if in_scope(a, scope)}
        articles = {(a.id, a.version): a for _, a in known.values()}
        owned = [(question, key) for key, article in articles.items() for question in questions_of(article)]
        passages = scan(query, [passage for passage, _ in known.values()])
        questions = scan(query, [question for question, _ in owned])
        found, asked = fuse(passages, 0.0), fuse(questions, 0.0, yardstick=passages)
        owners = {question.id: key for question, key in owned}
        return _shown(scope, (found, asked), known, owners, degraded=True)


def _shown(
    scope: Scope,
    ranked: tuple[list[Candidate], list[Candidate]],
    known: dict[str, tuple[Passage, Article]],
    owners: dict[str, tuple[str, int]],
    *,
    degraded: bool,
) -> Found:
    """Leave what the database shows: the index may be behind, or somebody else's."""
    known = {point: pair for point, pair in known.items() if in_scope(pair[1], scope)}
    shown = {(passage.article_id, passage.version) for passage, _ in known.values()}
    found = [c for c in ranked[0] if c.point_id in known]
    asked = [c for c in ranked[1] if owners.get(c.point_id) in shown]
    passages = {point: passage for point, (passage, _) in known.items()}
    return Found(tuple(lift(found, asked, known, owners)), passages, degraded)


def _only(arms: ArmHits, arm: Arm) -> ArmHits:
    """Leave the candidates of the arm that ranks."""
    if arm is Arm.DENSE:
        return ArmHits(dense=arms.dense)
    return ArmHits(sparse=arms.sparse) if arm is Arm.LEXICAL else arms
