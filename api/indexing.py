"""Bringing derived indexes in line with the database: the knowledge base's vectors, the words of tickets."""

import fcntl

from api.wiring import Services
from kit.db import Session
from kit.progress import ProgressReport
from tickets.schemas import Ticket
from tickets.words import Role


def sync_index(services: Services, report: ProgressReport | None = None, *, everything: bool = False) -> None:
    """Encode and write what the index lacks.

    Processes on one data folder do it one after the other: what the first encoded, the others read from the cache.

    Args:
        services: The application's services.
        report: Called with ``("index", done, total)``.
        everything: Build it anew beside the one in use.
    """
    with (services.settings.data_dir / "indexing.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with services.database.reading() as session:
            plan = services.knowledge.plan_index(session, everything=everything)
        services.knowledge.apply_index(plan, (lambda done, total: report("index", done, total)) if report else None)


def index_ticket(services: Services, session: Session, ticket_id: str) -> None:
    """Make a ticket findable by its words and by what its customer has said so far.

    What goes on in it belongs to it: the merged number and the merged words find the survivor.
    """
    _index(services, session, services.tickets.get(session, ticket_id))


def index_talk(services: Services, session: Session, conversation_id: str) -> None:
    """Make a talk's tickets findable by what the customer has said since they were filed."""
    for ticket in services.tickets.of_conversation(session, conversation_id):
        _index(services, session, ticket)


def _index(services: Services, session: Session, ticket: Ticket) -> None:
    merged = services.desk.merging.family(session, ticket.summary.id)
    talks = dict.fromkeys([ticket.summary.conversation_id, *(m.talk for m in merged)])
    said = [words for talk in talks for words in _said(services, session, talk)]
    also = [services.tickets.get(session, m.ticket_id) for m in merged]
    services.desk.lists.index(session, ticket, said, also=also)


def _said(services: Services, session: Session, conversation_id: str) -> list[str]:
    messages = services.conversations.messages(session, conversation_id)
    return [message.raw for message in messages if message.role is Role.CUSTOMER]
