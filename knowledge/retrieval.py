"""Hybrid retrieval: what is asked of the index, how its two arms are fused, and who may see what when.

Fusion is a weighted sum of z-scores over each arm's candidates. Cosines of the encoder are squeezed (gold .874, others
.842), so no fixed threshold is ever compared with one; only their place among the candidates counts. Passages and
questions are searched and fused apart, then an article's best question lifts its passages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2s

import numpy as np

from kit.ai.ports import Vectors
from kit.index.ports import AnyOf, ArmHits, AtMost, Condition, IndexHit, IndexPoint, IndexQuery, MoreThan, SparseVector
from kit.index.sparse import SCHEME, document_vector, query_vector
from knowledge.questions import Question
from knowledge.repository import point_id
from knowledge.schemas import Article, ArticleStatus, Audience, Passage, Scope

# Chosen on the first halves of two sets, reported on the second (R@1 / R@5 of the article; n = 76 and 300):
#   demo shop hit tests: fused .895 / .961, dense alone .816 / .961, lexical alone .697 / .934
#   CMRC 2018 (dev half): fused .993 / 1.0, dense alone .987 / .997, lexical alone .997 / 1.0
# Anything from .45 to .60 is the same within noise. Adding a title vector or subtracting a passage's mean similarity to
# all titles (hubness) changed nothing beyond one question, so neither is here.
DENSE_WEIGHT = 0.55
CANDIDATES = 100  # hits of each arm that enter the fusion; 50 cost one question in R@5, 200 gained none

QUESTION_CANDIDATES = 50  # half as many, because each names an article; 100 and 200 found no more

# How much an article's best question counts beside its best passage. Of .3 to .6, which differ by one question in a
# hundred, the best in R@5 on either half of 260 questions by an author who knew titles only reached .969 on the other
# half (.900 without questions). More is in docs/figures.md.
QUESTION_WEIGHT = 0.4

_ANY = "*"  # stands in a payload for "no restriction"
_FOREVER = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())
_FLAT = 1e-9  # a spread below this is none: all candidates equal


Entry = Passage | Question
"""What has a point in the index."""


class Part(StrEnum):
    """The two kinds of points, never searched together: short questions and long passages score differently."""

    PASSAGE = "passage"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A point with its scores in both arms.

    Attributes:
        score: Weighted sum of the two z-scores.
        dense: Cosine; ``None`` where it was not among that arm's candidates.
        lexical: BM25; 0 where no term is shared.
    """

    point_id: str
    score: float
    dense: float | None
    lexical: float


def passage_text(passage: Passage) -> str:
    """Return what is encoded and indexed of a passage; the title carries what a single step or clause leaves out."""
    return "\n".join(part for part in (passage.title, passage.heading, passage.text) if part)


def entry_text(entry: Entry) -> str:
    """Return what is encoded and indexed of a passage or a question."""
    return entry.text if isinstance(entry, Question) else passage_text(entry)


def index_point(entry: Entry, article: Article, dense: Vectors, revision: str) -> IndexPoint:
    """Build the point of a passage or a question."""
    words = document_vector(entry_text(entry))
    return IndexPoint(point_id(entry.id), dense, words, _payload(entry, article), revision)


def revision_of(entry: Entry, article: Article, encoder_name: str) -> str:
    """Fingerprint all that a point is made of, without encoding it."""
    made_of = (encoder_name, SCHEME, entry_text(entry), sorted(_payload(entry, article).items()))
    return blake2s(repr(made_of).encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()


def index_query(text: str, dense: Vectors | None, scope: Scope, part: Part = Part.PASSAGE) -> IndexQuery:
    """Build the query to the index: both arms, filtered to what the asker may see and what is in force."""
    only = AnyOf("part", (part.value,))
    limit = CANDIDATES if part is Part.PASSAGE else QUESTION_CANDIDATES
    return IndexQuery(dense, query_vector(text), (only, *_conditions(scope)), limit)


def in_scope(article: Article, scope: Scope) -> bool:
    """Tell, from the database's own record, whether a version may be shown: the index may be behind."""
    return (
        article.status is ArticleStatus.PUBLISHED
        and article.effective_from <= scope.at
        and (article.effective_to is None or scope.at < article.effective_to)
        and article.audience in _audiences(scope)
        and _fits(article.products, scope.product)
        and _fits(article.models, scope.model)
        and _fits(article.regions, scope.region)
        and _fits(article.channels, scope.channel)
    )


def fuse(arms: ArmHits, dense_weight: float = DENSE_WEIGHT, *, yardstick: ArmHits | None = None) -> list[Candidate]:
    """Fuse the arms' candidates.

    Args:
        arms: Hits of each arm, best first.
        dense_weight: 0 (words only) to 1 (vectors only).
        yardstick: Hits whose mean and spread count instead of the arms' own: few questions have no spread to speak of,
            and only on the passages' scale does a question weigh the same beside two others as beside a thousand.

    Returns:
        Candidates, best first; ties in the order of their ids, so that a run repeats exactly.
    """
    dense = {hit.id: hit.score for hit in arms.dense}
    lexical = {hit.id: hit.score for hit in arms.sparse}
    # A passage without a common word scores zero in words; so many of them belong into that arm's spread.
    zeros = _zeros(arms)
    measure = yardstick or arms
    dense_z, dense_floor = _standardise(dense, 0, _Scale.over(measure.dense, 0) or _Scale.over(arms.dense, 0))
    lexical_z, lexical_floor = _standardise(
        lexical, zeros, _Scale.over(measure.sparse, _zeros(measure)) or _Scale.over(arms.sparse, zeros)
    )
    found = [
        Candidate(
            key,
            dense_weight * dense_z.get(key, dense_floor) + (1 - dense_weight) * lexical_z.get(key, lexical_floor),
            dense.get(key),
            lexical.get(key, 0.0),
        )
        for key in dense.keys() | lexical.keys()
    ]
    return sorted(found, key=lambda c: (-c.score, c.point_id))


def lift(
    found: Sequence[Candidate],
    asked: Sequence[Candidate],
    passages: Mapping[str, tuple[Passage, Article]],
    owners: Mapping[str, tuple[str, int]],
) -> list[Candidate]:
    """Let each article's best question lift its best passage, or lower all of its passages.

    Lifting the others too would fill the first places with one article (of five hits, 2.2 articles instead of 3.4).
    An article without questions keeps its scores: that nobody wrote any says nothing against it.

    Args:
        found: Fused passages, best first.
        asked: Fused questions, best first.
        passages: Every passage of ``found``, and the first passage of articles of which only a question was found.
        owners: Article and version of each question.

    Returns:
        Passages only, best first.
    """
    if not asked:
        return list(found)
    likeness: dict[tuple[str, int], float] = {}
    for question in asked:
        likeness.setdefault(owners[question.point_id], question.score)
    worst_passage, worst_question = found[-1].score if found else 0.0, asked[-1].score
    missing = likeness.keys() - {_key(passages[c.point_id][1]) for c in found}
    opened = [
        Candidate(point, worst_passage, None, 0.0)
        for point, (passage, article) in passages.items()
        if passage.ordinal == 1 and _key(article) in missing
    ]
    lifted: list[Candidate] = []
    gains: dict[tuple[str, int], float] = {}
    for candidate in (*found, *opened):
        article = passages[candidate.point_id][1]
        like = likeness.get(_key(article), worst_question) if article.questions else candidate.score
        first = _key(article) not in gains
        gain = gains.setdefault(_key(article), QUESTION_WEIGHT * (like - candidate.score))
        lifted.append(replace(candidate, score=candidate.score + (gain if first else min(gain, 0.0))))
    return sorted(lifted, key=lambda c: (-c.score, c.point_id))


def scan(query: str, entries: Sequence[Entry]) -> ArmHits:
    """Score passages or questions by their words alone, without an index: the way on when the index is away.

    Args:
        query: What was asked.
        entries: Everything of one kind in scope; some thousand take well under a second.

    Returns:
        The sparse arm, as the index would answer it; the ids are those of the entries here.
    """
    wanted = set(query_vector(query).indices)
    bags = [_bag(document_vector(entry_text(entry)), wanted) for entry in entries]
    seen: dict[int, int] = {}
    for bag in bags:
        for term in bag:
            seen[term] = seen.get(term, 0) + 1
    idf = {term: float(np.log((len(bags) - n + 0.5) / (n + 0.5) + 1)) for term, n in seen.items()}
    scores = (sum(idf[term] * weight for term, weight in bag.items()) for bag in bags)
    hits = [IndexHit(entry.id, score) for entry, score in zip(entries, scores, strict=True) if score > 0]
    return ArmHits(sparse=tuple(sorted(hits, key=lambda hit: (-hit.score, hit.id))[:CANDIDATES]))


def _zeros(arms: ArmHits) -> int:
    return max(len(arms.dense) - len(arms.sparse), 0)


def _bag(vector: SparseVector, wanted: set[int]) -> dict[int, float]:
    return {term: weight for term, weight in zip(vector.indices, vector.values, strict=True) if term in wanted}


def _standardise(scores: Mapping[str, float], zeros: int, scale: "_Scale | None") -> tuple[dict[str, float], float]:
    """Return z-scores and that of a missing candidate; ``zeros``: whether candidates of score 0 were left out."""
    if scale is None or not scores:
        return dict.fromkeys(scores, 0.0), 0.0 if scale is None or not zeros else scale.of(0.0)
    lowest = min(0.0, *scores.values()) if zeros else min(scores.values())
    return {key: scale.of(score) for key, score in scores.items()}, scale.of(lowest)


@dataclass(frozen=True, slots=True)
class _Scale:
    mean: float
    spread: float

    @classmethod
    def over(cls, hits: Sequence[IndexHit], zeros: int) -> "_Scale | None":
        """Measure the hits and ``zeros`` further scores of 0; ``None`` where all are equal."""
        values = np.array([*(hit.score for hit in hits), *([0.0] * zeros)])
        if not len(values) or float(values.std()) < _FLAT:
            return None
        return cls(float(values.mean()), float(values.std()))

    def of(self, score: float) -> float:
        return (score - self.mean) / self.spread


def _key(article: Article) -> tuple[str, int]:
    return article.id, article.version


def _payload(entry: Entry, article: Article) -> dict[str, str | int | tuple[str, ...]]:
    end = article.effective_to
    return {
        "part": (Part.QUESTION if isinstance(entry, Question) else Part.PASSAGE).value,
        "kind": article.kind.value,
        "audience": article.audience.value,
        "products": article.products or (_ANY,),
        "models": article.models or (_ANY,),
        "regions": article.regions or (_ANY,),
        "channels": article.channels or (_ANY,),
        "effective_from": int(article.effective_from.timestamp()),
        "effective_to": _FOREVER if end is None else int(end.timestamp()),
    }


def _conditions(scope: Scope) -> tuple[Condition, ...]:
    now = int(scope.at.timestamp())
    sides = {"products": scope.product, "models": scope.model, "regions": scope.region, "channels": scope.channel}
    return (
        AnyOf("audience", tuple(a.value for a in _audiences(scope))),
        AtMost("effective_from", now),
        MoreThan("effective_to", now),
        *(AnyOf(field, (word, _ANY)) for field, word in sides.items() if word),
    )


def _audiences(scope: Scope) -> tuple[Audience, ...]:
    return (Audience.CUSTOMER,) if scope.audience is Audience.CUSTOMER else (Audience.CUSTOMER, Audience.AGENT)


def _fits(allowed: tuple[str, ...], word: str | None) -> bool:
    return not word or not allowed or word in allowed
