"""Writing a turn's outcome: observations, readings, replies, drafts and tickets, all in one unit of work."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from intake.drafting import NO_CASE
from intake.schemas import (
    Act,
    Answered,
    Ask,
    Decline,
    FileDraft,
    HandOver,
    Present,
    Say,
    Understanding,
)
from intake.understanding import reading_json
from intake.wording import Phrase, field_name, say
from kit.db import Session
from kit.jobs.errors import Superseded
from tickets.codec import evidence_to_json
from tickets.merging.follow_ups import FollowUps
from tickets.schemas import Field, Observation, PersonStatement, Ticket, TicketDraft
from tickets.service import WORKING_ZONE, CaseService, ConversationService, TicketService, WorkService
from tickets.words import CaseId, CaseStatus, FieldName, FieldState, MessageId, Role, Verdict


class RespondingService:
    """Carries out the bot's acts.

    Args:
        conversations, cases, tickets, work: The ticket store.
        follow_ups: Counts that a customer came again about an open ticket.
    """

    def __init__(
        self,
        conversations: ConversationService,
        cases: CaseService,
        tickets: TicketService,
        work: WorkService,
        follow_ups: FollowUps,
    ) -> None:
        self._conversations = conversations
        self._cases = cases
        self._tickets = tickets
        self._work = work
        self._follow_ups = follow_ups

    def respond(self, session: Session, understood: Understanding, acts: Sequence[Act]) -> None:
        """Write a turn's outcome.

        Raises:
            Superseded: A newer message has come meanwhile; its own job will answer both.
        """
        turn = understood.turn
        conversation_id = turn.conversation.id
        if not self._conversations.mark_understood(session, conversation_id, turn.conversation.customer_seq):
            raise Superseded
        if understood.lang != turn.conversation.lang:
            self._conversations.set_language(session, conversation_id, understood.lang)
        for result in understood.pictures:
            self._conversations.save_reading(
                session,
                conversation_id,
                result.attachment_id,
                refusal=result.refusal_code,
                reading=reading_json(result),
            )
        self._work.customer_wrote(session, conversation_id)
        self._follow_ups.heard(session, conversation_id, turn.fresh)
        case_id = self._observe(session, understood, acts)
        for act in acts:
            self._carry_out(session, conversation_id, case_id, act, understood.lang)

    def confirm(
        self,
        session: Session,
        conversation_id: str,
        case_id: str,
        *,
        draft: TicketDraft,
        corrections: Mapping[FieldName, Field],
    ) -> Ticket:
        """File a draft that the customer confirmed on the card, with what they corrected there.

        Raises:
            CaseNotFound: Not a case of this conversation.
        """
        case = self._cases.get(session, conversation_id, case_id)
        corrected = [_as_observation(field) for field in corrections.values()]
        if corrected:
            self._cases.observe(session, case.id, 0, corrected)
        lang = self._conversations.get(session, conversation_id).lang
        return self._file(session, draft, "customer", lang, announce=True)

    def file_as(self, session: Session, draft: TicketDraft, actor: str) -> Ticket:
        """File a draft without telling the customer; a case is begun where there is none."""
        case_id = draft.case_id or self._cases.current(session, draft.conversation_id, first_seq=1).id
        lang = self._conversations.get(session, draft.conversation_id).lang
        return self._file(session, _with_case(draft, case_id), actor, lang, announce=False)

    def _observe(self, session: Session, understood: Understanding, acts: Sequence[Act]) -> CaseId:
        turn = understood.turn
        if turn.case is None and not understood.sightings and not _needs_case(acts):
            return NO_CASE
        first_seq = turn.fresh[0].seq if turn.fresh else turn.conversation.last_seq
        if turn.case is None and turn.open_ticket_number is not None:
            return NO_CASE
        case = turn.case or self._cases.current(session, turn.conversation.id, first_seq=first_seq)
        seq_of: dict[MessageId, int] = {m.id: m.seq for m in turn.fresh}
        for message_id, observations in understood.sightings.items():
            self._cases.observe(session, case.id, seq_of[MessageId(message_id)], observations)
        return case.id

    def _carry_out(self, session: Session, conversation_id: str, case_id: CaseId, act: Act, lang: str) -> None:
        match act:
            case Say(text, data):
                self._conversations.say(session, conversation_id, Role.BOT, text, data=data)
                if data.get("kind") == "answer":
                    self._work.ai_answered(session, conversation_id)
                    if case_id:
                        self._cases.note_asked(session, case_id, "answer")
            case Ask(name, text):
                self._conversations.say(session, conversation_id, Role.BOT, text, data={"asks": name})
                self._cases.note_asked(session, case_id, name)
            case Decline(name):
                self._cases.note_declined(session, case_id, name)
            case Present(draft, text, label):
                card = card_of(case_id, draft, label, lang)
                self._conversations.say(session, conversation_id, Role.BOT, text, data={"kind": "card", "card": card})
                self._cases.set_status(session, case_id, CaseStatus.PRESENTED)
            case FileDraft(draft, actor, announce):
                self._file(session, _with_case(draft, case_id), actor, lang, announce=announce)
            case HandOver(reason):
                self._conversations.hand_over(session, conversation_id, reason)
            case Answered():
                self._cases.set_status(session, case_id, CaseStatus.ANSWERED)
                self._conversations.end(session, conversation_id)

    def _file(self, session: Session, draft: TicketDraft, actor: str, lang: str, *, announce: bool) -> Ticket:
        ticket = self._tickets.file(session, draft, actor)
        self._cases.set_status(session, draft.case_id, CaseStatus.FILED)
        if announce:
            number = ticket.summary.number
            data = {"kind": "filed", "ticket_number": number}
            text = say(Phrase.FILED, lang, number=number, due=_local(ticket.summary.first_response_due_at))
            self._conversations.say(session, draft.conversation_id, Role.BOT, text, data=data)
        return ticket


def card_of(case_id: CaseId, draft: TicketDraft, label: Sequence[str], lang: str) -> dict[str, object]:
    """Return the confirm card as the web page and the mini-program read it."""
    return {
        "case_id": case_id,
        "title": draft.title,
        "label": list(label),
        "fields": [
            {
                "name": f.name,
                "label": field_name(f.name, lang),
                "value": f.normal,
                "candidates": list(f.candidates),
                "verdict": f.verdict,
                "confidence": f.confidence,
                "evidence": [evidence_to_json(e) for e in f.evidence],
            }
            for f in draft.fields
        ],
        "missing": [
            {"name": n, "label": field_name(n, lang)} for n in FieldName if n not in {f.name for f in draft.fields}
        ],
    }


def _local(due: datetime | None) -> str:
    """Write a due time in the shop's zone; the promise is the ticket's own clock, never a guess."""
    return due.astimezone(WORKING_ZONE).strftime("%m-%d %H:%M") if due else "-"


def _needs_case(acts: Sequence[Act]) -> bool:
    answers = any(isinstance(a, Say) and a.data.get("kind") == "answer" for a in acts)
    return answers or any(isinstance(a, Ask | Present | FileDraft | Decline) for a in acts)


def _with_case(draft: TicketDraft, case_id: CaseId) -> TicketDraft:
    return TicketDraft(case_id, draft.conversation_id, draft.title, draft.description, draft.fields, draft.priority)


def _as_observation(field: Field) -> Observation:
    evidence = field.evidence[0] if field.evidence else PersonStatement("customer")
    method = "customer" if field.state is FieldState.CORRECTED else "confirmed"
    verdict = field.verdict or Verdict.UNKNOWN
    return Observation(field.name, field.value, field.normal, verdict, 1.0, evidence, method)
