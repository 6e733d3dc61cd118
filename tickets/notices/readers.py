"""Who reads a notice: people of an audience, the place of a group, the customer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kit.db import Session
from tickets.models import TicketRow
from tickets.notices import repository
from tickets.notices.models import NoticePlaceRow
from tickets.notices.schemas import BY_ADDRESS, POSTED, Audience, Channel, NoticeEvent
from tickets.people.sessions import StaffService
from tickets.rights import ALL_LINES
from tickets.schemas import StaffMember
from tickets.words import StaffRole


@dataclass(frozen=True, slots=True)
class Reader:
    """One recipient.

    Attributes:
        recipient: A user name, the customer's id, or a place's name.
        place: Through which registered place; empty: none.
    """

    recipient: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a template or an order is for.

    Attributes:
        place: A registered place by name; empty: the group's own.
        group_id: Whose members and places, where it isn't the ticket's group.
        username: One person instead of an audience.
    """

    event: NoticeEvent
    audience: Audience
    channel: Channel
    place: str = ""
    group_id: str = ""
    username: str = ""


def owner_of(username: str) -> str:
    """Return whose key seals the addresses of a member of staff."""
    return f"staff:{username}"


class Directory:
    """Everybody there is, read once for all templates of one piece of news."""

    def __init__(self, session: Session, staff: StaffService, row: TicketRow) -> None:
        self._session = session
        self._row = row
        self._members = staff.members(session)
        self._places = repository.places(session)
        names = [member.username for member in self._members]
        self._mutes = repository.mutes(session, names)
        owners = [*(owner_of(name) for name in names), row.customer_id]
        self._addresses = repository.addresses(session, owners)

    def readers(self, wanted: Wanted, actor: str) -> list[Reader]:
        """Return who is told: not who did it, nor who does not want to hear of it, nor who cannot be reached."""
        if wanted.channel in POSTED:
            return [Reader(place.name, place.name) for place in self._posted(wanted)]
        gateway = self._gateway(wanted) if wanted.channel is Channel.SMS else ""
        if wanted.channel is Channel.SMS and not gateway:
            return []
        if wanted.audience is Audience.CUSTOMER:
            customer = self._row.customer_id
            reached = wanted.channel not in BY_ADDRESS or (customer, wanted.channel) in self._addresses
            return [Reader(customer, gateway)] if reached else []
        return [
            Reader(member.username, gateway)
            for member in self._people(wanted)
            if member.username != actor and self._reaches(member, wanted)
        ]

    def _reaches(self, member: StaffMember, wanted: Wanted) -> bool:
        if (member.username, wanted.event, wanted.channel) in self._mutes:
            return False
        key = (owner_of(member.username), wanted.channel)
        return wanted.channel not in BY_ADDRESS or key in self._addresses

    def _people(self, wanted: Wanted) -> Sequence[StaffMember]:
        if wanted.username:
            return [member for member in self._members if member.username == wanted.username]
        return _people_of(wanted.audience, self._members, self._row, wanted.group_id or self._row.group_id)

    def _posted(self, wanted: Wanted) -> list[NoticePlaceRow]:
        of_channel = [place for place in self._places if place.channel == wanted.channel]
        if wanted.place:
            return [place for place in of_channel if place.name == wanted.place]
        group = wanted.group_id or self._row.group_id
        return [place for place in of_channel if place.group_id and place.group_id == group]

    def _gateway(self, wanted: Wanted) -> str:
        """Return the SMS gateway that was named, or the first there is."""
        gateways = [place.name for place in self._places if place.channel == Channel.SMS]
        if wanted.place:
            return wanted.place if wanted.place in gateways else ""
        return gateways[0] if gateways else ""


def _people_of(
    audience: Audience, members: Collection[StaffMember], row: TicketRow, group_id: str | None
) -> list[StaffMember]:
    leads = [m for m in members if m.role is StaffRole.LEAD and _of_line(m, row.line)]
    own_leads = [m for m in leads if group_id and m.group_id == group_id]
    found: Mapping[Audience, list[StaffMember]] = {
        Audience.OWNER: [m for m in members if m.username == row.assignee],
        Audience.LEAD: own_leads or leads,
        Audience.SUPERVISOR: [m for m in members if m.role is StaffRole.ADMIN],
        Audience.GROUP: [m for m in members if group_id and m.group_id == group_id],
    }
    return found.get(audience, [])


def _of_line(member: StaffMember, line: str) -> bool:
    return not line or ALL_LINES in member.lines or line in member.lines
