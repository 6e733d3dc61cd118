"""The screen of imports: bring a file, see what is wrong with it, say go, watch it run, stop it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Request, Response, UploadFile
from fastapi.responses import RedirectResponse, StreamingResponse

from api import import_jobs
from api.importing import TITLES, report_lines
from api.policies import ServicesOf, TicketImporter
from api.problems import language_of_request
from api.rendering import page, texts
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.ids import ID_PATTERN
from kit.tables import csv_lines
from tickets.entries.priorities import PriorityScheme
from tickets.imports.schemas import ImportMode, ImportState
from tickets.schemas import StaffMember

router = APIRouter(prefix="/admin", tags=["import pages"])
ImportPath = Annotated[str, Path(pattern=ID_PATTERN)]
ActPath = Annotated[str, Path(pattern="^(all|good|cancel)$")]
_SHOWN = 50
_BUSY = (ImportState.CHECKING, ImportState.RUNNING)
_CSV = "text/csv; charset=utf-8"


@router.get("/import")
def show_imports(request: Request, services: ServicesOf, member: TicketImporter) -> Response:
    """Show the form and the newest imports."""
    return _overview(request, services, member)


@router.get("/import-template.csv")
def template(request: Request, _: TicketImporter) -> Response:
    """Give a file with the columns' titles and nothing below."""
    zh = language_of_request(request) == "zh"
    head = [titles[0] if zh else field for field, titles in TITLES.items()]
    headers = {"Content-Disposition": 'attachment; filename="tickets.csv"'}
    return StreamingResponse(csv_lines(head, ()), media_type=_CSV, headers=headers)


@router.post("/import")
def bring(
    request: Request,
    services: ServicesOf,
    member: TicketImporter,
    file: Annotated[UploadFile | None, File()] = None,
    source: Annotated[str, Form(max_length=40, pattern="^[a-z][a-z0-9_.-]*$")] = "import",
    scheme: Annotated[PriorityScheme, Form()] = PriorityScheme.P1_P4,
) -> Response:
    """Take a file and have it checked; nothing is imported yet."""
    if file is None or not file.filename:
        return _overview(request, services, member, missing=True)
    content = file.file.read()
    with services.database.transaction() as session:
        import_id = import_jobs.bring(
            services, session, member, content, file_name=file.filename, source=source, scheme=scheme
        )
    return RedirectResponse(f"/admin/import/{import_id}", status_code=HTTPStatus.SEE_OTHER)


@router.get("/import/{import_id}")
def show_import(request: Request, import_id: ImportPath, services: ServicesOf, member: TicketImporter) -> Response:
    """Show one import: what is wrong, how far it is."""
    return _one(request, services, member, import_id)


@router.get("/import/{import_id}/bad.csv")
def bad_rows(request: Request, import_id: ImportPath, services: ServicesOf, _: TicketImporter) -> Response:
    """Give every wrong place with its reason as a file."""
    lang = language_of_request(request)
    with services.database.reading() as session:
        cells = services.desk.imports.bad_cells(session, import_id)
    words = texts(lang)
    head = [words[f"import_{name}"] for name in ("row", "column", "value", "reason")]
    headers = {"Content-Disposition": 'attachment; filename="bad-rows.csv"'}
    return StreamingResponse(csv_lines(head, report_lines(cells, lang)), media_type=_CSV, headers=headers)


@router.post("/import/{import_id}/{import_act}")
def act_on_import(
    request: Request, import_id: ImportPath, import_act: ActPath, services: ServicesOf, member: TicketImporter
) -> Response:
    """Import all, import the good rows only, or stop."""

    def act(session: Session) -> None:
        if import_act == "cancel":
            import_jobs.cancel(services, session, member, import_id)
        else:
            import_jobs.begin(services, session, member, import_id, ImportMode(import_act))

    return _acted(request, services, member, import_id, act)


def _acted(
    request: Request, services: Services, member: StaffMember, import_id: str, act: Callable[[Session], None]
) -> Response:
    try:
        with services.database.transaction() as session:
            act(session)
    except JiedaiError as refused:
        return _one(request, services, member, import_id, error=refused)
    return RedirectResponse(f"/admin/import/{import_id}", status_code=HTTPStatus.SEE_OTHER)


def _overview(request: Request, services: Services, member: StaffMember, *, missing: bool = False) -> Response:
    with services.database.reading() as session:
        found = services.desk.imports.newest(session)
    error = texts(language_of_request(request))["import_no_file"] if missing else ""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if missing else HTTPStatus.OK
    values: dict[str, Any] = {"imports": found, "schemes": tuple(PriorityScheme), "error": error}
    return page(request, "admin_imports.html", member=member, status_code=status, **values)


def _one(
    request: Request, services: Services, member: StaffMember, import_id: str, *, error: JiedaiError | None = None
) -> Response:
    lang = language_of_request(request)
    with services.database.reading() as session:
        found = services.desk.imports.get(session, import_id)
        cells = services.desk.imports.bad_cells(session, import_id)
    answer = page(
        request,
        "admin_import.html",
        member=member,
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        brought=found,
        cells=list(report_lines(cells[:_SHOWN], lang)),
        more_cells=len(cells) > _SHOWN,
        refusal=found.refusal[0 if lang == "zh" else 1],
        error=error.message(lang) if error else "",
        busy=found.state in _BUSY,
    )
    if found.state in _BUSY:  # without script too; a header, since the page itself stays as it is for a screen reader
        answer.headers["Refresh"] = "2"
    return answer
