"""Cases: what is known of a matter before it is a ticket."""

from collections.abc import Sequence

from kit.clock import Clock
from kit.db import Session
from tickets.errors import CaseNotFound
from tickets.models import CaseRow
from tickets.repository import cases as repository
from tickets.schemas import Case, Observation
from tickets.words import CaseStatus, FieldName


class CaseService:
    """Keeps the cases of conversations and their append-only observations."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def of_conversation(self, session: Session, conversation_id: str) -> list[Case]:
        """Return a conversation's cases in the order they came up."""
        return repository.of_conversation(session, conversation_id)

    def current(self, session: Session, conversation_id: str, *, first_seq: int) -> Case:
        """Return the case being collected or confirmed, begun at ``first_seq`` where there is none."""
        for case in repository.of_conversation(session, conversation_id):
            if case.status in {CaseStatus.COLLECTING, CaseStatus.PRESENTED}:
                return case
        return repository.view(repository.add(session, conversation_id, first_seq, self._clock.now()))

    def get(self, session: Session, conversation_id: str, case_id: str) -> Case:
        """Return a case of this conversation.

        Raises:
            CaseNotFound: Not of this conversation.
        """
        row = self._row(session, case_id)
        if row.conversation_id != conversation_id:
            raise CaseNotFound
        return repository.view(row)

    def observe(self, session: Session, case_id: str, seq: int, observations: Sequence[Observation]) -> None:
        """Append sightings made in message ``seq``."""
        repository.add_observations(session, self._row(session, case_id), seq, observations, self._clock.now())

    def observations(self, session: Session, case_id: str) -> list[Observation]:
        """Return a case's sightings in the order they were made."""
        return repository.observations(session, case_id)

    def note_asked(self, session: Session, case_id: str, name: str) -> None:
        """Remember that the bot asks for a field, or that it offered an answer (``answer``)."""
        row = self._row(session, case_id)
        row.asked = {**row.asked, name: row.asked.get(name, 0) + 1}
        row.asking = name if name in map(str, FieldName) else ""
        session.flush()

    def note_declined(self, session: Session, case_id: str, name: FieldName) -> None:
        """Remember that the customer cannot give a field."""
        row = self._row(session, case_id)
        row.declined = [*row.declined, name]
        row.asking = ""
        session.flush()

    def set_status(self, session: Session, case_id: str, status: CaseStatus) -> None:
        """Move a case on; an open question ends with it."""
        row = self._row(session, case_id)
        row.status, row.asking = status, ""
        session.flush()

    def _row(self, session: Session, case_id: str) -> CaseRow:
        row = repository.get(session, case_id)
        if row is None:
            raise CaseNotFound
        return row
