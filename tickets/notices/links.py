"""Addresses that notices carry: a customer's page of one ticket, opened by its own token, and staff's desk."""

import base64
import secrets
from uuid import UUID

from kit.crypto import Vault

_MAC_BYTES = 16
_HEX = 32


class Links:
    """Makes and reads links; a token is the subject's id and a keyed hash of it, so nothing has to be stored.

    Args:
        vault: Its secret makes the tokens; nobody else can.
        base: Where customers reach this installation, e.g. ``https://service.example``.
    """

    def __init__(self, vault: Vault, base: str) -> None:
        self._vault = vault
        self._base = base.rstrip("/")

    def progress(self, ticket_id: str) -> str:
        """Return the address of a ticket's page for its customer."""
        return f"{self._base}/progress/{self.token('progress', ticket_id)}"

    def survey(self, survey_id: str) -> str:
        """Return the address where a survey is answered without signing in."""
        return f"{self._base}/csat/{self.token('csat', survey_id)}"

    def desk(self, number: int) -> str:
        """Return the address of a ticket on the desk."""
        return f"{self._base}/desk/tickets/{number}"

    def token(self, purpose: str, subject_id: str) -> str:
        """Return the token of a subject."""
        mac = self._vault.keyed_hash(f"link:{purpose}", subject_id.encode())[:_MAC_BYTES]
        return UUID(subject_id).hex + base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def subject(self, purpose: str, token: str) -> str | None:
        """Return whose token it is; ``None``: nobody's, or it was made for something else."""
        try:
            subject_id = str(UUID(token[:_HEX]))
        except ValueError:
            return None
        fits = secrets.compare_digest(token.encode(), self.token(purpose, subject_id).encode())
        return subject_id if fits else None
