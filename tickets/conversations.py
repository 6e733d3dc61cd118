"""Conversations: who talks, what was said, in which order, and nothing twice."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime

from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Session, after_commit
from kit.events import Publisher
from kit.live import LiveSignal
from kit.text import is_blank
from tickets.errors import AttachmentNotFound, ConversationNotFound, EmptyMessage, MessageTooLong
from tickets.events import AgentReplied, ConversationEnded, MessageReceived
from tickets.models import ConversationRow, MessageRow
from tickets.repository import conversations as repository
from tickets.schemas import Attachment, Conversation, IncomingMessage, Message
from tickets.words import ConversationId, Handler, Role

BOT_NAME = "售后助手"
_ALL = 1_000_000


class ConversationService:
    """Stores and reads conversations.

    Args:
        vault: Seals what people say.
        clock: The time.
        publisher: Where facts are stated.
        live: Wakes the streams that show a conversation.
        max_message_chars: Longest text accepted.
    """

    def __init__(
        self, vault: Vault, clock: Clock, publisher: Publisher, live: LiveSignal, *, max_message_chars: int
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._publisher = publisher
        self._live = live
        self._max_message_chars = max_message_chars

    def open(
        self, session: Session, *, channel: str, account: str, external_user: str, name: str, lang: str
    ) -> tuple[ConversationId, str]:
        """Begin a conversation.

        Returns:
            Its id and the secret token that opens it to the customer's browser; only the token's hash is kept.
        """
        now = self._clock.now()
        token = secrets.token_urlsafe(32)
        customer = repository.ensure_customer(
            session, self._vault, channel=channel, account=account, external_id=external_user, name=name, now=now
        )
        row = repository.add_conversation(session, customer, lang, token, now)
        return ConversationId(row.id), token

    def ensure(
        self, session: Session, *, channel: str, account: str, external_user: str, name: str, lang: str
    ) -> ConversationId:
        """Return the newest conversation of a channel's user, begun where there is none (replay, platforms)."""
        now = self._clock.now()
        customer = repository.ensure_customer(
            session, self._vault, channel=channel, account=account, external_id=external_user, name=name, now=now
        )
        row = repository.newest_of_customer(session, customer.id)
        if row is None:
            row = repository.add_conversation(session, customer, lang, "", now)
        return ConversationId(row.id)

    def find(self, session: Session, *, channel: str, account: str, external_user: str) -> ConversationId | None:
        """Return the newest conversation of a channel's user, or ``None``."""
        row = repository.newest_of_user(session, channel, account, external_user)
        return ConversationId(row.id) if row is not None else None

    def authorise(self, session: Session, conversation_id: str, token: str) -> None:
        """Check a customer's token.

        Raises:
            ConversationNotFound: Wrong token or no such conversation; the two look the same from outside.
        """
        row = repository.get(session, conversation_id)
        expected = row.access_hash if row is not None else ""
        if not expected or not secrets.compare_digest(expected, repository.token_hash(token)):
            raise ConversationNotFound

    def receive(self, session: Session, conversation_id: str, incoming: IncomingMessage) -> Message:
        """Store a customer's message and state that it came; the same external id twice is one message.

        Raises:
            EmptyMessage: Nothing readable and no file.
            MessageTooLong: Above the limit.
            ConversationNotFound: No such conversation.
        """
        if not incoming.files and is_blank(incoming.text):
            raise EmptyMessage
        if len(incoming.text) > self._max_message_chars:
            raise MessageTooLong(self._max_message_chars)
        row = self._locked(session, conversation_id)
        known = repository.find_external(session, row.channel, row.account, incoming.external_id)
        if known is not None:
            if known.conversation_id != row.id:
                raise ConversationNotFound
            return self._one(session, row, known.seq)
        message = self._store(session, row, incoming)
        row.ended_at = None
        self._publisher.publish(session, MessageReceived(row.id, row.id, has_files=bool(incoming.files)))
        self._signal(session, row.id)
        return self._one(session, row, message.seq)

    def keep(self, session: Session, conversation_id: str, incoming: IncomingMessage) -> Message:
        """Store what a customer said elsewhere, for people to go on from: the bot neither reads nor answers it.

        Raises:
            ConversationNotFound: No such conversation.
        """
        row = self._locked(session, conversation_id)
        message = self._store(session, row, incoming)
        row.handler, row.hand_over_reason = Handler.AGENT, row.hand_over_reason or "filed_elsewhere"
        row.understood_seq = row.customer_seq
        self._signal(session, row.id)
        return self._one(session, row, message.seq)

    def say(
        self,
        session: Session,
        conversation_id: str,
        role: Role,
        text: str,
        *,
        author: str = BOT_NAME,
        data: Mapping[str, object] | None = None,
        external_id: str = "",
        sent_at: datetime | None = None,
    ) -> Message:
        """Store what the bot, a person of staff or the system says to the customer.

        A person's first sentence takes the conversation over: the bot is silent from then on.
        """
        row = self._locked(session, conversation_id)
        if external_id:
            known = repository.find_external(session, row.channel, row.account, external_id)
            if known is not None:
                return self._one(session, row, known.seq)
        if role is Role.AGENT and (is_blank(text) or len(text) > self._max_message_chars):
            raise EmptyMessage if is_blank(text) else MessageTooLong(self._max_message_chars)
        now = self._clock.now()
        message = repository.add_message(
            session,
            self._vault,
            row,
            role=role,
            author=author,
            text=text,
            external_id=external_id,
            data=dict(data or {}),
            sent_at=sent_at or now,
            now=now,
        )
        if role is Role.AGENT:
            row.handler = Handler.AGENT
            self._publisher.publish(session, AgentReplied(row.id, serial_key=row.id))
        self._signal(session, row.id)
        return self._one(session, row, message.seq)

    def hand_over(self, session: Session, conversation_id: str, reason: str) -> None:
        """Give the conversation to people; ``reason`` is a typed word such as ``customer_asked``."""
        row = self._locked(session, conversation_id)
        row.handler = Handler.AGENT
        row.hand_over_reason = row.hand_over_reason or reason
        self._signal(session, row.id)

    def mark_understood(self, session: Session, conversation_id: str, customer_seq: int) -> bool:
        """Record how far the bot has understood; ``False`` where a newer customer message has come meanwhile."""
        row = self._locked(session, conversation_id)
        if row.customer_seq != customer_seq:
            return False
        row.understood_seq = customer_seq
        return True

    def end(self, session: Session, conversation_id: str) -> None:
        """Note that the talk is over for now, and state it; a new message opens it again."""
        row = self._locked(session, conversation_id)
        if row.ended_at is None:
            row.ended_at = self._clock.now()
            self._publisher.publish(session, ConversationEnded(row.id, serial_key=row.id))

    def set_language(self, session: Session, conversation_id: str, lang: str) -> None:
        """Follow the customer's language."""
        repository.set_values(session, conversation_id, lang=lang)

    def get(self, session: Session, conversation_id: str) -> Conversation:
        """Return a conversation.

        Raises:
            ConversationNotFound: No such conversation.
        """
        return repository.view(session, self._vault, self._row(session, conversation_id))

    def messages(self, session: Session, conversation_id: str, *, after_seq: int = 0) -> list[Message]:
        """Return the messages after a sequence number, in order."""
        row = self._row(session, conversation_id)
        return repository.messages(session, self._vault, row, after_seq, _ALL)

    def tally(self, session: Session, *, channel: str, account: str) -> tuple[int, int, int]:
        """Count what is stored of a channel's account: conversations, messages, distinct external message ids."""
        return repository.tally(session, channel, account)

    def attachment(self, session: Session, conversation_id: str, attachment_id: str) -> tuple[Attachment, bytes]:
        """Return a file of this conversation.

        Raises:
            AttachmentNotFound: Not of this conversation.
        """
        found = repository.attachment(session, self._vault, self._row(session, conversation_id), attachment_id)
        if found is None:
            raise AttachmentNotFound
        return found

    def save_reading(
        self, session: Session, conversation_id: str, attachment_id: str, *, refusal: str, reading: str
    ) -> None:
        """Keep what was read in a picture (JSON text), or the code of why it was refused."""
        row = self._row(session, conversation_id)
        now = self._clock.now()
        repository.save_reading(
            session, self._vault, row.customer_id, attachment_id, refusal=refusal, reading=reading, now=now
        )

    def readings(self, session: Session, conversation_id: str) -> dict[str, tuple[str, int, int]]:
        """Return attachment id → (refusal code, width, height in pixels) of every picture of a conversation."""
        row = self._row(session, conversation_id)
        found = repository.readings(session, self._vault, row)
        sizes = {key: (refusal, json.loads(text)) for key, (refusal, text) in found.items()}
        return {key: (refusal, read.get("width", 0), read.get("height", 0)) for key, (refusal, read) in sizes.items()}

    def _store(self, session: Session, row: ConversationRow, incoming: IncomingMessage) -> MessageRow:
        now = self._clock.now()
        message = repository.add_message(
            session,
            self._vault,
            row,
            role=Role.CUSTOMER,
            author="",
            text=incoming.text,
            external_id=incoming.external_id,
            data={},
            sent_at=incoming.sent_at or now,
            now=now,
        )
        for file in incoming.files:
            repository.add_attachment(session, self._vault, row.customer_id, message, file)
        return message

    def _row(self, session: Session, conversation_id: str) -> ConversationRow:
        row = repository.get(session, conversation_id)
        if row is None:
            raise ConversationNotFound
        return row

    def _locked(self, session: Session, conversation_id: str) -> ConversationRow:
        row = repository.lock(session, conversation_id)
        if row is None:
            raise ConversationNotFound
        return row

    def _one(self, session: Session, row: ConversationRow, seq: int) -> Message:
        return repository.messages(session, self._vault, row, seq - 1, 1)[0]

    def _signal(self, session: Session, conversation_id: str) -> None:
        after_commit(session, lambda: self._live.publish(conversation_id))
