"""Intake's public face: the turn of a conversation, and the customer's confirmation."""

from collections.abc import Mapping, Sequence

from intake.drafting import confirmed, draft_of
from intake.extraction.service import ExtractionService
from intake.responding import RespondingService
from intake.schemas import Act, GroundedAnswer, Turn, Understanding
from intake.understanding import UnderstandingService
from kit.db import Session
from tickets.schemas import PersonStatement, Ticket, TicketDraft
from tickets.words import CaseId, FieldName


class IntakeService:
    """One conversation turn after the other, and the confirm card.

    Args:
        understanding: Reads and decides.
        responding: Writes.
        extraction: Validates what a customer types into the card.
    """

    def __init__(
        self, understanding: UnderstandingService, responding: RespondingService, extraction: ExtractionService
    ) -> None:
        self._understanding = understanding
        self._responding = responding
        self._extraction = extraction

    def load(self, session: Session, conversation_id: str) -> Turn:
        """Read the turn in a short read transaction."""
        return self._understanding.load(session, conversation_id)

    def understand(self, turn: Turn) -> Understanding:
        """Compute what it means, without a transaction."""
        return self._understanding.understand(turn)

    def decide(self, understood: Understanding, answer: GroundedAnswer | None) -> Sequence[Act]:
        """Choose the bot's acts."""
        return self._understanding.decide(understood, answer)

    def respond(self, session: Session, understood: Understanding, acts: Sequence[Act]) -> None:
        """Write them; raises ``Superseded`` where a newer message has come."""
        self._responding.respond(session, understood, acts)

    def confirm(
        self, session: Session, conversation_id: str, case_id: str, corrections: Mapping[FieldName, str]
    ) -> Ticket:
        """File the case that the customer confirmed, with their corrections; every field is theirs from here on.

        Args:
            session: The unit of work.
            conversation_id: The customer's conversation.
            case_id: From the card.
            corrections: Field → what the customer typed; an empty string removes the field.

        Raises:
            CaseNotFound: Not a case of this conversation.
        """
        turn = self._understanding.load(session, conversation_id)
        typed = {
            name: self._extraction.validated(name, text, PersonStatement("customer"))
            for name, text in corrections.items()
            if text.strip()
        }
        known, _ = self._extraction.resolve(turn.observations)
        fields = {name: confirmed(field) for name, field in known.items() if name not in corrections}
        fields.update(typed)
        draft = draft_of(self._understanding.recall(turn, fields))
        draft = TicketDraft(CaseId(case_id), draft.conversation_id, draft.title, draft.description, draft.fields)
        return self._responding.confirm(session, conversation_id, case_id, draft=draft, corrections=typed)

    def file_known(self, session: Session, conversation_id: str, actor: str) -> Ticket | None:
        """File the open case as it is known, without the customer's confirmation (an agent's or a replay's doing).

        Returns:
            The ticket; ``None`` where the customer has said nothing.
        """
        turn = self._understanding.load(session, conversation_id)
        if turn.conversation.customer_seq == 0:
            return None
        fields, _ = self._extraction.resolve(turn.observations)
        draft = draft_of(self._understanding.recall(turn, fields))
        return self._responding.file_as(session, draft, actor)
