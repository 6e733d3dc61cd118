"""The screen of staff and tokens, and everybody's own account; all of it works without script."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import people_actions
from api.policies import STAFF_COOKIE, OwnAccount, PeopleKeeper, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.routes.people import PersonAct, TokenId, Username
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from tickets.people.schemas import NewPerson, PersonChange
from tickets.rights import ALL_LINES, GRANTABLE, RIGHTS, Right
from tickets.schemas import StaffMember
from tickets.service import WORKING_ZONE
from tickets.words import StaffRole

router = APIRouter(tags=["people pages"])
_PEOPLE = "/admin/people"
_Name = Annotated[str, Form(max_length=80)]
_Role = Annotated[StaffRole, Form()]
_Group = Annotated[str, Form(max_length=40)]
_Lines = Annotated[list[str], Form(max_length=50)]
_Password = Annotated[str, Form(max_length=200)]


@router.get(_PEOPLE)
def people(
    request: Request,
    services: ServicesOf,
    member: PeopleKeeper,
    of: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Show everybody, one of them to be changed where named, and the tokens."""
    return _page(request, services, member, of=of)


@router.post(_PEOPLE)
def add(
    request: Request,
    services: ServicesOf,
    member: PeopleKeeper,
    username: Annotated[str, Form(max_length=64)] = "",
    name: _Name = "",
    role: _Role = StaffRole.AGENT,
    group: _Group = "",
    line: _Lines = [ALL_LINES],  # noqa: B006 - read, never changed
) -> Response:
    """Add somebody and show the password that was made, once."""
    new = NewPerson(username.strip(), PersonChange(name, role, group or None, tuple(line)))
    try:
        with services.database.transaction() as session:
            made = people_actions.add(services, session, member, new)
    except JiedaiError as refused:
        return _page(request, services, member, error=refused, typed=new)
    return _page(request, services, member, secret_of=new.username, secret=made)


@router.post(_PEOPLE + "/{username}")
def change(
    request: Request,
    username: Username,
    services: ServicesOf,
    member: PeopleKeeper,
    name: _Name = "",
    role: _Role = StaffRole.AGENT,
    group: _Group = "",
    line: _Lines = [ALL_LINES],  # noqa: B006 - read, never changed
) -> Response:
    """Change name, role, group and product lines."""
    wanted = PersonChange(name, role, group or None, tuple(line))

    def act(session: Session) -> None:
        services.people.change(session, username, wanted, member.username)

    return _act(request, services, member, username, act)


@router.post(_PEOPLE + "/{username}/{person_act}")
def act_on(
    request: Request, username: Username, person_act: PersonAct, services: ServicesOf, member: PeopleKeeper
) -> Response:
    """Let somebody go or in again, or reset the password and show the new one, once."""
    made = ""

    def act(session: Session) -> None:
        nonlocal made
        made = people_actions.perform(services, session, member, username, person_act)

    answer = _act(request, services, member, username, act)
    return _page(request, services, member, secret_of=username, secret=made) if made else answer


@router.post("/admin/tokens")
def issue_token(
    request: Request,
    services: ServicesOf,
    member: PeopleKeeper,
    owner: Annotated[str, Form(max_length=64)] = "",
    purpose: _Name = "",
    scope: Annotated[list[Right], Form()] = [],  # noqa: B006 - read, never changed
    expires: Annotated[str, Form(max_length=10, pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = "",
) -> Response:
    """Make a token and show its secret, once."""
    try:
        with services.database.transaction() as session:
            _, secret = services.tokens.issue(
                session, owner, purpose, scope, actor=member.username, expires_at=_end_of(expires)
            )
    except JiedaiError as refused:
        return _page(request, services, member, error=refused, typed_token=(owner, purpose, scope, expires))
    return _page(request, services, member, secret_of=purpose, secret=secret)


@router.post("/admin/tokens/{token_id}/revoke")
def revoke_token(request: Request, token_id: TokenId, services: ServicesOf, member: PeopleKeeper) -> Response:
    """End a token at once."""
    return _act(request, services, member, None, lambda s: services.tokens.revoke(s, token_id, member.username))


@router.get("/account")
def account(request: Request, member: OwnAccount) -> Response:
    """Show one's own account."""
    return page(request, "account.html", member=member, error="")


@router.post("/account/password")
def change_password(
    request: Request, services: ServicesOf, member: OwnAccount, old: _Password = "", new: _Password = ""
) -> Response:
    """Change one's own password and ask for it right away."""
    try:
        with services.database.transaction() as session:
            services.people.change_password(session, member.username, old, new)
    except JiedaiError as refused:
        error = refused.message(language_of_request(request))
        return page(request, "account.html", member=member, error=error, status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    response = RedirectResponse("/sign-in", status_code=HTTPStatus.SEE_OTHER)
    response.delete_cookie(STAFF_COOKIE)
    return response


def _end_of(day: str) -> datetime | None:
    """Return the end of a day on the shop's clock; a day that no calendar has is no expiry in the future."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), WORKING_ZONE)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=WORKING_ZONE) + timedelta(days=1)


def _act(
    request: Request, services: Services, member: StaffMember, of: str | None, act: Callable[[Session], None]
) -> Response:
    try:
        with services.database.transaction() as session:
            act(session)
    except JiedaiError as refused:
        return _page(request, services, member, of=of, error=refused)
    # A reload of what follows must not do it again.
    return RedirectResponse(f"{_PEOPLE}#people" if of else f"{_PEOPLE}#tokens", status_code=HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    services: Services,
    member: StaffMember,
    *,
    of: str | None = None,
    error: JiedaiError | None = None,
    **shown: Any,  # noqa: ANN401 - whatever the template shows beside
) -> Response:
    with services.database.reading() as session:
        everybody = services.people.people(session)
        tokens = services.tokens.tokens(session)
        groups = services.staff.groups(session)
    values = {
        "people": everybody,
        "tokens": tokens,
        "groups": groups,
        "names": {person.username: person.name for person in everybody},
        "lines": services.shop.line_names,
        "roles": list(StaffRole),
        "grantable": [right for right in Right if right in GRANTABLE],
        "rights_of": RIGHTS,
        "of": of,
        "error": error.message(language_of_request(request)) if error else "",
        "secret": "",
        "secret_of": "",
        "typed": None,
        "typed_token": None,
        "now": services.clock.now(),
        **shown,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return page(request, "admin_people.html", member=member, status_code=status, **values)
