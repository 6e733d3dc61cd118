"""Suite ``codes``: exact fault-code lookup, and the refusal of codes that do not exist."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.counting import share
from evals.data import data_hash, rows
from evals.schemas import Failure, Options, SuiteResult, System
from evals.suites.retrieval import shelf
from knowledge.schemas import Article, ArticleKind, ArticleStatus, Audience, CodeVerdict, Scope

_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_NO_PRODUCT = "any"


def run(data: Path, system: System, options: Options) -> SuiteResult:
    """Measure code lookup of ``queries`` in ``codes``.

    Returns:
        ``hit_at_1`` where a code is expected, ``refusal`` where none exists, ``wrong_answer_rate`` over all.
    """
    known, queries = rows(data, "codes"), rows(data, "queries")
    ids = {(row.get("product") or _NO_PRODUCT, str(row["code"])): str(row["id"]) for row in known}
    right: list[bool] = []
    refused: list[bool] = []
    wrong: list[bool] = []
    failures: list[Failure] = []
    with shelf(system, _tables(known), options) as base, base.database.reading() as session:
        for done, query in enumerate(queries, 1):
            product = query.get("product")
            scope = Scope(at=datetime.now(UTC), audience=Audience.AGENT, product=product)
            found = [
                ids.get((a.passage.family or _NO_PRODUCT, a.passage.code))
                for a in base.service.find_codes(session, query["text"], product, scope)
                if a.verdict is CodeVerdict.FOUND and a.passage is not None
            ]
            got, expected = (found[0] if found else None), query.get("expected")
            (right if expected is not None else refused).append(got == expected)
            wrong.append(got is not None and got != expected)
            if got != expected:
                failures.append(Failure(str(query.get("id", done)), str(expected), str(got), query["text"]))
            options.progress("codes", done, len(queries))
    metrics = {"hit_at_1": share(right), "refusal": share(refused), "wrong_answer_rate": share(wrong)}
    return SuiteResult("codes", metrics, {"data": data_hash(data)}, tuple(failures))


def _tables(known: Sequence[Mapping[str, Any]]) -> list[Article]:
    """Return one code table a product line."""
    by_product: dict[str, list[str]] = defaultdict(list)
    for row in known:
        text = str(row["text"]).replace("|", "/").replace("\n", " ")
        by_product[row.get("product") or _NO_PRODUCT].append(f"| {row['code']} | {text} |")
    return [
        Article(
            id=f"codes-{product}",
            version=1,
            kind=ArticleKind.CODE_TABLE,
            title=f"{product} codes",
            lang="zh",
            audience=Audience.CUSTOMER,
            status=ArticleStatus.PUBLISHED,
            effective_from=_ALWAYS,
            effective_to=None,
            body="\n".join(["| 代码 | 含义 |", "|---|---|", *lines]),
            products=() if product == _NO_PRODUCT else (product,),
        )
        for product, lines in by_product.items()
    ]
