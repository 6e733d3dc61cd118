"""The customer's side: the web chat and the mini-program use the same JSON (CH-01, CH-03)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.policies import CHAT_COOKIE, Anyone, CustomerOf, ServicesOf
from api.problems import language_of_request
from api.stream import events, last_event_id
from api.views import message_view
from tickets.errors import FileTooLarge
from tickets.schemas import IncomingFile, IncomingMessage, Message
from tickets.words import FieldName

router = APIRouter(prefix="/api/chat/conversations", tags=["chat"])
CHANNEL, ACCOUNT = "web", "default"
_COOKIE_SECONDS = 7 * 24 * 3600


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenConversation(_Body):
    """What a client says of itself when it begins."""

    visitor: str = Field(min_length=8, max_length=64, description="A random id that the client keeps.")
    name: str = Field(default="", max_length=60, description="The customer's name, where known.")
    lang: str = Field(default="zh", pattern="^(zh|en)$", description="Language of the page.")
    consent: str = Field(default="", max_length=40, description="Edition of the privacy words that were shown.")


class SendText(_Body):
    """A text message."""

    id: str = Field(min_length=8, max_length=64, description="The client's own id; the same id is one message.")
    text: str = Field(description="What the customer wrote.")


class Confirm(_Body):
    """The confirm card, sent back."""

    case_id: str = Field(max_length=36)
    corrections: dict[FieldName, Annotated[str, Field(max_length=60)]] = Field(default_factory=dict)


class Verify(_Body):
    """Whether it is solved."""

    ticket_number: int
    solved: bool
    reason: str = Field(default="", max_length=1000, description="What is still wrong, in the customer's words.")


@router.post("", status_code=HTTPStatus.CREATED)
def open_conversation(body: OpenConversation, response: Response, services: ServicesOf, _: Anyone) -> dict[str, str]:
    """Begin a conversation; the token opens it, in the Authorization header or the cookie set here."""
    with services.database.transaction() as session:
        conversation_id, token = services.conversations.open(
            session, channel=CHANNEL, account=ACCOUNT, external_user=body.visitor, name=body.name, lang=body.lang
        )
        if body.consent:
            customer_id = services.conversations.get(session, conversation_id).customer_id
            services.desk.erasing.note_consent(session, conversation_id, customer_id, body.consent)
    for path in (router.prefix, "/chat"):  # the interface, and the pages of its forms
        response.set_cookie(
            CHAT_COOKIE,
            token,
            max_age=_COOKIE_SECONDS,
            path=f"{path}/{conversation_id}",
            httponly=True,
            samesite="lax",
            secure=services.settings.web.secure_cookies,
        )
    return {"conversation_id": conversation_id, "token": token}


@router.post("/{conversation_id}/messages", status_code=HTTPStatus.ACCEPTED)
def send_text(body: SendText, conversation_id: CustomerOf, services: ServicesOf) -> dict[str, Any]:
    """Send a text message; 202 is given after it is stored for good."""
    incoming = IncomingMessage(external_id=f"{conversation_id}:{body.id}", text=body.text)
    return _accept(services, conversation_id, incoming)


@router.post("/{conversation_id}/pictures", status_code=HTTPStatus.ACCEPTED)
def send_picture(
    conversation_id: CustomerOf,
    services: ServicesOf,
    file: Annotated[UploadFile, File()],
    id: Annotated[str, Form(min_length=8, max_length=64)],  # noqa: A002 - the field's name on the wire
    text: Annotated[str, Form(max_length=8000)] = "",
) -> dict[str, Any]:
    """Send a picture, with or without words."""
    limit = services.settings.intake.picture_max_bytes
    content = file.file.read(limit + 1)
    if len(content) > limit:
        raise FileTooLarge(limit)
    name, media_type = file.filename or "picture", file.content_type or "application/octet-stream"
    files = (IncomingFile(name, media_type, content),)
    return _accept(services, conversation_id, IncomingMessage(f"{conversation_id}:{id}", text, files))


@router.get("/{conversation_id}/messages")
def list_messages(conversation_id: CustomerOf, services: ServicesOf, after: int = 0) -> dict[str, Any]:
    """Return the messages after a sequence number."""
    with services.database.reading() as session:
        messages = services.conversations.messages(session, conversation_id, after_seq=after)
        conversation = services.conversations.get(session, conversation_id)
        open_ticket = services.tickets.open_number(session, conversation_id)
    waiting = conversation.handler == "bot" and conversation.understood_seq < conversation.customer_seq
    return {
        "messages": [message_view(m) for m in messages],
        "handler": conversation.handler,
        "waiting_for_bot": waiting,
        "lang": conversation.lang,
        "open_ticket": open_ticket,
    }


@router.get("/{conversation_id}/events")
async def stream_messages(
    request: Request, conversation_id: CustomerOf, services: ServicesOf, after: int = 0
) -> StreamingResponse:
    """Stream messages as they come; each event's id is its sequence number."""

    def fetch(seq: int) -> list[tuple[int, dict[str, Any]]]:
        with services.database.reading() as session:
            messages = services.conversations.messages(session, conversation_id, after_seq=seq)
        return [(m.seq, message_view(m)) for m in messages]

    body = events(services.live, conversation_id, last_event_id(request, after), fetch, "message")
    return StreamingResponse(body, media_type="text/event-stream")


@router.post("/{conversation_id}/confirm", status_code=HTTPStatus.CREATED)
def confirm_case(body: Confirm, request: Request, conversation_id: CustomerOf, services: ServicesOf) -> dict[str, Any]:
    """File the case of a confirm card; filing it twice gives the same ticket."""
    with services.database.transaction() as session:
        ticket = services.intake.confirm(session, conversation_id, body.case_id, body.corrections)
    number = ticket.summary.number
    zh = language_of_request(request) == "zh"
    return {"ticket_number": number, "message": f"工单号 T-{number}" if zh else f"Ticket T-{number}"}


@router.post("/{conversation_id}/verify")
def verify(body: Verify, conversation_id: CustomerOf, services: ServicesOf) -> dict[str, Any]:
    """Say whether a resolved ticket is solved: closed where it is, open again where it isn't (LC-13)."""
    with services.database.transaction() as session:
        ticket = services.aftercare.verify(
            session, conversation_id, body.ticket_number, solved=body.solved, reason=body.reason
        )
    return {"ticket_number": ticket.summary.number, "status": ticket.summary.status}


@router.get("/{conversation_id}/attachments/{attachment_id}")
def get_attachment(conversation_id: CustomerOf, attachment_id: str, services: ServicesOf) -> Response:
    """Return a file of this conversation; never as something a browser would run."""
    with services.database.reading() as session:
        attachment, content = services.conversations.attachment(session, conversation_id, attachment_id)
    return file_response(attachment.media_type, content)


def file_response(media_type: str, content: bytes) -> Response:
    """Return bytes as a picture where they are one of the kinds we show, else as a download (A22)."""
    shown = media_type if media_type in {"image/jpeg", "image/png", "image/webp"} else "application/octet-stream"
    disposition = "inline" if shown.startswith("image/") else "attachment"
    headers = {"content-disposition": disposition, "content-security-policy": "default-src 'none'; sandbox"}
    return Response(content, media_type=shown, headers=headers)


def _accept(services: ServicesOf, conversation_id: str, incoming: IncomingMessage) -> dict[str, Any]:
    with services.database.transaction() as session:
        message: Message = services.conversations.receive(session, conversation_id, incoming)
    return {"message_id": message.id, "seq": message.seq}
