"""Suggests to the agent how to go on with a ticket: steps, a reply draft with sources, or why there is none.

A draft is never sent from here. Everything it states stands in a passage in force that the customer may read, or is a
recorded state; what is not supported is withheld, and what stops an answer is said by a typed blocker.
"""

from collections.abc import Mapping, Sequence

import structlog

from copilot.drafting import Citations, Drafts, Supports, joined, passage_words
from copilot.feedback import FeedbackService
from copilot.planning import Plan, Planner
from copilot.ports import DraftCheck, Drafter, DraftRequest, Knowledge, ProgressBook, Source
from copilot.procedure import ProcedureFinder
from copilot.schemas import DraftSentence, DraftSource, Retrieved, Suggestion, Withheld, WithheldReason
from copilot.thread import Thread
from copilot.wording import Reason, blocker
from kit.ai.ports import ModelUnavailable
from kit.clock import Clock
from kit.db import Session
from kit.redaction import mask
from knowledge.grounding import supports as shipped_supports
from knowledge.schemas import Passage
from tickets.schemas import Message, Ticket

_MODEL_TURNS = 8  # the last turns that a model sees; what it may state are the sources
_TURN_CHARS = 500
_UNGROUNDED = "ungrounded"

_log = structlog.get_logger()


class SuggestionService(FeedbackService):
    """Makes suggestions, and keeps them with what became of them.

    Args:
        knowledge: What is in force.
        quality: The rules a text must keep before it is sent.
        clock: The time.
        drafter: Words drafts with a language model; ``None``: extractive only.
        progress: Recorded nodes of after-sales orders; ``None``: none are recorded.
        line_names: Product line → how customers call it, for tickets whose model is not known.
        supports: The grounding.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        quality: DraftCheck,
        clock: Clock,
        *,
        drafter: Drafter | None = None,
        progress: ProgressBook | None = None,
        line_names: Mapping[str, Sequence[str]] | None = None,
        supports: Supports = shipped_supports,
    ) -> None:
        super().__init__(clock)
        self._planner = Planner(ProcedureFinder(knowledge, clock), progress, line_names or {})
        self._drafts = Drafts(supports, quality)
        self._drafter = drafter

    def suggest(
        self, session: Session, ticket: Ticket, messages: Sequence[Message], *, line: str | None = None
    ) -> Suggestion:
        """Suggest how to go on (CP-01, CP-02, CP-10, CP-11, RM-17, RM-18).

        Args:
            session: For reading; nothing is written.
            ticket: The ticket.
            messages: Its conversation, oldest first.
            line: The product line, where the shop's catalogue knows it from the model.

        Returns:
            Steps in order with those already done, a draft or a blocker or both, and what they rest on.
        """
        thread = Thread(tuple(messages))
        plan = self._planner.plan(session, ticket, thread, line)
        citations = Citations()
        facts, withheld = self._drafts.grounded(plan.facts, citations)
        source, degraded, model = DraftSource.EXTRACTIVE, "", ""
        if self._drafter is not None and facts:
            worded, dropped, degraded, model = self._model_worded(self._drafter, plan, thread, citations)
            withheld += dropped
            if worded:
                source, facts = DraftSource.MODEL, worded
        # A question about a step that was withheld would make no sense.
        unfounded = bool(plan.facts and not facts)
        sentences = [] if unfounded else _sentences(plan, facts, citations)
        draft = joined(sentences, plan.lang)
        if broken := self._drafts.broken_rules(draft):
            withheld += [Withheld(draft, WithheldReason.RULE, rule) for rule in broken]
            draft, sentences = "", []
        _cite_the_rest(plan, citations)
        return Suggestion(
            ticket_id=ticket.summary.id,
            conversation_seq=thread.last_seq,
            lang=plan.lang,
            draft=draft,
            sentences=tuple(sentences),
            steps=plan.steps,
            citations=tuple(citations.made),
            retrieved=_retrieved(plan),
            blocker=plan.blocker or (blocker(Reason.NOTHING_FOUND, plan.lang) if unfounded else None),
            withheld=tuple(withheld),
            source=source,
            degraded=degraded,
            model=model,
        )

    def _model_worded(
        self, drafter: Drafter, plan: Plan, thread: Thread, citations: Citations
    ) -> tuple[list[DraftSentence], list[Withheld], str, str]:
        """Let the model word the facts; whatever goes wrong leaves the extractive wording and a note of why."""
        passages: dict[str, Passage] = {fact.passage.id: fact.passage for fact in plan.facts}
        cited = [(citation.index, passages.get(citation.passage_id)) for citation in citations.made]
        sources = [Source(index, p.title, passage_words(p)) for index, p in cited if p is not None]
        turns = [(m.role.value, mask(m.raw)[:_TURN_CHARS]) for m in thread.messages[-_MODEL_TURNS:]]
        try:
            draft = drafter.draft(DraftRequest(plan.lang, turns, sources, plan.closing))
        except ModelUnavailable as error:
            _log.warning("copilot.draft.degraded", code=error.code)
            return [], [], error.code, ""
        kept, dropped = self._drafts.worded(draft, sources)
        return kept, dropped, "" if kept else _UNGROUNDED, draft.model if kept else ""


def _sentences(plan: Plan, facts: Sequence[DraftSentence], citations: Citations) -> list[DraftSentence]:
    sentences = [DraftSentence(text) for text in plan.opening]
    if plan.state is not None and plan.opening:
        said = plan.state.sentence_zh if plan.lang.startswith("zh") else plan.state.sentence_en
        sentences.append(DraftSentence(said, (citations.record(plan.state),)))
    sentences += facts
    if plan.closing:
        sentences.append(DraftSentence(plan.closing))
    return sentences


def _cite_the_rest(plan: Plan, citations: Citations) -> None:
    """Cite what the draft does not quote but the agent sees: the steps and the rule that governs the case."""
    for step in plan.steps:
        citations.cite(plan.procedure.passages[step.passage_id])
    if plan.clause is not None:
        citations.cite(plan.clause)


def _retrieved(plan: Plan) -> tuple[Retrieved, ...]:
    best: dict[str, float] = {}
    for hit in plan.hits:
        best[hit.passage.id] = max(hit.score, best.get(hit.passage.id, hit.score))
    return tuple(Retrieved(passage_id, score) for passage_id, score in best.items())
