"""Signing in and out."""

import secrets
from collections import deque
from datetime import datetime, timedelta

from kit.clock import Clock
from kit.db import Session
from tickets.errors import SignInRefused, TooManyAttempts
from tickets.models import UserRow
from tickets.people.passwords import PasswordHasher
from tickets.repository import people as repository
from tickets.repository.conversations import token_hash
from tickets.rights import ALL_LINES
from tickets.schemas import StaffMember
from tickets.words import StaffRole

SESSION_LENGTH = timedelta(hours=12)  # a shift and its overtime
_WINDOW = timedelta(minutes=15)
_MAX_FAILURES = 5  # per account within the window (RELIABILITY A16)


class StaffService:
    """Signs staff in and out; failed tries are counted before anything is hashed."""

    def __init__(self, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._failures: dict[str, deque[datetime]] = {}

    def save(
        self,
        session: Session,
        *,
        username: str,
        name: str,
        role: StaffRole,
        group_id: str | None,
        password: str,
        lines: tuple[str, ...] = (ALL_LINES,),
    ) -> None:
        """Write a member of staff as seeding knows one, without asking whether the password is any good."""
        row = UserRow(
            username=username,
            name=name,
            role=role,
            group_id=group_id,
            lines=list(lines),
            password_hash=self._hasher.hash(password),
            active=True,
        )
        repository.save_user(session, row)

    def save_group(self, session: Session, group_id: str, name_zh: str, name_en: str) -> None:
        """Add or rename a group."""
        repository.save_group(session, group_id, name_zh, name_en)

    def sign_in(self, session: Session, username: str, password: str) -> str:
        """Check a password and return the secret token of a new session.

        Raises:
            SignInRefused: Wrong name or password.
            TooManyAttempts: Five failures within 15 minutes for this name.
        """
        self._check_attempts(username)
        row = repository.user(session, username)
        # An unknown name costs the same hash as a known one, so that time tells nothing.
        if not self._hasher.fits(password, row.password_hash if row and row.active else None) or row is None:
            self._failures.setdefault(username, deque(maxlen=_MAX_FAILURES)).append(self._clock.now())
            raise SignInRefused
        self._failures.pop(username, None)
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        repository.end_sessions(session, before=now)
        repository.add_session(session, token_hash(token), username, now + SESSION_LENGTH)
        return token

    def sign_out(self, session: Session, token: str) -> None:
        """End a session."""
        repository.end_sessions(session, token_hash=token_hash(token))

    def whoami(self, session: Session, token: str) -> StaffMember | None:
        """Return who a session belongs to; ``None`` where it ended or the person is no longer active."""
        found = repository.find_session(session, token_hash(token))
        if found is None or found.expires_at <= self._clock.now():
            return None
        row = repository.user(session, found.username)
        return repository.member(row) if row is not None and row.active else None

    def members(self, session: Session) -> list[StaffMember]:
        """Return active staff."""
        return [repository.member(row) for row in repository.users(session)]

    def names(self, session: Session) -> dict[str, str]:
        """Return user name → name of everybody who is or was there, for screens that say who did something."""
        return repository.names(session)

    def knows(self, session: Session, username: str) -> bool:
        """Tell whether somebody has this user name."""
        return repository.user(session, username) is not None

    def groups(self, session: Session) -> dict[str, tuple[str, str]]:
        """Return group id → (name zh, name en)."""
        return {row.id: (row.name_zh, row.name_en) for row in repository.groups(session)}

    def _check_attempts(self, username: str) -> None:
        recent = self._failures.get(username, ())
        if sum(at > self._clock.now() - _WINDOW for at in recent) >= _MAX_FAILURES:
            raise TooManyAttempts
