"""The knowledge base: what is in force for whom, found, looked up exactly, answered word for word, and checked.

Search works on the vector index, which is derived data: whatever it finds is looked up in the database and checked
there for status, dates and scope before anybody sees it. Without encoder or index, words alone are compared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from kit.ai.ports import Encoder
from kit.clock import Clock, SystemClock
from kit.db import Session
from kit.events import Publisher
from kit.index.ports import VectorIndex
from knowledge import authoring, codes, indexing, repository
from knowledge.answerability import AnswerModel, features
from knowledge.answering import cite, extract
from knowledge.errors import ArticleNotFound, PassageNotFound
from knowledge.events import INDEX_KEY, ArticlesChanged
from knowledge.finder import Arm, Finder
from knowledge.grounding import supports
from knowledge.hit_tests import AnswerReport, HitReport, HitTest, calibrate, judge, measure
from knowledge.indexing import IndexPlan, Progress
from knowledge.parsing import passages_of, steps_of
from knowledge.retrieval import in_scope
from knowledge.schemas import (
    Answer,
    Article,
    ArticleStatus,
    CodeAnswer,
    CodeVerdict,
    GroundingVerdict,
    Hit,
    ImportReport,
    Passage,
    Scope,
    Step,
)

__all__ = ["Arm", "KnowledgeService"]

_ANSWER_HITS = 5  # hits that come with an answer, for an agent who wants to look further


class KnowledgeService:
    """The package's face.

    Args:
        encoder: Encodes questions and passages.
        index: The knowledge base's own index.
        clock: Tells the time of releases.
        events: Is told when what is in force changes; ``None``: nobody listens.
        answer_model: When to answer; the shipped one by default.
    """

    def __init__(
        self,
        encoder: Encoder,
        index: VectorIndex,
        *,
        clock: Clock | None = None,
        events: Publisher | None = None,
        answer_model: AnswerModel | None = None,
    ) -> None:
        self._encoder = encoder
        self._index = index
        self._clock = clock or SystemClock()
        self._events = events
        self._finder = Finder(encoder, index)
        self._answer_model = answer_model or AnswerModel.load()

    def close(self) -> None:
        """Give the index back."""
        self._index.close()

    # Authoring

    def import_articles(self, session: Session, source: Path | Sequence[Path]) -> ImportReport:
        """Import Markdown articles; the same content again is left alone, a released version never changes.

        Args:
            session: An open unit of work.
            source: A folder, a file or files.

        Returns:
            Counts, and the refused files with their reasons.
        """
        report = authoring.import_files(session, source)
        if report.added or report.new_versions or report.questions_changed:
            self._changed(session)
        return report

    def add_articles(self, session: Session, articles: Iterable[Article]) -> ImportReport:
        """Store articles that are no files, e.g. a corpus to measure on; raises ``ArticleVersionChanged``."""
        report = authoring.add(session, articles)
        self._changed(session)
        return report

    def save_draft(self, session: Session, article: Article, author: str) -> Article:
        """Store a draft, e.g. one made of a solved ticket (KB-05); nobody finds it before it is published."""
        return authoring.save_draft(session, article, author)

    def submit(self, session: Session, article_id: str, version: int) -> Article:
        """Hand a draft in for review; raises ``ArticleNotFound``, ``ArticleNotReleasable``."""
        return authoring.submit(session, article_id, version)

    def publish(self, session: Session, article_id: str, version: int, approved_by: str) -> Article:
        """Release a version in review; raises ``ArticleNotFound``, ``ArticleNotReleasable``."""
        released = authoring.publish(session, article_id, version, approved_by)
        self._changed(session)
        return released

    def retire(self, session: Session, article_id: str, version: int) -> Article:
        """Withdraw a version at once; raises ``ArticleNotFound``."""
        retired = authoring.retire(session, article_id, version, self._clock.now())
        self._changed(session)
        return retired

    # Reading

    def article(self, session: Session, article_id: str, version: int) -> Article:
        """Return a version, whatever its status; raises ``ArticleNotFound``."""
        found = repository.stored(session, article_id, version)
        if found is None:
            raise ArticleNotFound(article_id, version)
        return found[0]

    def articles(self, session: Session, status: ArticleStatus | None = None) -> list[Article]:
        """List versions by id, for the knowledge screen."""
        return repository.articles(session, status)

    def in_force(self, session: Session, scope: Scope) -> list[Article]:
        """List what holds for a scope, for the help centre and for choosing an SOP by its labels."""
        return [a for a in repository.articles(session, ArticleStatus.PUBLISHED) if in_scope(a, scope)]

    def passages(self, session: Session, article_id: str, version: int) -> list[Passage]:
        """Return a version's passages in reading order; raises ``ArticleNotFound``."""
        return passages_of(self.article(session, article_id, version))

    def steps(self, session: Session, article_id: str, version: int) -> list[Step]:
        """Return an SOP's steps in order; empty for another kind; raises ``ArticleNotFound``."""
        return steps_of(self.article(session, article_id, version))

    def get_passage(self, session: Session, passage_id: str) -> Passage:
        """Open a citation, also of a version no longer in force; raises ``PassageNotFound``."""
        found = repository.passage(session, passage_id)
        if found is None:
            raise PassageNotFound(passage_id)
        return found[0]

    # Finding

    def search(self, session: Session, query: str, scope: Scope, limit: int = 5, *, arm: Arm = Arm.FUSED) -> list[Hit]:
        """Find passages.

        Args:
            session: An open unit of work.
            query: Any words.
            scope: For whom, about what, when.
            limit: Most hits.
            arm: Which arm ranks.

        Returns:
            Hits, best first; marked ``degraded`` where only words could be compared.
        """
        return self._finder.find(session, query, scope, arm).hits(limit)

    def find_code(self, session: Session, code: str, family: str | None, scope: Scope) -> CodeAnswer:
        """Look a fault code up exactly.

        Args:
            session: An open unit of work.
            code: As written, e.g. ``e07``.
            family: The product line whose tables count; ``None`` or empty: that of the scope, else every one.
            scope: For whom and when.
        """
        return codes.lookup(code, self._code_rows(session, family or scope.product, scope))

    def find_codes(self, session: Session, text: str, family: str | None, scope: Scope) -> list[CodeAnswer]:
        """Look up every fault code that a text mentions, in order; empty where it mentions none."""
        if not any(map(str.isdigit, text)):  # spares most questions the reading of the tables
            return []
        rows = self._code_rows(session, family or scope.product, scope)
        return [codes.lookup(code, rows) for code in codes.mentions(text, rows)]

    def answer(self, session: Session, query: str, scope: Scope, *, code: str | None = None) -> Answer | None:
        """Answer a question word for word from one passage, or not at all.

        Args:
            session: An open unit of work.
            query: The question.
            scope: For whom, about what, when.
            code: A fault code that the question is about, where one is known already; otherwise it is looked for.

        Returns:
            An answer whose calibrated probability reaches the threshold. ``None`` too where the question names a code
            that the tables do not have, or that several rows fit: no neighbour is offered in its place.
        """
        named = [self.find_code(session, code, None, scope)] if code else self.find_codes(session, query, None, scope)
        row = next((looked_up.passage for looked_up in named if looked_up.passage is not None), None)
        if row is not None:
            return self._quote(session, [Hit(row, 1.0, None, 0.0)], 1.0)
        if any(looked_up.verdict is not CodeVerdict.NO_TABLE for looked_up in named):
            return None
        found = self._finder.find(session, query, scope)
        # Without the dense arm the probability means nothing, so that silence is the honest answer.
        if not found.candidates or found.degraded:
            return None
        probability = self._answer_model.probability(features(query, found.candidates, found.passages))
        if probability < self._answer_model.threshold:
            return None
        return self._quote(session, found.hits(_ANSWER_HITS), probability)

    def supports(self, sentence: str, passage_text: str) -> GroundingVerdict:
        """Judge whether a passage bears a sentence out (``knowledge.grounding``)."""
        return supports(sentence, passage_text)

    # Measuring

    def hit_test(
        self, session: Session, tests: Sequence[HitTest], *, by_product: bool = False, arm: Arm = Arm.FUSED
    ) -> HitReport:
        """Ask hit tests (``knowledge.hit_tests.load_hit_tests``) and tell where the right articles stood (EV-03)."""
        return measure(self._finder, session, tests, by_product=by_product, arm=arm)

    def calibrate(self, session: Session, tests: Sequence[HitTest], source: str) -> tuple[AnswerModel, AnswerReport]:
        """Fit when to answer on one half of the hit tests and measure it on the other.

        Args:
            session: An open unit of work.
            tests: Hit tests of both kinds.
            source: Name of their file, kept with the coefficients.

        Returns:
            The model, to be saved and given to the constructor, and its figures on the held-out half.
        """
        when = self._clock.now().date().isoformat()
        return calibrate(self._finder, session, tests, {"data": source, "encoder": self._encoder.name, "date": when})

    def judge_answers(self, session: Session, tests: Sequence[HitTest]) -> AnswerReport:
        """Measure the answer model in use on hit tests."""
        return judge(self._answer_model, self._finder, session, tests)

    # Index

    def plan_index(self, session: Session, *, everything: bool = False) -> IndexPlan:
        """Compare database and index, in a short read; ``apply_index`` does the long work without a transaction."""
        return indexing.plan(session, self._index, self._encoder.name, everything=everything)

    def apply_index(self, plan: IndexPlan, progress: Progress | None = None) -> None:
        """Encode and write what was planned."""
        indexing.apply(plan, self._encoder, self._index, progress or _silent)

    def sync_index(self, session: Session, progress: Progress | None = None) -> None:
        """Bring the index in line with the database. Takes long after a large import: open no writing transaction."""
        self.apply_index(self.plan_index(session), progress)

    def rebuild_index(self, session: Session, progress: Progress | None = None) -> None:
        """Build the index anew from the database; searches use the old one until it is done."""
        self.apply_index(self.plan_index(session, everything=True), progress)

    def _code_rows(self, session: Session, family: str | None, scope: Scope) -> list[Passage]:
        wanted = replace(scope, product=family or None)
        return [row for row, article in repository.code_rows(session) if in_scope(article, wanted)]

    def _quote(self, session: Session, hits: list[Hit], probability: float) -> Answer:
        top = hits[0].passage
        whole = self.passages(session, top.article_id, top.version)
        shown = extract(top, whole)
        return Answer(shown, probability, cite(shown, whole), tuple(hits))

    def _changed(self, session: Session) -> None:
        if self._events is not None:
            self._events.publish(session, ArticlesChanged(subject_id=INDEX_KEY, serial_key=INDEX_KEY))


def _silent(_done: int, _total: int) -> None:
    """Report progress to nobody."""
