"""Taking work from the pool: a ticket at hand, or the most urgent that fits; one of two wins (RT-09, RT-13)."""

from kit.db import Session
from tickets.ledger import Ledger
from tickets.lifecycle.schemas import Doer
from tickets.models import TicketRow
from tickets.rights import Sight
from tickets.routing.book import ROUTING, Routing
from tickets.routing.errors import AtCapacity, NewcomerProtected, NothingToTake, OffDuty, ReservedForOther
from tickets.routing.finding import ask_of, is_protected
from tickets.routing.models import TicketRouteRow
from tickets.routing.repository import people
from tickets.routing.repository import pool as pool_rows
from tickets.routing.schemas import Pool, Profile
from tickets.routing.strategies import knows
from tickets.words import Priority
from tickets.working import WorkService

_CHUNK = 50
_COUNTED = 1000  # a pool's figures stop here, like those of the tabs


class TakingService:
    """Lets people take tickets for themselves."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._work = WorkService(ledger)

    def claim(self, session: Session, ticket_id: str, doer: Doer, *, holder: str | None = None) -> None:
        """Take a ticket at hand from the pool, or from who had it when the doer looked.

        Raises:
            TicketTaken, TicketChanged: Somebody else was faster.
            ReservedForOther: It is kept for somebody else.
            NewcomerProtected: It is none for a newcomer.
        """
        row, state = self._ledger.row(session, ticket_id), pool_rows.route_row(session, ticket_id)
        book = self._book(session)
        if not row.assignee and self._kept_from(state, doer.name):
            raise ReservedForOther(state.reserved_for or "")
        is_new = row.assignee != doer.name and people.profile(session, doer.name).newcomer
        if is_new and is_protected(book, tuple(row.label), Priority(row.priority)):
            raise NewcomerProtected
        self._work.claim(session, ticket_id, doer, holder=holder)
        _settle(state)

    def take_next(self, session: Session, doer: Doer, sight: Sight) -> str:
        """Take the most urgent ticket that fits: one that is reserved for the doer, else of the own group's pool.

        By priority, then VIP, renewing and warranty-ending customers, then age. The group is locked meanwhile, so that
        two who ask at once are given two tickets.

        Returns:
            The ticket's id.

        Raises:
            OffDuty: The doer is not at work.
            AtCapacity: The doer has enough.
            NothingToTake: Nothing fits.
        """
        profile = people.profile(session, doer.name)
        if not profile.on_duty:
            raise OffDuty
        if sight.group_id:
            people.lock_turns(session, {sight.group_id})
        if profile.capacity is not None and people.open_count(session, doer.name) >= profile.capacity:
            raise AtCapacity(profile.capacity)
        for ticket_id in pool_rows.reserved_for(session, doer.name, self._ledger.clock.now()):
            if self._seize(session, ticket_id, doer):
                return ticket_id
        after: tuple[str, int, int] | None = None
        while sight.group_id:
            rows = pool_rows.pool(session, sight.group_id, sight, after=after, limit=_CHUNK)
            for row, state in rows:
                after = (row.priority, row.pool_rank, row.number)
                if self._fits(session, row, state, profile) and self._seize(session, row.id, doer):
                    return row.id
            if len(rows) < _CHUNK:
                break
        raise NothingToTake

    def pool(self, session: Session, username: str, sight: Sight) -> Pool:
        """Return what waits in the own group's pool, and how much the person has (RT-14)."""
        count, oldest = 0, None
        if sight.group_id:
            count, oldest = pool_rows.pool_figures(session, sight.group_id, sight, _COUNTED)
        return Pool(count, oldest, people.open_count(session, username))

    def _fits(self, session: Session, row: TicketRow, state: TicketRouteRow | None, profile: Profile) -> bool:
        ask = ask_of(self._book(session), row, state)
        if state is not None and self._kept_from(state, profile.username):
            return False
        return knows(profile, ask) and not (ask.protected and profile.newcomer)

    def _seize(self, session: Session, ticket_id: str, doer: Doer) -> bool:
        if pool_rows.seize(session, ticket_id) is None:
            return False  # somebody claims it in this moment
        self._work.claim(session, ticket_id, doer)
        _settle(pool_rows.route_row(session, ticket_id))
        return True

    def _kept_from(self, state: TicketRouteRow, username: str) -> bool:
        until = state.reserved_until
        is_kept = bool(state.reserved_for) and until is not None and until > self._ledger.clock.now()
        return is_kept and state.reserved_for != username

    def _book(self, session: Session) -> Routing:
        return self._ledger.books.current(session, ROUTING).body


def _settle(state: TicketRouteRow) -> None:
    """End every wait: who took it has accepted it."""
    state.reserved_for = state.reserved_until = state.due_at = None
    state.person_zh, state.person_en = "自行领取", "taken from the pool"
