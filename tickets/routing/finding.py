"""Finds a person for a ticket: locks the group, looks at skills and load, chooses by the group's strategy."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from kit.db import Session
from tickets.models import TicketRow, UserRow
from tickets.rights import ALL_LINES, RIGHTS, Right
from tickets.routing.book import Needs, Routing, Strategy
from tickets.routing.models import TicketRouteRow
from tickets.routing.repository import people as people_rows
from tickets.routing.schemas import Ask, Candidate, Pick, Profile, Skip
from tickets.routing.strategies import choose, skip_of
from tickets.words import LabelPath, Priority, StaffRole

WORKERS = frozenset(str(role) for role in StaffRole if Right.WORK in RIGHTS[role] and role is not StaffRole.ADMIN)
"""Roles that are given tickets; administrators can take them, but none are given to them."""
_URGENT = frozenset({Priority.P1, Priority.P2})


def ask_of(book: Routing, row: TicketRow, state: TicketRouteRow | None) -> Ask:
    """Return what a ticket asks of a person: its own facts, unless its rule names others."""
    needs = Needs.model_validate(state.needs) if state else Needs()
    label = tuple(row.label)
    return Ask(
        line=needs.line or row.line,
        region=needs.region or (state.region if state else ""),
        issue=needs.issue or label,
        level=needs.level,
        protected=is_protected(book, label, Priority(row.priority)),
        excluded=frozenset(state.tried) if state else frozenset(),
    )


def is_protected(book: Routing, label: LabelPath, priority: Priority) -> bool:
    """Tell whether newcomers are kept from a ticket (RT-10)."""
    return priority in _URGENT or any(bool(path) and label[: len(path)] == path for path in book.protected)


def find(
    session: Session,
    book: Routing,
    group_id: str,
    strategy: Strategy,
    ask: Ask,
) -> Pick:
    """Choose somebody of a group and keep the choice safe until the transaction ends.

    The groups of all who may be chosen are locked first, so that what is then counted stays true.
    """
    newcomers = [p for _, p in people_rows.workers(session, group_id, WORKERS) if p.newcomer and p.mentor]
    mentors = {profile.mentor for profile in newcomers} if ask.protected else set()
    homes = {person.group_id for person, _ in people_rows.persons(session, mentors, WORKERS) if person.group_id}
    last = people_rows.lock_turns(session, {group_id, *homes})[group_id]
    group = candidates(session, book, people_rows.workers(session, group_id, WORKERS), ask)
    outside = candidates(session, book, people_rows.persons(session, mentors, WORKERS), ask)
    pick = choose(strategy, group, outside, ask, last)
    if pick.turn:
        people_rows.take_turn(session, group_id, pick.username)
    return pick


def preview(
    session: Session, book: Routing, group_id: str, strategy: Strategy, ask: Ask
) -> tuple[Pick, dict[str, Skip]]:
    """Say who would be chosen now and who would be passed over; nothing is locked or written."""
    people = people_rows.workers(session, group_id, WORKERS)
    mentors = {p.mentor for _, p in people if p.newcomer and p.mentor} if ask.protected else set()
    group = candidates(session, book, people, ask)
    outside = candidates(session, book, people_rows.persons(session, mentors, WORKERS), ask)
    pick = choose(strategy, group, outside, ask, people_rows.last_turn(session, group_id))
    skipped = {c.username: skip_of(c, ask) for c in group}
    return pick, {username: skip for username, skip in skipped.items() if skip}


def candidates(session: Session, book: Routing, people: Sequence[tuple[UserRow, Profile]], ask: Ask) -> list[Candidate]:
    """Return people with their load; who does not see the ticket's product line lacks the skill for it."""
    work = people_rows.open_work(session, _names(people))
    found = []
    for person, profile in people:
        counts = work.get(person.username, {})
        minutes = sum(count * (profile.handle_minutes or book.minutes_of(kind)) for kind, count in counts.items())
        own = profile if _sees(person, ask) else replace(profile, level=0)
        found.append(Candidate(person.name, own, sum(counts.values()), minutes))
    return found


def _names(people: Sequence[tuple[UserRow, Profile]]) -> Collection[str]:
    return [person.username for person, _ in people]


def _sees(person: UserRow, ask: Ask) -> bool:
    return ALL_LINES in person.lines or ask.line in {"", *person.lines}
