"""The screen of notices: templates with a preview, hours, places, and what was sent; it works without script."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import notice_editing as editing
from api.auditing import note
from api.policies import RuleKeeper, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.ids import ID_PATTERN
from tickets.auditing import AuditAction
from tickets.notices.errors import NoAddress
from tickets.notices.schemas import PASSIVE, POSTED, Audience, Channel, NoticeEvent, NoticeState
from tickets.notices.wording import VARIABLES
from tickets.schemas import StaffMember
from tickets.words import TicketStatus

router = APIRouter(prefix="/admin/notices", tags=["notice pages"])
_HOME = "/admin/notices"
_PAGE = 30
_Key = Annotated[str, Form(max_length=120)]
_Version = Annotated[int, Form(ge=0)]
_Words = Annotated[str, Form(max_length=2000)]
_Short = Annotated[str, Form(max_length=40)]
_Clock = Annotated[str, Form(max_length=10)]
_NoticeId = Annotated[str, Form(pattern=ID_PATTERN)]


@dataclass(frozen=True, slots=True)
class TypedTemplate:
    """A template as the form has it; whether it is one, the book says."""

    event: _Short = ""
    audience: _Short = ""
    channel: _Short = ""
    target: _Short = ""
    on: Annotated[bool, Form()] = False
    statuses: Annotated[list[str], Form(max_length=20)] = ()  # type: ignore[assignment]  # read, never changed
    zh_subject: _Words = ""
    zh_body: _Words = ""
    en_subject: _Words = ""
    en_body: _Words = ""

    def raw(self) -> dict[str, Any]:
        """Return it as the book writes it."""
        return {
            "event": self.event,
            "audience": self.audience,
            "channel": self.channel,
            "target": self.target,
            "on": self.on,
            "statuses": list(self.statuses),
            "zh": {"subject": self.zh_subject, "body": self.zh_body},
            "en": {"subject": self.en_subject, "body": self.en_body},
        }


@dataclass(frozen=True, slots=True)
class TypedHours:
    """Quiet hours as the form has them, a pair an audience; a browser sends what is empty too."""

    customer_start: _Clock = ""
    customer_end: _Clock = ""
    owner_start: _Clock = ""
    owner_end: _Clock = ""
    lead_start: _Clock = ""
    lead_end: _Clock = ""
    supervisor_start: _Clock = ""
    supervisor_end: _Clock = ""
    group_start: _Clock = ""
    group_end: _Clock = ""
    zone: Annotated[str, Form(max_length=60)] = "Asia/Shanghai"

    def raw(self) -> list[dict[str, str]]:
        """Return them as the book writes them; an audience without any time has none."""
        found = []
        for audience in Audience:
            times = {edge: getattr(self, f"{audience}_{edge}") for edge in ("start", "end")}
            given = {edge: at for edge, at in times.items() if at}
            if given:
                found.append({"audience": str(audience), "zone": self.zone, **given})
        return found


_Typed = Annotated[TypedTemplate, Depends()]
_Hours = Annotated[TypedHours, Depends()]


@router.get("")
def notices(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    edit: Annotated[str, Query(max_length=120)] = "",
    state: NoticeState | None = None,
    before: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
) -> Response:
    """Show the templates, one of them to be changed where named, and what was sent."""
    return _page(request, services, member, edit=edit, state=state, before=before)


@router.post("/template")
def save_template(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    typed: _Typed,
    key: _Key = "",
    base_version: _Version = 0,
    number: Annotated[int, Form(ge=0)] = 0,
    what: Annotated[str, Form(pattern="^(save|preview|test|remove)$")] = "save",
) -> Response:
    """Save a template, show how it reads for a real ticket, send it to oneself, or take it out."""
    shown: dict[str, Any] = {"edit": key, "typed": typed.raw(), "number": number}

    def act(session: Session) -> None:
        if what == "remove":
            editing.remove_template(services, session, key, base_version=base_version, actor=member.username)
        elif what == "save":
            editing.save_template(services, session, typed.raw(), key, base_version=base_version, actor=member.username)
        else:
            _try(services, session, member, typed, number, send=what == "test", shown=shown)

    stay = what in {"preview", "test"}
    return _act(request, services, member, act, shown=shown, stay=stay, to="templates")


@router.post("/general")
def save_general(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    hours: _Hours,
    base_version: _Version = 0,
    urgent: Annotated[list[str], Form(max_length=60)] = [],  # noqa: B006 - read, never changed
    survey_on: Annotated[bool, Form()] = False,
    survey_days: Annotated[int, Form()] = 7,
    survey_low: Annotated[int, Form()] = 2,
) -> Response:
    """Save quiet hours, what is urgent, and the survey."""
    raw = {
        "quiet": hours.raw(),
        "urgent": urgent,
        "survey": {"on": survey_on, "days": survey_days, "low": survey_low},
    }

    def act(session: Session) -> None:
        editing.save_general(services, session, raw, base_version=base_version, actor=member.username)

    return _act(request, services, member, act, to="general")


@router.post("/places")
def add_place(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    name: _Short = "",
    channel: Annotated[Channel, Form()] = Channel.WECOM,
    url: Annotated[str, Form(max_length=600)] = "",
    secret: Annotated[str, Form(max_length=200)] = "",
    group: _Short = "",
) -> Response:
    """Register a robot, a gateway or a webhook; a webhook's secret is shown once."""
    shown: dict[str, Any] = {}

    def act(session: Session) -> None:
        place, made = services.desk.notices.places.add(
            session, name, channel, url, secret=secret, group_id=group, actor=member.username
        )
        note(services, session, member, AuditAction.NOTICE_PLACE_ADDED, ("place", place.name), channel=str(channel))
        shown["secret"] = made

    answer = _act(request, services, member, act, to="places")
    return _page(request, services, member, **shown) if shown.get("secret") else answer


@router.post("/places/remove")
def remove_place(request: Request, services: ServicesOf, member: RuleKeeper, name: _Short = "") -> Response:
    """Forget a place."""

    def act(session: Session) -> None:
        services.desk.notices.places.remove(session, name)
        note(services, session, member, AuditAction.NOTICE_PLACE_REMOVED, ("place", name))

    return _act(request, services, member, act, to="places")


@router.post("/resend")
def resend(request: Request, services: ServicesOf, member: RuleKeeper, notice: _NoticeId) -> Response:
    """Send a notice again."""

    def act(session: Session) -> None:
        services.desk.notices.delivery.resend(session, notice, member.username)
        note(services, session, member, AuditAction.NOTICE_RESENT, ("notice", notice))

    return _act(request, services, member, act, to="sent")


@router.post("/confirm")
def confirm(request: Request, services: ServicesOf, member: RuleKeeper, notice: _NoticeId) -> Response:
    """Record that a notice of unclear fate did arrive."""

    def act(session: Session) -> None:
        services.desk.notices.delivery.confirm(session, notice, member.username)
        note(services, session, member, AuditAction.NOTICE_CONFIRMED, ("notice", notice))

    return _act(request, services, member, act, to="sent")


def _try(
    services: Services,
    session: Session,
    member: StaffMember,
    typed: TypedTemplate,
    number: int,
    *,
    send: bool,
    shown: dict[str, Any],
) -> None:
    """Fill a template for a ticket that this person sees, and send it to this person where asked for."""
    template = editing.parsed(typed.raw())
    ticket = services.seen.by_number(session, member, number).summary
    told = services.desk.notices.told
    shown["preview"] = told.shown(session, template, ticket.id)
    if send:
        if not told.test(session, template, ticket.id, member.username):
            raise NoAddress
        note(services, session, member, AuditAction.NOTICE_TESTED, ("ticket", ticket.id), template=template.key)
        shown["sent_test"] = True


def _act(
    request: Request,
    services: Services,
    member: StaffMember,
    act: Callable[[Session], None],
    *,
    to: str,
    shown: dict[str, Any] | None = None,
    stay: bool = False,
) -> Response:
    try:
        with services.database.transaction() as session:
            act(session)
    except JiedaiError as refused:
        return _page(request, services, member, error=refused, **(shown or {}))
    if stay:
        return _page(request, services, member, **(shown or {}))
    return RedirectResponse(f"{_HOME}#{to}", status_code=HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    services: Services,
    member: StaffMember,
    *,
    edit: str = "",
    typed: dict[str, Any] | None = None,
    state: NoticeState | None = None,
    before: str | None = None,
    error: JiedaiError | None = None,
    **shown: Any,  # noqa: ANN401 - whatever the template shows beside
) -> Response:
    rooms = services.desk.notices
    with services.database.reading() as session:
        edition = editing.edition(services, session)
        sent = rooms.delivery.page(session, {state} if state else set(NoticeState), _PAGE + 1, before)
        values = {"places": rooms.places.places(session), "groups": services.staff.groups(session)}
    if edit and typed is None:
        typed = editing.template_of(edition.body, edit).model_dump(mode="json")
    lang = language_of_request(request)
    problem = [error.message(lang)] if error else []
    if error and error.issues:
        problem = [
            f"{editing.place_of(issue.field)} {issue.reason_zh if lang == 'zh' else issue.reason_en}".strip()
            for issue in error.issues
        ]
    return page(
        request,
        "admin_notices.html",
        member=member,
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        **{
            "book": edition.body,
            "version": edition.version,
            "edit": edit,
            "typed": typed,
            "sent": sent[:_PAGE],
            "more": sent[_PAGE - 1].id if len(sent) > _PAGE else None,
            "state": state,
            "states": list(NoticeState),
            "events": list(NoticeEvent),
            "audiences": list(Audience),
            "channels": list(Channel),
            "statuses": list(TicketStatus),
            "place_channels": sorted(POSTED | {Channel.SMS}),
            "passive": PASSIVE,
            "variables": VARIABLES,
            "errors": problem,
            "secret": "",
            "preview": None,
            "sent_test": False,
            "number": 0,
            **values,
            **shown,
        },
    )
