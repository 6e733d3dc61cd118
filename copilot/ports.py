"""What the copilot needs of the rest of the house and of models."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kit.db import Session
from knowledge.schemas import Answer, Article, CodeAnswer, Hit, Passage, Scope, Step
from quality.schemas import Finding, Promise, Transcript
from tickets.schemas import Ticket
from tickets.words import Role


class Knowledge(Protocol):
    """What is in force (``knowledge.service.KnowledgeService``)."""

    def find_code(self, session: Session, code: str, family: str | None, scope: Scope) -> CodeAnswer:
        """Look a fault code up exactly."""
        ...

    def search(self, session: Session, query: str, scope: Scope, limit: int = 5) -> list[Hit]:
        """Find passages, best first."""
        ...

    def answer(self, session: Session, query: str, scope: Scope) -> Answer | None:
        """Answer word for word from one passage, or not at all."""
        ...

    def in_force(self, session: Session, scope: Scope) -> list[Article]:
        """List the articles that hold for a scope."""
        ...

    def steps(self, session: Session, article_id: str, version: int) -> list[Step]:
        """Return an SOP's steps in order."""
        ...

    def passages(self, session: Session, article_id: str, version: int) -> list[Passage]:
        """Return a version's passages in reading order."""
        ...


class DraftCheck(Protocol):
    """The rules that a text must keep before it is sent (``quality.service.QualityService``)."""

    def check_draft(self, text: str, role: Role) -> list[Finding]:
        """Judge one text by the rules that need no context."""
        ...


class PromiseReader(Protocol):
    """Finds promises (``quality.service.QualityService``)."""

    def find_promises(self, transcript: Transcript) -> list[Promise]:
        """Return the promises of a transcript in order, with their words of time."""
        ...


@dataclass(frozen=True, slots=True)
class RecordedState:
    """A node of a refund, exchange, reship or compensation, as the system of record holds it (RM-05 to RM-14).

    Attributes:
        sentence_zh: What may be said of it to the customer.
        system: Which record, e.g. ``after_sales``.
        reference: Its id there.
    """

    sentence_zh: str
    sentence_en: str
    system: str
    reference: str
    at: datetime


class ProgressBook(Protocol):
    """Where the recorded nodes of after-sales orders are read."""

    def newest(self, session: Session, ticket: Ticket) -> RecordedState | None:
        """Return the newest recorded node of the ticket's after-sales order, ``None`` where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that a draft may rest on, with its citation's index."""

    index: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """What a model may know when it words a reply; personal data is masked before it comes here.

    Attributes:
        turns: The last turns, ``(role, text)``.
        sources: The only facts it may state.
        must_ask: The one question that the reply ends with; may be empty.
    """

    lang: str
    turns: Sequence[tuple[str, str]]
    sources: Sequence[Source]
    must_ask: str


@dataclass(frozen=True, slots=True)
class WordedSentence:
    """A sentence that a model wrote and the sources it claims."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WordedDraft:
    """A model's draft; nothing of it is believed before it passes the grounding.

    Attributes:
        model: Prompt and model it came from.
    """

    sentences: tuple[WordedSentence, ...]
    model: str


class Drafter(Protocol):
    """Words a reply from given sources; optional everywhere."""

    def draft(self, request: DraftRequest) -> WordedDraft:
        """Word a reply.

        Raises:
            ModelUnavailable: It cannot be reached, is too slow, refuses, or answers something unusable.
        """
        ...
