"""Who works on a ticket, as the desk shows it: how it came there, who takes part, what was asked of whom."""

from dataclasses import dataclass

from api.clocks import Clock, clock_of
from api.wiring import Services
from kit.db import Session
from tickets.rights import Right
from tickets.routing.schemas import Participant, RouteState, Standing, SubTask
from tickets.schemas import Ticket


@dataclass(frozen=True, slots=True)
class ShownTeam:
    """Everything about who works on a ticket.

    Attributes:
        route: How it came to where it is; ``None``: nothing has sent it anywhere.
        taking_part: Groups that work on it beside.
        tasks: What was asked, each with how its time stands.
        standing: What routing knows of the customer.
        workers: (user name, name) of those who may be given tickets.
        colleagues: The same of all active staff.
    """

    route: RouteState | None
    taking_part: tuple[Participant, ...]
    tasks: tuple[tuple[SubTask, Clock], ...]
    standing: Standing
    workers: tuple[tuple[str, str], ...]
    colleagues: tuple[tuple[str, str], ...]


def team_of(services: Services, session: Session, ticket: Ticket) -> ShownTeam:
    """Gather who works on a ticket."""
    desk, now, ticket_id = services.desk, services.clock.now(), ticket.summary.id
    tasks = desk.sharing.tasks(session, ticket_id)
    staff = services.staff.members(session)
    return ShownTeam(
        route=desk.routing.state(session, ticket_id),
        taking_part=tuple(desk.sharing.participants(session, ticket_id)),
        tasks=tuple((task, clock_of(task.due_at, task.done_at, now)) for task in tasks),
        standing=desk.profiles.standing(session, ticket.customer_id),
        workers=tuple((person.username, person.name) for person in staff if person.may(Right.WORK)),
        colleagues=tuple((person.username, person.name) for person in staff),
    )
