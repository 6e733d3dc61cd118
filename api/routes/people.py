"""Staff and API tokens as JSON; the page ``/admin/people`` shows the same."""

from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import people_actions
from api.policies import OwnAccount, PeopleKeeper, ServicesOf
from kit.ids import ID_PATTERN
from tickets.people.schemas import NewPerson, PersonChange
from tickets.rights import ALL_LINES, GRANTABLE, RIGHTS, Right
from tickets.words import StaffRole

router = APIRouter(prefix="/api", tags=["people"])
Username = Annotated[str, Path(max_length=64, pattern="^[a-z0-9][a-z0-9._-]*$")]
TokenId = Annotated[str, Path(pattern=ID_PATTERN)]
PersonAct = Annotated[str, Path(pattern="^(deactivate|activate|reset-password)$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChangePerson(_Body):
    """What may be changed of a member of staff."""

    name: str = Field(max_length=80)
    role: StaffRole
    group: str | None = Field(default=None, max_length=40)
    lines: list[Annotated[str, Field(max_length=40)]] = Field(default=[ALL_LINES], max_length=50)

    def change(self) -> PersonChange:
        """Return it as the service takes it."""
        return PersonChange(self.name, self.role, self.group, tuple(self.lines))


class AddPerson(ChangePerson):
    """Somebody to add; without a password a random one is made and is in the answer."""

    username: str = Field(max_length=64)
    password: str = Field(default="", max_length=200)


class IssueToken(_Body):
    """A program's key to make."""

    username: str = Field(max_length=64, description="Its owner, for whom it acts.")
    name: str = Field(max_length=80, description="What it is for.")
    scopes: frozenset[Right] = Field(description="What it may do, of what the owner may.")
    expires_at: AwareDatetime | None = None


class ChangePassword(_Body):
    """One's own new password."""

    old: str = Field(max_length=200)
    new: str = Field(max_length=200)


@router.get("/admin/people")
def list_people(services: ServicesOf, _: PeopleKeeper) -> dict[str, Any]:
    """Return everybody, and what each role may do."""
    with services.database.reading() as session:
        people = services.people.people(session)
    roles = {str(role): sorted(map(str, rights)) for role, rights in RIGHTS.items()}
    return {"people": [asdict(person) for person in people], "roles": roles, "grantable": sorted(map(str, GRANTABLE))}


@router.post("/admin/people", status_code=HTTPStatus.CREATED)
def add_person(body: AddPerson, services: ServicesOf, member: PeopleKeeper) -> dict[str, str]:
    """Add a member of staff; a password that was made is in this answer and nowhere else."""
    with services.database.transaction() as session:
        new = NewPerson(body.username, body.change())
        made = people_actions.add(services, session, member, new, body.password)
    return {"username": body.username, **({"password": made} if made else {})}


@router.post("/admin/people/{username}")
def change_person(username: Username, body: ChangePerson, services: ServicesOf, member: PeopleKeeper) -> dict[str, Any]:
    """Change name, role, group and product lines."""
    with services.database.transaction() as session:
        services.people.change(session, username, body.change(), member.username)
        return asdict(services.people.person(session, username))


@router.post("/admin/people/{username}/{person_act}")
def act_on_person(
    username: Username, person_act: PersonAct, services: ServicesOf, member: PeopleKeeper
) -> dict[str, str]:
    """Let somebody go or in again, or reset the password; a new one is in this answer and nowhere else."""
    with services.database.transaction() as session:
        made = people_actions.perform(services, session, member, username, person_act)
    return {"username": username, **({"password": made} if made else {})}


@router.get("/admin/tokens")
def list_tokens(services: ServicesOf, _: PeopleKeeper) -> dict[str, Any]:
    """Return the tokens that are not revoked, newest first."""
    with services.database.reading() as session:
        return {"tokens": [asdict(token) for token in services.tokens.tokens(session)]}


@router.post("/admin/tokens", status_code=HTTPStatus.CREATED)
def issue_token(body: IssueToken, services: ServicesOf, member: PeopleKeeper) -> dict[str, Any]:
    """Make a token; its secret is in this answer and nowhere else."""
    expires: datetime | None = body.expires_at
    with services.database.transaction() as session:
        token, secret = services.tokens.issue(
            session, body.username, body.name, body.scopes, actor=member.username, expires_at=expires
        )
    return {**asdict(token), "secret": secret}


@router.post("/admin/tokens/{token_id}/revoke")
def revoke_token(token_id: TokenId, services: ServicesOf, member: PeopleKeeper) -> dict[str, str]:
    """End a token at once."""
    with services.database.transaction() as session:
        services.tokens.revoke(session, token_id, member.username)
    return {"id": token_id}


@router.post("/account/password")
def change_password(body: ChangePassword, services: ServicesOf, member: OwnAccount) -> dict[str, str]:
    """Change one's own password; every session of this person ends."""
    with services.database.transaction() as session:
        services.people.change_password(session, member.username, body.old, body.new)
    return {"username": member.username}
