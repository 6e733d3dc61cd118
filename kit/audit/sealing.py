"""Sealing: unsealed records, in order, become one link of a hash chain; and the chain computed again.

Writers never wait for each other, as they would where each record held the hash of the one before. A seal comes minutes
later and hashes what it found; a record that commits late is in a later seal.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from kit.audit import repository
from kit.audit.models import AuditRow, SealRow
from kit.audit.schemas import FIRST, GRACE, Break, ChainState, Verification
from kit.clock import Clock
from kit.db import Session

BATCH = 1_000  # records a seal: few enough for one short transaction


class Sealer:
    """Makes seals and verifies them (SE-09)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def seal(self, session: Session, *, batch: int = BATCH) -> int:
        """Take records into a new seal.

        Args:
            session: A writing unit of work.
            batch: Most records to take.

        Returns:
            How many were taken; 0 where nothing waits or another sealer was quicker.
        """
        now = self._clock.now()
        # The last seal first: one that is made between the two reads takes our number, and that is noticed.
        last = repository.last_seal(session)
        rows = repository.unsealed(session, now - GRACE, batch)
        if not rows:
            return 0
        previous, number = (last.hash, last.number + 1) if last else (FIRST, 1)
        seal = SealRow(number=number, previous=previous, hash=digest(previous, rows), records=len(rows), made_at=now)
        return len(rows) if repository.add_seal(session, seal, [row.id for row in rows]) else 0

    def state(self, session: Session) -> ChainState:
        """Return how far the chain reaches, without computing it again."""
        last = repository.last_seal(session)
        sealed, unsealed = repository.counts(session)
        if last is None:
            return ChainState(0, sealed, unsealed, None, FIRST)
        return ChainState(last.number, sealed, unsealed, last.made_at, last.hash)

    def verify(self, session: Session) -> Verification:
        """Compute every seal again over its own records, and stop at the first that does not fit."""
        state = self.state(session)
        previous = FIRST
        for number, seal in enumerate(repository.seals(session), start=1):
            if seal.number != number:
                return Verification(state, number, Break.SEAL_MISSING)
            how = _break_of(seal, previous, repository.of_seal(session, number))
            if how is not None:
                return Verification(state, number, how)
            previous = seal.hash
        stray = repository.stray_seal(session)
        return Verification(state, stray, Break.SEAL_MISSING if stray is not None else None)


def digest(previous: str, rows: Sequence[AuditRow]) -> str:
    """Return the hash of a seal: SHA-256 of the hash before it and the records as canonical JSON."""
    plain = [_plain(row) for row in sorted(rows, key=lambda row: row.id)]
    body = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()


def _break_of(seal: Any, previous: str, rows: Sequence[AuditRow]) -> Break | None:  # noqa: ANN401 - a result row
    if len(rows) != seal.records:
        return Break.MISSING if len(rows) < seal.records else Break.ADDED
    if seal.previous != previous or seal.hash != digest(previous, rows):
        return Break.CHANGED
    return None


def _plain(row: AuditRow) -> list[object]:
    """Return a record's content; what is sealed counts as its ciphertext, so that erasing a key changes nothing."""
    private = row.private_sealed.hex() if row.private_sealed is not None else ""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return [row.id, at, row.actor, row.action, row.subject_kind, row.subject_id, row.data, row.person_id, private]
