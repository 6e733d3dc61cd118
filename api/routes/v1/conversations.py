"""Conversations and customers, as far as the caller sees one of their tickets."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.auditing import note_reading
from api.policies import ServicesOf, TalkReader, TicketReader
from api.routes.v1 import shapes
from api.routes.v1.answering import PROBLEMS, IfNoneMatch, shown
from api.routes.v1.shaping import message_shape
from api.routes.v1.work import After
from kit.ids import ID_PATTERN
from tickets.auditing import AuditAction
from tickets.entries.errors import CustomerNotFound
from tickets.rights import Right

router = APIRouter(prefix="/api/v1", tags=["conversations"], responses=PROBLEMS)
ConversationPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of a conversation.")]
CustomerPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of a customer.")]
_MASKED = "***"


@router.get("/conversations/{conversation_id}", response_model=shapes.ConversationShape)
def get_conversation(
    conversation_id: ConversationPath, services: ServicesOf, member: TicketReader, if_none_match: IfNoneMatch = None
) -> Response:
    """Read how a talk stands and which tickets came of it."""
    with services.database.reading() as session:
        services.seen.check_conversation(session, member, conversation_id)
        talk = services.conversations.get(session, conversation_id)
        numbers = [t.summary.number for t in services.tickets.of_conversation(session, conversation_id)]
        seen = services.desk.lists.visible(session, numbers, member.sight())
    shape = shapes.ConversationShape(
        id=talk.id,
        customer_id=talk.customer_id,
        channel=talk.channel,
        lang=talk.lang,
        handler=talk.handler,
        messages=talk.last_seq,
        tickets=sorted(seen),
        created_at=talk.created_at,
        last_message_at=talk.last_message_at,
        ended_at=talk.ended_at,
    )
    return shown(shape, if_none_match)


@router.get("/conversations/{conversation_id}/messages", response_model=shapes.MessagesShape)
def list_turns(
    conversation_id: ConversationPath, services: ServicesOf, member: TalkReader, after: After = 0
) -> Response:
    """Read a talk, in order."""
    with services.database.reading() as session:
        services.seen.check_conversation(session, member, conversation_id)
        messages = services.conversations.messages(session, conversation_id, after_seq=after)
    note_reading(services, member, AuditAction.CONVERSATION_READ, ("conversation", conversation_id))
    return shown(shapes.MessagesShape(items=[message_shape(m) for m in messages]))


@router.get("/customers/{customer_id}", response_model=shapes.CustomerShape)
def get_customer(
    customer_id: CustomerPath, services: ServicesOf, member: TicketReader, if_none_match: IfNoneMatch = None
) -> Response:
    """Read a customer with the newest tickets; masked without the right to read personal data."""
    personal = member.may(Right.READ_PERSONAL_DATA)
    with services.database.reading() as session:
        customer = services.desk.entries.customer(session, customer_id, personal=personal)
        numbers = services.desk.entries.tickets_of(session, customer_id, member.sight())
    if not numbers and not member.sight().everything:
        raise CustomerNotFound
    if personal:
        note_reading(services, member, AuditAction.CUSTOMER_READ, ("customer", customer_id))
    shape = shapes.CustomerShape(
        id=customer.id,
        channel=customer.channel,
        external_id=customer.external_id if personal else _MASKED,
        name=customer.name if personal else _MASKED,
        level=customer.level,
        created_at=customer.created_at,
        tickets=numbers,
    )
    return shown(shape, if_none_match)
