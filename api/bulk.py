"""One action on many tickets: each in a transaction of its own, so that one refusal holds nobody else up."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from api import desk_actions
from api.policies import RoleRequired
from api.wiring import Services
from kit.db import Session
from kit.errors import ErrorKind, JiedaiError
from tickets.errors import TicketNotFound
from tickets.rights import Right
from tickets.schemas import StaffMember
from tickets.service import Given, TicketAction
from tickets.words import Priority, TicketStatus

MAX_ITEMS = 200


class BulkAction(StrEnum):
    """What can be done to many tickets at once."""

    CLAIM = "claim"
    ASSIGN = "assign"
    LABEL = "label"
    RESOLVE = "resolve"
    PRIORITY = "priority"
    CLOSE = "close"


_RIGHTS = {
    BulkAction.CLAIM: Right.CLAIM,
    BulkAction.ASSIGN: Right.ASSIGN,
    BulkAction.LABEL: Right.WORK,
    BulkAction.RESOLVE: Right.WORK,
    BulkAction.PRIORITY: Right.WORK,
    BulkAction.CLOSE: Right.WORK,
}
_VALUED = {BulkAction.ASSIGN, BulkAction.LABEL, BulkAction.PRIORITY}


class NothingChosen(JiedaiError):
    """No ticket was ticked."""

    code = "nothing_chosen"

    def __init__(self) -> None:
        super().__init__("请先勾选工单", "Tick some tickets first", field="number")


class TooManyChosen(JiedaiError):
    """More tickets than one action takes."""

    kind = ErrorKind.TOO_LARGE
    code = "too_many_chosen"

    def __init__(self) -> None:
        super().__init__(f"一次最多处理 {MAX_ITEMS} 个工单", f"At most {MAX_ITEMS} tickets at a time", field="number")


class ValueRequired(JiedaiError):
    """The action needs to know whom, which category or which priority."""

    code = "value_required"

    def __init__(self) -> None:
        super().__init__("请选择处理人、分类或优先级", "Choose a person, a category or a priority", field="value")


class UnknownPerson(JiedaiError):
    """Nobody of that name works here."""

    code = "unknown_person"

    def __init__(self) -> None:
        super().__init__("没有这位同事", "Nobody of that name works here", field="value")


class UnknownPriority(JiedaiError):
    """No such priority."""

    code = "unknown_priority"

    def __init__(self) -> None:
        super().__init__("优先级只能是 P1 到 P4", "A priority is P1 to P4", field="value")


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one ticket; ``refused`` is empty where it was done."""

    number: int
    refused: JiedaiError | None = None


def act_on_many(
    services: Services,
    member: StaffMember,
    action: BulkAction,
    numbers: Collection[int],
    value: str = "",
    *,
    reason: str = "",
) -> Sequence[ItemResult]:
    """Do one thing to many tickets.

    Args:
        services: The house.
        member: Who does it.
        action: What.
        numbers: On which tickets; one that is named twice is touched once.
        value: To whom (assign), which label path (label), which priority, or what was done (resolve).
        reason: Why (priority; closing what is not resolved).

    Returns:
        A result a ticket, in the order of the numbers.

    Raises:
        NothingChosen: No ticket.
        TooManyChosen: More than 200.
        ValueRequired: Assign, label or priority without a value.
        UnknownPriority: None of P1 to P4.
        UnknownPerson: Assign to nobody.
        RoleRequired: The role does not allow this action.
    """
    chosen = sorted(set(numbers))
    if not chosen:
        raise NothingChosen
    if len(chosen) > MAX_ITEMS:
        raise TooManyChosen
    act = _act(services, member, action, value.strip(), reason=reason.strip()[:500])
    with services.database.reading() as session:
        ids = services.desk.lists.visible(session, chosen, member.sight())
    return [_one(services, number, ids.get(number), act) for number in chosen]


_Act = Callable[[Session, int, str], object]


def _act(services: Services, member: StaffMember, action: BulkAction, value: str, *, reason: str) -> _Act:
    if not member.may(_RIGHTS[action]):
        raise RoleRequired
    if action in _VALUED and not value:
        raise ValueRequired
    if action is BulkAction.ASSIGN:
        with services.database.reading() as session:
            if value not in {person.username for person in services.staff.members(session)}:
                raise UnknownPerson
        giver = desk_actions.doer(member)
        return lambda session, _, ticket_id: services.desk.routing.assign_person(session, ticket_id, value, giver)
    if action is BulkAction.LABEL:
        path = tuple(value.split("/"))
        return lambda session, number, _: desk_actions.set_label(services, session, member, number, path)
    if action is BulkAction.RESOLVE:
        return lambda session, number, _: desk_actions.resolve(services, session, member, number, value[:500])
    if action is BulkAction.PRIORITY:
        return _to_priority(services, member, value, reason)
    if action is BulkAction.CLOSE:
        return lambda session, number, _: _close(services, session, member, number, reason)
    return lambda session, number, _: desk_actions.claim(services, session, member, number)


def _to_priority(services: Services, member: StaffMember, value: str, reason: str) -> _Act:
    if value not in set(Priority):
        raise UnknownPriority
    priority, amend = Priority(value), services.desk.amend
    return lambda session, _, ticket_id: amend.set_priority(
        session, ticket_id, priority, member.username, reason=reason
    )


def _close(services: Services, session: Session, member: StaffMember, number: int, reason: str) -> None:
    """Close what is resolved; call off what is not, which asks for a reason."""
    ticket = services.seen.by_number(session, member, number)
    resolved = ticket.summary.status is TicketStatus.RESOLVED
    action = TicketAction.CLOSE if resolved else TicketAction.CANCEL
    desk_actions.step(services, session, member, number, action, given=Given(reason=reason))


def _one(services: Services, number: int, ticket_id: str | None, act: _Act) -> ItemResult:
    try:
        if ticket_id is None:
            raise TicketNotFound
        with services.database.transaction() as session:
            act(session, number, ticket_id)
    except JiedaiError as refused:
        return ItemResult(number, refused)
    return ItemResult(number)
