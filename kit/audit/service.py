"""Recording and reading the audit."""

import json
from collections.abc import Sequence
from datetime import timedelta

from kit.audit import repository
from kit.audit.models import AuditRow
from kit.audit.schemas import Act, AuditQuery, AuditRecord
from kit.clock import Clock
from kit.crypto import SealBroken, Vault
from kit.db import Session
from kit.ids import new_id
from kit.text import displayable

_ACTOR_CHARS, _SUBJECT_CHARS = 80, 120


class AuditLog:
    """Writes and shows records (SE-07, SE-09).

    Args:
        vault: Seals what a person wrote.
        clock: The time.
    """

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def record(self, session: Session, act: Act) -> None:
        """Write a record in the transaction of what it is about: both are there, or neither is."""
        record_id, private = new_id(), act.private
        sealed = (
            self._vault.seal(session, private.person_id, _context(record_id), _json(private.data))
            if private and private.data
            else None
        )
        row = AuditRow(
            id=record_id,
            at=self._clock.now(),
            actor=displayable(act.actor)[:_ACTOR_CHARS],
            action=act.action,
            subject_kind=act.subject_kind,
            subject_id=displayable(act.subject_id)[:_SUBJECT_CHARS],
            data=json.loads(_json(act.data)),  # as it will be read again: the seal hashes what the database holds
            person_id=private.person_id if private and sealed else "",
            private_sealed=sealed,
        )
        repository.add(session, row)

    def recorded_within(self, session: Session, act: Act, length: timedelta) -> bool:
        """Tell whether the same actor did the same to the same subject a short while ago."""
        found = repository.newest(session, act.actor, act.action, act.subject_id)
        return found is not None and found.at > self._clock.now() - length

    def page(
        self, session: Session, query: AuditQuery, limit: int, *, with_private: bool = True
    ) -> Sequence[AuditRecord]:
        """Return records, newest first, in two queries whatever their number.

        Args:
            session: The unit of work.
            query: Which ones.
            limit: How many.
            with_private: Open what is sealed with people's keys.
        """
        rows = repository.page(session, query, limit)
        if with_private:
            self._vault.prepare(session, {row.person_id for row in rows if row.person_id})
        return [self._view(session, row, with_private=with_private) for row in rows]

    def _view(self, session: Session, row: AuditRow, *, with_private: bool) -> AuditRecord:
        private, erased = None, False
        if with_private and row.private_sealed is not None:
            try:
                private = json.loads(self._vault.open(session, row.person_id, _context(row.id), row.private_sealed))
            except SealBroken:  # the person was erased; the record stays
                erased = True
        return AuditRecord(
            id=row.id,
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            data=row.data,
            seal=row.seal,
            private=private,
            erased=erased,
        )


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, default=str)


def _context(record_id: str) -> str:
    return f"audit_records.private:{record_id}"
