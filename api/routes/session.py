"""Signing in and out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.policies import STAFF_COOKIE, Anyone, ServicesOf
from api.problems import STATUS, language_of_request
from api.rendering import page
from api.routes.pages import local_path
from tickets.errors import SignInRefused, TooManyAttempts
from tickets.people import SESSION_LENGTH

router = APIRouter(tags=["session"])


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
    except (SignInRefused, TooManyAttempts) as refused:
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
            services.staff.sign_out(session, token)
    response = RedirectResponse("/sign-in", status_code=HTTPStatus.SEE_OTHER)
    response.delete_cookie(STAFF_COOKIE)
    return response
