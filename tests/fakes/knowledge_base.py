"""A knowledge base in memory: keeps the copilot's port, finds by shared bigrams, answers only what a test scripted."""

from collections.abc import Mapping, Sequence

from kit.db import Session
from kit.text import bigrams
from knowledge.codes import lookup
from knowledge.parsing import passages_of, steps_of
from knowledge.retrieval import in_scope
from knowledge.schemas import Answer, Article, CitedSentence, CodeAnswer, Hit, Passage, Scope, Step


class ScriptedKnowledge:
    """Implements ``copilot.ports.Knowledge`` on a list of articles.

    Args:
        articles: What there is.
        answers: Words of a question → the passage that answers it; any other question has no answer.
    """

    def __init__(self, articles: Sequence[Article], answers: Mapping[str, str] | None = None) -> None:
        self._articles = articles
        self._answers = answers or {}

    def find_code(self, session: Session, code: str, family: str | None, scope: Scope) -> CodeAnswer:
        rows = [p for p in self._passages(scope) if p.code and (not family or p.family == family)]
        return lookup(code, rows)

    def search(self, session: Session, query: str, scope: Scope, limit: int = 5) -> list[Hit]:
        wanted = set(bigrams(query))
        scored = [(len(wanted & set(bigrams(f"{p.title} {p.text}"))), p) for p in self._passages(scope)]
        found = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], pair[1].id))
        return [Hit(passage, float(score), None, float(score)) for score, passage in found[:limit]]

    def answer(self, session: Session, query: str, scope: Scope) -> Answer | None:
        wanted = next((passage_id for words, passage_id in self._answers.items() if words in query), None)
        passage = next((p for p in self._passages(scope) if p.id == wanted), None)
        if passage is None:
            return None
        sentences = tuple(CitedSentence(line, passage.id) for line in passage.text.split("\n"))
        return Answer(sentences, 0.95, (), (Hit(passage, 1.0, None, 1.0),))

    def in_force(self, session: Session, scope: Scope) -> list[Article]:
        return [article for article in self._articles if in_scope(article, scope)]

    def steps(self, session: Session, article_id: str, version: int) -> list[Step]:
        return steps_of(self._one(article_id, version))

    def passages(self, session: Session, article_id: str, version: int) -> list[Passage]:
        return passages_of(self._one(article_id, version))

    def _passages(self, scope: Scope) -> list[Passage]:
        return [p for article in self._articles if in_scope(article, scope) for p in passages_of(article)]

    def _one(self, article_id: str, version: int) -> Article:
        return next(a for a in self._articles if (a.id, a.version) == (article_id, version))
