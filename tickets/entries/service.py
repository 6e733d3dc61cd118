"""Files what other systems send: with customer, conversation and case, so that it is a ticket like any other."""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from kit.crypto import SealBroken, Vault
from kit.db import Conflict, Session, savepoint
from tickets.cases import CaseService
from tickets.conversations import ConversationService
from tickets.entries import repository
from tickets.entries.errors import CustomerNotFound, ReferenceTaken
from tickets.entries.models import EntryRow
from tickets.entries.schemas import ACCOUNT, CHANNEL, CustomerNotes, Entry, EntryNotes
from tickets.filing import TicketService
from tickets.ledger import Ledger
from tickets.lifecycle.schemas import Doer, Given, Part, TicketAction
from tickets.rights import Sight
from tickets.schemas import IncomingMessage, Ticket, TicketDraft
from tickets.words import CaseStatus, CloseKind

_NONE = EntryNotes()
_NEWEST = 50
_ELSEWHERE = "closed in the system it came from"


class EntryService:
    """Files entries and knows what came with them."""

    def __init__(
        self, ledger: Ledger, conversations: ConversationService, cases: CaseService, tickets: TicketService
    ) -> None:
        self._ledger = ledger
        self._conversations = conversations
        self._cases = cases
        self._tickets = tickets

    def file(self, session: Session, entry: Entry, actor: str) -> tuple[Ticket, bool]:
        """File an entry; one whose reference was filed before is that ticket.

        A category that comes with it is a person's word: the classifier is asked only where none is given.

        Args:
            session: The unit of work.
            entry: What came.
            actor: Who files it.

        Returns:
            The ticket, and whether it is new.

        Raises:
            UnknownLabel: The taxonomy has no such path.
            ReferenceTaken: Another transaction files the same reference right now.
        """
        if entry.reference:
            known = repository.of_reference(session, entry.source, entry.reference)
            if known is not None:
                return self._tickets.get(session, known.ticket_id), False
        conversation_id, _ = self._conversations.open(
            session,
            channel=CHANNEL,
            account=ACCOUNT,
            external_user=entry.customer_ref,
            name=entry.customer_name,
            lang="zh",
        )
        said = IncomingMessage(f"{conversation_id}:filed", entry.description, entry.files, entry.opened_at)
        message = self._conversations.keep(session, conversation_id, said)
        case = self._cases.current(session, conversation_id, first_seq=message.seq)
        draft = TicketDraft(case.id, conversation_id, entry.title, entry.description, entry.facts, entry.priority)
        ticket = self._tickets.file(session, draft, actor)
        self._cases.set_status(session, case.id, CaseStatus.FILED)
        self._write(session, ticket, entry)
        if entry.label:
            self._tickets.set_label(session, ticket.summary.id, entry.label, actor)
        if entry.opened_at or entry.closed_at:
            self._backdate(session, ticket.summary.id, entry, actor)
        return self._tickets.get(session, ticket.summary.id), True

    def known(self, session: Session, source: str, references: Collection[str]) -> set[str]:
        """Return those of a source's references that were filed already."""
        return repository.known(session, source, references)

    def is_quiet(self, session: Session, ticket_id: str, at: datetime) -> bool:
        """Tell whether something happened to a ticket while it was brought from an old system."""
        row = repository.get(session, ticket_id)
        return row is not None and row.quiet_until is not None and at <= row.quiet_until

    def notes(self, session: Session, ticket: Ticket) -> EntryNotes:
        """Return what came with a ticket from elsewhere."""
        row = repository.get(session, ticket.summary.id)
        if row is None:
            return _NONE
        links: tuple[str, ...] = ()
        if row.links_sealed is not None:
            context = _context(row.ticket_id)
            links = tuple(
                json.loads(self._vault.open_kept(session, ticket.customer_id, context, row.links_sealed, erased="[]"))
            )
        customer = repository.customer(session, ticket.customer_id)
        customer_ref = customer.external_id if customer else ""
        return EntryNotes(row.source, row.reference, customer_ref, row.region, row.sku, row.entitlement, links)

    def customer(self, session: Session, customer_id: str, *, personal: bool) -> CustomerNotes:
        """Return a customer.

        Args:
            session: The unit of work.
            customer_id: Which.
            personal: Whether the name may be shown.

        Raises:
            CustomerNotFound: No such customer.
        """
        row = repository.customer(session, customer_id)
        if row is None:
            raise CustomerNotFound
        shown = CustomerNotes(row.id, row.channel, row.external_id if personal else "", row.level, row.created_at)
        if not personal:
            return shown
        try:
            name = self._vault.open(session, row.id, f"customers.name:{row.id}", row.name_sealed)
        except SealBroken:  # erased; the tickets stay
            return shown
        return replace(shown, name=name)

    def tickets_of(self, session: Session, customer_id: str, sight: Sight) -> list[int]:
        """Return the numbers of a customer's newest tickets that somebody sees, newest first."""
        return repository.tickets_of(session, customer_id, sight, _NEWEST)

    def _backdate(self, session: Session, ticket_id: str, entry: Entry, actor: str) -> None:
        """Let a ticket have begun, and perhaps ended, in the other system; it ends by a step of its lifecycle too."""
        row = self._ledger.row(session, ticket_id)
        if entry.opened_at:
            row.created_at = row.clock_origin_at = entry.opened_at
            self._ledger.clocks.open(session, row, self._ledger.clock.now()).settle()
        if entry.closed_at:
            self._ledger.step(row, TicketAction.CANCEL, Doer(actor, Part.AGENT), Given(reason=_ELSEWHERE))
            row.closed_at = row.resolved_at = entry.closed_at
            row.close_kind = CloseKind.SOLVED
        kind = "closed_elsewhere" if entry.closed_at else "opened_elsewhere"
        self._ledger.note(session, row, actor, kind, {})

    @property
    def _vault(self) -> Vault:
        return self._ledger.vault

    def _write(self, session: Session, ticket: Ticket, entry: Entry) -> None:
        ticket_id = ticket.summary.id
        links = json.dumps(entry.links, ensure_ascii=False)
        sealed = self._vault.seal(session, ticket.customer_id, _context(ticket_id), links) if entry.links else None
        row = EntryRow(
            ticket_id=ticket_id,
            source=entry.source,
            reference=entry.reference,
            region=entry.region,
            sku=entry.sku,
            entitlement=entry.entitlement,
            quiet_until=self._ledger.clock.now() if entry.quiet else None,
            links_sealed=sealed,
        )
        self._ledger.row(session, ticket_id).channel = entry.channel
        try:
            with savepoint(session):
                repository.add(session, row)
        except Conflict as error:
            raise ReferenceTaken from error


def _context(ticket_id: str) -> str:
    return f"ticket_entries.links:{ticket_id}"
