"""How the words of a notice are kept: sealed with the customer's key, for they may name the customer."""

import json
from collections.abc import Sequence

from kit.crypto import Vault
from kit.db import Session
from tickets.notices.schemas import NoticeText


class Envelope:
    """Seals and opens a notice's words in both languages."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, session: Session, customer_id: str, notice_id: str, texts: Sequence[NoticeText]) -> bytes:
        """Seal the Chinese and the English words."""
        words = json.dumps([[text.subject, text.body] for text in texts], ensure_ascii=False)
        return self._vault.seal(session, customer_id, f"notices.words:{notice_id}", words)

    def open(self, session: Session, customer_id: str, notice_id: str, sealed: bytes) -> tuple[NoticeText, NoticeText]:
        """Return the Chinese and the English words.

        Raises:
            SealBroken: The customer was erased.
        """
        zh, en = json.loads(self._vault.open(session, customer_id, f"notices.words:{notice_id}", sealed))
        return NoticeText(*zh), NoticeText(*en)
