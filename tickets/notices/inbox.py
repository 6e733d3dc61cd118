"""A member of staff's inbox, and how notices reach this person: addresses, and what they don't want to hear of."""

import re
from collections.abc import Collection
from email.errors import HeaderParseError
from email.headerregistry import Address

from kit.clock import Clock
from kit.crypto import SealBroken, Vault
from kit.db import Session
from tickets.notices import repository
from tickets.notices.delivery import address_context
from tickets.notices.errors import AddressRefused, AlwaysTold, WrongChannel
from tickets.notices.models import NoticeRow
from tickets.notices.readers import owner_of
from tickets.notices.schemas import ALWAYS_TOLD, BY_ADDRESS, Channel, InboxLine, NoticeEvent, NoticeText
from tickets.notices.sealing import Envelope

_PHONE = re.compile(r"\+?[0-9]{5,15}")
_LONGEST = 254  # RFC 5321
_GONE = NoticeText("", "–")


class InboxService:
    """Keeps inboxes and addresses.

    Args:
        vault: Opens words, seals addresses.
        clock: The time.
    """

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._envelope = Envelope(vault)

    def lines(self, session: Session, username: str, limit: int, before: str | None = None) -> list[InboxLine]:
        """Return a page of somebody's inbox, newest first."""
        rows = repository.inbox(session, username, limit, before)
        self._vault.preload(session, {row.customer_id for row in rows})
        return [self._line(session, row) for row in rows]

    @staticmethod
    def unread(session: Session, username: str) -> int:
        """Count what somebody has not read."""
        return repository.unread(session, username)

    def mark_read(self, session: Session, username: str, notice_id: str | None = None) -> None:
        """Mark one notice as read, or all of somebody's."""
        repository.mark_read(session, username, self._clock.now(), notice_id)

    def set_address(self, session: Session, owner: str, channel: Channel, address: str) -> None:
        """Keep where a customer (by id) or a member of staff (``owner_of``) reads; empty: forget it.

        Raises:
            AddressRefused: No mail address, no phone number.
            WrongChannel: The channel needs no address.
        """
        if channel not in BY_ADDRESS:
            raise WrongChannel(channel, owner)
        address = address.strip()
        if not address:
            repository.set_address(session, owner, channel, None)
            return
        good = _is_mail(address) if channel is Channel.MAIL else _PHONE.fullmatch(address) is not None
        if not good:
            raise AddressRefused(channel)
        sealed = self._vault.seal(session, owner, address_context(channel), address)
        repository.set_address(session, owner, channel, sealed)

    def addresses(self, session: Session, owner: str) -> dict[Channel, str]:
        """Return where somebody reads."""
        found = repository.addresses(session, [owner])
        return {
            Channel(channel): self._vault.open(session, owner, address_context(channel), sealed)
            for (_, channel), sealed in found.items()
        }

    @staticmethod
    def mutes(session: Session, username: str) -> set[tuple[NoticeEvent, Channel]]:
        """Return what somebody has switched off."""
        return {(NoticeEvent(e), Channel(c)) for _, e, c in repository.mutes(session, [username])}

    @staticmethod
    def mute(session: Session, username: str, muted: Collection[tuple[NoticeEvent, Channel]]) -> None:
        """Replace what somebody has switched off.

        Raises:
            AlwaysTold: Escalations are among them (NT-10).
        """
        if any(event in ALWAYS_TOLD for event, _ in muted):
            raise AlwaysTold
        repository.set_mutes(session, username, muted)

    def _line(self, session: Session, row: NoticeRow) -> InboxLine:
        try:
            zh, en = self._envelope.open(session, row.customer_id, row.id, row.words_sealed)
        except SealBroken:  # the customer was erased, and the words with them
            zh, en = _GONE, _GONE
        event = NoticeEvent(row.event)
        return InboxLine(row.id, event, row.ticket_number, zh, en, row.created_at, row.read_at)


def staff_owner(username: str) -> str:
    """Return whose key seals a member of staff's addresses."""
    return owner_of(username)


def _is_mail(address: str) -> bool:
    try:
        parsed = Address(addr_spec=address)
    except (HeaderParseError, ValueError, IndexError):
        return False
    return len(address) <= _LONGEST and address.isascii() and "." in parsed.domain and bool(parsed.username)
