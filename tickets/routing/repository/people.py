"""SQL of people's profiles, their load and the groups' turns."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, func, literal_column, select, update

from kit.db import Conflict, Session, savepoint
from tickets.models import OPEN_TICKET, GroupRow, TicketRow, UserRow
from tickets.routing.models import AgentProfileRow, GroupTurnRow
from tickets.routing.schemas import Profile

# Word for word, as the partial index has it: only so does SQLite see that it holds what is asked for.
_IS_OPEN: ColumnElement[bool] = literal_column(OPEN_TICKET.replace("status", "tickets.status", 1))


def user(session: Session, username: str) -> UserRow | None:
    """Return a member of staff."""
    return session.get(UserRow, username)


def groups(session: Session) -> set[str]:
    """Return the ids of all groups."""
    return set(session.scalars(select(GroupRow.id)))


def profile(session: Session, username: str) -> Profile:
    """Return somebody's profile; who has none takes everything."""
    row = session.get(AgentProfileRow, username)
    return _profile(row) if row is not None else Profile(username)


def profiles(session: Session) -> dict[str, Profile]:
    """Return everybody's profile who has one."""
    return {row.username: _profile(row) for row in session.scalars(select(AgentProfileRow))}


def save_profile(session: Session, profile: Profile) -> None:
    """Insert or change a profile."""
    session.merge(
        AgentProfileRow(
            username=profile.username,
            lines=list(profile.lines),
            regions=list(profile.regions),
            issues=[list(path) for path in profile.issues],
            level=profile.level,
            capacity=profile.capacity,
            on_duty=profile.on_duty,
            newcomer=profile.newcomer,
            mentor=profile.mentor or None,
            handle_minutes=profile.handle_minutes,
        )
    )
    session.flush()


def workers(session: Session, group_id: str, roles: Collection[str]) -> list[tuple[UserRow, Profile]]:
    """Return a group's active people of some roles, with their profiles."""
    return _with_profiles(session, UserRow.group_id == group_id, UserRow.role.in_(roles))


def persons(session: Session, usernames: Collection[str], roles: Collection[str]) -> list[tuple[UserRow, Profile]]:
    """Return those of some people who are active and have one of some roles, with their profiles."""
    return _with_profiles(session, UserRow.username.in_(usernames), UserRow.role.in_(roles)) if usernames else []


def _with_profiles(session: Session, *conditions: ColumnElement[bool]) -> list[tuple[UserRow, Profile]]:
    query = (
        select(UserRow, AgentProfileRow)
        .outerjoin(AgentProfileRow, AgentProfileRow.username == UserRow.username)
        .where(UserRow.active, *conditions)
        .order_by(UserRow.username)
        .execution_options(populate_existing=True)  # a colleague may have gone off duty since this unit of work began
    )
    return [(person, _profile_of(person, row)) for person, row in session.execute(query)]


def open_work(session: Session, usernames: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return user name → type of category → how many open tickets, in one query."""
    query = (
        select(TicketRow.assignee, TicketRow.label_type, func.count())
        .where(TicketRow.assignee.in_(list(usernames)), _IS_OPEN)
        .group_by(TicketRow.assignee, TicketRow.label_type)
    )
    found: dict[str, dict[str, int]] = {}
    for username, label_type, count in session.execute(query):
        found.setdefault(username or "", {})[label_type] = count
    return found


def open_count(session: Session, username: str) -> int:
    """Return how many open tickets somebody has."""
    counted = select(func.count()).select_from(TicketRow).where(TicketRow.assignee == username, _IS_OPEN)
    return session.scalar(counted) or 0


def lock_turns(session: Session, group_ids: Collection[str]) -> dict[str, str]:
    """Lock groups until the transaction ends and return whose turn it was last in each.

    Always in the same order, so that two choosers never wait for each other.
    """
    return {group_id: _lock_turn(session, group_id) for group_id in sorted(group_ids)}


def _lock_turn(session: Session, group_id: str) -> str:
    counted = (
        update(GroupTurnRow)
        .where(GroupTurnRow.group_id == group_id)
        .values(turns=GroupTurnRow.turns + 1)
        .returning(GroupTurnRow.last)
        .execution_options(synchronize_session=False)
    )
    last = session.scalar(counted)
    if last is not None:
        return last
    try:
        with savepoint(session):
            session.add(GroupTurnRow(group_id=group_id, turns=1))
    except Conflict:  # another chooser was the group's very first in this instant
        return _lock_turn(session, group_id)
    return ""


def last_turn(session: Session, group_id: str) -> str:
    """Return whose turn it was last."""
    return session.scalar(select(GroupTurnRow.last).where(GroupTurnRow.group_id == group_id)) or ""


def take_turn(session: Session, group_id: str, username: str) -> None:
    """Note whose turn it was; the group is locked."""
    taken = update(GroupTurnRow).where(GroupTurnRow.group_id == group_id).values(last=username)
    session.execute(taken.execution_options(synchronize_session=False))


def _profile_of(person: UserRow, row: AgentProfileRow | None) -> Profile:
    return Profile(person.username) if row is None else _profile(row)


def _profile(row: AgentProfileRow) -> Profile:
    return Profile(
        username=row.username,
        lines=tuple(row.lines),
        regions=tuple(row.regions),
        issues=tuple(tuple(path) for path in row.issues),
        level=row.level,
        capacity=row.capacity,
        on_duty=row.on_duty,
        newcomer=row.newcomer,
        mentor=row.mentor or "",
        handle_minutes=row.handle_minutes,
    )
