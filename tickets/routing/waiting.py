"""What time does to a ticket that nobody accepts: somebody else gets it, or it is escalated (RT-08, RT-11).

Nothing of it is lost on the way: it is the same ticket with the same timeline, and who did not take it is on record.
"""

from kit.db import Session
from tickets.ledger import Ledger
from tickets.lifecycle.engine import DONE, choices
from tickets.lifecycle.schemas import Given, TicketAction
from tickets.models import TicketRow
from tickets.routing.book import ROUTING, GroupWork, OnTimeout, Routing
from tickets.routing.models import TicketRouteRow
from tickets.routing.repository import people
from tickets.routing.repository import pool as pool_rows
from tickets.routing.service import ROUTER, RoutingService
from tickets.words import Stage, TicketStatus
from tickets.working import WorkService

_BATCH = 200
_MOST_TIMEOUTS = 3  # afterwards it is escalated: sending it round again would help nobody


class WaitingService:
    """Looks after tickets that wait for somebody to accept them."""

    def __init__(self, ledger: Ledger, routing: RoutingService) -> None:
        self._ledger = ledger
        self._routing = routing
        self._work = WorkService(ledger)

    def due(self, session: Session) -> list[tuple[str, str]]:
        """Return (ticket id, conversation id) of tickets whose wait is over, at most some hundred at a time."""
        return pool_rows.due(session, self._ledger.clock.now(), _BATCH)

    def attend(self, session: Session, ticket_id: str) -> None:
        """End a ticket's wait, unless it was accepted or moved meanwhile; doing it twice does it once."""
        row, state = self._ledger.row(session, ticket_id), pool_rows.route_row(session, ticket_id)
        if state.due_at is None or state.due_at > self._ledger.clock.now():
            return
        state.due_at = None
        if TicketStatus(row.status) in DONE or self._accepted(session, row, state):
            return
        if state.reserved_for and not row.assignee:
            before, state.reserved_for, state.reserved_until = state.reserved_for, None, None
            self._ledger.note(session, row, ROUTER.name, "reservation_over", {"from": before})
            self._routing.place(session, row)
            return
        self._send_on(session, row, state)

    def _accepted(self, session: Session, row: TicketRow, state: TicketRouteRow) -> bool:
        since = state.offered_at
        return bool(row.assignee) and (
            since is None or pool_rows.acted_since(session, row.id, row.assignee or "", since)
        )

    def _send_on(self, session: Session, row: TicketRow, state: TicketRouteRow) -> None:
        book = self._ledger.books.current(session, ROUTING).body
        work = book.work_of(row.group_id)
        state.timeouts += 1
        wants = work.on_timeout is OnTimeout.ESCALATE or state.timeouts > _MOST_TIMEOUTS
        if wants and self._may_escalate(row):
            given = Given(reason="超时无人接单 / nobody accepted it in time", stage=Stage.L2)
            self._work.take(session, row.id, TicketAction.ESCALATE, ROUTER, given)
            return
        if state.timeouts > _MOST_TIMEOUTS:
            self._ledger.note(session, row, ROUTER.name, "unaccepted", {"group": row.group_id})
            return
        self._reroute(session, row, state, book, work)

    def _reroute(self, session: Session, row: TicketRow, state: TicketRouteRow, book: Routing, work: GroupWork) -> None:
        holder, target = row.assignee or "", work.timeout_group or ("" if row.assignee else book.fallback)
        data = {"reason": "not accepted in time", "reason_zh": "超时未接单"}
        if target and target != row.group_id and target in people.groups(session):
            self._routing.move(session, row, target, ROUTER, data)
            return
        state.tried = [*state.tried, holder] if holder else state.tried
        row.assignee = None
        self._ledger.note(session, row, ROUTER.name, "rerouted", {"from": holder, **data})
        self._routing.place(session, row)

    def _may_escalate(self, row: TicketRow) -> bool:
        scheme = self._ledger.scheme_of(row)
        return any(c.action is TicketAction.ESCALATE for c in choices(scheme, TicketStatus(row.status), ROUTER.part))
