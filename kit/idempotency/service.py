"""Keeps first answers, so that a caller who did not hear one may ask again (draft-ietf-httpapi-idempotency-key-header).

An answer is kept in the transaction that did what was asked: either both are there afterwards or neither. Refusals are
not kept: nothing was done, and asking again may succeed.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from kit.clock import Clock
from kit.crypto import SealBroken, Vault
from kit.db import Session
from kit.idempotency import repository
from kit.idempotency.errors import KeyInUse, KeyReused, KeyUnusable
from kit.idempotency.models import KeptAnswerRow

KEPT = timedelta(hours=24)
_KEY_CHARS = 255
_LOCK_BYTES = 8  # PostgreSQL's advisory locks are numbers of that size


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it went out.

    Attributes:
        person_id: Whose key seals the body while it is kept: erasing the person erases it here too.
    """

    status: int
    body: str
    person_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may come twice.

    Attributes:
        scope: Who asks; two askers may use the same key.
        key: As the caller sent it.
        fingerprint: Hash of what is asked.
    """

    scope: str
    key: str
    fingerprint: str

    @property
    def key_hash(self) -> str:
        """What is stored of the key."""
        return hashlib.sha256(self.key.encode()).hexdigest()


def asked(scope: str, key: str, *parts: str) -> Asked:
    """Return a request with its fingerprint.

    Args:
        scope: Who asks.
        key: The key as it was sent.
        parts: All that makes the request what it is: method, path, body.

    Raises:
        KeyUnusable: The key is empty, longer than 255 characters, or not of visible ASCII.
    """
    if not 0 < len(key) <= _KEY_CHARS or not key.isascii() or not key.isprintable():
        raise KeyUnusable(_KEY_CHARS)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode("utf-8", "surrogatepass"))
    return Asked(scope, key, digest.hexdigest())


class AnswerKeeper:
    """Keeps answers and gives them again."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._busy: set[tuple[str, str]] = set()
        self._mutex = threading.Lock()

    @contextmanager
    def alone(self, wanted: Asked) -> Iterator[None]:
        """Hold a key while this process works on its request.

        Raises:
            KeyInUse: Another request of this process holds it; ``recall`` finds out about other processes.
        """
        mine = (wanted.scope, wanted.key)
        with self._mutex:
            if mine in self._busy:
                raise KeyInUse
            self._busy.add(mine)
        try:
            yield
        finally:
            with self._mutex:
                self._busy.discard(mine)

    def recall(self, session: Session, wanted: Asked) -> KeptAnswer | None:
        """Return the first answer to a request; ``None`` where it is the first.

        Raises:
            KeyReused: The key was used for something else, or for a person who was erased since.
            KeyInUse: Another process works on it.
        """
        digest = hashlib.sha256(f"{wanted.scope}\0{wanted.key}".encode()).digest()
        if not repository.lock(session, int.from_bytes(digest[:_LOCK_BYTES], signed=True)):
            raise KeyInUse
        row = repository.get(session, wanted.scope, wanted.key_hash)
        if row is None or row.created_at <= self._clock.now() - KEPT:
            return None
        if row.fingerprint != wanted.fingerprint:
            raise KeyReused
        try:
            body = self._vault.open(session, row.person_id, _context(wanted), row.body_sealed)
        except SealBroken:
            raise KeyReused from None
        return KeptAnswer(row.status, body, row.person_id, row.headers)

    def keep(self, session: Session, wanted: Asked, answer: KeptAnswer) -> None:
        """Keep an answer in the transaction that did what was asked."""
        sealed = self._vault.seal(session, answer.person_id, _context(wanted), answer.body)
        row = KeptAnswerRow(
            scope=wanted.scope,
            key_hash=wanted.key_hash,
            fingerprint=wanted.fingerprint,
            status=answer.status,
            headers=dict(answer.headers),
            person_id=answer.person_id,
            body_sealed=sealed,
            created_at=self._clock.now(),
        )
        repository.add(session, row)

    def forget(self, session: Session) -> int:
        """Delete the answers that are older than a day and return how many."""
        return repository.delete_before(session, self._clock.now() - KEPT)


def _context(wanted: Asked) -> str:
    return f"kept_answers.body:{wanted.scope}:{wanted.key_hash}"
