"""Due times after a change of rules: every running clock is judged anew, in batches by key; or only counted before."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from kit.db import Session
from tickets.models import TicketRow
from tickets.sla import repository
from tickets.sla.calendars import CALENDARS
from tickets.sla.judging import Rules, Started, judge
from tickets.sla.models import ClockRow, PauseRow
from tickets.sla.policies import SERVICE_LEVELS, Facts, Target
from tickets.sla.schemas import Moves
from tickets.sla.ticket_clocks import TicketClocks, stops_of
from tickets.sla.words import ClockKind, Promise
from tickets.words import Priority

BATCH = 200
BOOKS = frozenset({SERVICE_LEVELS.name, CALENDARS.name})
"""Books whose new editions move due times."""
_MOST_PREVIEWED = 5_000  # tickets; a preview must answer while somebody waits


def recompute(session: Session, rules: Rules, after: str, now: datetime) -> str | None:
    """Judge the running clocks of the next tickets by the rules.

    Args:
        session: The unit of work.
        rules: In force.
        after: Id of the ticket before the first one; empty: from the beginning.
        now: The time.

    Returns:
        The last id, from which to go on; ``None``: that was all.
    """
    ids = repository.running_tickets(session, after, BATCH)
    for row, level, clocks, pauses in _tickets(session, ids):
        facts = Facts(Priority(row.priority), level, row.group_id or "")
        TicketClocks(row, clocks, pauses, rules=rules, facts=facts, now=now).settle()
    session.flush()
    return ids[-1] if len(ids) == BATCH else None


def preview(session: Session, rules: Rules) -> Moves:
    """Count what rules that nobody has saved yet would move."""
    looked_at, tickets, earlier, later, after = 0, 0, 0, 0, ""
    while looked_at < _MOST_PREVIEWED:
        ids = repository.running_tickets(session, after, BATCH)
        for row, level, clocks, pauses in _tickets(session, ids):
            moved = [_moved(rules, row, level, clock, pauses) for clock in clocks]
            earlier, later = earlier + moved.count(-1), later + moved.count(1)
            tickets += any(moved)
        looked_at += len(ids)
        if len(ids) < BATCH:
            return Moves(looked_at, tickets, earlier, later, complete=True)
        after = ids[-1]
    return Moves(looked_at, tickets, earlier, later, complete=False)


def _moved(rules: Rules, row: TicketRow, level: str, clock: ClockRow, pauses: list[PauseRow]) -> int:
    """Return where a due time would go: -1 earlier, 1 later or away, 0 nowhere."""
    kind = ClockKind(clock.kind)
    timer = kind is ClockKind.TIMER
    promised = Target(minutes=clock.minutes, calendar=clock.calendar, promise=Promise(clock.promise)) if timer else None
    facts = Facts(Priority(row.priority), level, row.group_id or "")
    due = judge(rules, Started(kind, clock.name, clock.started_at, promised), facts, stops_of(pauses)).due_at
    if due == clock.due_at:
        return 0
    return -1 if due is not None and (clock.due_at is None or due < clock.due_at) else 1


def _tickets(session: Session, ids: list[str]) -> Iterator[tuple[TicketRow, str, list[ClockRow], list[PauseRow]]]:
    clocks: dict[str, list[ClockRow]] = defaultdict(list)
    pauses: dict[str, list[PauseRow]] = defaultdict(list)
    for clock in repository.running_of(session, ids):
        clocks[clock.ticket_id].append(clock)
    for pause in repository.pauses_of(session, ids):
        pauses[pause.ticket_id].append(pause)
    for row, level in repository.tickets_with_levels(session, ids):
        yield row, level, clocks[row.id], pauses[row.id]
