"""What a ticket is joined with, as the desk shows it: merged tickets, links, candidates, and where an answer goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.desk_actions import doer
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from tickets.merging.schemas import Candidate, Link, Merged, Preview
from tickets.schemas import Message, StaffMember, Ticket
from tickets.service import DONE


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation of a ticket.

    Attributes:
        id: Its id.
        of: Number of the merged ticket it came with; ``None``: the ticket's own.
        messages: What was said.
    """

    id: str
    of: int | None
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class ShownJoined:
    """What a ticket is joined with.

    Attributes:
        merged: The tickets that go on in it, each whole.
        links: Links to others.
        candidates: Tickets that may be the same matter.
        talks: Its conversations, its own first.
        answer_in: Where the customer wrote last.
        asked_for: The number that was asked for, where that ticket goes on in this one.
        follow_ups: Kind → how often the customer came again.
        preview: What merging with the number that was typed would do.
        refused: Why that one is not merged, where it isn't.
    """

    merged: tuple[tuple[Merged, Ticket], ...]
    links: tuple[Link, ...]
    candidates: tuple[Candidate, ...]
    talks: tuple[Talk, ...]
    answer_in: str
    asked_for: int | None
    follow_ups: dict[str, int]
    preview: Preview | None = None
    refused: JiedaiError | None = None

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """The merged tickets."""
        return tuple(ticket for _, ticket in self.merged)

    def anchor(self, message: Message) -> str:
        """Return a message's place on the page: its number, behind its talk's where that is a merged ticket's."""
        place = next(i for i, talk in enumerate(self.talks) if talk.id == message.conversation_id)
        return f"{place}-{message.seq}" if place else str(message.seq)

    def said(self) -> list[Message]:
        """Return what was said in all talks, by time."""
        return sorted((m for talk in self.talks for m in talk.messages), key=lambda m: (m.sent_at, m.seq))

    def merged_of(self, message: Message) -> int | None:
        """Return the merged ticket whose talk a message is of; ``None`` for the ticket's own."""
        return next((talk.of for talk in self.talks if talk.id == message.conversation_id), None)


def joined_of(
    services: Services,
    session: Session,
    ticket: Ticket,
    member: StaffMember,
    *,
    asked_for: int,
    other: int | None = None,
) -> ShownJoined:
    """Gather what a ticket is joined with; what costs a query a merged ticket, of which there are few.

    Args:
        services: The house.
        session: The unit of work.
        ticket: The ticket that is shown.
        member: Who looks; candidates that are out of sight are not shown.
        asked_for: The number in the address.
        other: A ticket that somebody thinks of merging into this one.
    """
    ticket_id, number = ticket.summary.id, ticket.summary.number
    joined = services.desk.merging.joined(session, ticket_id)
    talks = _talks(services, session, ticket, joined.merged)
    found = services.desk.duplicates.candidates(session, ticket_id) if ticket.summary.status not in DONE else []
    seen = services.desk.lists.visible(session, [c.ticket.number for c in found], member.sight())
    preview, refused = _preview(services, session, ticket, member, other) if other is not None else (None, None)
    return ShownJoined(
        merged=tuple((merged, services.tickets.get(session, merged.ticket_id)) for merged in joined.merged),
        links=joined.links,
        candidates=tuple(c for c in found if c.ticket.number in seen),
        talks=talks,
        answer_in=services.desk.merging.talk_to(session, ticket_id),
        asked_for=asked_for if asked_for != number else None,
        follow_ups=dict(services.desk.follow_ups.counts(session, [ticket_id]).get(ticket_id, {})),
        preview=preview,
        refused=refused,
    )


def _preview(
    services: Services, session: Session, ticket: Ticket, member: StaffMember, other: int
) -> tuple[Preview | None, JiedaiError | None]:
    try:
        found = services.seen.by_number(session, member, other)
        return services.desk.merging.preview(session, ticket.summary.id, found.summary.id, doer(member)), None
    except JiedaiError as refused:
        return None, refused


def _talks(services: Services, session: Session, ticket: Ticket, merged: Sequence[Merged]) -> tuple[Talk, ...]:
    numbers: dict[str, int | None] = {ticket.summary.conversation_id: None}
    for one in merged:
        numbers.setdefault(one.talk, one.number)
    return tuple(
        Talk(talk, number, tuple(services.conversations.messages(session, talk))) for talk, number in numbers.items()
    )
