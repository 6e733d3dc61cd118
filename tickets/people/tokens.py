"""API tokens: a program acts for its owner, with some of the owner's rights and never with more (SE-01)."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from kit.audit.service import AuditLog
from kit.clock import Clock
from kit.db import Session
from kit.ids import new_id
from kit.text import displayable, is_blank
from tickets.auditing import AuditAction, staff_act
from tickets.models import ApiTokenRow
from tickets.people.errors import ExpiryPassed, NameRequired, PersonNotFound, ScopeTooWide, TokenNotFound
from tickets.people.schemas import ApiToken
from tickets.repository import people as people_repository
from tickets.repository import tokens as repository
from tickets.repository.conversations import token_hash
from tickets.rights import GRANTABLE, RIGHTS, Right
from tickets.schemas import StaffMember
from tickets.words import StaffRole

PREFIX = "jd_"
_SECRET_BYTES = 32
_NAME_CHARS = 80
_USED_EVERY = timedelta(hours=1)  # how exactly it is known when a token was used; each note is a write


class TokenService:
    """Issues, recognises and revokes tokens; only their hashes are kept."""

    def __init__(self, clock: Clock, audit: AuditLog) -> None:
        self._clock = clock
        self._audit = audit

    def issue(
        self,
        session: Session,
        username: str,
        name: str,
        scopes: Collection[Right],
        *,
        actor: str,
        expires_at: datetime | None = None,
    ) -> tuple[ApiToken, str]:
        """Make a token and return it with its secret, which is not shown again.

        Args:
            session: The unit of work.
            username: The owner, for whom it acts.
            name: What it is for.
            scopes: What it may do, of what the owner may.
            actor: Who makes it.
            expires_at: When it ends; ``None``: when it is revoked.

        Raises:
            PersonNotFound: No such active person.
            NameRequired: No name.
            ScopeTooWide: No scope, or one that the owner has not or that no token may have.
            ExpiryPassed: It would have ended already.
        """
        owner = people_repository.user(session, username)
        if owner is None or not owner.active:
            raise PersonNotFound
        if is_blank(name):
            raise NameRequired
        if not scopes or not set(scopes) <= RIGHTS[StaffRole(owner.role)] & GRANTABLE:
            raise ScopeTooWide
        now = self._clock.now()
        if expires_at is not None and expires_at <= now:
            raise ExpiryPassed
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        row = ApiTokenRow(
            id=new_id(),
            username=username,
            name=displayable(name).strip()[:_NAME_CHARS],
            token_hash=token_hash(secret),
            scopes=sorted(map(str, scopes)),
            created_by=actor,
            created_at=now,
            expires_at=expires_at,
        )
        repository.add(session, row)
        data = {"token": row.id, "scopes": row.scopes, "expires": expires_at.isoformat() if expires_at else None}
        self._audit.record(session, staff_act(actor, AuditAction.TOKEN_ISSUED, username, **data))
        return repository.view(row), secret

    def revoke(self, session: Session, token_id: str, actor: str) -> None:
        """End a token at once.

        Raises:
            TokenNotFound: No such token, or it was revoked before.
        """
        row = repository.get(session, token_id)
        if row is None or row.revoked_at is not None:
            raise TokenNotFound
        row.revoked_at = self._clock.now()
        self._audit.record(session, staff_act(actor, AuditAction.TOKEN_REVOKED, row.username, token=row.id))

    def tokens(self, session: Session) -> list[ApiToken]:
        """Return the tokens that are not revoked, newest first."""
        return [repository.view(row) for row in repository.current(session)]

    def whois(self, session: Session, secret: str) -> tuple[StaffMember, str] | None:
        """Return for whom a secret acts, and the token's id where its use is to be noted (else an empty one).

        ``None``: no such token, revoked, expired, or its owner is no longer active.
        """
        row = repository.of_hash(session, token_hash(secret)) if secret.startswith(PREFIX) else None
        now = self._clock.now()
        if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
            return None
        owner = people_repository.user(session, row.username)
        if owner is None or not owner.active:
            return None
        known = {right.value for right in Right}
        scopes = frozenset(Right(scope) for scope in row.scopes if scope in known)
        stale = row.last_used_at is None or row.last_used_at <= now - _USED_EVERY
        return people_repository.member(owner, scopes, row.id), row.id if stale else ""

    def note_used(self, session: Session, token_id: str) -> None:
        """Remember that a token was used just now."""
        repository.set_used(session, token_id, self._clock.now())
