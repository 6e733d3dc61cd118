"""The desk's forms about who works on a ticket; all of them work without script."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import routing_actions
from api.policies import (
    ServicesOf,
    TalkReader,
    TicketAssigner,
    TicketClaimer,
    TicketDispatcher,
    TicketReader,
    TicketTransferrer,
    TicketWorker,
)
from api.problems import language_of_request
from api.rendering import page
from api.routes.desk_pages import act_on, empty_desk
from api.routes.routing import TaskId
from api.routing_actions import target
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from tickets.errors import TicketNotFound
from tickets.routing.errors import SubTaskIncomplete
from tickets.routing.schemas import Standing
from tickets.routing.sharing import NewSubTask
from tickets.schemas import StaffMember
from tickets.service import WORKING_ZONE

router = APIRouter(prefix="/desk", tags=["routing pages"])
_Words = Annotated[str, Form(max_length=4000)]
_To = Annotated[str, Form(max_length=120)]
_Day = Annotated[str, Form(max_length=10, pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
_Instant = Annotated[str, Form(max_length=16)]


@router.post("/next")
def take_next(request: Request, services: ServicesOf, member: TicketClaimer) -> Response:
    """Take the most urgent ticket that fits, and show it."""
    try:
        with services.database.transaction() as session:
            ticket = routing_actions.take_next(services, session, member)
    except JiedaiError as refused:
        return empty_desk(request, services, member, error=refused)
    return RedirectResponse(f"/desk/tickets/{ticket.summary.number}?view=mine", status_code=HTTPStatus.SEE_OTHER)


@router.post("/presence")
def set_presence(services: ServicesOf, member: TicketClaimer, on_duty: Annotated[bool, Form()]) -> Response:
    """Go on or off duty."""
    with services.database.transaction() as session:
        services.desk.profiles.set_presence(session, member.username, member.username, on_duty=on_duty)
    return RedirectResponse("/desk", status_code=HTTPStatus.SEE_OTHER)


@router.get("/tasks")
def tasks(request: Request, services: ServicesOf, member: TicketReader) -> Response:
    """Show what is asked of oneself or the own group."""
    return _tasks(request, services, member)


@router.post("/tasks/{number}/{task_id}")
def answer_task(
    request: Request,
    number: int,
    task_id: TaskId,
    services: ServicesOf,
    member: TicketReader,
    done: Annotated[bool, Form()],
    words: _Words = "",
) -> Response:
    """Answer a sub-task from one's list."""
    try:
        with services.database.transaction() as session:
            routing_actions.answer(services, session, member, number, task_id=task_id, words=words, done=done)
    except JiedaiError as refused:
        return _tasks(request, services, member, error=refused)
    return RedirectResponse("/desk/tasks", status_code=HTTPStatus.SEE_OTHER)


@router.post("/tickets/{number}/transfer")
def transfer(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketTransferrer,
    to: _To = "",
    words: _Words = "",
) -> Response:
    """Hand the ticket over; who no longer sees it goes back to the queue."""

    def act(session: Session) -> None:
        group, person = target(to)
        routing_actions.transfer(services, session, member, number, group=group, person=person, words=words)

    answer = act_on(request, services, member, number, act, leaves=True)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        return answer
    try:
        with services.database.reading() as session:
            services.seen.by_number(session, member, number)
    except TicketNotFound:
        return RedirectResponse("/desk", status_code=HTTPStatus.SEE_OTHER)
    return answer


@router.post("/tickets/{number}/assign")
def assign(request: Request, number: int, services: ServicesOf, member: TicketAssigner, to: _To = "") -> Response:
    """Give the ticket to somebody."""

    def act(session: Session) -> None:
        routing_actions.assign(services, session, member, number, person=target(to)[1])

    return act_on(request, services, member, number, act)


@router.post("/tickets/{number}/reserve")
def reserve(request: Request, number: int, services: ServicesOf, member: TicketAssigner, to: _To = "") -> Response:
    """Keep the ticket for somebody, as long as the book says."""

    def act(session: Session) -> None:
        routing_actions.reserve(services, session, member, number, person=target(to)[1], until=None)

    return act_on(request, services, member, number, act)


@router.post("/tickets/{number}/share")
def share(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketTransferrer,
    group: Annotated[str, Form(max_length=40)] = "",
    ends: Annotated[bool, Form()] = False,
) -> Response:
    """Let a group take part, or end its part."""
    change = routing_actions.unshare if ends else routing_actions.share
    return act_on(request, services, member, number, lambda s: change(services, s, member, number, group))


@router.post("/tickets/{number}/ask")
def ask(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketWorker,
    to: _To = "",
    due_at: _Instant = "",
    words: _Words = "",
) -> Response:
    """Ask a group or a person for something by a time."""
    return _ask(request, services, member, number, (to, due_at, words, False))


@router.post("/tickets/{number}/dispatch")
def dispatch(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketDispatcher,
    to: _To = "",
    due_at: _Instant = "",
    words: _Words = "",
) -> Response:
    """Send somebody there by a time."""
    return _ask(request, services, member, number, (to, due_at, words, True))


@router.post("/tickets/{number}/tasks/{task_id}")
def answer(
    request: Request,
    number: int,
    task_id: TaskId,
    services: ServicesOf,
    member: TalkReader,
    done: Annotated[bool, Form()],
    words: _Words = "",
) -> Response:
    """Answer what oneself or the own group was asked for."""

    def act(session: Session) -> None:
        routing_actions.answer(services, session, member, number, task_id=task_id, words=words, done=done)

    return act_on(request, services, member, number, act)


@router.post("/tickets/{number}/customer")
def know_customer(
    request: Request,
    number: int,
    services: ServicesOf,
    member: TicketAssigner,
    level: Annotated[str, Form(max_length=40)] = "",
    region: Annotated[str, Form(max_length=40)] = "",
    manager: Annotated[str, Form(max_length=64)] = "",
    renews_on: _Day = "",
    warranty_ends_on: _Day = "",
) -> Response:
    """Write what routing knows of the customer."""

    def act(session: Session) -> None:
        known = Standing(level, region, manager, _day(renews_on), _day(warranty_ends_on))
        routing_actions.know_customer(services, session, member, number, known)

    return act_on(request, services, member, number, act)


def _ask(
    request: Request, services: Services, member: StaffMember, number: int, form: tuple[str, str, str, bool]
) -> Response:
    to, due_at, words, visit = form

    def act(session: Session) -> None:
        group, person = target(to)
        new = NewSubTask(words, _instant(due_at), group, person, visit=visit)
        routing_actions.ask(services, session, member, number, new)

    return act_on(request, services, member, number, act)


def _instant(text: str) -> datetime:
    """Read what a date-and-time field gives, on the shop's clock."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=WORKING_ZONE)
    except ValueError:
        raise SubTaskIncomplete("due_at") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _tasks(request: Request, services: Services, member: StaffMember, *, error: JiedaiError | None = None) -> Response:
    with services.database.reading() as session:
        found = services.desk.sharing.asked_of(session, member)
        names, groups = services.staff.names(session), services.staff.groups(session)
    words = error.message(language_of_request(request)) if error else ""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    now = services.clock.now()
    return page(
        request,
        "tasks.html",
        member=member,
        tasks=found,
        names=names,
        groups=groups,
        now=now,
        error=words,
        status_code=status,
    )
