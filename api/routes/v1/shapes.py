"""What the public API answers, as models: they are the document, and every answer is checked against them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tickets.lifecycle.schemas import Need, TicketAction
from tickets.words import CloseKind, FieldName, Priority, RecordKind, Role, StaffRole, Stage, TicketStatus


class Shape(BaseModel):
    """Something that is answered; nothing in it is undocumented."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class TicketLine(Shape):
    """A ticket in a list."""

    id: str
    number: int = Field(examples=[1001])
    version: int = Field(description="Rises with every change; the `ETag` holds it.")
    title: str
    label: list[str] = Field(description="Ids of type, cause and detail.", examples=[["quality_issue", "malfunction"]])
    priority: Priority
    status: TicketStatus
    stage: Stage | None = Field(description="What the status says more exactly, where it does.")
    group: str | None
    assignee: str | None
    channel: str
    submitter: str = Field(description="The customer's name; empty without the right to read it.")
    conversation_id: str
    created_at: datetime
    updated_at: datetime
    first_response_due_at: datetime | None
    resolve_due_at: datetime | None
    first_responded_at: datetime | None
    resolved_at: datetime | None


class TicketPage(Shape):
    """A page of a list."""

    items: list[TicketLine]
    next: str | None = Field(description="`cursor` of the next page; null on the last one.")


class FactShape(Shape):
    """A fact on a ticket."""

    name: FieldName
    value: str
    normal: str = Field(description="Its normal form.")
    verdict: str = Field(description="What the shop's records say: `valid`, `unknown` or `invalid`.")
    state: str
    confidence: float
    confirmed_by: str


class PredictionShape(Shape):
    """The classifier's newest judgement."""

    label: list[str]
    probability: float = Field(description="Calibrated, 0 to 1.")
    zone: str = Field(description="`auto`, `suggest` or `human`.")
    model_version: str


class TicketShape(TicketLine):
    """A whole ticket. What a customer wrote is null without the right to read personal data."""

    customer_id: str
    description: str | None
    fields: list[FactShape] | None
    label_source: str = Field(description="`person`, `ai`, or empty while undecided.")
    route_reason: str
    prediction: PredictionShape | None
    scheme: str = Field(description="Its lifecycle.")
    status_since: datetime
    close_kind: CloseKind | None
    reopened_count: int
    follows: int | None = Field(description="Number of the closed ticket it goes on from.")
    followed_by: list[int]
    source: str = Field(description="The system that filed it; empty: this one.")
    reference: str = Field(description="That system's own number.")
    region: str
    sku: str
    entitlement: str
    links: list[str] = Field(description="Addresses that came with it; never fetched here, so mind where they lead.")


class StepShape(Shape):
    """A step that the caller may take with the ticket as it stands."""

    action: TicketAction
    needs: list[Need]
    stages: list[Stage]


class StepsShape(Shape):
    """Every step that may be taken now."""

    items: list[StepShape]


class EventShape(Shape):
    """An entry of a timeline."""

    at: datetime
    actor: str = Field(description="A user name, `customer`, or a part of the house such as `system:routing`.")
    kind: str
    data: dict[str, Any] | None = Field(description="What was said with it; null without the right to read it.")
    changes: dict[str, list[Any]] = Field(description="Column → before and after.")


class TimelineShape(Shape):
    """A ticket's timeline, oldest first."""

    items: list[EventShape]


class AttachmentShape(Shape):
    """A file of a message."""

    id: str
    file_name: str
    media_type: str
    size_bytes: int


class MessageShape(Shape):
    """A turn of the conversation."""

    id: str
    seq: int
    role: Role
    author: str
    text: str
    sent_at: datetime
    attachments: list[AttachmentShape]


class MessagesShape(Shape):
    """Turns in order."""

    items: list[MessageShape]


class AttachmentsShape(Shape):
    """Files of a ticket's conversation."""

    items: list[AttachmentShape]


class NoteShape(Shape):
    """What somebody wrote down for colleagues."""

    id: str
    kind: RecordKind
    text: str
    author: str
    at: datetime


class NotesShape(Shape):
    """Notes, oldest first."""

    items: list[NoteShape]


class ConversationShape(Shape):
    """A talk with a customer."""

    id: str
    customer_id: str
    channel: str
    lang: str
    handler: str = Field(description="Who answers: `bot` or `agent`.")
    messages: int
    tickets: list[int] = Field(description="Numbers of its tickets that the caller sees.")
    created_at: datetime
    last_message_at: datetime
    ended_at: datetime | None


class CustomerShape(Shape):
    """A customer; name and external id are masked without the right to read personal data."""

    id: str
    channel: str
    external_id: str
    name: str
    level: str
    created_at: datetime
    tickets: list[int] = Field(description="Numbers of the newest tickets that the caller sees.")


class GroupShape(Shape):
    """A skill group."""

    id: str
    name_zh: str
    name_en: str


class GroupsShape(Shape):
    """All groups."""

    items: list[GroupShape]


class PersonShape(Shape):
    """A member of staff."""

    username: str
    name: str
    role: StaffRole
    group: str | None


class PeopleShape(Shape):
    """Everybody who works here now."""

    items: list[PersonShape]


class ViewShape(Shape):
    """A saved list."""

    id: str
    name: str
    state: dict[str, Any] = Field(description="The filter, as the query of `GET /tickets` has it.")
    owner: str
    group: str
    is_default: bool


class ViewsShape(Shape):
    """The caller's views and the group's."""

    items: list[ViewShape]


class EndpointShape(Shape):
    """A receiver of webhooks."""

    id: str
    url: str
    events: list[str]
    state: str
    created_by: str
    created_at: datetime
    last_success_at: datetime | None


class EndpointsShape(Shape):
    """All receivers, oldest first."""

    items: list[EndpointShape]


class Place(Shape):
    """One place that is wrong."""

    field: str
    kind: str = ""
    reason: str


class Problem(BaseModel):
    """Why a request was refused (RFC 9457); nothing was done."""

    type: str = "about:blank"
    status: int = Field(examples=[422])
    kind: str = Field(description="A stable word to program against.", examples=["entry_invalid"])
    title: str = Field(description="A sentence for people, Chinese or English by Accept-Language.")
    field: str | None = Field(default=None, description="The input field at fault.")
    errors: list[Place] = Field(default=[], description="Every place, where there may be several.")
