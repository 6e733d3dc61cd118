"""What the desk shows of a ticket: facts with their evidence marked in the thread, the copilot's help, the findings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from api.desk_course import ShownCourse, course_of
from api.desk_joined import ShownJoined, joined_of
from api.desk_sla import ShownDeadline, deadlines
from api.desk_team import ShownTeam, team_of
from api.form_view import ShownForm, shown_form
from api.wiring import Services
from copilot.schemas import StoredSuggestion, StoredSummary
from intake.forms import form_of
from kit.ai.ports import Box
from kit.db import Session
from kit.text import displayable
from quality.schemas import StoredFinding
from tickets.schemas import (
    Attachment,
    Conversation,
    ExternalRecord,
    Message,
    PersonStatement,
    PictureRegion,
    StaffMember,
    TextSpan,
    Ticket,
    TicketField,
)
from tickets.service import part_of
from tickets.words import FieldName, LabelPath

_SURE, _LIKELY = 0.9, 0.7  # bounds of the words for a confidence; the number is always on hover


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a message: plain where ``marks`` is empty, else evidence of these fields or rules."""

    text: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureMark:
    """A box of evidence in a picture, in percent of its size, so that it fits any display size."""

    name: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture of the thread with its boxes; ``refusal`` says why it was not read."""

    attachment: Attachment
    marks: tuple[PictureMark, ...]
    refusal: str


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message of the thread; ``of`` is the merged ticket in whose talk it was said."""

    message: Message
    anchor: str
    of: int | None
    segments: tuple[Segment, ...]
    pictures: tuple[ShownPicture, ...]


@dataclass(frozen=True, slots=True)
class TicketPage:
    """Everything the middle and right pane show; ``missing`` are the facts this kind of case needs and has not."""

    ticket: Ticket
    missing: tuple[FieldName, ...]
    form: ShownForm
    conversation: Conversation
    thread: tuple[ShownMessage, ...]
    suggestion: StoredSuggestion | None
    summary: StoredSummary | None
    findings: tuple[StoredFinding, ...]
    course: ShownCourse
    joined: ShownJoined
    deadlines: tuple[ShownDeadline, ...]
    erased: bool
    team: ShownTeam


def ticket_page(
    services: Services, session: Session, member: StaffMember, number: int, *, other: int | None = None
) -> TicketPage:
    """Gather a ticket's page: a fixed number of queries, whatever the length of the thread, and some a merged ticket.

    The number of a merged ticket shows the one in which it goes on.

    Raises:
        TicketNotFound: No such ticket, or not for this person.
    """
    ticket = services.seen.resolve(session, member, number)
    conversation_id = ticket.summary.conversation_id
    joined = joined_of(services, session, ticket, member, asked_for=number, other=other)
    findings = tuple(services.quality.of_conversation(session, conversation_id))
    form = services.desk.forms.view(session, ticket.summary.id)
    needed = form_of(form.template).required
    return TicketPage(
        ticket=ticket,
        missing=tuple(name for name in needed if ticket.field(name) is None),
        form=shown_form(form, "zh"),  # nothing was refused, so no words depend on the language
        conversation=services.conversations.get(session, conversation_id),
        thread=_thread(services, session, ticket, joined),
        suggestion=services.suggestions.newest(session, ticket.summary.id),
        summary=services.summaries.newest(session, ticket.summary.id),
        findings=findings,
        course=course_of(services, session, ticket, joined, part=part_of(member)),
        joined=joined,
        deadlines=deadlines(services, session, ticket.summary.id),
        erased=services.desk.erasing.is_erased(session, ticket.customer_id),
        team=team_of(services, session, ticket),
    )


def _thread(services: Services, session: Session, ticket: Ticket, joined: ShownJoined) -> tuple[ShownMessage, ...]:
    """Return what was said in all of the ticket's talks by time, with the evidence of what is known marked in it."""
    fields = [field for one in (ticket, *joined.tickets) for field in one.fields]
    findings = {talk.id: services.quality.of_conversation(session, talk.id) for talk in joined.talks}
    readings = {talk.id: services.conversations.readings(session, talk.id) for talk in joined.talks}
    return tuple(
        _shown(m, fields, findings[m.conversation_id], readings[m.conversation_id], joined) for m in joined.said()
    )


def confidence_word(confidence: float) -> str:
    """Return the key of a confidence's word: ``sure``, ``likely`` or ``unsure``."""
    return "sure" if confidence >= _SURE else "likely" if confidence >= _LIKELY else "unsure"


def segments(text: str, spans: Iterable[tuple[int, int, str]]) -> tuple[Segment, ...]:
    """Cut a text at the borders of its evidence; overlapping evidence shares a segment.

    Args:
        text: The shown text; offsets of the raw text fit it.
        spans: ``(start, end, mark)``.
    """
    kept = [(max(0, s), min(len(text), e), mark) for s, e, mark in spans if s < e and s < len(text)]
    borders = sorted({0, len(text), *(s for s, _, _ in kept), *(e for _, e, _ in kept)})
    pieces = []
    for start, end in pairwise(borders):
        marks = tuple(dict.fromkeys(mark for s, e, mark in kept if s <= start and end <= e))
        pieces.append(Segment(text[start:end], marks))
    return tuple(pieces)


def evidence_kind(field: TicketField) -> str:
    """Return the key of where a field was read: ``text``, ``picture``, ``record`` or ``person``."""
    kinds = {TextSpan: "text", PictureRegion: "picture", ExternalRecord: "record", PersonStatement: "person"}
    return next((kinds[type(e)] for e in field.evidence), "person")


def route_label(reason: str) -> LabelPath:
    """Return the label of the routing row that a ticket's reason names (``rule a/b + line``), else nothing."""
    kind, _, rest = reason.partition(" ")
    label = rest.split(" + ")[0]
    return tuple(label.split("/")) if kind == "rule" and label not in {"", "*"} else ()


def _shown(
    message: Message,
    fields: Sequence[TicketField],
    findings: Sequence[StoredFinding],
    readings: dict[str, tuple[str, int, int]],
    joined: ShownJoined,
) -> ShownMessage:
    spans = [
        (e.start, e.end, f"field-{f.name}")
        for f in fields
        for e in f.evidence
        if isinstance(e, TextSpan) and e.message_id == message.id
    ]
    spans += [
        (e.start, e.end, f"rule-{found.finding.rule}")
        for found in findings
        for e in found.finding.evidence
        if e.turn_index == message.seq
    ]
    pictures = tuple(_picture(a, fields, readings.get(a.id, ("", 0, 0))) for a in message.attachments)
    marked = segments(displayable(message.raw), spans)
    return ShownMessage(message, joined.anchor(message), joined.merged_of(message), marked, pictures)


def _picture(attachment: Attachment, fields: Sequence[TicketField], reading: tuple[str, int, int]) -> ShownPicture:
    refusal, width, height = reading
    boxes = [
        (f.name, e.box)
        for f in fields
        for e in f.evidence
        if isinstance(e, PictureRegion) and e.attachment_id == attachment.id
    ]
    marks = tuple(_mark(f"field-{name}", box, width, height) for name, box in boxes) if width and height else ()
    return ShownPicture(attachment, marks, refusal)


def _mark(name: str, box: Box, width: int, height: int) -> PictureMark:
    return PictureMark(
        name,
        left=round(100 * box.x / width, 2),
        top=round(100 * box.y / height, 2),
        width=round(100 * box.width / width, 2),
        height=round(100 * box.height / height, 2),
    )
