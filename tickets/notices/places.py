"""Registered places: robots of chat groups, SMS gateways, webhooks; what opens them is sealed and never shown again."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Session
from kit.outbound.targets import check_url
from tickets.notices import repository
from tickets.notices.errors import PlaceKnown, PlaceNameRefused, PlaceNotFound, SecretRequired, WrongChannel
from tickets.notices.models import NoticePlaceRow
from tickets.notices.schemas import POSTED, Channel, Place
from tickets.webhooks.signing import new_secret

_NAME = re.compile(r"[^\W_][\w-]{0,39}")  # in any script: a robot is called what its group is called
_SIGNED = frozenset({Channel.DINGTALK, Channel.FEISHU})


class PlaceService:
    """Keeps places.

    Args:
        vault: Seals addresses and secrets.
        clock: The time.
        private_hosts: Hosts inside our own network that may be places.
    """

    def __init__(self, vault: Vault, clock: Clock, private_hosts: Collection[str] = ()) -> None:
        self._vault = vault
        self._clock = clock
        self._private_hosts = private_hosts

    def add(
        self,
        session: Session,
        name: str,
        channel: Channel,
        url: str,
        *,
        secret: str,
        group_id: str,
        actor: str,
    ) -> tuple[Place, str]:
        """Register a place.

        Returns:
            The place, and the secret that was made for a webhook, which is not shown again; empty for the others.

        Raises:
            PlaceNameRefused, PlaceKnown, WrongChannel, SecretRequired, TargetRefused: Nothing is written.
        """
        name = name.strip()
        if not _NAME.fullmatch(name):
            raise PlaceNameRefused
        if channel not in POSTED | {Channel.SMS}:
            raise WrongChannel(channel, name)
        if repository.place(session, name) is not None:
            raise PlaceKnown(name)
        if channel in _SIGNED and not secret.strip():
            raise SecretRequired
        url = check_url(url, self._private_hosts)
        made = new_secret() if channel is Channel.WEBHOOK else ""
        row = NoticePlaceRow(
            name=name,
            channel=channel,
            group_id=group_id,
            host=(urlsplit(url).hostname or "")[:255],
            url_sealed=self._vault.seal(session, _owner(name), "notice_places.url", url),
            secret_sealed=self._vault.seal(session, _owner(name), "notice_places.secret", made or secret.strip()),
            created_by=actor,
            created_at=self._clock.now(),
        )
        repository.add(session, row)
        return repository.place_view(row), made

    def remove(self, session: Session, name: str) -> None:
        """Forget a place; what is on its way to it fails.

        Raises:
            PlaceNotFound: No such place.
        """
        row = repository.place(session, name)
        if row is None:
            raise PlaceNotFound(name)
        repository.remove_place(session, row)

    @staticmethod
    def places(session: Session) -> list[Place]:
        """Return all places, by name."""
        return [repository.place_view(row) for row in repository.places(session)]

    @staticmethod
    def opened(session: Session, vault: Vault, row: NoticePlaceRow) -> tuple[str, str]:
        """Return a place's address and secret, for sending alone."""
        owner = _owner(row.name)
        url = vault.open(session, owner, "notice_places.url", row.url_sealed)
        return url, vault.open(session, owner, "notice_places.secret", row.secret_sealed)


def _owner(name: str) -> str:
    return f"notice-place:{name}"
