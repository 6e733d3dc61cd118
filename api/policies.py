"""Who may call a route. Every route declares exactly one policy; a test walks the routes and fails on one without.

Cookies carry two kinds of secret: a member of staff's session, and a customer's token for one conversation. Requests
that change something must come from this origin (A17): a cross-site form cannot set the header that is asked for. A
program sends a token in the Authorization header instead, which no browser does by itself, so its origin is not asked.
"""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.wiring import Services
from kit.db import Session
from kit.errors import ErrorKind, JiedaiError
from tickets.rights import Right
from tickets.schemas import StaffMember
from tickets.service import PREFIX

STAFF_COOKIE = "jiedai_staff"
CHAT_COOKIE = "jiedai_chat"
_JSON_ROUTES = "/api/"
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


def may(*rights: Right) -> Callable[[Request], StaffMember]:
    """Make a policy: a member of staff, or a program for one, who has all of these rights (SE-01)."""

    def policy(request: Request) -> StaffMember:
        member = _by_token(request) if _is_program(request) else _by_cookie(request)
        if not all(member.may(right) for right in rights):
            raise RoleRequired
        return member

    POLICIES[policy] = rights
    return policy


def _is_program(request: Request) -> bool:
    """Tell whether a program's token is sent; only the JSON routes take one, so that no page is shown to a program.

    Another Authorization header is none of ours: a proxy's, or a customer's token beside a signed-in browser.
    """
    return request.url.path.startswith(_JSON_ROUTES) and _secret(request).startswith(PREFIX)


def _secret(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _by_cookie(request: Request) -> StaffMember:
    check_origin(request)
    with services_of(request).database.reading() as session:
        member = staff_session(request, session)
    if member is None:
        raise SignInRequired
    return member


def _by_token(request: Request) -> StaffMember:
    """Return for whom a token acts; a bad one is refused, also where the browser is signed in."""
    services = services_of(request)
    with services.database.reading() as session:
        found = services.tokens.whois(session, _secret(request))
    if found is None:
        raise SignInRequired
    member, unnoted = found
    if unnoted:
        with services.database.transaction() as session:
            services.tokens.note_used(session, unnoted)
    return member


POLICIES: dict[Callable[..., object], tuple[Right, ...]] = {anyone: (), customer: ()}
"""Every policy there is, with the rights it asks for; the test that walks the routes looks each route up here."""

Anyone = Annotated[None, Depends(anyone)]
CustomerOf = Annotated[str, Depends(customer)]
OwnAccount = Annotated[StaffMember, Depends(may(Right.OWN_ACCOUNT))]
TicketReader = Annotated[StaffMember, Depends(may(Right.READ_TICKETS))]
TalkReader = Annotated[StaffMember, Depends(may(Right.READ_PERSONAL_DATA))]
TicketExporter = Annotated[StaffMember, Depends(may(Right.READ_PERSONAL_DATA, Right.EXPORT))]
TicketWorker = Annotated[StaffMember, Depends(may(Right.WORK))]
TicketClaimer = Annotated[StaffMember, Depends(may(Right.CLAIM))]
TicketAssigner = Annotated[StaffMember, Depends(may(Right.ASSIGN))]
TicketTransferrer = Annotated[StaffMember, Depends(may(Right.TRANSFER))]
TicketDispatcher = Annotated[StaffMember, Depends(may(Right.DISPATCH))]
QualityReader = Annotated[StaffMember, Depends(may(Right.READ_QUALITY))]
QualityReviewer = Annotated[StaffMember, Depends(may(Right.REVIEW_QUALITY))]
ReportReader = Annotated[StaffMember, Depends(may(Right.READ_REPORTS))]
JobKeeper = Annotated[StaffMember, Depends(may(Right.MANAGE_JOBS))]
WebhookKeeper = Annotated[StaffMember, Depends(may(Right.MANAGE_WEBHOOKS))]
TicketImporter = Annotated[StaffMember, Depends(may(Right.WORK, Right.MANAGE_RULES))]
RuleKeeper = Annotated[StaffMember, Depends(may(Right.MANAGE_RULES))]
ErasureApplicant = Annotated[StaffMember, Depends(may(Right.APPLY))]
Eraser = Annotated[StaffMember, Depends(may(Right.ERASE))]
PeopleKeeper = Annotated[StaffMember, Depends(may(Right.MANAGE_PEOPLE))]
AuditReader = Annotated[StaffMember, Depends(may(Right.READ_AUDIT))]
AuditExporter = Annotated[StaffMember, Depends(may(Right.READ_AUDIT, Right.EXPORT))]
ServicesOf = Annotated[Services, Depends(services_of)]
