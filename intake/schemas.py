"""Plain values of intake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from intake.forms import Forms, default_forms
from kit.ai.ports import ReadPicture
from tickets.schemas import Case, Conversation, Field, Message, Observation, Prediction, TicketDraft
from tickets.words import AttachmentId, FieldName, LabelPath


class HandOverReason(StrEnum):
    """Why a person takes over; typed, so that it can be counted (CH-24)."""

    CUSTOMER_ASKED = "customer_asked"
    SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class PictureResult:
    """What became of one picture: a reading, or the sentence of why not."""

    attachment_id: AttachmentId
    reading: ReadPicture | None
    refusal_code: str = ""
    refusal_zh: str = ""
    refusal_en: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything the bot reads before it thinks: loaded in one short read transaction.

    Attributes:
        fresh: Customer messages not yet understood; a burst is one turn.
        history: All messages before them.
        pictures: Files of the fresh messages with their content.
        forms: Which facts each kind of case needs, as the book stands now.
    """

    conversation: Conversation
    case: Case | None
    observations: tuple[Observation, ...]
    history: tuple[Message, ...]
    fresh: tuple[Message, ...]
    pictures: Mapping[AttachmentId, bytes]
    open_ticket_number: int | None
    greeted: bool
    forms: Forms = field(default_factory=default_forms)


@dataclass(frozen=True, slots=True)
class GroundedAnswer:
    """A cited answer of the knowledge base, ready to be said.

    Attributes:
        text: Sentences of the passages, each followed by its citation mark.
        citations: Article id, version, title and passage id of each mark, in order.
    """

    text: str
    citations: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a turn means: computed without a transaction.

    Attributes:
        sightings: New observations by message id.
        fields: What the case knows now, old and new sightings resolved.
        other_orders: Further orders the customer names: cases of their own.
        problem: The customer's words about the matter, for classification and search.
        urgent: Safety wording was found (CL-15).
    """

    turn: Turn
    sightings: Mapping[str, tuple[Observation, ...]]
    pictures: tuple[PictureResult, ...]
    fields: Mapping[FieldName, Field]
    other_orders: tuple[Field, ...]
    prediction: Prediction | None
    urgent: bool
    problem: str
    lang: str


@dataclass(frozen=True, slots=True)
class Act:
    """One thing the bot does about a turn."""


@dataclass(frozen=True, slots=True)
class Say(Act):
    """Send a message; ``data`` carries a card, quick replies or citations."""

    text: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask(Act):
    """Ask for one field (FM-06)."""

    name: FieldName
    text: str


@dataclass(frozen=True, slots=True)
class Decline(Act):
    """Remember that the customer cannot give a field."""

    name: FieldName


@dataclass(frozen=True, slots=True)
class Present(Act):
    """Show the confirm card of a draft (TC-06)."""

    draft: TicketDraft
    text: str
    label: LabelPath


@dataclass(frozen=True, slots=True)
class FileDraft(Act):
    """File a draft: the customer confirmed it in words, or a person must see it now."""

    draft: TicketDraft
    actor: str
    announce: bool = True


@dataclass(frozen=True, slots=True)
class HandOver(Act):
    """Give the conversation to people."""

    reason: HandOverReason


@dataclass(frozen=True, slots=True)
class Answered(Act):
    """The customer says that the answer helped: no ticket is needed (CH-27)."""
