"""Structured summaries: each field with the turns that support it; an agent confirms before reports may count it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from copilot import repository
from copilot.codec import summary_from, summary_text
from copilot.errors import SummaryConfirmed, SummaryNotFound
from copilot.facts import (
    actions_of,
    cost_of,
    mood_of_talk,
    open_points_of,
    parts_of,
    problem_of,
    reproduced_of,
    root_cause_of,
    title_of,
)
from copilot.models import SummaryRow
from copilot.narrative import narrative_of
from copilot.ports import PromiseReader
from copilot.schemas import StoredSummary, Summary, SummaryField, SummaryId, SummaryPromise, Supported
from copilot.talk import sentences_of
from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Session
from kit.ids import new_id
from kit.text import displayable
from quality.schemas import Transcript, Turn
from tickets.schemas import Message, Ticket
from tickets.words import Role

_VALUE_CHARS = 2_000


class SummaryService:
    """Summarises talks and keeps the summaries, sealed with the customer's key.

    Args:
        promises: Finds the promises of a talk.
        clock: The time.
        vault: Seals what was said.
    """

    def __init__(self, promises: PromiseReader, clock: Clock, vault: Vault) -> None:
        self._promises = promises
        self._clock = clock
        self._vault = vault

    def summarise(self, ticket: Ticket | None, messages: Sequence[Message]) -> Summary:
        """Summarise a talk, at its end or in between (SU-01, SU-04, SU-05, SU-06).

        Args:
            ticket: Its ticket, whose record of what was done is believed before anybody's words; ``None``: none.
            messages: The talk, oldest first.

        Returns:
            Only what a turn or the ticket's record supports; words are those of the talk.
        """
        spoken = [m for m in messages if m.role is not Role.SYSTEM]
        sentences = sentences_of(spoken)
        problem = problem_of(sentences)
        found: dict[SummaryField, Supported | None] = {
            SummaryField.TITLE: _recorded_title(ticket, problem) or title_of(sentences),
            SummaryField.PROBLEM: problem,
            SummaryField.ROOT_CAUSE: root_cause_of(sentences),
            SummaryField.ACTION: _recorded_action(ticket) or actions_of(sentences),
            SummaryField.PARTS: parts_of(sentences),
            SummaryField.COST: cost_of(sentences),
            SummaryField.REPRODUCED: reproduced_of(sentences),
            SummaryField.MOOD: mood_of_talk(spoken),
            SummaryField.OPEN_POINTS: open_points_of(sentences),
        }
        return Summary(
            ticket_id=ticket.summary.id if ticket else "",
            customer_id=ticket.customer_id if ticket else "",
            conversation_seq=messages[-1].seq if messages else 0,
            fields={name: value for name, value in found.items() if value is not None},
            promises=self._promised(spoken),
            narrative=narrative_of(sentences),
        )

    def store(self, session: Session, summary: Summary) -> StoredSummary:
        """Keep the summary of a ticket; one that says the same as its newest is not kept twice."""
        newest = self.newest(session, summary.ticket_id)
        if newest is not None and newest.summary == summary:
            return newest
        summary_id = new_id()
        row = SummaryRow(
            id=summary_id,
            ticket_id=summary.ticket_id,
            customer_id=summary.customer_id,
            conversation_seq=summary.conversation_seq,
            content_sealed=self._sealed(session, summary.customer_id, summary_id, summary),
            mood=_open_word(summary, SummaryField.MOOD),
            reproduced=_open_word(summary, SummaryField.REPRODUCED),
            promises=len(summary.promises),
            created_at=self._clock.now(),
        )
        return self._view(session, repository.add_summary(session, row))

    def newest(self, session: Session, ticket_id: str) -> StoredSummary | None:
        """Return a ticket's newest summary, confirmed or not; ``None`` too where the customer was erased."""
        row = repository.newest_summary(session, ticket_id)
        if row is None or self._vault.is_erased(session, row.customer_id):
            return None
        return self._view(session, row)

    def confirm(
        self, session: Session, summary_id: str, actor: str, edits: Mapping[SummaryField, str | None]
    ) -> StoredSummary:
        """Confirm a summary with an agent's corrections (SU-02).

        Args:
            session: The unit of work.
            summary_id: Which.
            actor: User name; what they wrote is marked as theirs, without turns.
            edits: Field → its new value; ``None`` or an empty one takes the field away.

        Raises:
            SummaryNotFound: No such summary.
            SummaryConfirmed: It was confirmed before.
        """
        row = repository.summary(session, summary_id)
        if row is None:
            raise SummaryNotFound
        summary = self._view(session, row).summary
        fields = dict(summary.fields)
        for name, value in edits.items():
            fields.pop(name, None)
            if value and value.strip():
                fields[name] = Supported(value.strip()[:_VALUE_CHARS], (), f"person:{actor}")
        edited = replace(summary, fields=fields)
        confirmed = repository.confirm_summary(
            session,
            row,
            content_sealed=self._sealed(session, row.customer_id, row.id, edited),
            mood=_open_word(edited, SummaryField.MOOD),
            reproduced=_open_word(edited, SummaryField.REPRODUCED),
            actor=actor,
            now=self._clock.now(),
        )
        if not confirmed:
            raise SummaryConfirmed
        stored = repository.summary(session, summary_id)
        assert stored is not None
        return self._view(session, stored)

    def _promised(self, messages: Sequence[Message]) -> tuple[SummaryPromise, ...]:
        turns = tuple(Turn(m.seq, m.role, m.author, displayable(m.raw), m.sent_at) for m in messages)
        found = self._promises.find_promises(Transcript("summary", turns))
        return tuple(SummaryPromise(promise.text, promise.turn_index, promise.due) for promise in found)

    def _sealed(self, session: Session, customer_id: str, summary_id: str, summary: Summary) -> bytes:
        return self._vault.seal(session, customer_id, f"summaries.content:{summary_id}", summary_text(summary))

    def _view(self, session: Session, row: SummaryRow) -> StoredSummary:
        text = self._vault.open(session, row.customer_id, f"summaries.content:{row.id}", row.content_sealed)
        summary = summary_from(row.ticket_id, row.customer_id, text)
        return StoredSummary(SummaryId(row.id), summary, row.created_at, row.confirmed_by, row.confirmed_at)


def _recorded_action(ticket: Ticket | None) -> Supported | None:
    """Return what was entered when the ticket was resolved."""
    events = [e for e in ticket.timeline if e.kind == "resolved"] if ticket else []
    action = str(events[-1].data.get("action") or "").strip() if events else ""
    return Supported(action, (), "ticket:resolved") if action else None


def _recorded_title(ticket: Ticket | None, problem: Supported | None) -> Supported | None:
    if ticket is None or not ticket.summary.title:
        return None
    return Supported(ticket.summary.title, problem.turns if problem else (), "ticket:title")


def _open_word(summary: Summary, name: SummaryField) -> str:
    """Return a fixed word for the open column; an agent's free words stay sealed."""
    value = summary.value(name) or ""
    return value if value in {"upset", "pleased", "yes", "no"} else ""
