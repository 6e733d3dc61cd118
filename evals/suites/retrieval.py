"""Suite ``retrieval``: does a question find its passage, for the fusion and for each arm (EV-03)."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.counting import plain, share
from evals.data import data_hash, rows
from evals.schemas import Failure, Metric, Options, SuiteResult, System
from kit.db import Database, Session
from knowledge.schemas import Article, ArticleKind, ArticleStatus, Audience, Scope
from knowledge.service import Arm, KnowledgeService

_DEPTH = 10
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A knowledge base filled with a corpus."""

    service: KnowledgeService
    database: Database


@contextmanager
def shelf(system: System, articles: Sequence[Article], options: Options) -> Iterator[Shelf]:
    """Fill an empty knowledge base with articles and index it."""
    folder = system.work_dir / "knowledge"
    database = system.make_database(folder)
    service = KnowledgeService(system.encoder, system.make_index(folder / "vectors"))
    with database.transaction() as session:
        service.add_articles(session, articles)
    with database.reading() as session:
        plan = service.plan_index(session)
    service.apply_index(plan, lambda done, total: options.progress("index", done, total))
    try:
        yield Shelf(service, database)
    finally:
        service.close()
        database.dispose()


def run(data: Path, system: System, options: Options) -> SuiteResult:
    """Measure retrieval of ``queries`` over ``corpus``.

    Returns:
        ``recall_at_1/5/10`` (share of queries with a relevant text among the first k), ``mrr``, ``ndcg_at_10`` for
        the fusion, the same prefixed for each arm, and ``ms_per_query`` including the encoder.
    """
    corpus, queries = rows(data, "corpus"), rows(data, "queries")
    metrics: dict[str, Metric] = {}
    failures: list[Failure] = []
    with shelf(system, [article(row) for row in corpus], options) as base, base.database.reading() as session:
        for arm in Arm:
            begun = time.perf_counter()
            ranks: list[list[bool]] = []
            for done, query in enumerate(queries, 1):
                found = _search(base.service, session, query, arm)
                ranks.append([text_id in query["relevant"] for text_id in found])
                if arm is Arm.FUSED and not any(ranks[-1][:5]):
                    failures.append(
                        Failure(query["id"], ", ".join(query["relevant"]), ", ".join(found[:5]), query["text"])
                    )
                options.progress(f"queries {arm}", done, len(queries))
            milliseconds = 1000 * (time.perf_counter() - begun) / max(1, len(queries))
            prefix = "" if arm is Arm.FUSED else f"{arm}_"
            metrics |= _metrics(prefix, ranks, [len(q["relevant"]) for q in queries])
            if arm is Arm.FUSED:
                metrics["ms_per_query"] = plain(milliseconds, len(queries))
    versions = {"data": data_hash(data), "encoder": system.encoder.name}
    return SuiteResult("retrieval", metrics, versions, tuple(failures))


def article(row: Mapping[str, Any]) -> Article:
    """Return a corpus row as an article in force."""
    meta = row.get("meta", {})
    return Article(
        id=row["id"],
        version=int(meta.get("version", 1)),
        kind=ArticleKind(meta.get("kind", "faq")),
        title=row.get("title") or row["text"][:40],
        lang="zh",
        audience=Audience(meta.get("audience", "customer")),
        status=ArticleStatus.PUBLISHED,
        effective_from=_instant(meta.get("effective_from")) or _ALWAYS,
        effective_to=_instant(meta.get("effective_to")),
        body=row["text"],
        products=tuple(meta.get("products", ())),
        regions=tuple(meta.get("regions", ())),
        questions=tuple(row.get("questions", ())),
    )


def scope_of(query: Mapping[str, Any]) -> Scope:
    """Return for whom, about what and when a query asks."""
    return Scope(
        at=_instant(query.get("at")) or datetime.now(UTC),
        audience=Audience(query.get("audience", "agent")),
        product=query.get("product"),
        region=query.get("region"),
    )


def _search(service: KnowledgeService, session: Session, query: Mapping[str, Any], arm: Arm) -> list[str]:
    """Return the first texts, each once: a text of several passages counts by its best."""
    hits = service.search(session, query["text"], scope_of(query), 5 * _DEPTH, arm=arm)
    return list(dict.fromkeys(hit.passage.article_id for hit in hits))[:_DEPTH]


def _metrics(prefix: str, ranks: Sequence[Sequence[bool]], relevant: Sequence[int]) -> dict[str, Metric]:
    metrics = {f"{prefix}recall_at_{k}": share([any(r[:k]) for r in ranks]) for k in (1, 5, 10)}
    metrics[f"{prefix}mrr"] = share([next((1 / i for i, hit in enumerate(r, 1) if hit), 0.0) for r in ranks])
    metrics[f"{prefix}ndcg_at_10"] = share([_ndcg(r, n) for r, n in zip(ranks, relevant, strict=True)])
    return metrics


def _ndcg(hits: Sequence[bool], relevant: int) -> float:
    """Discounted gain over the best possible one (Järvelin and Kekäläinen 2002), gains 0 or 1."""
    gain = sum(1 / math.log2(i + 1) for i, hit in enumerate(hits, 1) if hit)
    best = sum(1 / math.log2(i + 1) for i in range(1, min(relevant, _DEPTH) + 1))
    return gain / best if best else 0.0


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
