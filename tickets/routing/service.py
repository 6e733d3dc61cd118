"""Routing's verbs: by rule to a group, by strategy to a person, by hand to either; each keeps its reason (ADR-0022).

Automation calls ``assign_group`` and ``assign_person``; what is not said in an argument is read from the ticket.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from kit.db import Session
from kit.text import is_blank
from tickets.errors import TicketTaken
from tickets.events import StaffTold, TicketRouted
from tickets.ledger import Ledger
from tickets.lifecycle.engine import DONE
from tickets.lifecycle.schemas import Doer, Part, TicketAction
from tickets.models import TicketRow
from tickets.people.errors import GroupNotFound
from tickets.repository import tickets as ticket_repository
from tickets.repository import work as work_repository
from tickets.rights import RIGHTS, Right
from tickets.routing.book import ROUTING, GroupWork, Routing, Strategy
from tickets.routing.errors import AssigneeUnfit, TransferNeedsTarget, TransferNeedsWords
from tickets.routing.finding import ask_of, find
from tickets.routing.models import TicketRouteRow
from tickets.routing.repository import customers, people, shared
from tickets.routing.repository import pool as pool_rows
from tickets.routing.rules import decide, rank_of
from tickets.routing.schemas import Decision, Facts, RouteState, Why
from tickets.sla.words import WORKING_ZONE
from tickets.words import Priority, RecordKind, StaffRole, TicketStatus, Zone
from tickets.working import WorkService

ROUTER = Doer("system:routing", Part.SYSTEM)
_REASON_CHARS = 300


class RoutingService:
    """Sends tickets to groups and people."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._work = WorkService(ledger)

    def decide(
        self, session: Session, row: TicketRow, *, line: str | None, urgent: bool, customer_level: str = ""
    ) -> Decision:
        """Choose a ticket's group by the book in force and keep what was looked at; the row itself is not changed.

        Args:
            session: The unit of work.
            row: The ticket, with its label.
            line: Product line, where known.
            urgent: Safety wording was found.
            customer_level: As the order book has it; what people wrote of the customer goes before it.
        """
        edition = self._ledger.books.current(session, ROUTING)
        state, standing = pool_rows.route_row(session, row.id), customers.standing(session, row.customer_id)
        level = standing.level or customer_level or customers.account_level(session, row.customer_id)
        state.region, state.customer_level, state.urgent = standing.region, level, urgent
        facts = self._facts(session, row, state, line)
        today = self._ledger.clock.now().astimezone(WORKING_ZONE).date()
        row.pool_rank = rank_of(edition.body, level, standing, today)
        if state.pinned and row.group_id:  # a person sent it there; rules don't take it away
            kept = Why(state.group_zh, state.group_en)
            return Decision(row.group_id, row.route_reason, kept, place=state.place)
        decision = decide(edition.body, edition.version, facts)
        rule = decision.rule
        state.edition, state.place = edition.version, decision.place
        state.needs = rule.needs.model_dump(mode="json") if rule else {}
        state.strategy = rule.strategy or "" if rule else ""
        _write_group(state, decision.why)
        return decision

    def place(self, session: Session, row: TicketRow, share: Sequence[str] = ()) -> None:
        """Find a ticket of a group a person by the group's strategy; one that somebody has stays with them.

        The customer's success manager is told once (RT-05).

        Args:
            session: The unit of work.
            row: The ticket.
            share: Groups that the rule lets take part (RT-12).
        """
        book, state = self._book(session), pool_rows.route_row(session, row.id)
        self._tell_manager(session, row, state)
        self._share(session, row, share)
        if row.assignee or TicketStatus(row.status) in DONE:
            return
        now = self._ledger.clock.now()
        if state.reserved_for and state.reserved_until and state.reserved_until > now:
            state.due_at = state.reserved_until
            return
        work = book.work_of(row.group_id)
        self.wait(state, work, now)
        strategy = Strategy(state.strategy) if state.strategy else work.strategy
        if strategy is Strategy.POOL or not row.group_id:
            return
        pick = find(session, book, row.group_id, strategy, ask_of(book, row, state))
        _write_person(state, pick.why)
        if pick.username:
            self._work.assign(session, row.id, pick.username, ROUTER, pick.why.data())
        else:
            self._ledger.note(session, row, ROUTER.name, "unplaced", pick.why.data())

    def route(self, session: Session, ticket_id: str) -> None:
        """Route a ticket again by the book in force, also where a person had chosen its group.

        Raises:
            TicketArchived: It is closed.
        """
        row, state = self._ledger.writable(session, ticket_id), pool_rows.route_row(session, ticket_id)
        state.pinned = False
        decision = self.decide(
            session, row, line=row.line or None, urgent=state.urgent, customer_level=state.customer_level
        )
        self._ledger.step(row, TicketAction.ROUTE, ROUTER)
        row.group_id, row.route_reason = decision.group_id, decision.reason[:_REASON_CHARS]
        data = {"group": row.group_id, "priority": row.priority, **decision.why.data()}
        self._ledger.note(session, row, ROUTER.name, "routed", data)
        self._ledger.publisher.publish(session, TicketRouted(row.id, serial_key=row.conversation_id))
        self.place(session, row, decision.share)

    def assign_group(self, session: Session, ticket_id: str, group_id: str, doer: Doer, reason: str = "") -> None:
        """Send a ticket to a group: who has it gives it up, and the group's strategy finds somebody.

        Raises:
            GroupNotFound: No such group.
            TicketArchived: It is closed.
            TransitionRefused: It is resolved.
        """
        row = self._ledger.writable(session, ticket_id)
        if row.group_id != group_id or row.assignee:
            self.move(session, row, group_id, doer, {"reason": reason[:_REASON_CHARS]} if reason else {})

    def assign_person(self, session: Session, ticket_id: str, username: str, doer: Doer, reason: str = "") -> None:
        """Give a ticket to a person; its group stays.

        Raises:
            AssigneeUnfit: Nobody of that name works on tickets.
            TransitionRefused, StepNotAllowed: Its lifecycle says no.
        """
        row = self._ledger.row(session, ticket_id)
        self.check_worker(session, username)
        self._give(session, row, username, doer, {"reason": reason[:_REASON_CHARS]} if reason else {})

    def transfer(
        self, session: Session, ticket_id: str, doer: Doer, words: str, *, group_id: str = "", username: str = ""
    ) -> None:
        """Hand a ticket over to a group, or to a person and the person's group, with its context (RT-09).

        The words are kept as a note, sealed like all that is written about a customer.

        Raises:
            TransferNeedsWords, TransferNeedsTarget: Something is missing.
            GroupNotFound, AssigneeUnfit: No such group or person.
            TicketArchived, TransitionRefused, StepNotAllowed: Its lifecycle says no.
        """
        row = self._ledger.writable(session, ticket_id)
        if is_blank(words):
            raise TransferNeedsWords
        if bool(group_id) == bool(username):
            raise TransferNeedsTarget
        now = self._ledger.clock.now()
        record = work_repository.add_record(
            session, self._ledger.vault, row, kind=RecordKind.NOTE, text=words.strip(), author=doer.name, now=now
        )
        if group_id:
            self.move(session, row, group_id, doer, {"record": record})
            return
        home, state = self.check_worker(session, username), pool_rows.route_row(session, row.id)
        if home and home != row.group_id:
            row.group_id, state.pinned = home, True
        self._give(session, row, username, doer, {"record": record})

    def reserve(
        self, session: Session, ticket_id: str, username: str, doer: Doer, until: datetime | None = None
    ) -> None:
        """Keep a ticket for one person for a while; then it goes the group's usual way (RT-08).

        Args:
            session: The unit of work.
            ticket_id: Which; nobody has it.
            username: For whom.
            doer: Who says so.
            until: Until when; ``None``: as long as the book says.

        Raises:
            AssigneeUnfit: Nobody of that name works on tickets.
            TicketTaken: Somebody has it.
            TicketArchived: It is closed.
        """
        row = self._ledger.writable(session, ticket_id)
        self.check_worker(session, username)
        if row.assignee:
            raise TicketTaken(row.assignee)
        now, state = self._ledger.clock.now(), pool_rows.route_row(session, ticket_id)
        until = max(until or now + timedelta(minutes=self._book(session).reserve_minutes), now)
        state.reserved_for, state.reserved_until, state.due_at = username, until, until
        entry = self._ledger.note(session, row, doer.name, "reserved", {"to": username, "until": until.isoformat()})
        if username != doer.name:
            self._ledger.publisher.publish(session, StaffTold(entry, serial_key=row.conversation_id))

    def state(self, session: Session, ticket_id: str) -> RouteState | None:
        """Return how a ticket came to where it is; ``None``: nothing has sent it anywhere yet."""
        return pool_rows.state(session, ticket_id)

    def move(
        self,
        session: Session,
        row: TicketRow,
        group_id: str,
        doer: Doer,
        data: Mapping[str, str],
        *,
        kind: str = "transferred",
    ) -> None:
        """Put a ticket into a group's hands, as the timeline's ``kind`` calls it; see ``assign_group``."""
        if group_id not in people.groups(session):
            raise GroupNotFound
        before, holder = row.group_id or "", row.assignee or ""
        # Everything is read before the row changes: a query would write it past the note that says what changed.
        state = pool_rows.route_row(session, row.id)
        self._ledger.step(row, TicketAction.ROUTE, ROUTER)
        row.group_id, row.assignee = group_id, None
        state.pinned, state.needs, state.strategy = True, {}, ""
        state.reserved_for = state.reserved_until = None
        state.tried, state.person_zh, state.person_en = [], "", ""
        _write_group(state, Why(f"由 {doer.name} 转派", f"sent here by {doer.name}"))
        said = {"group": group_id, "from_group": before, "from": holder, **data}
        self._ledger.note(session, row, doer.name, kind, {k: v for k, v in said.items() if v})
        self.place(session, row)

    def wait(self, state: TicketRouteRow, work: GroupWork, now: datetime) -> None:
        """Begin a ticket's wait for somebody to accept it (RT-11)."""
        state.offered_at = now
        state.due_at = now + timedelta(minutes=work.accept_minutes) if work.accept_minutes else None

    def check_worker(self, session: Session, username: str) -> str:
        """Return the group of somebody who may be given tickets.

        Raises:
            AssigneeUnfit: Nobody of that name works on tickets.
        """
        person = people.user(session, username)
        if person is None or not person.active or Right.WORK not in RIGHTS[StaffRole(person.role)]:
            raise AssigneeUnfit(username)
        return person.group_id or ""

    def _give(self, session: Session, row: TicketRow, username: str, doer: Doer, data: dict[str, str]) -> None:
        self._work.assign(session, row.id, username, doer, data)
        state = pool_rows.route_row(session, row.id)
        state.reserved_for = state.reserved_until = None
        state.tried = []
        _write_person(state, Why(f"由 {doer.name} 指派", f"given by {doer.name}"))
        self.wait(state, self._book(session).work_of(row.group_id), self._ledger.clock.now())

    def _book(self, session: Session) -> Routing:
        return self._ledger.books.current(session, ROUTING).body

    def _facts(self, session: Session, row: TicketRow, state: TicketRouteRow, line: str | None) -> Facts:
        zone = Zone.AUTO if row.label_source == "person" else ticket_repository.newest_zone(session, row.id)
        return Facts(
            label=tuple(row.label),
            line=line or "",
            region=state.region,
            channel=row.channel,
            customer_level=state.customer_level,
            priority=Priority.P1 if state.urgent else Priority(row.priority),
            urgent=state.urgent,
            zone=zone or Zone.HUMAN,
        )

    def _tell_manager(self, session: Session, row: TicketRow, state: TicketRouteRow) -> None:
        manager = customers.standing(session, row.customer_id).success_manager
        if not manager or manager == state.told_manager:
            return
        state.told_manager = manager
        entry = self._ledger.note(session, row, ROUTER.name, "manager_told", {"to": manager})
        self._ledger.publisher.publish(session, StaffTold(entry, serial_key=row.conversation_id))

    def _share(self, session: Session, row: TicketRow, groups: Sequence[str]) -> None:
        if not groups:
            return
        there = {row.group_id, *(part.group_id for part in shared.participants(session, row.id))}
        for group_id in dict.fromkeys(group for group in groups if group not in there):
            shared.add_participant(session, row.id, group_id, ROUTER.name, self._ledger.clock.now())
            entry = self._ledger.note(session, row, ROUTER.name, "shared", {"to_group": group_id})
            self._ledger.publisher.publish(session, StaffTold(entry, serial_key=row.conversation_id))


def _write_group(state: TicketRouteRow, why: Why) -> None:
    state.group_zh, state.group_en = why.zh[:_REASON_CHARS], why.en[:_REASON_CHARS]


def _write_person(state: TicketRouteRow, why: Why) -> None:
    state.person_zh, state.person_en = why.zh[:_REASON_CHARS], why.en[:_REASON_CHARS]
