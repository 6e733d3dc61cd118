"""Chooses what to go by for a ticket: the row of its fault code, the procedure in force, else an extracted answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from copilot.cues import RULED, asks_of
from copilot.ports import Knowledge
from copilot.wording import Question, Reason
from kit.clock import Clock
from kit.db import Session
from kit.phrases import fold
from knowledge.schemas import (
    Answer,
    Article,
    ArticleKind,
    Audience,
    CodeVerdict,
    Hit,
    Passage,
    Scope,
    Step,
)
from tickets.words import LabelPath

_HITS = 30  # passages; ranks the procedures that fit, of which a shop has a handful
_QUERY_CHARS = 400
_MIN_LABEL = 2  # a path shortened to its type alone fits half the procedures


@dataclass(frozen=True, slots=True)
class Matter:
    """What is known of the ticket.

    Attributes:
        line: Product line, empty where unknown; the same for model and code.
        words: The customer's words, for the search.
    """

    label: LabelPath
    line: str
    model: str
    code: str
    words: str
    lang: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing can be chosen yet, and what to ask."""

    reason: Reason
    ask: Question | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """What was chosen.

    Attributes:
        article: The procedure with its steps, or what the answer was taken from.
        answer: An extracted answer, where there is neither code row nor procedure.
        passages: Passages by id, for the citations.
        hits: Everything that was found.
    """

    code_row: Passage | None = None
    article: Article | None = None
    steps: tuple[Step, ...] = ()
    answer: Answer | None = None
    passages: Mapping[str, Passage] = field(default_factory=dict)
    hits: tuple[Hit, ...] = ()
    stop: Stop | None = None


class ProcedureFinder:
    """Finds the procedure for a ticket; never the nearest one where none fits.

    Args:
        knowledge: What is in force.
        clock: Tells which versions are.
    """

    def __init__(self, knowledge: Knowledge, clock: Clock) -> None:
        self._knowledge = knowledge
        self._clock = clock

    def find(self, session: Session, matter: Matter) -> Procedure:
        """Choose what to go by."""
        row, stop = self._code_row(session, matter)
        if stop is not None:
            return Procedure(stop=stop)
        line = matter.line or (row.family if row else "")
        query = f"{row.text.partition(chr(10))[0]} {matter.words}" if row else matter.words
        hits = self._search(session, query, matter, line)
        fitting = [
            article
            for article in self._in_force(session, matter, line, ArticleKind.SOP)
            if (_mentions(article, matter.code) if row else _fits(article, matter.label))
        ]
        if not line and len({article.products for article in fitting}) > 1:
            return Procedure(hits=tuple(hits), stop=Stop(Reason.MODEL_UNKNOWN, Question.WHICH_MODEL))
        if fitting:
            return self._with_steps(session, _best(fitting, hits, matter.lang), row, hits)
        if row is not None:
            return Procedure(code_row=row, passages={row.id: row}, hits=tuple(hits))
        return self._answered(session, matter, hits)

    def policy(self, session: Session, matter: Matter) -> tuple[Passage | None, list[Hit]]:
        """Find the clause that governs what the customer asks for; agents' own rules included."""
        hits = self._search(session, matter.words, matter, matter.line)
        rules = [hit.passage for hit in hits if hit.passage.kind is ArticleKind.POLICY]
        mine = {
            (article.id, article.version)
            for article in self._in_force(session, matter, matter.line, ArticleKind.POLICY)
            if _fits(article, matter.label)
        }
        labelled = [p for p in rules if (p.article_id, p.version) in mine]
        # Without a label the nearest rule may be about anything; its title must speak of what is asked for.
        named = [p for p in rules if asks_of(p.title) & RULED]
        return next(iter(labelled or named), None), hits

    def danger(self, session: Session, matter: Matter) -> Procedure:
        """Find the agents' own procedure for a danger; never steps for the customer."""
        hits = self._search(session, matter.words, matter, "")
        procedures = self._in_force(session, matter, "", ArticleKind.SOP)
        mine = [article for article in procedures if article.audience is Audience.AGENT]
        fitting = [article for article in mine if _fits(article, matter.label)]
        found = {hit.passage.article_id for hit in hits}
        fitting = fitting or [article for article in mine if article.id in found]
        if not fitting:
            return Procedure(hits=tuple(hits))
        return self._with_steps(session, _best(fitting, hits, matter.lang), None, hits)

    def _code_row(self, session: Session, matter: Matter) -> tuple[Passage | None, Stop | None]:
        if not matter.code:
            return None, None
        found = self._knowledge.find_code(session, matter.code, matter.line, self._scope(matter, matter.line))
        match found.verdict:
            case CodeVerdict.NO_SUCH_CODE:
                return None, Stop(Reason.CODE_UNKNOWN, Question.CODE_AGAIN, matter.code)
            case CodeVerdict.AMBIGUOUS:
                return None, Stop(Reason.CODE_AMBIGUOUS, Question.WHICH_MODEL, matter.code)
            case _:
                return found.passage, None

    def _answered(self, session: Session, matter: Matter, hits: Sequence[Hit]) -> Procedure:
        """Fall back to an extracted answer that a customer may read; one out of a procedure chooses that procedure."""
        scope = Scope(self._clock.now(), Audience.CUSTOMER, product=matter.line, model=matter.model)
        answer = self._knowledge.answer(session, matter.words[:_QUERY_CHARS], scope)
        if answer is None or not answer.sentences:
            return Procedure(hits=tuple(hits), stop=Stop(Reason.NOTHING_FOUND))
        everything = (*hits, *answer.hits)
        origin = answer.hits[0].passage
        article = next(
            (
                a
                for a in self._knowledge.in_force(session, scope)
                if (a.id, a.version) == (origin.article_id, origin.version)
            ),
            None,
        )
        if article is None or (article.products and not matter.line):
            return Procedure(hits=everything, stop=Stop(Reason.MODEL_UNKNOWN, Question.WHICH_MODEL))
        if article.kind is ArticleKind.SOP:
            return self._with_steps(session, article, None, everything)
        passages = {p.id: p for p in self._knowledge.passages(session, article.id, article.version)}
        return Procedure(article=article, answer=answer, passages=passages, hits=everything)

    def _with_steps(self, session: Session, article: Article, row: Passage | None, hits: Sequence[Hit]) -> Procedure:
        steps = tuple(self._knowledge.steps(session, article.id, article.version))
        passages = {p.id: p for p in self._knowledge.passages(session, article.id, article.version)}
        if row is not None:
            passages[row.id] = row
        return Procedure(row, article, steps, passages=passages, hits=tuple(hits))

    def _search(self, session: Session, query: str, matter: Matter, line: str) -> list[Hit]:
        return self._knowledge.search(session, query[:_QUERY_CHARS], self._scope(matter, line), _HITS)

    def _in_force(self, session: Session, matter: Matter, line: str, kind: ArticleKind) -> list[Article]:
        return [a for a in self._knowledge.in_force(session, self._scope(matter, line)) if a.kind is kind]

    def _scope(self, matter: Matter, line: str) -> Scope:
        return Scope(self._clock.now(), Audience.AGENT, product=line, model=matter.model)


def line_in(words: str, names: Mapping[str, Sequence[str]]) -> str:
    """Return the one product line that a text names, empty where it names none or several.

    Args:
        words: The customer's words.
        names: Line → how customers call it.
    """
    text = fold(words).text
    found = [line for line, spellings in names.items() if any(fold(name).text in text for name in spellings)]
    return found[0] if len(found) == 1 else ""


def _best(fitting: Sequence[Article], hits: Sequence[Hit], lang: str) -> Article:
    """Return the article in the customer's language whose passages were found first."""
    places: dict[str, int] = {}
    for place, hit in enumerate(hits):
        places.setdefault(hit.passage.article_id, place)
    return min(fitting, key=lambda a: (a.lang[:2] != lang[:2], places.get(a.id, len(hits)), a.id))


def _fits(article: Article, label: LabelPath) -> bool:
    return len(label) >= _MIN_LABEL and any(path[: len(label)] == label for path in article.labels)


def _mentions(article: Article, code: str) -> bool:
    wanted = re.escape(_bare(code))
    return bool(re.search(rf"(?<![a-z0-9]){wanted}(?![a-z0-9])", _bare(article.body)))


def _bare(text: str) -> str:
    return fold(text).text.replace("-", "")
