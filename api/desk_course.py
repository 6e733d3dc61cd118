"""How a ticket goes on and how it has gone: the steps on offer, its procedure, its records, the one timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.clocks import Clock, clock_of
from api.wiring import Services
from kit.db import Session
from kit.text import displayable
from tickets.schemas import Message, Node, Record, Ticket, TicketEvent
from tickets.service import Choice, Part, TicketAction

_EXCERPT = 80


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of the one timeline: a step, a word of the talk, a record (LC-14).

    Attributes:
        at: When.
        kind: Key of what it is called.
        actor: By whom.
        words: What was said or why, shortened.
        seq: The message it is, where it is one.
    """

    at: datetime
    kind: str
    actor: str
    words: str = ""
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class ShownCourse:
    """How the ticket goes on: what may be done now, what is to be done, what was.

    Attributes:
        choices: Steps that the member may take, but resolving, which has a place of its own.
        can_resolve: Whether resolving is among them.
        status_name: (zh, en) where the ticket's scheme calls its status otherwise than the usual.
        nodes: The procedure, each step with how its time stands.
        records: What colleagues wrote down, newest first.
        happenings: The timeline, oldest first.
    """

    choices: tuple[Choice, ...]
    can_resolve: bool
    status_name: tuple[str, str] | None
    nodes: tuple[tuple[Node, Clock], ...]
    records: tuple[Record, ...]
    happenings: tuple[Happening, ...]


def course_of(
    services: Services, session: Session, ticket: Ticket, messages: Sequence[Message], *, part: Part
) -> ShownCourse:
    """Gather a ticket's course as a part sees it.

    Args:
        services: The house.
        session: The unit of work.
        ticket: The ticket.
        messages: Its talk.
        part: In which the reader acts on tickets.
    """
    choices = services.work.choices(ticket, part)
    records = services.work.records(session, ticket.summary.id)
    now = services.clock.now()
    return ShownCourse(
        choices=tuple(c for c in choices if c.action is not TicketAction.RESOLVE),
        can_resolve=any(c.action is TicketAction.RESOLVE for c in choices),
        status_name=services.work.status_name(ticket),
        nodes=tuple((n, clock_of(n.due_at, n.done_at, now)) for n in services.work.nodes(session, ticket.summary.id)),
        records=tuple(reversed(records)),
        happenings=tuple(_happenings(ticket, messages, records)),
    )


def _happenings(ticket: Ticket, messages: Sequence[Message], records: Sequence[Record]) -> list[Happening]:
    talk = [
        Happening(m.sent_at, f"role_{m.role}", m.author, _short(displayable(m.raw)), m.seq)
        for m in messages
        if m.raw or m.attachments
    ]
    written = {r.id: r for r in records}
    steps = [Happening(e.at, f"event_{e.kind}", e.actor, _short(_words_of(e, written))) for e in ticket.timeline]
    return sorted([*talk, *steps], key=lambda happening: happening.at)


def _words_of(event: TicketEvent, records: Mapping[str, Record]) -> str:
    record = records.get(str(event.data.get("record", "")))
    if record is not None:
        return displayable(record.text)
    return displayable(str(event.data.get("reason") or event.data.get("action") or ""))


def _short(words: str) -> str:
    return words if len(words) <= _EXCERPT else f"{words[:_EXCERPT]}…"
