"""Several changes of one ticket at once: all of them or none, each by the verb that knows its rules."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api import desk_actions
from api.bulk import UnknownPerson
from api.entering import Line, fact_of
from api.policies import RoleRequired
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from tickets.rights import Right
from tickets.schemas import StaffMember, Ticket
from tickets.words import FieldName, Priority


class NothingToChange(JiedaiError):
    """A change that changes nothing."""

    code = "nothing_to_change"

    def __init__(self) -> None:
        super().__init__("没有要修改的内容", "There is nothing to change")


class Change(BaseModel):
    """What to change of a ticket; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    title: Line | None = Field(default=None, min_length=1, max_length=120)
    priority: Priority | None = Field(default=None, description="Asks for `reason`; the clocks are computed anew.")
    label: list[Annotated[str, Field(max_length=80)]] | None = Field(
        default=None, min_length=1, max_length=3, description="Ids of type, cause and detail."
    )
    group: str | None = Field(default=None, max_length=40, description="Hands it over; asks for `reason`.")
    assignee: str | None = Field(default=None, max_length=64, description="A user name.")
    fields: dict[FieldName, Annotated[Line, Field(min_length=1, max_length=200)]] | None = Field(
        default=None, description="Facts, corrected."
    )
    reason: str = Field(default="", max_length=500, description="Why, where a change asks for it.")


def change(services: Services, session: Session, member: StaffMember, ticket: Ticket, wanted: Change) -> None:
    """Change a ticket in the caller's transaction.

    Raises:
        NothingToChange: Nothing is given.
        RoleRequired: Handing over or assigning without the right.
        UnknownPerson: Nobody of that name works here.
        TitleEmpty, ReasonMissing, UnknownLabel, GroupNotFound, TicketArchived: As the verbs say.
    """
    if not wanted.model_dump(exclude_none=True, exclude={"reason"}):
        raise NothingToChange
    ticket_id, actor, amend = ticket.summary.id, member.username, services.desk.amend
    if wanted.title is not None:
        amend.set_title(session, ticket_id, wanted.title, actor)
    if wanted.fields:
        facts = [(name, *fact_of(services, name, value)) for name, value in wanted.fields.items()]
        amend.set_facts(session, ticket_id, facts, actor)
    if wanted.priority is not None:
        amend.set_priority(session, ticket_id, wanted.priority, actor, reason=wanted.reason)
    if wanted.label is not None:
        services.tickets.set_label(session, ticket_id, tuple(wanted.label), actor)
    if wanted.group is not None:
        _require(member, Right.TRANSFER)
        amend.set_group(session, ticket_id, wanted.group, actor, reason=wanted.reason)
    if wanted.assignee is not None:
        _assign(services, session, member, ticket_id, wanted.assignee)


def _assign(services: Services, session: Session, member: StaffMember, ticket_id: str, username: str) -> None:
    own = username == member.username
    _require(member, Right.CLAIM if own else Right.ASSIGN)
    if username not in {person.username for person in services.staff.members(session)}:
        raise UnknownPerson
    services.work.assign(session, ticket_id, username, desk_actions.doer(member))


def _require(member: StaffMember, right: Right) -> None:
    if not member.may(right):
        raise RoleRequired
