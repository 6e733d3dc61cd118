"""Plain values of the ticket store that other packages may hold: no database type, no behaviour to speak of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kit.ai.ports import Box
from tickets.rights import ALL_LINES, RIGHTS, SCOPES, Right, Sight
from tickets.words import (
    AttachmentId,
    CaseId,
    CaseStatus,
    CloseKind,
    ConversationId,
    CustomerId,
    FieldName,
    FieldState,
    Handler,
    LabelPath,
    MessageId,
    Priority,
    RecordKind,
    Role,
    StaffRole,
    Stage,
    TicketId,
    TicketStatus,
    Verdict,
    Zone,
)


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Evidence in words: half-open code-point offsets in the raw text of a stored message."""

    message_id: MessageId
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PictureRegion:
    """Evidence in a picture: a box in EXIF-corrected pixels of a stored attachment."""

    attachment_id: AttachmentId
    box: Box


@dataclass(frozen=True, slots=True)
class ExternalRecord:
    """Evidence from a system of record, e.g. the order book."""

    source: str
    reference: str


@dataclass(frozen=True, slots=True)
class PersonStatement:
    """Evidence by a person: a customer or an agent typed or confirmed the value."""

    actor: str


Evidence = TextSpan | PictureRegion | ExternalRecord | PersonStatement


@dataclass(frozen=True, slots=True)
class Observation:
    """One sighting of a fact; never changed afterwards.

    Attributes:
        name: Which fact.
        value: As it was written.
        normal: Canonical form (upper case, no separators; catalogue spelling for models).
        verdict: What the shop's records say.
        confidence: 0 to 1.
        evidence: Where it was seen.
        method: How, e.g. ``pattern``, ``catalogue``, ``alias``, ``ocr``, ``barcode``, ``customer``.
    """

    name: FieldName
    value: str
    normal: str
    verdict: Verdict
    confidence: float
    evidence: Evidence
    method: str


@dataclass(frozen=True, slots=True)
class Field:
    """A fact of a case, resolved from its observations.

    Attributes:
        candidates: Where the state is ``CONFLICT``, the normal forms to choose from.
    """

    name: FieldName
    value: str
    normal: str
    verdict: Verdict
    confidence: float
    state: FieldState
    evidence: tuple[Evidence, ...]
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file of a message."""

    id: AttachmentId
    file_name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    Attributes:
        seq: 1, 2, 3 … within the conversation; also the id of its live event.
        raw: Exactly what was sent; offsets of evidence count in it.
        data: Structured payload of a bot message: a confirm card, quick replies, citations.
    """

    id: MessageId
    conversation_id: ConversationId
    seq: int
    role: Role
    author: str
    raw: str
    attachments: tuple[Attachment, ...]
    sent_at: datetime
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A classifier's judgement of a case.

    Attributes:
        label: The path it believes, possibly shortened to a parent where the leaf is unsure.
        probability: Calibrated, 0 to 1, of ``label``.
        alternatives: Other full paths with their probabilities, best first.
        zone: What may be done with it.
        model_version: Encoder, head and data it came from.
        reason: One sentence for a person.
    """

    label: LabelPath
    probability: float
    alternatives: tuple[tuple[LabelPath, float], ...]
    zone: Zone
    model_version: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the order book knows of an order (OMS port)."""

    order_no: str
    model: str
    status: str
    ordered_on: str
    signed_on: str | None
    paid_yuan: str
    warranty: str
    customer_name: str
    customer_level: str


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as a channel delivered it."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """The channel-neutral envelope of a customer's message (CH-14).

    Attributes:
        external_id: The platform's id; the same id twice is the same message (CH-16).
    """

    external_id: str
    text: str
    files: tuple[IncomingFile, ...] = ()
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A talk as other packages see it."""

    id: ConversationId
    customer_id: CustomerId
    customer_name: str
    channel: str
    lang: str
    handler: Handler
    hand_over_reason: str
    last_seq: int
    customer_seq: int
    understood_seq: int
    created_at: datetime
    last_message_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """A matter of a conversation before it is a ticket.

    Attributes:
        first_seq: The message it began with.
        asked: How often each field was asked for.
        declined: Fields the customer cannot give.
        asking: The field asked for last, still open; empty: none.
    """

    id: CaseId
    conversation_id: ConversationId
    ordinal: int
    status: CaseStatus
    first_seq: int
    asked: Mapping[str, int]
    declined: tuple[str, ...]
    asking: str


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """What will be filed once the customer confirms."""

    case_id: CaseId
    conversation_id: ConversationId
    title: str
    description: str
    fields: tuple[Field, ...]
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class TicketField:
    """A fact on a ticket."""

    name: FieldName
    value: str
    normal: str
    verdict: Verdict
    confidence: float
    state: FieldState
    evidence: tuple[Evidence, ...]
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """A line of a ticket list (LC-16)."""

    id: TicketId
    number: int
    conversation_id: ConversationId
    title: str
    label: LabelPath
    priority: Priority
    status: TicketStatus
    group_id: str | None
    assignee: str | None
    channel: str
    created_at: datetime
    updated_at: datetime
    first_response_due_at: datetime | None
    resolve_due_at: datetime | None
    first_responded_at: datetime | None
    resolved_at: datetime | None
    stage: Stage | None = None
    version: int = 0


Changes = Mapping[str, tuple[object, object]]
"""Column → (before, after)."""


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """An entry of a ticket's timeline (LC-14).

    Attributes:
        changes: What it changed, of what other systems are told about.
    """

    actor: str
    kind: str
    data: Mapping[str, object]
    changes: Changes
    at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """How a ticket has gone so far.

    Attributes:
        scheme: Name of its lifecycle.
        status_since: Since when it stands where it stands.
        submitted_by: Who asked for approval; empty: nobody.
        close_kind: How it ended, where it did.
        reopened_count: How often it was resolved too early (LC-07).
        follows: Number of the closed ticket that it goes on from.
        followed_by: Numbers of the tickets that go on from it.
    """

    scheme: str
    status_since: datetime
    submitted_by: str = ""
    close_kind: CloseKind | None = None
    reopened_count: int = 0
    follows: int | None = None
    followed_by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody wrote down for colleagues."""

    id: str
    kind: RecordKind
    text: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NodeTemplate:
    """A step of a procedure as the shop's data has it.

    Attributes:
        task_zh: What is to be done.
        task_en: The same.
        owner: A user name; empty: whoever has the ticket.
        minutes: Time limit from the ticket's routing, in working time.
    """

    task_zh: str
    task_en: str
    owner: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Node:
    """A step of one ticket's procedure."""

    id: str
    ordinal: int
    task_zh: str
    task_en: str
    owner: str
    due_at: datetime
    done_at: datetime | None
    done_by: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket with all that belongs to it (LC-17)."""

    summary: TicketSummary
    case_id: CaseId
    customer_id: CustomerId
    description: str
    label_source: str
    route_reason: str
    fields: tuple[TicketField, ...]
    prediction: Prediction | None
    timeline: tuple[TicketEvent, ...]
    course: Course

    def field(self, name: FieldName) -> TicketField | None:
        """Return the fact of that name, if the ticket has it."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody signed in.

    Attributes:
        lines: Product lines this person works for; ``*``: all.
        scopes: Where a program acts with a token: what it was given; ``None``: the person acts.
        token: Id of that token.
    """

    username: str
    name: str
    role: StaffRole
    group_id: str | None
    lines: tuple[str, ...] = (ALL_LINES,)
    scopes: frozenset[Right] | None = None
    token: str = ""

    def may(self, right: Right) -> bool:
        """Tell whether the role has a right, and the token too where one is used."""
        return right in RIGHTS[self.role] and (self.scopes is None or right in self.scopes)

    def sight(self) -> Sight:
        """Return which tickets this person may see."""
        return Sight(SCOPES[self.role], self.username, self.group_id, self.lines)
