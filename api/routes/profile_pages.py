"""What routing knows of people: skills, room, newcomers and mentors, presence; and which rule would win."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.policies import RuleKeeper, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.routes.people import Username
from api.wiring import Services
from kit.errors import JiedaiError
from tickets.routing.schemas import Facts, Profile, Trial
from tickets.schemas import StaffMember
from tickets.words import LabelPath, Priority

router = APIRouter(prefix="/admin/profiles", tags=["profile pages"])
_Words = Annotated[str, Form(max_length=2000)]
_Number = Annotated[str, Form(max_length=4, pattern=r"^\d*$")]
_SEPARATORS = str.maketrans({"、": ",", "，": ",", "\n": ","})


@dataclass(frozen=True, slots=True)
class _Asked:
    """Facts of a ticket that does not exist, as somebody typed them."""

    label: str = ""
    line: str = ""
    customer_level: str = ""
    priority: Priority = Priority.P3
    urgent: bool = False


@router.get("")
def profiles(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    label: Annotated[str | None, Query(max_length=200)] = None,
    line: Annotated[str, Query(max_length=40)] = "",
    customer_level: Annotated[str, Query(max_length=40)] = "",
    priority: Priority = Priority.P3,
    *,
    urgent: bool = False,
) -> Response:
    """Show everybody who is given work; where a category is asked about, which rule would win and who would get it."""
    asked = _Asked(label, line, customer_level, priority, urgent) if label is not None else None
    return _page(request, services, member, asked)


@router.post("/{username}")
def change(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    username: Username,
    line: Annotated[list[str], Form(max_length=40)] = [],  # noqa: B006 - read, never changed
    issues: _Words = "",
    regions: _Words = "",
    level: Annotated[int, Form(ge=1, le=3)] = 2,
    capacity: _Number = "",
    handle_minutes: _Number = "",
    mentor: Annotated[str, Form(max_length=64)] = "",
    *,
    newcomer: Annotated[bool, Form()] = False,
    on_duty: Annotated[bool, Form()] = False,
) -> Response:
    """Change what somebody is given."""
    wanted = Profile(
        username=username,
        lines=tuple(line),
        regions=_parts(regions),
        issues=tuple(_path(part) for part in _parts(issues)),
        level=level,
        capacity=int(capacity) if capacity else None,
        on_duty=on_duty,
        newcomer=newcomer,
        mentor=mentor,
        handle_minutes=int(handle_minutes) if handle_minutes else None,
    )
    try:
        with services.database.transaction() as session:
            services.desk.profiles.save(session, wanted, member.username)
    except JiedaiError as refused:
        return _page(request, services, member, None, typed=wanted, error=refused)
    return RedirectResponse(f"/admin/profiles#of-{username}", status_code=HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    services: Services,
    member: StaffMember,
    asked: _Asked | None,
    *,
    typed: Profile | None = None,
    error: JiedaiError | None = None,
) -> Response:
    with services.database.reading() as session:
        people = [person for person in services.people.people(session) if person.active]
        known = services.desk.profiles.profiles(session)
        trial: Trial | None = None
        if asked is not None:
            facts = Facts(
                label=_path(asked.label),
                line=asked.line,
                customer_level=asked.customer_level,
                priority=asked.priority,
                urgent=asked.urgent,
            )
            trial = services.desk.routes.try_out(session, facts)
    shown = known | ({typed.username: typed} if typed else {})
    return page(
        request,
        "admin_profiles.html",
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        member=member,
        people=[(person, shown.get(person.username, Profile(person.username))) for person in people],
        wrong=typed.username if typed else "",
        error=error.message(language_of_request(request)) if error else "",
        asked=asked or _Asked(),
        trial=trial,
        names={person.username: person.name for person in people},
        priorities=list(Priority),
        groups={group_id: (zh, en) for group_id, zh, en in services.shop.groups},
        lines=services.shop.line_names,
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.translate(_SEPARATORS).split(",") if part.strip())


def _path(text: str) -> LabelPath:
    return tuple(part.strip() for part in text.split("/") if part.strip())
