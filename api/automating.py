"""Automation's place in the house: the jobs that ask the rules, one kind for each moment."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from api.wiring import Services
from kit.db import Session
from kit.events import Listener
from kit.jobs.schemas import Effect, Handlers, JobHandler, JobKind, Lease
from tickets.automation.firing import Happening
from tickets.automation.service import AutomationService
from tickets.automation.words import When
from tickets.words import TicketStatus

RULES: Mapping[When, JobKind] = {when: JobKind(f"rules.{when}", priority=2) for when in When}
"""The job that asks the rules of each moment; only where a rule in force waits for it."""

Subjects = Callable[[Services, Session, str], list[str]]


def asks(when: When, delay: timedelta = timedelta()) -> Listener:
    """Return the listener that asks the rules of a moment."""
    return Listener(RULES[when], delay, wanted=AutomationService.asked_at(when))


def rule_handlers(services: Services) -> Handlers:
    """Return the handler of each moment's job."""
    return {kind: _handler(services, when) for when, kind in RULES.items()}


def _handler(services: Services, when: When) -> JobHandler:
    def handle(lease: Lease) -> Effect:
        with services.database.reading() as session:
            found = _SUBJECTS.get(when, _itself)(services, session, lease.subject_id)
        entry = lease.subject_id if when is When.UPDATED else ""

        def effect(session: Session) -> None:
            for ticket_id in found:
                services.automation.rules.fire(session, Happening(when, ticket_id, lease.job_id, entry))

        return effect

    return handle


def _itself(services: Services, session: Session, subject_id: str) -> list[str]:  # noqa: ARG001 - as the others
    return [subject_id]


def _of_entry(services: Services, session: Session, entry_id: str) -> list[str]:
    return [services.tickets.happening(session, entry_id)[0].summary.id]


def _of_talk(services: Services, session: Session, conversation_id: str) -> list[str]:
    tickets = services.tickets.of_conversation(session, conversation_id)
    return [ticket.summary.id for ticket in tickets if ticket.summary.status is not TicketStatus.CLOSED]


def _of_suggestion(services: Services, session: Session, suggestion_id: str) -> list[str]:
    return [services.suggestions.get(session, suggestion_id).suggestion.ticket_id]


_SUBJECTS: Mapping[When, Subjects] = {
    When.UPDATED: _of_entry,
    When.CUSTOMER_MESSAGE: _of_talk,
    When.SUGGESTION_DECIDED: _of_suggestion,
}
"""Whose tickets an event is about, where its subject is no ticket."""
