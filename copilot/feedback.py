"""Keeps suggestions and what agents made of them: accepted, edited (how far) or rejected (why)."""

from collections.abc import Collection

from copilot import repository
from copilot.codec import stored_suggestion, suggestion_columns
from copilot.editing import edit_distance
from copilot.errors import NothingToSend, SuggestionDecided, SuggestionNotFound
from copilot.models import SuggestionRow
from copilot.schemas import BlockerKind, DraftSource, Outcome, StoredSuggestion, Suggestion, SuggestionRates
from kit.clock import Clock
from kit.db import Session
from kit.redaction import mask
from kit.text import is_blank

_REASON_CHARS = 500


class FeedbackService:
    """The book of suggestions (CP-03). Deciding records a decision; sending is the caller's own step.

    Args:
        clock: The time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def store(self, session: Session, suggestion: Suggestion) -> StoredSuggestion:
        """Keep a suggestion; one that says the same as the ticket's newest, still undecided one is not kept twice."""
        columns = suggestion_columns(suggestion)
        newest = repository.newest_suggestion(session, suggestion.ticket_id)
        if newest is not None and not newest.outcome and all(getattr(newest, k) == v for k, v in columns.items()):
            return stored_suggestion(newest)
        row = SuggestionRow(**columns, created_at=self._clock.now())
        return stored_suggestion(repository.add_suggestion(session, row))

    def newest(self, session: Session, ticket_id: str) -> StoredSuggestion | None:
        """Return a ticket's newest suggestion, decided or not."""
        row = repository.newest_suggestion(session, ticket_id)
        return stored_suggestion(row) if row is not None else None

    def newest_of(self, session: Session, ticket_ids: Collection[str]) -> list[StoredSuggestion]:
        """Return the newest suggestion of each ticket that has one."""
        return [stored_suggestion(row) for row in repository.newest_suggestions(session, ticket_ids)]

    def get(self, session: Session, suggestion_id: str) -> StoredSuggestion:
        """Return a suggestion.

        Raises:
            SuggestionNotFound: No such suggestion.
        """
        row = repository.suggestion(session, suggestion_id)
        if row is None:
            raise SuggestionNotFound
        return stored_suggestion(row)

    def accept(self, session: Session, suggestion_id: str, actor: str) -> StoredSuggestion:
        """Record that the draft goes out as it is.

        Raises:
            SuggestionNotFound: No such suggestion.
            NothingToSend: It has no draft.
            SuggestionDecided: It was decided before.
        """
        draft = self.get(session, suggestion_id).suggestion.draft
        return self.edit(session, suggestion_id, actor, draft)

    def edit(self, session: Session, suggestion_id: str, actor: str, sent_text: str) -> StoredSuggestion:
        """Record what goes out instead of the draft; the text itself is kept as a message, here only its distance.

        Raises:
            SuggestionNotFound: No such suggestion.
            NothingToSend: The text or the draft is empty.
            SuggestionDecided: It was decided before.
        """
        draft = self.get(session, suggestion_id).suggestion.draft
        if is_blank(sent_text) or not draft:
            raise NothingToSend
        distance = edit_distance(draft, sent_text)
        outcome = Outcome.EDITED if distance else Outcome.ACCEPTED
        return self._decide(session, suggestion_id, outcome, actor, distance=distance)

    def reject(self, session: Session, suggestion_id: str, actor: str, reason: str) -> StoredSuggestion:
        """Record that the suggestion is of no use, and why.

        Raises:
            SuggestionNotFound: No such suggestion.
            SuggestionDecided: It was decided before.
        """
        return self._decide(session, suggestion_id, Outcome.REJECTED, actor, reason=mask(reason)[:_REASON_CHARS])

    def rates(self, session: Session) -> SuggestionRates:
        """Count outcomes, blockers and sources for the report."""
        outcomes = repository.counts_by(session, "outcome")
        blocked = repository.counts_by(session, "blocker_kind")
        return SuggestionRates(
            total=sum(outcomes.values()),
            accepted=outcomes.get(Outcome.ACCEPTED, 0),
            edited=outcomes.get(Outcome.EDITED, 0),
            rejected=outcomes.get(Outcome.REJECTED, 0),
            open=outcomes.get(Outcome.OPEN, 0),
            mean_edit_distance=repository.mean_edit_distance(session),
            blocked={kind: blocked.get(kind, 0) for kind in BlockerKind},
            model_worded=repository.counts_by(session, "source").get(DraftSource.MODEL, 0),
        )

    def _decide(
        self,
        session: Session,
        suggestion_id: str,
        outcome: Outcome,
        actor: str,
        *,
        reason: str = "",
        distance: float | None = None,
    ) -> StoredSuggestion:
        self.get(session, suggestion_id)
        now = self._clock.now()
        decided = repository.decide(
            session, suggestion_id, outcome, reason=reason, edit_distance=distance, actor=actor, now=now
        )
        if not decided:
            raise SuggestionDecided
        return self.get(session, suggestion_id)
