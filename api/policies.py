"""Who may call a route. Every route declares exactly one policy; a test walks the routes and fails on one without.

Cookies carry two kinds of secret: a member of staff's session, and a customer's token for one conversation. Requests
that change something must come from this origin (A17): a cross-site form cannot set the header that is asked for.
"""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.wiring import Services
from kit.db import Session
from kit.errors import ErrorKind, JiedaiError
from tickets.schemas import StaffMember
from tickets.words import StaffRole

STAFF_COOKIE = "jiedai_staff"
CHAT_COOKIE = "jiedai_chat"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class SignInRequired(JiedaiError):
    """Nobody is signed in."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "sign_in_required"

    def __init__(self) -> None:
        super().__init__("请先登录", "Please sign in")


class RoleRequired(JiedaiError):
    """The role does not allow this."""

    kind = ErrorKind.FORBIDDEN
    code = "role_required"

    def __init__(self) -> None:
        super().__init__("您的角色没有这项权限", "Your role does not allow this")


class ForeignOrigin(JiedaiError):
    """A changing request from another site."""

    kind = ErrorKind.FORBIDDEN
    code = "foreign_origin"

    def __init__(self) -> None:
        super().__init__("请求来源不被允许", "The request's origin is not allowed")


def services_of(request: Request) -> Services:
    """Return the application's services."""
    services = request.app.state.services
    assert isinstance(services, Services)
    return services


def check_origin(request: Request) -> None:
    """Refuse a changing request that a browser sent from another site.

    Raises:
        ForeignOrigin: ``Origin`` or ``Sec-Fetch-Site`` names another site.
    """
    if request.method in _SAFE_METHODS:
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForeignOrigin
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise ForeignOrigin


def anyone(request: Request) -> None:
    """Policy: open to everybody (pages without data, health, beginning a chat)."""
    check_origin(request)


def customer(request: Request, conversation_id: str) -> str:
    """Policy: the customer who holds this conversation's token, in a header or a cookie.

    Raises:
        ConversationNotFound: No token, or not this conversation's.
    """
    check_origin(request)
    services = services_of(request)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else request.cookies.get(CHAT_COOKIE, "")
    with services.database.reading() as session:
        services.conversations.authorise(session, conversation_id, token)
    return conversation_id


def staff_session(request: Request, session: Session) -> StaffMember | None:
    """Return who is signed in, if anybody."""
    token = request.cookies.get(STAFF_COOKIE, "")
    return services_of(request).staff.whoami(session, token) if token else None


def staff(*roles: StaffRole) -> Callable[[Request], StaffMember]:
    """Make a policy: a signed-in member of staff with one of ``roles`` (none given: any role)."""

    def policy(request: Request) -> StaffMember:
        check_origin(request)
        with services_of(request).database.reading() as session:
            member = staff_session(request, session)
        if member is None:
            raise SignInRequired
        if roles and member.role not in roles:
            raise RoleRequired
        return member

    POLICIES.add(policy)
    return policy


POLICIES: set[Callable[..., object]] = {anyone, customer}
"""Every policy there is; the test that walks the routes looks each route's dependencies up here."""

QUALITY_ROLES = (StaffRole.QA, StaffRole.LEAD, StaffRole.ADMIN)
LEAD_ROLES = (StaffRole.LEAD, StaffRole.ADMIN)

Anyone = Annotated[None, Depends(anyone)]
CustomerOf = Annotated[str, Depends(customer)]
AnyStaff = Annotated[StaffMember, Depends(staff())]
QualityStaff = Annotated[StaffMember, Depends(staff(*QUALITY_ROLES))]
LeadStaff = Annotated[StaffMember, Depends(staff(*LEAD_ROLES))]
ServicesOf = Annotated[Services, Depends(services_of)]
