"""Hit tests: questions with the articles that must be found, and questions that must stay unanswered (EV-03).

Half of the questions, by a hash of their text, tune; the other half only measure. Nothing is ever tuned on that half.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from kit.db import Session
from knowledge.answerability import AnswerModel, features, fit
from knowledge.errors import ArticleUnreadable
from knowledge.finder import Arm, Finder, Found
from knowledge.schemas import Audience, Scope

# Chosen on the tuning half, where it answers right nine times in ten; the held-out figures are in the shipped file.
_THRESHOLD = 0.5
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class HitTest:
    """A question and the articles any of which answers it; none: it must stay unanswered."""

    question: str
    articles: frozenset[str]
    scope: Scope

    @property
    def held_out(self) -> bool:
        """Whether it only measures."""
        return bool(sha256(self.question.encode()).digest()[0] % 2)


@dataclass(frozen=True, slots=True)
class HitReport:
    """Where the right article stood.

    Attributes:
        count: Questions asked.
        recall_at_1: Share with a right article first, 0 to 1; likewise at 5.
        mrr: Mean reciprocal rank among the first ten articles.
        misses: Questions whose first article was wrong, with that article.
    """

    count: int
    recall_at_1: float
    recall_at_5: float
    mrr: float
    misses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """What answering would do, on questions that the model was not fitted on.

    Attributes:
        answerable: How many questions have an answer; ``unanswerable`` likewise.
        precision: Share of given answers whose article is right.
        recall: Share of answerable questions answered from a right article.
        refusal: Share of unanswerable questions left unanswered.
    """

    answerable: int
    unanswerable: int
    precision: float
    recall: float
    refusal: float


def load_hit_tests(path: Path, at: datetime) -> list[HitTest]:
    """Read a file of hit tests.

    Args:
        path: YAML with ``answerable`` (``q``, ``articles``, optional ``product`` and ``audience``) and
            ``unanswerable`` (``q``).
        at: The instant whose articles count.

    Raises:
        ArticleUnreadable: The file is none of that kind.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [_test(item, at) for kind in ("answerable", "unanswerable") for item in data[kind]]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        zh, en = f"{path.name}：不是命中测试文件", f"{path.name}: not a file of hit tests"
        raise ArticleUnreadable(zh, en) from error


def measure(
    finder: Finder, session: Session, tests: Sequence[HitTest], *, by_product: bool = False, arm: Arm = Arm.FUSED
) -> HitReport:
    """Search each answerable question.

    Args:
        finder: What searches.
        session: An open unit of work.
        tests: Hit tests; unanswerable ones are left out.
        by_product: Whether to tell the search the product, as a conversation that knows it would.
        arm: Which arm ranks.
    """
    ranks: list[int | None] = []
    misses: list[tuple[str, str]] = []
    asked = [test for test in tests if test.articles]
    for test in asked:
        found = finder.find(
            session, test.question, test.scope if by_product else replace(test.scope, product=None), arm
        )
        order = list(dict.fromkeys(found.passages[c.point_id].article_id for c in found.candidates))[:_DEPTH]
        rank = next((place for place, article in enumerate(order, start=1) if article in test.articles), None)
        ranks.append(rank)
        if rank != 1:
            misses.append((test.question, order[0] if order else ""))
    return HitReport(
        len(asked),
        _share([rank == 1 for rank in ranks]),
        _share([rank is not None and rank <= 5 for rank in ranks]),  # noqa: PLR2004 - the measure's name
        sum(1 / rank for rank in ranks if rank) / max(len(ranks), 1),
        tuple(misses),
    )


def calibrate(
    finder: Finder, session: Session, tests: Sequence[HitTest], provenance: dict[str, object]
) -> tuple[AnswerModel, AnswerReport]:
    """Fit when to answer on the tuning half and measure it on the other.

    Each answerable question is also shown with its right articles taken away: what is then best is near and wrong,
    the hardest kind of negative there is.

    Args:
        finder: What searches.
        session: An open unit of work.
        tests: Hit tests of both kinds.
        provenance: Data and encoder, to be kept with the coefficients.
    """
    rows: list[NDArray[np.float64]] = []
    answers: list[bool] = []
    for test in tests:
        found = finder.find(session, test.question, replace(test.scope, product=None))
        if test.held_out:
            continue
        for seen in [found, _without(found, test.articles)] if test.articles else [found]:
            if seen.candidates:
                rows.append(features(test.question, seen.candidates, seen.passages))
                answers.append(_best(seen) in test.articles)
    model = fit(np.array(rows), np.array(answers), _THRESHOLD, provenance)
    report = judge(model, finder, session, [test for test in tests if test.held_out])
    figures = {name: getattr(report, name) for name in AnswerReport.__dataclass_fields__}
    kept = provenance | {"fitted_on": len(rows), "held_out": {k: round(v, 3) for k, v in figures.items()}}
    return replace(model, provenance=kept), report


def judge(model: AnswerModel, finder: Finder, session: Session, tests: Sequence[HitTest]) -> AnswerReport:
    """Measure answering and refusing."""
    right, given, refused, unanswerable = 0, 0, 0, 0
    for test in tests:
        found = finder.find(session, test.question, replace(test.scope, product=None))
        answered = bool(found.candidates) and (
            model.probability(features(test.question, found.candidates, found.passages)) >= model.threshold
        )
        given += answered
        right += answered and _best(found) in test.articles
        unanswerable += not test.articles
        refused += not test.articles and not answered
    answerable = len(tests) - unanswerable
    return AnswerReport(
        answerable,
        unanswerable,
        right / max(given, 1),
        right / max(answerable, 1),
        refused / max(unanswerable, 1),
    )


def _test(item: dict[str, Any], at: datetime) -> HitTest:
    scope = Scope(at=at, audience=Audience(item.get("audience", Audience.CUSTOMER)), product=item.get("product"))
    return HitTest(str(item["q"]), frozenset(map(str, item.get("articles", ()))), scope)


def _without(found: Found, articles: frozenset[str]) -> Found:
    kept = tuple(c for c in found.candidates if found.passages[c.point_id].article_id not in articles)
    return replace(found, candidates=kept)


def _best(found: Found) -> str:
    return found.passages[found.candidates[0].point_id].article_id


def _share(values: Sequence[bool]) -> float:
    return sum(values) / max(len(values), 1)
