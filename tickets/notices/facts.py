"""Which entries of a ticket's timeline are news, and what a template may say about the ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kit.crypto import Vault
from kit.db import Session
from tickets.ledger import Ledger
from tickets.lifecycle.loading import bundled
from tickets.models import TicketRow
from tickets.notices.links import Links
from tickets.notices.schemas import Audience, News, NoticeEvent
from tickets.notices.wording import STATUS_NAMES
from tickets.people.sessions import StaffService
from tickets.repository import conversations as conversation_repository
from tickets.repository import tickets as ticket_repository
from tickets.schemas import Changes
from tickets.sla.words import WORKING_ZONE, ClockKind, EscalateTo
from tickets.words import FieldName, Stage, TicketStatus

Values = Mapping[str, tuple[str, str]]
"""Variable → its value in Chinese and English."""

_OF_STATUS: Mapping[TicketStatus, NoticeEvent] = {
    TicketStatus.WAITING_CUSTOMER: NoticeEvent.WAITING_CUSTOMER,
    TicketStatus.RESOLVED: NoticeEvent.RESOLVED,
    TicketStatus.CLOSED: NoticeEvent.CLOSED,
    TicketStatus.REOPENED: NoticeEvent.REOPENED,
    TicketStatus.TO_REVIEW: NoticeEvent.REVIEW_ASKED,
}
_OF_KIND: Mapping[str, NoticeEvent] = {
    "filed": NoticeEvent.FILED,
    "approved": NoticeEvent.APPROVED,
    "sent_back": NoticeEvent.SENT_BACK,
    "customer_wrote": NoticeEvent.CUSTOMER_REPLIED,
    "sla_warned": NoticeEvent.SLA_WARNED,
    "sla_breached": NoticeEvent.SLA_BREACHED,
    "sla_escalated": NoticeEvent.SLA_ESCALATED,
}


_CALLED: Mapping[EscalateTo, Audience] = {
    EscalateTo.DUTY: Audience.LEAD,  # who is on duty, nobody has said: the leads of the group know
    EscalateTo.LEAD: Audience.LEAD,
    EscalateTo.QA: Audience.SUPERVISOR,
    EscalateTo.PRODUCT: Audience.SUPERVISOR,
    EscalateTo.SUPERVISOR: Audience.SUPERVISOR,
    EscalateTo.MANAGER: Audience.SUPERVISOR,
    EscalateTo.GROUP: Audience.GROUP,
}
_CLOCKS: Values = {
    ClockKind.FIRST_RESPONSE: ("首次响应时限。", "The first response."),
    ClockKind.NEXT_RESPONSE: ("后续响应时限。", "The next response."),
    ClockKind.RESOLVE: ("解决时限。", "The solution."),
    ClockKind.STAGE: ("环节时限。", "The stage."),
    ClockKind.DWELL: ("部门停留过久。", "Too long with one group."),
    ClockKind.TIMER: ("计时器。", "A timer."),
}


def events_of(kind: str, changes: Changes) -> list[NoticeEvent]:
    """Return what an entry of a timeline is news of, each once (NT-02, NT-04, NT-07)."""
    found = [_OF_KIND[kind]] if kind in _OF_KIND else []
    if changes.get("assignee", (None, None))[1]:
        found.append(NoticeEvent.ASSIGNED)
    if "status" in changes and kind != "filed":
        found.append(_OF_STATUS.get(TicketStatus(str(changes["status"][1])), NoticeEvent.STATUS_CHANGED))
    if changes.get("stage", (None, None))[1] == Stage.AWAITING_VISIT:
        found.append(NoticeEvent.VISIT_BOOKED)
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Subject:
    """A ticket as notices speak of it.

    Attributes:
        lang: The customer's language.
        values: What every template may say.
    """

    row: TicketRow
    lang: str
    values: Values
    progress: str
    desk: str

    def seen_by(self, audience: Audience) -> Values:
        """Return the values, with the link that this audience can open."""
        link = self.progress if audience is Audience.CUSTOMER else self.desk
        return {**self.values, "link": (link, link)}


class Reporter:
    """Gathers what notices say.

    Args:
        ledger: Finds tickets.
        staff: Knows people's and groups' names.
        links: Makes the addresses.
    """

    def __init__(self, ledger: Ledger, staff: StaffService, links: Links) -> None:
        self._ledger = ledger
        self._staff = staff
        self._links = links

    @property
    def vault(self) -> Vault:
        """What seals words."""
        return self._ledger.vault

    def subject(
        self, session: Session, row: TicketRow, more: Values | None = None, status: TicketStatus | None = None
    ) -> Subject:
        """Return a ticket as notices speak of it, with the values and the status that come with the news."""
        conversation = conversation_repository.get(session, row.conversation_id)
        assert conversation is not None  # a ticket has one
        talk = conversation_repository.view(session, self._ledger.vault, conversation)
        view = self._ledger.view(session, row)
        order = view.field(FieldName.ORDER_NO)
        agent = self._staff.names(session).get(row.assignee or "", "")
        status = status or TicketStatus(row.status)
        number = f"T-{row.number}"
        values: dict[str, tuple[str, str]] = {
            "ticket": (number, number),
            "title": _same(row.title),
            "status": bundled()[row.scheme].names.get(status) or STATUS_NAMES[status],
            "priority": _same(row.priority),
            "group": self._staff.groups(session).get(row.group_id or "", ("", "")),
            "agent": (agent or "客服", agent or "an agent"),
            "customer": (talk.customer_name or "客户", talk.customer_name or "customer"),
            "order": _same(order.normal if order else "–"),
            "due": _same(_clock(row.resolve_due_at)),
            "text": _same(""),
            **(more or {}),
        }
        desk = self._links.desk(row.number)
        return Subject(row, talk.lang, values, self._links.progress(row.id), desk)

    def row(self, session: Session, ticket_id: str) -> TicketRow:
        """Return a ticket's row; raises as ``Ledger.row``."""
        return self._ledger.row(session, ticket_id)

    @staticmethod
    def news_of(session: Session, entry_id: str) -> list[News]:
        """Return what an entry of a timeline is news of."""
        entry = ticket_repository.event(session, entry_id)
        if entry is None:
            return []
        changes = ticket_repository.timeline_entry(entry).changes
        status = TicketStatus(str(changes["status"][1])) if "status" in changes else None
        return [
            News(
                entry.ticket_id,
                event,
                f"{entry_id}:{event}",
                entry.actor,
                _words(entry.data),
                status,
                _called(entry.data),
            )
            for event in events_of(entry.kind, changes)
        ]


def _called(data: Mapping[str, object]) -> frozenset[Audience]:
    """Return whom an escalation calls (SL-10); of other entries: nobody in particular."""
    to = data.get("to")
    return frozenset(_CALLED[EscalateTo(str(role))] for role in to) if isinstance(to, list) else frozenset()


def _words(data: Mapping[str, object]) -> Values:
    """Return which target is near its end or missed."""
    clock = str(data.get("clock", ""))
    return {"text": _CLOCKS[clock]} if clock in _CLOCKS else {}


def _same(value: str) -> tuple[str, str]:
    return value, value


def _clock(at: datetime | None) -> str:
    return at.astimezone(WORKING_ZONE).strftime("%m-%d %H:%M") if at else "–"
