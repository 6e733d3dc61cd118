"""Plain values of service quality that other packages may hold."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from tickets.words import Role

FindingId = NewType("FindingId", str)


class Severity(StrEnum):
    """How much a finding matters to the customer."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Verdict(StrEnum):
    """What a reviewer says of a finding."""

    AGREE = "agree"
    REJECT = "reject"


class FindingStatus(StrEnum):
    """Where a finding stands."""

    OPEN = "open"  # waits for a reviewer
    AGREED = "agreed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # a later scan no longer made it, and nobody had reviewed it


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a transcript.

    Attributes:
        index: The caller's number of the message; evidence refers to it. Rising within a transcript.
        role: Who speaks.
        author: Which person or bot; may be empty.
        text: Exactly what was sent; offsets of evidence count in it.
        at: When, aware; ``None`` where the source keeps no times.
        pictures: How many pictures came with it.
    """

    index: int
    role: Role
    author: str
    text: str
    at: datetime | None = None
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation as it is judged.

    Attributes:
        id: The conversation, or any name the caller wants to see again.
        turns: In the order they were sent.
        closed: Whether the conversation was closed, so that nothing more will be said.
        observed_at: When the transcript was taken. Given, a last message of the customer in an open conversation
            counts as unanswered only once the norm has passed; not given, the transcript is taken as complete.
    """

    id: str
    turns: tuple[Turn, ...]
    closed: bool = False
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TurnEvidence:
    """Where in a transcript something was said.

    Attributes:
        turn_index: ``Turn.index``.
        start: First character, in code points of the turn's raw text.
        end: Just past the last one.
        quote: Those words; empty when read from the store, which keeps places and no words of the conversation
            (``quoted`` fills them in from a transcript).
    """

    turn_index: int
    start: int
    end: int
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found in a transcript; at most one a rule.

    Attributes:
        score: Points that it takes off a scorecard of 100.
        evidence: The turns that prove it, in order.
        explanation_zh: What happened and what to do better, in Chinese; holds no words of the conversation.
        explanation_en: The same in English.
        rule_version: Version of the rule set.
        roles: Who fell short of the norm.
    """

    rule: str
    severity: Severity
    score: int
    evidence: tuple[TurnEvidence, ...]
    explanation_zh: str
    explanation_en: str
    rule_version: str
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanReport:
    """A whole scan: the findings and what they leave of the scorecard.

    Attributes:
        score: 0 to 100.
    """

    transcript_id: str
    rule_version: str
    findings: tuple[Finding, ...]
    score: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A follow-up that an agent or a bot promised.

    Attributes:
        turn_index: ``Turn.index``.
        start: First character of the promising sentence, in code points of the turn's raw text.
        end: Just past it.
        text: That sentence.
        due: The words that say by when, as they were said; ``None`` where nothing does.
    """

    turn_index: int
    start: int
    end: int
    text: str
    due: str | None


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding in the review queue.

    Attributes:
        reviewer: Who decided; empty while open.
    """

    id: FindingId
    conversation_id: str
    ticket_id: str | None
    finding: Finding
    status: FindingStatus
    created_at: datetime
    reviewer: str = ""
    comment: str = ""
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many findings of a rule there are, by status.

    Attributes:
        by_status: Every status, zero included.
    """

    rule: str
    rule_version: str
    by_status: dict[FindingStatus, int] = field(default_factory=dict)

    @property
    def precision(self) -> float | None:
        """Share of the reviewed findings that reviewers agreed with, 0 to 1; ``None`` while none is reviewed."""
        agreed, rejected = self.by_status.get(FindingStatus.AGREED, 0), self.by_status.get(FindingStatus.REJECTED, 0)
        return agreed / (agreed + rejected) if agreed + rejected else None


def quoted(evidence: tuple[TurnEvidence, ...], transcript: Transcript) -> tuple[TurnEvidence, ...]:
    """Fill in the words of stored evidence.

    Args:
        evidence: Places; those in turns that the transcript does not have keep an empty quote.
        transcript: The conversation they point into.

    Returns:
        The same places with ``quote`` set.
    """
    texts = {turn.index: turn.text for turn in transcript.turns}
    return tuple(
        TurnEvidence(place.turn_index, place.start, place.end, texts.get(place.turn_index, "")[place.start : place.end])
        for place in evidence
    )
