"""Staff: who may sign in, and as what."""

import secrets
import threading
from collections import deque
from datetime import datetime, timedelta

from pwdlib import PasswordHash

from kit.clock import Clock
from kit.db import Session
from tickets.errors import SignInRefused, TooManyAttempts
from tickets.models import UserRow
from tickets.repository import people as repository
from tickets.repository.conversations import token_hash
from tickets.schemas import StaffMember
from tickets.words import StaffRole

SESSION_LENGTH = timedelta(hours=12)  # a shift and its overtime
_WINDOW = timedelta(minutes=15)
_MAX_FAILURES = 5  # per account within the window (RELIABILITY A16)


class StaffService:
    """Signs staff in and out.

    Argon2id costs a quarter of a second of CPU by design, so only one hash is computed at a time and failed tries are
    counted before hashing (RELIABILITY §0.10).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hasher = PasswordHash.recommended()
        self._hashing = threading.Semaphore(1)
        self._failures: dict[str, deque[datetime]] = {}
        self._decoy = ""

    def save(
        self, session: Session, *, username: str, name: str, role: StaffRole, group_id: str | None, password: str
    ) -> None:
        """Add or change a member of staff."""
        with self._hashing:
            hashed = self._hasher.hash(password)
        row = UserRow(username=username, name=name, role=role, group_id=group_id, password_hash=hashed, active=True)
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
        if not self._verify(password, row.password_hash if row and row.active else self._decoy_hash()) or row is None:
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
        return _member(row) if row is not None and row.active else None

    def members(self, session: Session) -> list[StaffMember]:
        """Return active staff."""
        return [_member(row) for row in repository.users(session)]

    def groups(self, session: Session) -> dict[str, tuple[str, str]]:
        """Return group id → (name zh, name en)."""
        return {row.id: (row.name_zh, row.name_en) for row in repository.groups(session)}

    def _check_attempts(self, username: str) -> None:
        recent = self._failures.get(username, ())
        if sum(at > self._clock.now() - _WINDOW for at in recent) >= _MAX_FAILURES:
            raise TooManyAttempts

    def _verify(self, password: str, hashed: str) -> bool:
        with self._hashing:
            return bool(hashed) and self._hasher.verify(password, hashed)

    def _decoy_hash(self) -> str:
        self._decoy = self._decoy or self._hasher.hash(secrets.token_urlsafe(16))
        return self._decoy


def _member(row: UserRow) -> StaffMember:
    return StaffMember(row.username, row.name, StaffRole(row.role), row.group_id)
