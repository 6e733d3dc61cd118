"""The agent's desk: queue, thread and copilot, rendered on the server; forms swap the part they change."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from api import desk_actions
from api.auditing import note_reading
from api.clocks import queue_clock
from api.desk_view import TicketPage, confidence_word, evidence_kind, route_label, ticket_page
from api.list_params import address_of
from api.list_view import tab_filters
from api.policies import ServicesOf, TalkReader, TicketClaimer, TicketReader, TicketWorker
from api.problems import language_of_request
from api.rendering import page
from api.routes.chat import file_response
from api.stream import signals
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from tickets.auditing import AuditAction
from tickets.lists.schemas import ListQuery
from tickets.notices.service import inbox_key
from tickets.schemas import StaffMember
from tickets.service import QUEUE
from tickets.words import Role

router = APIRouter(prefix="/desk", tags=["desk pages"])
_PAGE = 30
_NUMBERS = 2**31 - 1
_VIEWS = ("open", "mine", "group", "all")


@router.get("")
def desk(
    request: Request, services: ServicesOf, member: TicketReader, view: str = "open", after: str | None = None
) -> Response:
    """Show the desk with its queue, or the queue's next page, and no ticket."""
    with services.database.reading() as session:
        values = _queue(services, session, member, view, after)
    return page(request, "desk.html", shown=None, number=None, error="", **values)


@router.get("/queue")
def queue(
    request: Request,
    services: ServicesOf,
    member: TicketReader,
    view: str = "open",
    after: str | None = None,
    number: int | None = None,
) -> Response:
    """Return the queue alone, or its next page."""
    with services.database.reading() as session:
        values = _queue(services, session, member, view, after)
    return page(request, "parts/queue.html", number=number, **values)


@router.get("/events")
def desk_events(services: ServicesOf, member: TicketReader, number: int | None = None) -> StreamingResponse:
    """Tell the page that the queue, or the talk of the ticket it shows, has changed; it fetches that part again."""
    names = {QUEUE: "queue", inbox_key(member.username): "inbox"}
    if number is not None:
        with services.database.reading() as session:
            ticket_id = services.seen.resolve(session, member, number).summary.id
            names |= dict.fromkeys(services.desk.merging.talks(session, ticket_id), "ticket")
    return StreamingResponse(signals(services.live, names), media_type="text/event-stream")


@router.get("/tickets/{number}")
def show_ticket(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TalkReader,
    view: str = "open",
    other: Annotated[int | None, Query(ge=1, le=_NUMBERS)] = None,
) -> Response:
    """Show the desk with a ticket open, and what merging another one into it would do, where one is named."""
    return _page(request, services, member, number, view=view, other=other)


@router.get("/tickets/{number}/{part}")
def show_part(
    request: Request, number: int, part: Literal["thread", "copilot"], services: ServicesOf, member: TalkReader
) -> Response:
    """Return the thread or the copilot's pane alone, after something was said."""
    with services.database.reading() as session:
        shown = ticket_page(services, session, member, number)
        values = _words(services, session)
    _note_read(services, member, shown)
    return page(request, f"parts/{part}.html", shown=shown, member=member, number=number, **values)


@router.post("/tickets/{number}/reply")
def reply(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    text: Annotated[str, Form(max_length=8000)],
    suggestion_id: Annotated[str, Form(max_length=36)] = "",
    asks: Annotated[bool, Form()] = False,
    talk: Annotated[str, Form(max_length=36)] = "",
) -> Response:
    """Send a reply; where it asks something, the ticket waits for the customer."""

    def act(session: Session) -> None:
        desk_actions.reply(services, session, member, number, text, suggestion_id=suggestion_id, asks=asks, talk=talk)

    return act_on(request, services, member, number, act)


@router.post("/tickets/{number}/claim")
def claim(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketClaimer,
    holder: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Take the ticket from the pool, or from the one who had it when the page was made."""

    def act(session: Session) -> None:
        desk_actions.claim(services, session, member, number, holder=holder or None)

    return act_on(request, services, member, number, act)


@router.post("/tickets/{number}/label")
def label(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    label: Annotated[str, Form(max_length=200)],
) -> Response:
    """Decide the category."""
    path = tuple(label.split("/"))
    return act_on(
        request, services, member, number, lambda s: desk_actions.set_label(services, s, member, number, path)
    )


@router.post("/tickets/{number}/resolve")
def resolve(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    action: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Resolve the ticket."""
    return act_on(
        request, services, member, number, lambda s: desk_actions.resolve(services, s, member, number, action)
    )


@router.post("/tickets/{number}/reject")
def reject(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    suggestion_id: Annotated[str, Form(max_length=36)],
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Put the suggestion aside."""

    def act(session: Session) -> None:
        desk_actions.reject_suggestion(services, session, member, suggestion_id, reason or "-")

    return act_on(request, services, member, number, act)


@router.post("/tickets/{number}/summary")
def confirm_summary(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    summary_id: Annotated[str, Form(max_length=36)],
) -> Response:
    """Confirm the summary as it stands (SU-02)."""

    def act(session: Session) -> None:
        desk_actions.confirm_summary(services, session, member, number, summary_id)

    return act_on(request, services, member, number, act)


@router.post("/check")
def check(
    request: Request, services: ServicesOf, _: TicketWorker, text: Annotated[str, Form(max_length=8000)] = ""
) -> Response:
    """Judge a reply before it is sent (QA rules that need no context)."""
    return page(request, "parts/check.html", findings=services.quality.check_draft(text, Role.AGENT) if text else [])


@router.get("/attachments/{conversation_id}/{attachment_id}")
def attachment(conversation_id: str, attachment_id: str, services: ServicesOf, member: TalkReader) -> Response:
    """Return a customer's file."""
    with services.database.reading() as session:
        services.seen.check_conversation(session, member, conversation_id)
        found, content = services.conversations.attachment(session, conversation_id, attachment_id)
    subject = ("attachment", found.id)
    note_reading(services, member, AuditAction.ATTACHMENT_READ, subject, conversation=conversation_id)
    return file_response(found.media_type, content)


@router.get("/passages/{passage_id:path}")
def passage(request: Request, passage_id: str, services: ServicesOf, _: TicketReader) -> Response:
    """Return a cited passage, as it stood in the version that was cited (KB-04)."""
    with services.database.reading() as session:
        found = services.knowledge.get_passage(session, passage_id)
    return page(request, "parts/passage.html", passage=found)


def act_on(
    request: Request,
    services: Services,
    member: StaffMember,
    number: int,
    act: Callable[[Session], Any],
    *,
    leaves: bool = False,
) -> Response:
    """Do something and show the ticket again; a refusal is shown there too, with nothing changed.

    Args:
        request: The form.
        services: The house.
        member: Who acts.
        number: Of the ticket.
        act: What is done.
        leaves: The ticket may be out of sight afterwards, so it isn't shown at once.
    """
    try:
        with services.database.transaction() as session:
            act(session)
    except JiedaiError as refused:
        return _page(request, services, member, number, error=refused.message(language_of_request(request)))
    if request.headers.get("hx-request") and not leaves:
        return _page(request, services, member, number)
    # A form of a browser without script: a reload of what follows must not do it again.
    return RedirectResponse(f"/desk/tickets/{number}", status_code=HTTPStatus.SEE_OTHER)


def empty_desk(request: Request, services: Services, member: StaffMember, *, error: JiedaiError) -> Response:
    """Show the desk without a ticket, and why there is none."""
    with services.database.reading() as session:
        values = _queue(services, session, member, "open", None)
    words = error.message(language_of_request(request))
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return page(request, "desk.html", shown=None, number=None, error=words, status_code=status, **values)


def _page(
    request: Request,
    services: Services,
    member: StaffMember,
    number: int,
    *,
    view: str = "open",
    error: str = "",
    other: int | None = None,
) -> Response:
    with services.database.reading() as session:
        shown = ticket_page(services, session, member, number, other=other)
        values = _queue(services, session, member, view, None)
    _note_read(services, member, shown)
    template = "parts/work.html" if request.headers.get("hx-request") else "desk.html"
    return page(request, template, shown=shown, number=number, error=error, **values)


def _note_read(services: Services, member: StaffMember, shown: TicketPage) -> None:
    for ticket in (shown.ticket, *shown.joined.tickets):
        note_reading(services, member, AuditAction.TICKET_READ, ("ticket", ticket.summary.id))


def _queue(services: Services, session: Session, member: StaffMember, view: str, after: str | None) -> dict[str, Any]:
    view = view if view in _VIEWS else "open"
    wanted = tab_filters(member)[view]
    query = ListQuery(wanted, cursor=after or "", limit=_PAGE, visible_to=member.sight())
    found = services.desk.lists.page(session, query)
    now = services.clock.now()
    return {
        "view": view,
        "lines": [(line.ticket, queue_clock(line.ticket, now)) for line in found.lines],
        "follow_ups": services.desk.follow_ups.counts(session, [line.ticket.id for line in found.lines]),
        "more": found.after or None,
        "member": member,
        "now": now,
        "pool": services.desk.taking.pool(session, member.username, member.sight()),
        "on_duty": services.desk.profiles.profile(session, member.username).on_duty,
        "saved_views": [(v, address_of(v.state)) for v in services.desk.views.seen_by(session, member)],
        **_words(services, session),
    }


def _words(services: Services, session: Session) -> dict[str, Any]:
    """Return what the templates need to say names and confidences."""
    return {
        "groups": services.staff.groups(session),
        "names": services.staff.names(session),
        "taxonomy": services.shop.taxonomy,
        "word": confidence_word,
        "evidence_kind": evidence_kind,
        "route_label": route_label,
    }
