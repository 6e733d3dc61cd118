"""A survey's page, opened by the link of a mail or a short message without signing in, and the chat's answer."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from api.policies import Anyone, CustomerOf, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.routes.progress_pages import Token
from api.wiring import Services
from kit.errors import JiedaiError
from kit.ids import ID_PATTERN
from tickets.csat.errors import SurveyNotFound
from tickets.csat.schemas import Survey

router = APIRouter(tags=["csat"])


class Answer(BaseModel):
    """What a customer says in the chat."""

    model_config = ConfigDict(extra="forbid")

    survey_id: str = Field(pattern=ID_PATTERN)
    score: int | None = Field(default=None, description="1 to 5.")
    words: str = Field(default="", max_length=1000)


@router.post("/api/chat/conversations/{conversation_id}/survey")
def answer_in_chat(body: Answer, conversation_id: CustomerOf, services: ServicesOf) -> dict[str, Any]:
    """Judge a solved ticket from the chat (NT-08)."""
    with services.database.transaction() as session:
        survey = services.desk.surveys.answer_in_chat(session, conversation_id, body.survey_id, body.score, body.words)
    return {"survey_id": survey.id, "score": survey.score}


@router.get("/csat/{token}")
def survey(request: Request, token: Token, services: ServicesOf, _: Anyone, saved: bool = False) -> Response:
    """Show a survey; a link that is nobody's finds nothing."""
    return _page(request, services, _survey(services, token), token, saved=saved)


@router.post("/csat/{token}")
def answer(
    request: Request,
    token: Token,
    services: ServicesOf,
    _: Anyone,
    score: Annotated[str, Form(max_length=2)] = "",
    words: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Keep the answer; it can be changed until the survey expires."""
    found = _survey(services, token)
    try:
        with services.database.transaction() as session:
            services.desk.surveys.answer(session, found.id, int(score) if score.isdecimal() else None, words)
    except JiedaiError as refused:
        return _page(request, services, found, token, error=refused)
    return RedirectResponse(f"/csat/{token}?saved=true", status_code=HTTPStatus.SEE_OTHER)


def _survey(services: Services, token: str) -> Survey:
    survey_id = services.desk.notices.links.subject("csat", token)
    if survey_id is None:
        raise SurveyNotFound
    with services.database.reading() as session:
        return services.desk.surveys.get(session, survey_id)


def _page(
    request: Request,
    services: Services,
    found: Survey,
    token: str,
    *,
    saved: bool = False,
    error: JiedaiError | None = None,
) -> Response:
    with services.database.reading() as session:
        ticket = services.tickets.get(session, found.ticket_id).summary
    return page(
        request,
        "csat.html",
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        number=ticket.number,
        score=found.score,
        over=services.clock.now() >= found.expires_at,
        token=token,
        saved=saved,
        error=error.message(language_of_request(request)) if error else "",
    )
