"""Puts a reply together: courtesy, cited sentences that pass the grounding, one question; or withholds it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from copilot.ports import DraftCheck, RecordedState, Source, WordedDraft
from copilot.procedure import Procedure
from copilot.schemas import Citation, DraftSentence, SourceKind, SuggestedStep, Withheld, WithheldReason
from knowledge.schemas import GroundingVerdict, Passage, Step
from tickets.words import Role

Supports = Callable[[str, str], GroundingVerdict]
"""Judges a sentence against a passage (``knowledge.grounding.supports``)."""

_ENDS = "。.;；！!"


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence that states something.

    Attributes:
        core: The words that the passage must bear out.
        text: The whole sentence: the core with a lead and an end of ours, which state nothing.
    """

    core: str
    text: str
    passage: Passage


@dataclass(slots=True)
class Citations:
    """Numbers sources in the order they are used."""

    made: list[Citation] = field(default_factory=list)

    def cite(self, passage: Passage) -> int:
        """Return the mark of a passage."""
        return self._add(passage.article_id, passage.version, passage.id, passage.title, SourceKind.PASSAGE)

    def record(self, state: RecordedState) -> int:
        """Return the mark of a recorded state."""
        return self._add(state.system, 0, state.reference, state.system, SourceKind.RECORD)

    def _add(self, article_id: str, version: int, passage_id: str, title: str, kind: SourceKind) -> int:
        for known in self.made:
            if (known.passage_id, known.kind) == (passage_id, kind):
                return known.index
        self.made.append(Citation(len(self.made) + 1, article_id, version, passage_id, title, kind))
        return len(self.made)


def facts_of(procedure: Procedure, step: SuggestedStep | None, lang: str) -> list[Fact]:
    """Return what the reply should say, word for word: the code's meaning, then the next step or the answer."""
    zh = lang.startswith("zh")
    facts: list[Fact] = []
    if (row := procedure.code_row) is not None:
        line, *rest = row.text.split("\n")
        meaning = line.removeprefix(row.code).strip()
        lead = f"故障代码 {row.code}：" if zh else f"Fault code {row.code}: "
        facts.append(Fact(line, f"{lead}{meaning}{'。' if zh else '.'}", row))
        if step is None and not procedure.steps and rest:
            # The row's second cell is what the customer may check; its column title goes.
            facts.append(_fact(row, rest[0].partition("：")[2] or rest[0], "", zh=zh))
    if step is not None:
        origin = next(s for s in procedure.steps if s.number == step.number)
        facts += _step_facts(origin, procedure.passages[origin.passage_id], zh=zh)
    if procedure.answer is not None:
        cited = [(s.text, procedure.passages.get(s.passage_id)) for s in procedure.answer.sentences]
        facts += [_fact(passage, text, "", zh=zh) for text, passage in cited if passage is not None]
    return facts


class Drafts:
    """Lets through what is supported and breaks no rule.

    Args:
        supports: The grounding.
        check: The quality rules for a text before it is sent.
    """

    def __init__(self, supports: Supports, check: DraftCheck) -> None:
        self._supports = supports
        self._check = check

    def grounded(self, facts: Sequence[Fact], citations: Citations) -> tuple[list[DraftSentence], list[Withheld]]:
        """Cite each fact that its passage bears out; the others are withheld."""
        kept: list[DraftSentence] = []
        withheld: list[Withheld] = []
        for fact in facts:
            if self._supports(fact.core, passage_words(fact.passage)).supported:
                kept.append(DraftSentence(fact.text, (citations.cite(fact.passage),)))
            else:
                withheld.append(Withheld(fact.text, WithheldReason.UNSUPPORTED, fact.passage.id))
        return kept, withheld

    def worded(self, draft: WordedDraft, sources: Sequence[Source]) -> tuple[list[DraftSentence], list[Withheld]]:
        """Judge a model's sentences like any others: each must name a source that bears it out."""
        by_index = {source.index: source for source in sources}
        kept: list[DraftSentence] = []
        withheld: list[Withheld] = []
        for sentence in draft.sentences:
            named = [by_index[index] for index in sentence.citations if index in by_index]
            bearing = tuple(s.index for s in named if self._supports(sentence.text, s.text).supported)
            if bearing:
                kept.append(DraftSentence(sentence.text.strip(), bearing))
            else:
                reason = WithheldReason.UNSUPPORTED if named else WithheldReason.UNCITED
                withheld.append(Withheld(sentence.text, reason))
        return kept, withheld

    def broken_rules(self, draft: str) -> list[str]:
        """Return the quality rules that sending this text would break."""
        return [finding.rule for finding in self._check.check_draft(draft, Role.AGENT)] if draft else []


def passage_words(passage: Passage) -> str:
    """Return what a sentence may lean on: the passage with its title and heading."""
    return "\n".join(part for part in (passage.title, passage.heading, passage.text) if part)


def joined(sentences: Sequence[DraftSentence], lang: str) -> str:
    """Join a draft's sentences as they are sent."""
    return ("" if lang.startswith("zh") else " ").join(sentence.text for sentence in sentences)


def _step_facts(step: Step, passage: Passage, *, zh: bool) -> list[Fact]:
    facts = [_fact(passage, step.action, "请先按这一步操作：" if zh else "Please try this step: ", zh=zh)]
    if step.expected:
        facts.append(_fact(passage, step.expected, "预期：" if zh else "Expected: ", zh=zh))
    return facts


def _fact(passage: Passage, core: str, lead: str, *, zh: bool) -> Fact:
    bare = core.strip().rstrip(_ENDS)
    return Fact(bare, f"{lead}{bare}{'。' if zh else '.'}", passage)
