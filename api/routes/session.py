"""Signing in and out."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.policies import STAFF_COOKIE, Anyone, ServicesOf
from api.problems import STATUS, language_of_request
from api.rendering import page
from api.routes.pages import local_path
from api.wiring import Services
from tickets.auditing import ANONYMOUS, AuditAction, staff_act
from tickets.errors import SignInRefused, TooManyAttempts
from tickets.service import SESSION_LENGTH

router = APIRouter(tags=["session"])
_UNKNOWN_EVERY = timedelta(minutes=1)  # somebody who tries names must not fill the audit


@router.post("/session")
def sign_in(
    request: Request,
    services: ServicesOf,
    _: Anyone,
    username: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=200)],
    next: Annotated[str, Form(max_length=200)] = "/desk",  # noqa: A002 - the field's name on the wire
) -> Response:
    """Sign in with a form and go on to a page of ours; a refused browser gets the form again."""
    try:
        with services.database.transaction() as session:
            token = services.staff.sign_in(session, username.strip(), password)
            services.audit.record(session, staff_act(username.strip(), AuditAction.SIGNED_IN, username.strip()))
    except (SignInRefused, TooManyAttempts) as refused:
        if isinstance(refused, SignInRefused):
            _note_failure(services, username.strip())
        if "text/html" not in request.headers.get("accept", ""):
            raise
        error = refused.message(language_of_request(request))
        return page(
            request, "sign_in.html", status_code=STATUS[refused.kind], next=next, error=error, username=username
        )
    response = RedirectResponse(local_path(next, "/desk"), status_code=HTTPStatus.SEE_OTHER)
    response.set_cookie(
        STAFF_COOKIE,
        token,
        max_age=int(SESSION_LENGTH.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=services.settings.web.secure_cookies,
    )
    return response


@router.post("/session/end")
def sign_out(request: Request, services: ServicesOf, _: Anyone) -> Response:
    """Sign out; the session is dead at once."""
    token = request.cookies.get(STAFF_COOKIE)
    if token:
        with services.database.transaction() as session:
            member = services.staff.whoami(session, token)
            services.staff.sign_out(session, token)
            if member is not None:
                services.audit.record(session, staff_act(member.username, AuditAction.SIGNED_OUT, member.username))
    response = RedirectResponse("/sign-in", status_code=HTTPStatus.SEE_OTHER)
    response.delete_cookie(STAFF_COOKIE)
    return response


def _note_failure(services: Services, username: str) -> None:
    """Record a refused sign-in, in a transaction of its own: that of the sign-in is rolled back.

    A name that nobody has is not written down, since it may be a password typed into the wrong field.
    """
    with services.database.transaction() as session:
        known = services.staff.knows(session, username)
        act = staff_act(ANONYMOUS, AuditAction.SIGN_IN_FAILED, username if known else "")
        if known or not services.audit.recorded_within(session, act, _UNKNOWN_EVERY):
            services.audit.record(session, act)
