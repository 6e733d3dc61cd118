"""From a burst of messages to the bot's acts: load, understand without a transaction, consult, respond."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from intake.classification.urgency import is_urgent
from intake.cues import cues
from intake.dialogue import decide
from intake.extraction.service import ExtractionService
from intake.forms import Forms
from intake.ports import Classifier
from intake.schemas import Act, GroundedAnswer, PictureResult, Turn, Understanding
from kit.ai.ports import PictureRefused
from kit.db import Session
from kit.text import displayable, has_words, language_of
from tickets.forms.service import FormService
from tickets.ports import OrderBook
from tickets.schemas import Case, ExternalRecord, Field, Message, Observation, Prediction
from tickets.service import DONE, CaseService, ConversationService, TicketService
from tickets.words import AttachmentId, CaseStatus, FieldName, Role, Verdict

_PROBLEM_CHARS = 600  # the encoder reads about 500 tokens; later words of a long story rarely change the matter
# An order has one appliance in this shop; the customer may still speak of another one of theirs.
_RECORD_CONFIDENCE = 0.9


class UnderstandingService:
    """Reads what a customer wrote and decides what the bot does.

    Args:
        conversations, cases, tickets: The ticket store.
        extraction: Finds facts.
        classifier: Labels the matter.
        order_book: Tells an order's model, so that nobody is asked for it (CH-28).
        forms: The business's forms: which facts each kind of case needs.
    """

    def __init__(
        self,
        conversations: ConversationService,
        cases: CaseService,
        tickets: TicketService,
        *,
        extraction: ExtractionService,
        classifier: Classifier,
        order_book: OrderBook,
        forms: FormService,
    ) -> None:
        self._conversations = conversations
        self._cases = cases
        self._tickets = tickets
        self._extraction = extraction
        self._classifier = classifier
        self._order_book = order_book
        self._forms = forms

    def load(self, session: Session, conversation_id: str) -> Turn:
        """Read the turn: new messages with their pictures, what came before, what is known."""
        conversation = self._conversations.get(session, conversation_id)
        messages = self._conversations.messages(session, conversation_id)
        fresh = tuple(m for m in messages if m.role is Role.CUSTOMER and m.seq > conversation.understood_seq)
        first_fresh = fresh[0].seq if fresh else conversation.last_seq + 1
        case = self._open_case(session, conversation_id)
        pictures = {
            a.id: self._conversations.attachment(session, conversation_id, a.id)[1]
            for m in fresh
            for a in m.attachments
        }
        open_tickets = [
            t.summary.number
            for t in self._tickets.of_conversation(session, conversation_id)
            if t.summary.status not in DONE
        ]
        return Turn(
            conversation=conversation,
            case=case,
            observations=tuple(self._cases.observations(session, case.id)) if case else (),
            history=tuple(m for m in messages if m.seq < first_fresh),
            fresh=fresh,
            pictures=pictures,
            open_ticket_number=open_tickets[-1] if open_tickets else None,
            greeted=any(m.role in {Role.BOT, Role.AGENT} for m in messages),
            forms=Forms(self._forms.book(session), conversation.channel),
        )

    def understand(self, turn: Turn) -> Understanding:
        """Compute what the turn means; reads pictures and runs the encoder, so it takes no session."""
        pictures = tuple(self._read(attachment_id, data) for attachment_id, data in turn.pictures.items())
        sightings = self._sightings(turn, pictures)
        seen = [*turn.observations, *(o for many in sightings.values() for o in many)]
        fields, others = self._extraction.resolve(seen)
        if (record := self._model_of_order(fields)) is not None and turn.fresh:
            last = turn.fresh[-1].id
            sightings[last] = (*sightings.get(last, ()), record)
            fields, others = self._extraction.resolve([*seen, record])
        problem = _problem(turn, pictures)
        lang = _language(turn)
        return Understanding(
            turn=turn,
            sightings=sightings,
            pictures=pictures,
            fields=fields,
            other_orders=others,
            prediction=self._predict(problem, fields) if has_words(problem) else None,
            urgent=any(is_urgent(m.raw) for m in turn.fresh),
            problem=problem,
            lang=lang,
        )

    def recall(self, turn: Turn, fields: Mapping[FieldName, Field]) -> Understanding:
        """Return what is already known as an understanding, without reading or computing anything new."""
        return Understanding(
            turn=turn,
            sightings={},
            pictures=(),
            fields=fields,
            other_orders=(),
            prediction=None,
            urgent=False,
            problem=_problem(turn, ()),
            lang=turn.conversation.lang,
        )

    def decide(self, understood: Understanding, answer: GroundedAnswer | None) -> Sequence[Act]:
        """Return the bot's acts (see ``intake.dialogue``)."""
        return decide(understood, understood.turn.forms, answer)

    def _open_case(self, session: Session, conversation_id: str) -> Case | None:
        cases = self._cases.of_conversation(session, conversation_id)
        return next((c for c in cases if c.status in {CaseStatus.COLLECTING, CaseStatus.PRESENTED}), None)

    def _read(self, attachment_id: AttachmentId, data: bytes) -> PictureResult:
        try:
            return PictureResult(attachment_id, self._extraction.read(data))
        except PictureRefused as refused:
            return PictureResult(attachment_id, None, refused.code, refused.message_zh, refused.message_en)

    def _model_of_order(self, fields: Mapping[FieldName, Field]) -> Observation | None:
        """Return the model that the order book knows, where the customer named none."""
        order = fields.get(FieldName.ORDER_NO)
        if order is None or order.verdict is not Verdict.VALID or FieldName.MODEL in fields:
            return None
        facts = self._order_book.find(order.normal)
        if facts is None:
            return None
        evidence = ExternalRecord("order_book", order.normal)
        confidence = order.confidence * _RECORD_CONFIDENCE
        return Observation(
            FieldName.MODEL, facts.model, facts.model, Verdict.VALID, confidence, evidence, method="record"
        )

    def _sightings(self, turn: Turn, pictures: Sequence[PictureResult]) -> dict[str, tuple[Observation, ...]]:
        by_attachment = {p.attachment_id: p for p in pictures}
        before = turn.history
        found: dict[str, tuple[Observation, ...]] = {}
        for message in turn.fresh:
            observations = list(self._extraction.from_message(message, history=before))
            for attachment in message.attachments:
                result = by_attachment[attachment.id]
                if result.reading is not None:
                    families = self._extraction.families_of([*turn.observations, *observations])
                    observations += self._extraction.from_picture(attachment.id, result.reading, families)
            if observations:
                found[message.id] = tuple(observations)
            before = (*before, message)
        return found

    def _predict(self, problem: str, fields: Mapping[FieldName, Field]) -> Prediction:
        return self._classifier.predict(problem, {name: field.normal for name, field in fields.items()})


def _problem(turn: Turn, pictures: Sequence[PictureResult]) -> str:
    """Join the customer's words of this case, a line a message; short replies are no part of the story."""
    first = turn.case.first_seq if turn.case else 0
    said: list[Message] = [m for m in (*turn.history, *turn.fresh) if m.role is Role.CUSTOMER and m.seq >= first]
    asked_before = {m.seq + 1 for m in turn.history if m.role is Role.BOT and m.data.get("asks")}
    story = [m.raw for m in said if m.seq not in asked_before and has_words(m.raw) and not cues(m.raw)]
    words = "\n".join(displayable(raw).strip() for raw in story or [m.raw for m in said])
    if not has_words(words):
        words = " ".join(line.text for p in pictures if p.reading for line in p.reading.lines if line.kind == "text")
    return words[:_PROBLEM_CHARS]


def _language(turn: Turn) -> str:
    words = " ".join(m.raw for m in turn.fresh if has_words(m.raw) and sum(c.isalpha() for c in m.raw) > 8)  # noqa: PLR2004
    # A bare number or code says nothing about the language: stay with what was spoken.
    return language_of(words) if words else turn.conversation.lang


def reading_json(result: PictureResult) -> str:
    """Return a picture's reading as the JSON text that is kept sealed."""
    return json.dumps(asdict(result.reading), ensure_ascii=False) if result.reading else "{}"
