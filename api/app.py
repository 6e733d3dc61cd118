"""The web application: routes, guards and the in-process worker behind one ``create_app``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from api.guards import BodyLimit, SecurityHeaders
from api.pipeline import ROUTINES, handlers
from api.policies import Anyone, ServicesOf
from api.problems import install_problem_handlers
from api.routes import (
    admin,
    admin_pages,
    audit,
    audit_pages,
    book_pages,
    chat,
    course_pages,
    csat_pages,
    desk,
    desk_pages,
    erasure_pages,
    form_book_pages,
    form_pages,
    forms,
    import_pages,
    inbox_pages,
    list_pages,
    lists,
    merge_pages,
    merging,
    notice_pages,
    pages,
    people,
    people_pages,
    profile_pages,
    progress_pages,
    quality,
    quality_pages,
    routing,
    routing_pages,
    rule_pages,
    rules,
    session,
    webhook_pages,
    webhooks,
)
from api.routes.v1 import conversations as v1_conversations
from api.routes.v1 import desk as v1_desk
from api.routes.v1 import document as v1_document
from api.routes.v1 import tickets as v1_tickets
from api.routes.v1 import work as v1_work
from api.wiring import Services
from kit.jobs.schemas import QueueHealth
from kit.jobs.worker import Worker
from kit.settings import JobDriver

_WEB = Path(__file__).parent / "web"
_STOP_SECONDS = 20.0

_ROUTES = (
    chat,
    session,
    lists,  # before the desk: its addresses would read "export" as a ticket's number
    list_pages,
    routing,  # before the desk for the same reason
    routing_pages,
    desk,
    form_pages,  # before the desk's: its addresses would read "form" as a part of a ticket
    forms,
    form_book_pages,
    desk_pages,
    course_pages,
    merging,
    merge_pages,
    erasure_pages,
    quality,
    quality_pages,
    admin,
    admin_pages,
    webhooks,
    webhook_pages,
    notice_pages,
    inbox_pages,
    csat_pages,
    profile_pages,
    progress_pages,
    people,
    people_pages,
    rules,
    rule_pages,
    import_pages,
    audit,
    audit_pages,
    book_pages,
    v1_tickets,
    v1_work,
    v1_conversations,
    v1_desk,
    v1_document,
    pages,
)


def create_app(services: Services, *, with_worker: bool = True) -> FastAPI:
    """Build the application.

    Args:
        services: From ``api.wiring.build``.
        with_worker: Run due jobs in this process, unless worker processes do.
    """
    jobs = services.settings.jobs
    table = handlers(services)
    worker = Worker(services.database, services.clock, services.local_doorbell, table, jobs, routines=ROUTINES)
    here = with_worker and jobs.driver is JobDriver.EMBEDDED

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if here:
            worker.start()
        yield
        if here:
            worker.stop(_STOP_SECONDS)

    app = FastAPI(title="Jiedai", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.services = services
    app.add_middleware(BodyLimit, max_bytes=services.settings.web.max_body_bytes)
    app.add_middleware(SecurityHeaders)
    install_problem_handlers(app)
    for module in _ROUTES:
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=_WEB / "static"), name="static")
    _add_health(app)
    return app


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz")
    def healthz(_: Anyone) -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz(services: ServicesOf, _: Anyone) -> JSONResponse:
        """Tell whether the database answers and somebody consumes every queue; 503 where not."""
        with services.database.reading() as session:
            health = services.queue.health(session)
        stalled = [str(queue.queue) for queue in health if queue.stalled]
        body = {
            "status": "stalled" if stalled else "ok",
            "stalled": stalled,
            "queues": {queue.queue: _as_json(queue) for queue in health},
        }
        return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE if stalled else HTTPStatus.OK)


def _as_json(queue: QueueHealth) -> dict[str, Any]:
    return {
        "due": queue.due,
        "leased": queue.leased,
        "aside": queue.aside,
        "overdue_seconds": round(queue.overdue_seconds, 1),
    }
