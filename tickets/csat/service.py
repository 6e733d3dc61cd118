"""Surveys from the question to the figures."""

from datetime import timedelta

from kit.crypto import SealBroken
from kit.db import Session
from kit.ids import new_id
from tickets.conversations import ConversationService
from tickets.csat import repository
from tickets.csat.errors import ScoreRequired, SurveyNotFound, SurveyOver
from tickets.csat.models import SurveyRow
from tickets.csat.schemas import HIGHEST, LOWEST, Satisfaction, Survey
from tickets.ledger import Ledger
from tickets.models import TicketRow
from tickets.notices.links import Links
from tickets.notices.schemas import News, NoticeEvent
from tickets.notices.service import NoticeService
from tickets.words import Role, TicketStatus

_CUSTOMER = "customer"
_WORDS = 1000
_SPAN = timedelta(days=90)
_ASK = (
    "请为工单 T-{number} 的服务打分（1 分很不满意，5 分非常满意）。",
    "How satisfied are you with our service for ticket T-{number}? (1: not at all, 5: very)",
)


class SurveyService:
    """Asks, keeps and counts.

    Args:
        ledger: Finds tickets, keeps their timeline.
        conversations: Where customers are asked.
        notices: Asks elsewhere too, and tells leads of low scores.
        links: Makes the address for customers who are not in the chat.
    """

    def __init__(
        self, ledger: Ledger, conversations: ConversationService, notices: NoticeService, links: Links
    ) -> None:
        self._ledger = ledger
        self._conversations = conversations
        self._notices = notices
        self._links = links

    def ask(self, session: Session, ticket_id: str) -> None:
        """Ask the customer of a solved ticket, once each time it is solved; nothing where surveys are switched off."""
        rules = self._notices.book(session).survey
        row = self._ledger.row(session, ticket_id)
        if not rules.on or row.status not in {TicketStatus.RESOLVED, TicketStatus.CLOSED} or row.resolved_at is None:
            return
        if repository.of_round(session, row.id, row.reopened_count) is not None:
            return
        now = self._ledger.clock.now()
        survey = SurveyRow(
            id=new_id(),
            ticket_id=row.id,
            round=row.reopened_count,
            customer_id=row.customer_id,
            agent=row.assignee or "",
            group_id=row.group_id or "",
            asked_at=now,
            expires_at=now + timedelta(days=rules.days),
        )
        repository.add(session, survey)
        self._say(session, row, survey)
        link = self._links.survey(survey.id)
        key = f"survey:{survey.id}"
        self._notices.announce(session, News(row.id, NoticeEvent.SURVEY, key, values={"text": (link, link)}))

    def answer(self, session: Session, survey_id: str, score: int | None, words: str = "") -> Survey:
        """Keep what the customer says; it may be changed until the survey expires.

        Args:
            session: The unit of work.
            survey_id: Which.
            score: 1 to 5.
            words: What else the customer says.

        Raises:
            SurveyNotFound: No such survey.
            ScoreRequired: No score, or none from 1 to 5.
            SurveyOver: It has expired.
        """
        survey = self._row(session, survey_id)
        if score is None or not LOWEST <= score <= HIGHEST:
            raise ScoreRequired
        now = self._ledger.clock.now()
        if now >= survey.expires_at:
            raise SurveyOver
        before, ticket = survey.score, self._ledger.row(session, survey.ticket_id)
        survey.score, survey.answered_at = score, now
        words = words.strip()[:_WORDS]
        if words:
            context = _context(survey.id)
            survey.words_sealed = self._ledger.vault.seal(session, survey.customer_id, context, words)
        if score != before:
            self._ledger.note(session, ticket, _CUSTOMER, "surveyed", {"score": score, "before": before})
        if score <= self._notices.book(session).survey.low:
            said = str(score)
            key = f"survey:{survey.id}:low"
            self._notices.announce(session, News(ticket.id, NoticeEvent.SURVEY_LOW, key, values={"text": (said, said)}))
        return self._view(session, survey)

    def answer_in_chat(
        self, session: Session, conversation_id: str, survey_id: str, score: int | None, words: str = ""
    ) -> Survey:
        """Keep an answer given in the chat; raises as ``answer``, also where the survey is of another talk."""
        survey = self._row(session, survey_id)
        if self._ledger.row(session, survey.ticket_id).conversation_id != conversation_id:
            raise SurveyNotFound
        return self.answer(session, survey_id, score, words)

    def get(self, session: Session, survey_id: str) -> Survey:
        """Return a survey.

        Raises:
            SurveyNotFound: No such survey.
        """
        return self._view(session, self._row(session, survey_id))

    def of_ticket(self, session: Session, ticket_id: str) -> list[Survey]:
        """Return how a ticket's solvings were judged, oldest first."""
        return [self._view(session, row) for row in repository.of_ticket(session, ticket_id)]

    def satisfaction(self, session: Session) -> Satisfaction:
        """Return the figures of the last 90 days."""
        since = self._ledger.clock.now() - _SPAN
        return Satisfaction(
            all=repository.figures(session, since)[""],
            by_group=repository.figures(session, since, "group"),
            by_agent=repository.figures(session, since, "agent"),
        )

    def _say(self, session: Session, row: TicketRow, survey: SurveyRow) -> None:
        english = self._conversations.get(session, row.conversation_id).lang.startswith("en")
        data = {"kind": "survey", "survey_id": survey.id, "ticket_number": row.number}
        text = _ASK[english].format(number=row.number)
        key = f"survey:{survey.id}"
        self._conversations.say(session, row.conversation_id, Role.BOT, text, data=data, external_id=key)

    def _row(self, session: Session, survey_id: str) -> SurveyRow:
        row = repository.get(session, survey_id)
        if row is None:
            raise SurveyNotFound
        return row

    def _view(self, session: Session, row: SurveyRow) -> Survey:
        words = ""
        if row.words_sealed is not None:
            try:
                words = self._ledger.vault.open(session, row.customer_id, _context(row.id), row.words_sealed)
            except SealBroken:  # the customer was erased: the score stays, the words are gone
                words = ""
        return Survey(row.id, row.ticket_id, row.agent, row.asked_at, row.expires_at, row.score, words)


def _context(survey_id: str) -> str:
    return f"csat_surveys.words:{survey_id}"
