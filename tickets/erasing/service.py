"""Erasing a customer (SE-05): one applies, another approves (SE-04); what they wrote can then be read by nobody."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from kit.audit.schemas import Act
from kit.audit.service import AuditLog
from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Session
from tickets.auditing import AuditAction
from tickets.erasing import repository
from tickets.erasing.errors import (
    CustomerHasOpenTickets,
    ErasureApplied,
    ErasureDecided,
    ErasureNotFound,
    SecondPersonNeeded,
)
from tickets.erasing.models import ConsentRow, ErasureRow
from tickets.erasing.schemas import Erasure, ErasureGround, ErasureState
from tickets.words import TicketStatus

RULE = "system:retention"
_MOST = 200  # applications shown
_AT_ONCE = 50  # customers a run of retention erases; the next run takes the following


class ErasureService:
    """Keeps applications, carries them out, and knows what customers agreed to.

    Args:
        vault: Destroys keys.
        clock: The time.
        audit: Where both persons and the deed are recorded; its chain stays whole, for it seals what was sealed.
        forget_words: Removes a customer's words from the search.
    """

    def __init__(
        self, vault: Vault, clock: Clock, audit: AuditLog, forget_words: Callable[[Session, str], object]
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._audit = audit
        self._forget_words = forget_words

    def apply(self, session: Session, customer_id: str, ground: ErasureGround, actor: str) -> str:
        """Ask for a customer's erasure and return the application's id.

        Raises:
            ErasureNotFound: No such customer.
            ErasureApplied: There is an open application.
            ErasureDecided: The customer is erased.
        """
        if customer_id not in repository.customers(session, [customer_id]):
            raise ErasureNotFound
        if repository.done_for(session, customer_id):
            raise ErasureDecided
        if repository.open_of(session, customer_id) is not None:
            raise ErasureApplied
        row = ErasureRow(
            customer_id=customer_id,
            state=ErasureState.APPLIED,
            ground=ground,
            applied_by=actor,
            applied_at=self._clock.now(),
        )
        repository.add(session, row)
        self._record(session, row, actor, AuditAction.ERASURE_APPLIED)
        return row.id

    def approve(self, session: Session, erasure_id: str, actor: str) -> None:
        """Carry an application out; for good.

        Raises:
            SecondPersonNeeded: The actor applied for it.
            CustomerHasOpenTickets: Somebody still works for the customer.
            ErasureDecided, ErasureNotFound: There is nothing to decide.
        """
        row = self._open(session, erasure_id)
        if row.applied_by == actor:
            raise SecondPersonNeeded
        self._carry_out(session, row, actor)

    def refuse(self, session: Session, erasure_id: str, actor: str) -> None:
        """Put an application aside; who applied may take it back so.

        Raises:
            ErasureDecided, ErasureNotFound: There is nothing to decide.
        """
        row = self._open(session, erasure_id)
        row.state, row.decided_by, row.decided_at = ErasureState.REFUSED, actor, self._clock.now()
        self._record(session, row, actor, AuditAction.ERASURE_REFUSED)

    def applications(self, session: Session) -> Sequence[Erasure]:
        """Return applications, those that wait first."""
        rows = repository.newest(session, _MOST)
        ids = {row.customer_id for row in rows}
        known = repository.customers(session, ids)
        kept = self._vault.preload(session, ids)
        tickets = repository.tickets_of(session, ids)
        return [
            Erasure(
                id=row.id,
                customer_id=row.customer_id,
                customer=self._vault.open(
                    session, row.customer_id, f"customers.name:{row.customer_id}", known[row.customer_id].name_sealed
                )
                if row.customer_id in kept
                else "",
                state=ErasureState(row.state),
                ground=ErasureGround(row.ground),
                tickets=tuple(number for customer, number, _ in tickets if customer == row.customer_id),
                open_tickets=tuple(
                    number
                    for customer, number, status in tickets
                    if customer == row.customer_id and status != TicketStatus.CLOSED
                ),
                applied_by=row.applied_by,
                applied_at=row.applied_at,
                decided_by=row.decided_by,
                decided_at=row.decided_at,
            )
            for row in rows
        ]

    def is_erased(self, session: Session, customer_id: str) -> bool:
        """Tell whether a customer has been erased."""
        return repository.done_for(session, customer_id)

    def note_consent(self, session: Session, conversation_id: str, customer_id: str, edition: str) -> None:
        """Keep that a customer was shown how their data are used when they began to talk (SE-11)."""
        if repository.consent(session, conversation_id) is None:
            row = ConsentRow(
                conversation_id=conversation_id, customer_id=customer_id, edition=edition, at=self._clock.now()
            )
            repository.add(session, row)

    def consent_of(self, session: Session, conversation_id: str) -> tuple[str, datetime] | None:
        """Return which edition of the privacy words a conversation's customer was shown, and when."""
        row = repository.consent(session, conversation_id)
        return (row.edition, row.at) if row is not None else None

    def erase_old(self, session: Session, keep: timedelta) -> int:
        """Erase customers of whom nothing was heard for longer than data are kept; none where ``keep`` is zero.

        The setting is the approval: somebody who may configure the service has decided it for all alike.

        Returns:
            How many.
        """
        if not keep:
            return 0
        found = repository.kept_too_long(session, self._clock.now() - keep, _AT_ONCE)
        for customer_id in found:
            row = repository.open_of(session, customer_id)
            if row is None:
                row = ErasureRow(
                    customer_id=customer_id,
                    state=ErasureState.APPLIED,
                    ground=ErasureGround.RETENTION,
                    applied_by=RULE,
                    applied_at=self._clock.now(),
                )
                repository.add(session, row)
            self._carry_out(session, row, RULE)
        return len(found)

    def _open(self, session: Session, erasure_id: str) -> ErasureRow:
        row = repository.locked(session, erasure_id)
        if row is None:
            raise ErasureNotFound
        if row.state != ErasureState.APPLIED:
            raise ErasureDecided
        return row

    def _carry_out(self, session: Session, row: ErasureRow, actor: str) -> None:
        tickets = repository.tickets_of(session, [row.customer_id])
        unclosed = [number for _, number, status in tickets if status != TicketStatus.CLOSED]
        if unclosed:
            raise CustomerHasOpenTickets(unclosed)
        row.state, row.decided_by, row.decided_at = ErasureState.DONE, actor, self._clock.now()
        self._forget_words(session, row.customer_id)
        repository.blank(session, row.customer_id)
        self._vault.erase(session, row.customer_id)
        self._record(session, row, actor, AuditAction.CUSTOMER_ERASED, tickets=[number for _, number, _ in tickets])

    def _record(self, session: Session, row: ErasureRow, actor: str, action: AuditAction, **more: object) -> None:
        data = {"erasure": row.id, "ground": row.ground, **more}
        self._audit.record(session, Act(actor, action, "customer", row.customer_id, data))
