"""The screen for stuck work: how each queue stands, and what waits for a person's decision."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints

from api import admin_actions
from api.admin_actions import Decision
from api.admin_view import PAGE, JobFilter, JobQuery, job_page, open_counts, queue_lines
from api.policies import JobKeeper, ServicesOf
from api.problems import language_of_request
from api.rendering import page, texts
from api.routes.admin import REASON_CHARS, JobId, Wanted
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.ids import ID_PATTERN
from kit.jobs.schemas import QueueName
from tickets.schemas import StaffMember

router = APIRouter(prefix="/admin/jobs", tags=["admin pages"])
_ReasonField = Annotated[str, Form(max_length=REASON_CHARS)]
_Ids = Annotated[list[Annotated[str, StringConstraints(pattern=ID_PATTERN)]], Form(max_length=PAGE)]


@router.get("")
def jobs(request: Request, services: ServicesOf, member: JobKeeper, wanted: Wanted) -> Response:
    """Show the queues and a page of jobs."""
    return page(request, "admin_jobs.html", member=member, error="", **_values(services, wanted))


@router.get("/queues")
def queues(request: Request, services: ServicesOf, _: JobKeeper) -> Response:
    """Return the sentence and the table of queues alone."""
    with services.database.reading() as session:
        return page(request, "parts/admin_queues.html", queues=queue_lines(services, session))


@router.get("/list")
def job_list(request: Request, services: ServicesOf, _: JobKeeper, wanted: Wanted) -> Response:
    """Return the list of jobs alone."""
    return page(request, "parts/admin_list.html", told="", error="", **_values(services, wanted))


@router.post("/retry")
def retry_all(
    request: Request, services: ServicesOf, member: JobKeeper, wanted: Wanted, job_id: _Ids, reason: _ReasonField = ""
) -> Response:
    """Try all jobs again that the page showed."""

    def act(session: Session) -> str:
        done = admin_actions.retry_all(services, session, member, job_id, reason)
        words = _words(request)
        told = words["job_told_retry_all"].format(n=done.retried)
        return told + (words["job_told_gone"].format(n=done.gone) if done.gone else "")

    return _act(request, services, member, wanted, act)


@router.post("/{job_id}/{decision}")
def decide(
    request: Request,
    job_id: JobId,
    decision: Decision,
    services: ServicesOf,
    member: JobKeeper,
    wanted: Wanted,
    reason: _ReasonField = "",
) -> Response:
    """Try a job again, end it, or record that its delivery did arrive."""

    def act(session: Session) -> str:
        admin_actions.decide(services, session, member, job_id, decision=decision, reason=reason)
        return _words(request)[f"job_told_{decision}"]

    return _act(request, services, member, wanted, act)


def _act(
    request: Request, services: Services, member: StaffMember, wanted: JobQuery, act: Callable[[Session], str]
) -> Response:
    """Do something and show the list again with what came of it; a refusal is shown there too, with nothing changed."""
    told = error = ""
    try:
        with services.database.transaction() as session:
            told = act(session)
    except JiedaiError as refused:
        error = refused.message(language_of_request(request))
    if request.headers.get("hx-request"):
        return page(request, "parts/admin_list.html", told=told, error=error, **_values(services, wanted))
    if error:
        return page(request, "admin_jobs.html", member=member, error=error, **_values(services, wanted))
    # A form of a browser without script: a reload of what follows must not do it again.
    target = f"/admin/jobs{wanted.address(before=wanted.before)}"
    return RedirectResponse(target, status_code=HTTPStatus.SEE_OTHER)


def _values(services: Services, wanted: JobQuery) -> dict[str, Any]:
    with services.database.reading() as session:
        queues = queue_lines(services, session)
        found = job_page(services, session, wanted)
    return {
        "queues": queues,
        "counts": open_counts(queues, wanted.queue),
        "found": found,
        "wanted": wanted,
        "filters": list(JobFilter),
        "queue_names": list(QueueName),
    }


def _words(request: Request) -> dict[str, str]:
    return texts(language_of_request(request))
