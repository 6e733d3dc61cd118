"""Somebody's inbox, and how notices reach this person."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.policies import OwnAccount, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.ids import ID_PATTERN
from tickets.notices.inbox import staff_owner
from tickets.notices.schemas import ALWAYS_TOLD, BY_ADDRESS, Channel, NoticeEvent
from tickets.schemas import StaffMember

router = APIRouter(prefix="/inbox", tags=["inbox"])
_PAGE = 30
_SWITCHES = (Channel.INBOX, Channel.MAIL, Channel.SMS)
_Address = Annotated[str, Form(max_length=300)]
_Id = Annotated[str, Form(pattern=rf"^$|{ID_PATTERN}")]


@router.get("")
def inbox(
    request: Request,
    services: ServicesOf,
    member: OwnAccount,
    before: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
) -> Response:
    """Show what one was told of, newest first."""
    return _page(request, services, member, before=before)


@router.get("/count")
def count(request: Request, services: ServicesOf, member: OwnAccount) -> Response:
    """Return how much is unread, for the header."""
    with services.database.reading() as session:
        unread = services.desk.notices.inbox.unread(session, member.username)
    return page(request, "parts/inbox_count.html", unread=unread)


@router.post("/read")
def read(request: Request, services: ServicesOf, member: OwnAccount, notice: _Id = "") -> Response:
    """Mark one notice as read, or all."""
    inbox = services.desk.notices.inbox
    return _act(request, services, member, lambda s: inbox.mark_read(s, member.username, notice or None))


@router.post("/addresses")
def addresses(
    request: Request, services: ServicesOf, member: OwnAccount, mail: _Address = "", sms: _Address = ""
) -> Response:
    """Keep where one reads outside the house; empty: nowhere."""

    def act(session: Session) -> None:
        for channel, address in ((Channel.MAIL, mail), (Channel.SMS, sms)):
            services.desk.notices.inbox.set_address(session, staff_owner(member.username), channel, address)

    return _act(request, services, member, act)


@router.post("/switches")
def switches(
    request: Request,
    services: ServicesOf,
    member: OwnAccount,
    told: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006 - read, never changed
) -> Response:
    """Keep what one wants to be told of; everything that is not ticked is switched off."""
    wanted = set(told)
    events = [event for event, _ in _switchable(services)]
    muted = {(e, c) for e in events for c in _SWITCHES if f"{e}:{c}" not in wanted}
    inbox = services.desk.notices.inbox
    return _act(request, services, member, lambda s: inbox.mute(s, member.username, muted))


def _switchable(services: Services) -> list[tuple[NoticeEvent, frozenset[Channel]]]:
    """Return what staff may switch off: event → the channels that the book tells it over."""
    with services.database.reading() as session:
        book = services.desk.notices.told.book(session)
    found: dict[NoticeEvent, set[Channel]] = {}
    for template in book.templates:
        if template.on and template.audience != "customer" and template.channel in _SWITCHES:
            found.setdefault(template.event, set()).add(template.channel)
    return [(event, frozenset(channels)) for event, channels in found.items() if event not in ALWAYS_TOLD]


def _act(request: Request, services: Services, member: StaffMember, act: Callable[[Session], None]) -> Response:
    try:
        with services.database.transaction() as session:
            act(session)
    except JiedaiError as refused:
        return _page(request, services, member, error=refused)
    return RedirectResponse("/inbox", status_code=HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    services: Services,
    member: StaffMember,
    *,
    before: str | None = None,
    error: JiedaiError | None = None,
) -> Response:
    box = services.desk.notices.inbox
    with services.database.reading() as session:
        lines = box.lines(session, member.username, _PAGE + 1, before)
        values = {
            "unread": box.unread(session, member.username),
            "addresses": box.addresses(session, staff_owner(member.username)),
            "mutes": box.mutes(session, member.username),
        }
    return page(
        request,
        "inbox.html",
        member=member,
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        lines=lines[:_PAGE],
        more=lines[_PAGE - 1].id if len(lines) > _PAGE else None,
        switchable=_switchable(services),
        switches=_SWITCHES,
        by_address=sorted(BY_ADDRESS),
        error=error.message(language_of_request(request)) if error else "",
        **values,
    )
