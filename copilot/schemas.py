"""Plain values of the copilot that other packages may hold."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from tickets.words import TicketId

SuggestionId = NewType("SuggestionId", str)
SummaryId = NewType("SummaryId", str)


class BlockerKind(StrEnum):
    """Why the copilot does not answer (CP-11)."""

    MISSING_FACT = "missing_fact"
    NO_KNOWLEDGE = "no_knowledge"
    CONTRADICTION = "contradiction"
    POLICY = "policy"
    NEEDS_HUMAN = "needs_human"


class SourceKind(StrEnum):
    """What a citation points to."""

    PASSAGE = "passage"  # a passage of an article version in force
    RECORD = "record"  # a state that a system of record holds


class DraftSource(StrEnum):
    """Who worded a draft."""

    EXTRACTIVE = "extractive"
    MODEL = "model"


class Outcome(StrEnum):
    """What an agent did with a suggestion."""

    OPEN = ""
    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"


class WithheldReason(StrEnum):
    """Why a sentence or a draft is not shown."""

    UNSUPPORTED = "unsupported"  # its passage does not say so
    UNCITED = "uncited"  # it states something and names no passage
    RULE = "rule"  # a quality rule would be broken; the rule's name stands beside it


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence comes from.

    Attributes:
        index: The mark in the draft, from 1.
        article_id: The article; the name of the system where ``kind`` is ``RECORD``.
        version: Of the article; 0 for a record.
        passage_id: The passage, or the record's reference.
    """

    index: int
    article_id: str
    version: int
    passage_id: str
    title: str
    kind: SourceKind = SourceKind.PASSAGE


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was found, whether it is cited or not; ``score`` compares within one suggestion only."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class SuggestedStep:
    """A step of the procedure for this ticket.

    Attributes:
        passage_id: Where it stands; its citation has the same.
        done_seq: The message that says it was done already; ``None``: not that we know.
        done_words: Those words of the customer.
        is_next: Whether it is the one to do now.
    """

    number: int
    action: str
    expected: str
    otherwise: str
    passage_id: str
    done_seq: int | None = None
    done_words: str = ""
    is_next: bool = False


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of a draft.

    Attributes:
        citations: Indices of the citations that support it; empty for courtesy and questions, which state nothing.
    """

    text: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something that was not shown, kept so that it can be counted.

    Attributes:
        detail: The passage or the rule it fell over.
    """

    text: str
    reason: WithheldReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why there is no full answer, and the one question that would help.

    Attributes:
        question: What to ask the customer, in their language; empty where no answer of theirs would help.
    """

    kind: BlockerKind
    reason_zh: str
    reason_en: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the copilot lays beside a ticket; an agent decides about it.

    Attributes:
        conversation_seq: The last message it knows.
        draft: The reply as it would be sent, without marks; empty where none may be offered.
        sentences: The draft, sentence by sentence, with the marks of each.
        citations: What the draft, the steps and the blocker rest on.
        retrieved: Everything that was found.
        degraded: Why the model's wording is not used, where a model is configured; empty otherwise.
        model: Prompt and model of a model-worded draft, else empty.
    """

    ticket_id: TicketId
    conversation_seq: int
    lang: str
    draft: str
    sentences: tuple[DraftSentence, ...]
    steps: tuple[SuggestedStep, ...]
    citations: tuple[Citation, ...]
    retrieved: tuple[Retrieved, ...]
    blocker: Blocker | None
    withheld: tuple[Withheld, ...] = ()
    source: DraftSource = DraftSource.EXTRACTIVE
    degraded: str = ""
    model: str = ""

    @property
    def next_step(self) -> SuggestedStep | None:
        """The step to do now."""
        return next((step for step in self.steps if step.is_next), None)


@dataclass(frozen=True, slots=True)
class StoredSuggestion:
    """A suggestion with what became of it.

    Attributes:
        reason: Why it was rejected, as the agent typed it, personal data masked.
        edit_distance: 0 (sent as it was) to 1 (nothing left of it); ``None`` while open or rejected.
    """

    id: SuggestionId
    suggestion: Suggestion
    created_at: datetime
    outcome: Outcome = Outcome.OPEN
    reason: str = ""
    edit_distance: float | None = None
    decided_by: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SuggestionRates:
    """Counts for the report.

    Attributes:
        mean_edit_distance: Over accepted and edited ones, 0 to 1; ``None`` where there are none.
        blocked: How many carry a blocker of each kind.
        model_worded: How many drafts a model worded.
    """

    total: int
    accepted: int
    edited: int
    rejected: int
    open: int
    mean_edit_distance: float | None
    blocked: dict[BlockerKind, int]
    model_worded: int


class SummaryField(StrEnum):
    """The fields of a summary (SU-01)."""

    TITLE = "title"
    PROBLEM = "problem"
    ROOT_CAUSE = "root_cause"
    ACTION = "action"
    PARTS = "parts"
    COST = "cost"
    REPRODUCED = "reproduced"
    MOOD = "mood"
    OPEN_POINTS = "open_points"


@dataclass(frozen=True, slots=True)
class Supported:
    """A value and the turns that support it.

    Attributes:
        turns: ``Message.seq`` of each; empty only where the value comes from the ticket's own record.
        source: ``turns`` or the ticket's record it was read from, e.g. ``ticket:resolved``; ``person:<name>`` where an
            agent wrote it.
    """

    value: str
    turns: tuple[int, ...]
    source: str = "turns"


@dataclass(frozen=True, slots=True)
class SummaryPromise:
    """A promise made in the talk (SU-05).

    Attributes:
        due: The words that say by when, as they were said; ``None`` where nothing does.
    """

    text: str
    turn: int
    due: str | None


@dataclass(frozen=True, slots=True)
class Narrative:
    """The talk in a few sentences of its own words: the customer's side, the agent's side, and both."""

    user: str
    agent: str
    final: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A talk in fields; a field that nothing supports is missing, never guessed.

    Attributes:
        ticket_id: Empty where there is no ticket (an evaluation); the same holds for the customer.
        conversation_seq: The last message it knows.
        narrative: Sentences taken from the talk.
    """

    ticket_id: str
    customer_id: str
    conversation_seq: int
    fields: dict[SummaryField, Supported]
    promises: tuple[SummaryPromise, ...]
    narrative: Narrative

    def value(self, name: SummaryField) -> str | None:
        """Return a field's value, ``None`` where nothing supports one."""
        found = self.fields.get(name)
        return found.value if found else None


@dataclass(frozen=True, slots=True)
class StoredSummary:
    """A summary with its confirmation (SU-02).

    Attributes:
        confirmed_by: Who confirmed it; empty: nobody yet, so no report may count it.
    """

    id: SummaryId
    summary: Summary
    created_at: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
