"""Pages that everybody may open: the customer chat, sign-in, the language switch."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.policies import Anyone
from api.rendering import page

router = APIRouter(tags=["pages"])
_LANGUAGE_COOKIE = "jiedai_lang"
PRIVACY_EDITION = "2026-11"
"""Of the words ``chat_privacy``: whoever changes them counts on, so that it is known to what each customer agreed."""
_YEAR_SECONDS = 365 * 24 * 3600


@router.get("/")
def root(_: Anyone) -> Response:
    """Send staff to the desk."""
    return RedirectResponse("/desk", status_code=HTTPStatus.SEE_OTHER)


@router.get("/chat")
def chat(request: Request, _: Anyone) -> Response:
    """Show the customer's chat."""
    return page(request, "chat.html", privacy_edition=PRIVACY_EDITION)


@router.get("/sign-in")
def sign_in(request: Request, _: Anyone, next: str = "/desk") -> Response:  # noqa: A002 - the name on the wire
    """Show the sign-in form."""
    return page(request, "sign_in.html", next=next, error="", username="")


@router.post("/language")
def language(
    _: Anyone,
    lang: Annotated[str, Form(pattern="^(zh|en)$")],
    next: Annotated[str, Form(max_length=200)] = "/chat",  # noqa: A002 - the name on the wire
) -> Response:
    """Remember the language of the pages."""
    response = RedirectResponse(local_path(next, "/chat"), status_code=HTTPStatus.SEE_OTHER)
    response.set_cookie(_LANGUAGE_COOKIE, lang, max_age=_YEAR_SECONDS, samesite="lax")
    return response


def local_path(target: str, fallback: str) -> str:
    """Return ``target`` where it is a path of our own; ``//evil.example`` would leave the site."""
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_local else fallback
