"""How a ticket goes on and how it has gone: the steps on offer, its procedure, its records, the one timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.clocks import Clock, clock_of
from api.desk_joined import ShownJoined
from api.wiring import Services
from kit.db import Session
from kit.text import displayable
from tickets.csat.schemas import Survey
from tickets.schemas import Node, Record, Ticket, TicketEvent
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
        anchor: Where on the page the message stands, where it is one.
        of: The merged ticket to which it happened.
        words_zh: The words in Chinese, where they were written in both languages.
    """

    at: datetime
    kind: str
    actor: str
    words: str = ""
    anchor: str = ""
    of: int | None = None
    words_zh: str = ""


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
        surveys: How the customer judged it, each time it was solved.
    """

    choices: tuple[Choice, ...]
    can_resolve: bool
    status_name: tuple[str, str] | None
    nodes: tuple[tuple[Node, Clock], ...]
    records: tuple[Record, ...]
    happenings: tuple[Happening, ...]
    surveys: tuple[Survey, ...]


def course_of(services: Services, session: Session, ticket: Ticket, joined: ShownJoined, *, part: Part) -> ShownCourse:
    """Gather a ticket's course as a part sees it.

    Args:
        services: The house.
        session: The unit of work.
        ticket: The ticket.
        joined: Its talks, and the tickets that go on in it: their history is its history too (DM-05).
        part: In which the reader acts on tickets.
    """
    choices = services.work.choices(ticket, part)
    of_all = [r for one in (ticket, *joined.tickets) for r in services.work.records(session, one.summary.id)]
    records = sorted(of_all, key=lambda record: record.at)
    now = services.clock.now()
    return ShownCourse(
        choices=tuple(c for c in choices if c.action is not TicketAction.RESOLVE),
        can_resolve=any(c.action is TicketAction.RESOLVE for c in choices),
        status_name=services.work.status_name(ticket),
        nodes=tuple((n, clock_of(n.due_at, n.done_at, now)) for n in services.work.nodes(session, ticket.summary.id)),
        records=tuple(reversed(records)),
        happenings=tuple(_happenings(ticket, joined, records)),
        surveys=tuple(services.desk.surveys.of_ticket(session, ticket.summary.id)),
    )


def _happenings(ticket: Ticket, joined: ShownJoined, records: Sequence[Record]) -> list[Happening]:
    talk = [
        Happening(
            m.sent_at, f"role_{m.role}", m.author, _short(displayable(m.raw)), joined.anchor(m), joined.merged_of(m)
        )
        for m in joined.said()
        if m.raw or m.attachments
    ]
    written = {r.id: r for r in records}
    steps = [
        Happening(
            at=e.at,
            kind=f"event_{e.kind}",
            actor=e.actor,
            words=_short(_words_of(e, written)),
            of=of,
            words_zh=_short(str(e.data.get("reason_zh", ""))),
        )
        for of, one in ((None, ticket), *((t.summary.number, t) for t in joined.tickets))
        for e in one.timeline
    ]
    return sorted([*talk, *steps], key=lambda happening: happening.at)


def _words_of(event: TicketEvent, records: Mapping[str, Record]) -> str:
    record = records.get(str(event.data.get("record", "")))
    if record is not None:
        return displayable(record.text)
    number = event.data.get("number")
    words = displayable(str(event.data.get("reason") or event.data.get("action") or ""))
    return " ".join(part for part in (f"T-{number}" if number else "", words) if part)


def _short(words: str) -> str:
    return words if len(words) <= _EXCERPT else f"{words[:_EXCERPT]}…"
