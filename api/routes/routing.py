"""Who works on a ticket, as JSON: the pool, transfers, reservations, groups that take part, sub-tasks, presence."""

from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import routing_actions
from api.policies import (
    ServicesOf,
    TicketAssigner,
    TicketClaimer,
    TicketDispatcher,
    TicketReader,
    TicketTransferrer,
    TicketWorker,
)
from api.views import ticket_view
from kit.ids import ID_PATTERN
from tickets.routing.sharing import NewSubTask

router = APIRouter(prefix="/api/desk", tags=["routing"])
TaskId = Annotated[str, Path(pattern=ID_PATTERN)]
_Group = Annotated[str, Path(max_length=40)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Presence(_Body):
    """Whether one is at work."""

    on_duty: bool


class Transfer(_Body):
    """Handing a ticket over: to a group or to a person."""

    group: str = Field(default="", max_length=40)
    person: str = Field(default="", max_length=64)
    words: str = Field(max_length=4000, description="Why, and what was done so far; kept as a note.")


class Assign(_Body):
    """Giving a ticket to somebody."""

    person: str = Field(max_length=64)
    reason: str = Field(default="", max_length=300)


class Reserve(_Body):
    """Keeping a ticket for somebody."""

    person: str = Field(max_length=64)
    until: AwareDatetime | None = Field(default=None, description="null: as long as the routing book says.")


class Share(_Body):
    """A group that is to take part."""

    group: str = Field(max_length=40)


class AskFor(_Body):
    """A sub-task for a group or a person."""

    ask: str = Field(max_length=4000)
    due_at: AwareDatetime
    group: str = Field(default="", max_length=40)
    person: str = Field(default="", max_length=64)


class Answer(_Body):
    """What came of a sub-task."""

    words: str = Field(max_length=4000)
    done: bool = True


@router.get("/pool")
def pool(services: ServicesOf, member: TicketReader) -> dict[str, Any]:
    """Return how many tickets wait in the own group's pool, since when, and how many one has (RT-14)."""
    with services.database.reading() as session:
        return asdict(services.desk.taking.pool(session, member.username, member.sight()))


@router.post("/next")
def take_next(services: ServicesOf, member: TicketClaimer) -> dict[str, Any]:
    """Take the most urgent ticket that fits; 404 where nothing does."""
    with services.database.transaction() as session:
        return ticket_view(routing_actions.take_next(services, session, member))


@router.post("/presence")
def set_presence(body: Presence, services: ServicesOf, member: TicketClaimer) -> dict[str, bool]:
    """Go on or off duty."""
    with services.database.transaction() as session:
        services.desk.profiles.set_presence(session, member.username, member.username, on_duty=body.on_duty)
    return {"on_duty": body.on_duty}


@router.post("/tickets/{number}/transfer")
def transfer(number: int, body: Transfer, services: ServicesOf, member: TicketTransferrer) -> dict[str, Any]:
    """Hand the ticket over."""
    with services.database.transaction() as session:
        ticket = routing_actions.transfer(
            services, session, member, number, group=body.group, person=body.person, words=body.words
        )
    return ticket_view(ticket)


@router.post("/tickets/{number}/assign")
def assign(number: int, body: Assign, services: ServicesOf, member: TicketAssigner) -> dict[str, Any]:
    """Give the ticket to somebody."""
    with services.database.transaction() as session:
        return ticket_view(
            routing_actions.assign(services, session, member, number, person=body.person, reason=body.reason)
        )


@router.post("/tickets/{number}/reserve")
def reserve(number: int, body: Reserve, services: ServicesOf, member: TicketAssigner) -> dict[str, Any]:
    """Keep the ticket for somebody."""
    with services.database.transaction() as session:
        return ticket_view(
            routing_actions.reserve(services, session, member, number, person=body.person, until=body.until)
        )


@router.post("/tickets/{number}/groups", status_code=HTTPStatus.CREATED)
def share(number: int, body: Share, services: ServicesOf, member: TicketTransferrer) -> dict[str, Any]:
    """Let a group take part."""
    with services.database.transaction() as session:
        routing_actions.share(services, session, member, number, body.group)
        ticket = services.seen.by_number(session, member, number)
        taking_part = services.desk.sharing.participants(session, ticket.summary.id)
    return {"groups": [asdict(part) for part in taking_part]}


@router.post("/tickets/{number}/groups/{group_id}/end", status_code=HTTPStatus.NO_CONTENT)
def unshare(number: int, group_id: _Group, services: ServicesOf, member: TicketTransferrer) -> None:
    """Let a group's part end."""
    with services.database.transaction() as session:
        routing_actions.unshare(services, session, member, number, group_id)


@router.get("/subtasks")
def asked_of_me(services: ServicesOf, member: TicketReader) -> dict[str, Any]:
    """Return what is asked of oneself or the own group, the first due first."""
    with services.database.reading() as session:
        found = services.desk.sharing.asked_of(session, member)
    return {"subtasks": [{"ticket": number, **asdict(task)} for number, task in found]}


@router.get("/tickets/{number}/subtasks")
def list_subtasks(number: int, services: ServicesOf, member: TicketReader) -> dict[str, Any]:
    """Return a ticket's sub-tasks."""
    with services.database.reading() as session:
        ticket = services.seen.by_number(session, member, number)
        return {"subtasks": [asdict(task) for task in services.desk.sharing.tasks(session, ticket.summary.id)]}


@router.post("/tickets/{number}/subtasks", status_code=HTTPStatus.CREATED)
def ask(number: int, body: AskFor, services: ServicesOf, member: TicketWorker) -> dict[str, str]:
    """Ask a group or a person for something by a time."""
    return _ask(services, member, number, body, visit=False)


@router.post("/tickets/{number}/dispatch", status_code=HTTPStatus.CREATED)
def dispatch(number: int, body: AskFor, services: ServicesOf, member: TicketDispatcher) -> dict[str, str]:
    """Send somebody there by a time."""
    return _ask(services, member, number, body, visit=True)


@router.post("/tickets/{number}/subtasks/{task_id}")
def answer(number: int, task_id: TaskId, body: Answer, services: ServicesOf, member: TicketReader) -> dict[str, str]:
    """Answer what oneself or the own group was asked for."""
    with services.database.transaction() as session:
        routing_actions.answer(services, session, member, number, task_id=task_id, words=body.words, done=body.done)
    return {"status": "done" if body.done else "declined"}


def _ask(services: ServicesOf, member: TicketReader, number: int, body: AskFor, *, visit: bool) -> dict[str, str]:
    due: datetime = body.due_at
    new = NewSubTask(body.ask, due, body.group.strip(), body.person.strip(), visit=visit)
    with services.database.transaction() as session:
        return {"id": routing_actions.ask(services, session, member, number, new)}
