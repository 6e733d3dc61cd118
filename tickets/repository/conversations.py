"""SQL of customers, conversations, messages and files."""

import hashlib
from datetime import datetime

from sqlalchemy import func, select, update

from kit.crypto import SealBroken, Vault
from kit.db import Session
from kit.ids import new_id
from tickets.models import AttachmentRow, ConversationRow, CustomerRow, MessageRow, PictureReadingRow
from tickets.schemas import Attachment, Conversation, IncomingFile, Message
from tickets.words import AttachmentId, ConversationId, CustomerId, Handler, MessageId, Role


def token_hash(token: str) -> str:
    """Return what is stored of a secret token: its SHA-256 (tokens are random, so no salt is needed)."""
    return hashlib.sha256(token.encode()).hexdigest()


def ensure_customer(
    session: Session, vault: Vault, *, channel: str, account: str, external_id: str, name: str, now: datetime
) -> CustomerRow:
    """Return the customer of a channel account, made on first sight."""
    row = session.scalar(
        select(CustomerRow).where(
            CustomerRow.channel == channel, CustomerRow.account == account, CustomerRow.external_id == external_id
        )
    )
    if row is not None:
        if name:
            _fill_name(session, vault, row, name)
        return row
    customer_id = new_id()
    sealed = vault.seal(session, customer_id, f"customers.name:{customer_id}", name)
    row = CustomerRow(
        id=customer_id, channel=channel, account=account, external_id=external_id, name_sealed=sealed, created_at=now
    )
    session.add(row)
    session.flush()
    return row


def _fill_name(session: Session, vault: Vault, row: CustomerRow, name: str) -> None:
    """Write the name of somebody who was nameless so far; a known one stays."""
    context = f"customers.name:{row.id}"
    try:
        known = vault.open(session, row.id, context, row.name_sealed)
    except SealBroken:  # erased since
        return
    if not known:
        row.name_sealed = vault.seal(session, row.id, context, name)


def add_conversation(session: Session, customer: CustomerRow, lang: str, token: str, now: datetime) -> ConversationRow:
    """Insert a conversation."""
    row = ConversationRow(
        customer_id=customer.id,
        channel=customer.channel,
        account=customer.account,
        access_hash=token_hash(token) if token else "",
        lang=lang,
        created_at=now,
        last_message_at=now,
    )
    session.add(row)
    session.flush()
    return row


def newest_of_customer(session: Session, customer_id: str) -> ConversationRow | None:
    """Return a customer's newest conversation."""
    return session.scalar(
        select(ConversationRow)
        .where(ConversationRow.customer_id == customer_id)
        .order_by(ConversationRow.id.desc())
        .limit(1)
    )


def newest_of_user(session: Session, channel: str, account: str, external_id: str) -> ConversationRow | None:
    """Return the newest conversation of a channel's user."""
    return session.scalar(
        select(ConversationRow)
        .join(CustomerRow, CustomerRow.id == ConversationRow.customer_id)
        .where(CustomerRow.channel == channel, CustomerRow.account == account, CustomerRow.external_id == external_id)
        .order_by(ConversationRow.id.desc())
        .limit(1)
    )


def get(session: Session, conversation_id: str) -> ConversationRow | None:
    """Return a conversation row."""
    return session.get(ConversationRow, conversation_id)


def lock(session: Session, conversation_id: str) -> ConversationRow | None:
    """Return a conversation row, locked: messages of one conversation are numbered one at a time."""
    return session.scalar(
        select(ConversationRow)
        .where(ConversationRow.id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def find_external(session: Session, channel: str, account: str, external_id: str) -> MessageRow | None:
    """Return the message a platform already delivered under this id."""
    return session.scalar(
        select(MessageRow).where(
            MessageRow.channel == channel, MessageRow.account == account, MessageRow.external_id == external_id
        )
    )


def add_message(
    session: Session,
    vault: Vault,
    conversation: ConversationRow,
    *,
    role: Role,
    author: str,
    text: str,
    external_id: str,
    data: dict[str, object],
    sent_at: datetime,
    now: datetime,
) -> MessageRow:
    """Insert the next message of a locked conversation."""
    conversation.last_seq += 1
    conversation.last_message_at = now
    if role is Role.CUSTOMER:
        conversation.customer_seq = conversation.last_seq
    message_id = new_id()
    row = MessageRow(
        id=message_id,
        conversation_id=conversation.id,
        seq=conversation.last_seq,
        role=role,
        author=author,
        channel=conversation.channel,
        account=conversation.account,
        external_id=external_id or message_id,
        text_sealed=vault.seal(session, conversation.customer_id, f"messages.text:{message_id}", text),
        data=data,
        sent_at=sent_at,
        received_at=now,
    )
    session.add(row)
    session.flush()
    return row


def add_attachment(session: Session, vault: Vault, customer_id: str, message: MessageRow, file: IncomingFile) -> None:
    """Insert a file of a message."""
    attachment_id = new_id()
    context = f"attachments.content:{attachment_id}"
    session.add(
        AttachmentRow(
            id=attachment_id,
            message_id=message.id,
            conversation_id=message.conversation_id,
            file_name=file.file_name[-200:],
            media_type=file.media_type[:80],
            size_bytes=len(file.content),
            content_sealed=vault.seal_bytes(session, customer_id, context, file.content),
        )
    )
    session.flush()


def messages(
    session: Session, vault: Vault, conversation: ConversationRow, after_seq: int, limit: int
) -> list[Message]:
    """Return messages with ``seq > after_seq`` in order, files included, in two queries."""
    rows = session.scalars(
        select(MessageRow)
        .where(MessageRow.conversation_id == conversation.id, MessageRow.seq > after_seq)
        .order_by(MessageRow.seq)
        .limit(limit)
    ).all()
    files: dict[str, list[Attachment]] = {}
    if rows:
        found = session.scalars(
            select(AttachmentRow).where(AttachmentRow.message_id.in_([r.id for r in rows])).order_by(AttachmentRow.id)
        )
        for f in found:
            attachment = Attachment(AttachmentId(f.id), f.file_name, f.media_type, f.size_bytes)
            files.setdefault(f.message_id, []).append(attachment)
    return [_message(session, vault, conversation.customer_id, r, tuple(files.get(r.id, ()))) for r in rows]


def _message(
    session: Session, vault: Vault, customer_id: str, row: MessageRow, attachments: tuple[Attachment, ...]
) -> Message:
    return Message(
        id=MessageId(row.id),
        conversation_id=ConversationId(row.conversation_id),
        seq=row.seq,
        role=Role(row.role),
        author=row.author,
        raw=vault.open_kept(session, customer_id, f"messages.text:{row.id}", row.text_sealed),
        attachments=attachments,
        sent_at=row.sent_at,
        data=row.data,
    )


def attachment(
    session: Session, vault: Vault, conversation: ConversationRow, attachment_id: str
) -> tuple[Attachment, bytes] | None:
    """Return a file of this conversation with its content; ``None`` for any other."""
    row = session.get(AttachmentRow, attachment_id)
    if row is None or row.conversation_id != conversation.id:
        return None
    context = f"attachments.content:{row.id}"
    content = vault.open_bytes(session, conversation.customer_id, context, row.content_sealed)
    return Attachment(AttachmentId(row.id), row.file_name, row.media_type, row.size_bytes), content


def save_reading(
    session: Session, vault: Vault, customer_id: str, attachment_id: str, *, refusal: str, reading: str, now: datetime
) -> None:
    """Keep what was read in a picture, once."""
    if session.get(PictureReadingRow, attachment_id) is not None:
        return
    sealed = vault.seal(session, customer_id, f"picture_readings.reading:{attachment_id}", reading)
    session.add(PictureReadingRow(attachment_id=attachment_id, refusal=refusal, reading_sealed=sealed, created_at=now))
    session.flush()


def readings(session: Session, vault: Vault, conversation: ConversationRow) -> dict[str, tuple[str, str]]:
    """Return attachment id → ``(refusal code, reading as JSON)`` of a conversation's pictures."""
    rows = session.scalars(
        select(PictureReadingRow)
        .join(AttachmentRow, AttachmentRow.id == PictureReadingRow.attachment_id)
        .where(AttachmentRow.conversation_id == conversation.id)
    )
    return {
        row.attachment_id: (
            row.refusal,
            vault.open_kept(
                session,
                conversation.customer_id,
                f"picture_readings.reading:{row.attachment_id}",
                row.reading_sealed,
                erased="{}",
            ),
        )
        for row in rows
    }


def view(session: Session, vault: Vault, row: ConversationRow) -> Conversation:
    """Return a conversation as other packages see it."""
    customer = session.get_one(CustomerRow, row.customer_id)
    return Conversation(
        id=ConversationId(row.id),
        customer_id=CustomerId(row.customer_id),
        customer_name=vault.open_kept(session, customer.id, f"customers.name:{customer.id}", customer.name_sealed),
        channel=row.channel,
        lang=row.lang,
        handler=Handler(row.handler),
        hand_over_reason=row.hand_over_reason,
        last_seq=row.last_seq,
        customer_seq=row.customer_seq,
        understood_seq=row.understood_seq,
        created_at=row.created_at,
        last_message_at=row.last_message_at,
        ended_at=row.ended_at,
    )


def set_values(session: Session, conversation_id: str, **values: object) -> None:
    """Write columns of a conversation."""
    session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(**values))


def tally(session: Session, channel: str, account: str) -> tuple[int, int, int]:
    """Count conversations, messages and distinct external ids of a channel's account."""
    mine = (ConversationRow.channel == channel, ConversationRow.account == account)
    conversations = session.scalar(select(func.count()).select_from(ConversationRow).where(*mine)) or 0
    messages, distinct = session.execute(
        select(func.count(), func.count(MessageRow.external_id.distinct()))
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(*mine)
    ).one()
    return conversations, messages, distinct
