"""Keeping staff: who is there, with which role, group and product lines; each change is in the audit (SE-01, SE-09)."""

import re
from collections.abc import Sequence

from kit.audit.service import AuditLog
from kit.clock import Clock
from kit.db import Session
from kit.text import displayable, is_blank
from tickets.auditing import AuditAction, staff_act
from tickets.models import UserRow
from tickets.people.errors import (
    GroupNotFound,
    LastAdministrator,
    NameRequired,
    OldPasswordWrong,
    PersonKnown,
    PersonNotFound,
    UnknownLine,
    UsernameRefused,
)
from tickets.people.passwords import PasswordHasher, check_password, temporary_password
from tickets.people.schemas import NewPerson, Person, PersonChange
from tickets.repository import people as repository
from tickets.repository import tokens as token_repository
from tickets.rights import ALL_LINES
from tickets.words import StaffRole

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_RESERVED = {"customer", "bot", "anonymous", "system", "ai"}  # who acts in the timeline without being of the staff
_NAME_CHARS = 80


class PeopleService:
    """Adds, changes and lets go of staff.

    Args:
        clock: The time.
        hasher: Of passwords.
        audit: Where changes are recorded.
        lines: Product lines of the shop.
    """

    def __init__(self, clock: Clock, hasher: PasswordHasher, audit: AuditLog, lines: Sequence[str]) -> None:
        self._clock = clock
        self._hasher = hasher
        self._audit = audit
        self._lines = frozenset(lines) | {ALL_LINES}

    def people(self, session: Session) -> list[Person]:
        """Return everybody, those who left last."""
        return [repository.person(row) for row in repository.everybody(session)]

    def person(self, session: Session, username: str) -> Person:
        """Return one of the staff.

        Raises:
            PersonNotFound: No such person.
        """
        return repository.person(self._row(session, username))

    def add(self, session: Session, new: NewPerson, password: str, actor: str) -> None:
        """Add a member of staff.

        Raises:
            UsernameRefused: Not a user name.
            PersonKnown: Somebody has it already.
            PasswordTooWeak: Not a password.
            NameRequired: No name.
            GroupNotFound: No such group.
            UnknownLine: No such product line.
        """
        if not _USERNAME.fullmatch(new.username) or new.username in _RESERVED:
            raise UsernameRefused
        if repository.user(session, new.username) is not None:
            raise PersonKnown
        check_password(password, new.username)
        change = self._checked(session, new.change)
        row = UserRow(username=new.username, password_hash=self._hasher.hash(password), active=True, **_columns(change))
        repository.save_user(session, row)
        self._audit.record(session, staff_act(actor, AuditAction.PERSON_ADDED, row.username, **_seen(change)))

    def change(self, session: Session, username: str, change: PersonChange, actor: str) -> None:
        """Change name, role, group and lines; it holds from the person's next request on.

        Raises:
            PersonNotFound: No such person.
            LastAdministrator: Nobody would be left who may keep people.
            NameRequired: No name.
            GroupNotFound: No such group.
            UnknownLine: No such product line.
        """
        row, change = self._row(session, username), self._checked(session, change)
        if change.role is not StaffRole.ADMIN:
            self._check_other_admin(session, row)
        before = _seen(PersonChange(row.name, StaffRole(row.role), row.group_id, tuple(row.lines)))
        changed = {name: [before[name], value] for name, value in _seen(change).items() if before[name] != value}
        for column, value in _columns(change).items():
            setattr(row, column, value)
        if changed:
            self._audit.record(session, staff_act(actor, AuditAction.PERSON_CHANGED, username, changes=changed))

    def deactivate(self, session: Session, username: str, actor: str) -> None:
        """Let somebody go: sessions and tokens end at once; what the person did stays.

        Raises:
            PersonNotFound: No such person.
            LastAdministrator: Nobody would be left who may keep people.
        """
        row = self._row(session, username)
        if not row.active:
            return
        self._check_other_admin(session, row)
        row.active = False
        repository.end_sessions(session, username=username)
        token_repository.revoke_all(session, username, self._clock.now())
        self._audit.record(session, staff_act(actor, AuditAction.PERSON_DEACTIVATED, username))

    def activate(self, session: Session, username: str, actor: str) -> None:
        """Let somebody in again, with the old password; tokens stay revoked.

        Raises:
            PersonNotFound: No such person.
        """
        row = self._row(session, username)
        if not row.active:
            row.active = True
            self._audit.record(session, staff_act(actor, AuditAction.PERSON_ACTIVATED, username))

    def reset_password(self, session: Session, username: str, actor: str, password: str = "") -> str:
        """Give somebody a new password, a random one unless it is named, and end the person's sessions.

        Returns:
            The password; it is kept nowhere.

        Raises:
            PersonNotFound: No such person.
            PasswordTooWeak: The named one is not good enough.
        """
        row = self._row(session, username)
        password = password or temporary_password()
        check_password(password, username)
        row.password_hash = self._hasher.hash(password)
        repository.end_sessions(session, username=username)
        self._audit.record(session, staff_act(actor, AuditAction.PASSWORD_RESET, username))
        return password

    def change_password(self, session: Session, username: str, old: str, new: str) -> None:
        """Let somebody change the own password; the person's sessions end, this one too.

        Raises:
            OldPasswordWrong: The old one is wrong.
            PasswordTooWeak: The new one is not good enough.
        """
        row = self._row(session, username)
        if not self._hasher.fits(old, row.password_hash):
            raise OldPasswordWrong
        check_password(new, username)
        row.password_hash = self._hasher.hash(new)
        repository.end_sessions(session, username=username)
        self._audit.record(session, staff_act(username, AuditAction.PASSWORD_CHANGED, username))

    def _row(self, session: Session, username: str) -> UserRow:
        row = repository.user(session, username)
        if row is None:
            raise PersonNotFound
        return row

    def _check_other_admin(self, session: Session, row: UserRow) -> None:
        if row.role == StaffRole.ADMIN and row.active and repository.lock_admins(session) <= {row.username}:
            raise LastAdministrator

    def _checked(self, session: Session, change: PersonChange) -> PersonChange:
        if is_blank(change.name):
            raise NameRequired
        if change.group_id and change.group_id not in {row.id for row in repository.groups(session)}:
            raise GroupNotFound
        if not set(change.lines) <= self._lines:
            raise UnknownLine
        lines = (ALL_LINES,) if not change.lines or ALL_LINES in change.lines else tuple(sorted(set(change.lines)))
        name = displayable(change.name).strip()[:_NAME_CHARS]
        return PersonChange(name, change.role, change.group_id or None, lines)


def _columns(change: PersonChange) -> dict[str, object]:
    return {"name": change.name, "role": change.role, "group_id": change.group_id, "lines": list(change.lines)}


def _seen(change: PersonChange) -> dict[str, object]:
    """Return what the audit says of a person: everything but the name, which is in the store."""
    return {"role": str(change.role), "group": change.group_id, "lines": list(change.lines)}
