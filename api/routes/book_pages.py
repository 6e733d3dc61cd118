"""The screen of a book: what is in force in words, its text, what a change would do, its editions, a way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from api.pipeline import SLA_ANEW
from api.policies import RuleKeeper, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.shelves import SHELVES, Shelf, parsed, written
from api.wiring import Services
from kit.errors import JiedaiError
from kit.jobs.schemas import JobRequest
from tickets.schemas import StaffMember
from tickets.sla.schemas import Moves

router = APIRouter(prefix="/admin/books", tags=["book pages"])
_SHOWN_EDITIONS = 20
_FIGURES_OF = timedelta(days=30)
_TEXT_CHARS = 200_000


class BookName(StrEnum):
    """Books with this screen."""

    SLA = "sla"
    CALENDARS = "calendars"
    ROUTING = "routing"
    DUPLICATES = "duplicates"


class Do(StrEnum):
    """What the pressed button asks for."""

    TRY = "try"
    SAVE = "save"


@dataclass(frozen=True, slots=True)
class _Said:
    """What came of what somebody did: their text as they left it, and what is wrong with it or what it would do."""

    text: str = ""
    note: str = ""
    base_version: int | None = None
    errors: Sequence[tuple[str, str]] = ()
    moves: Moves | None = None
    fine: bool = False


@router.get("/{book}")
def show(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    book: BookName,
    start: Annotated[str, Query(max_length=20)] = "",
    version: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show a book; its text begins from what is in force, an earlier edition, or one of the sources' own."""
    shelf = SHELVES[book]
    starter = shelf.starters().get(start)
    text = written(starter) if starter is not None else ""
    if version:
        with services.database.reading() as session:
            text = written(services.desk.books.at(session, shelf.book, version).body)
    return _page(request, services, member, book, _Said(text))


@router.post("/{book}")
def edit(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    book: BookName,
    text: Annotated[str, Form(max_length=_TEXT_CHARS)],
    base_version: Annotated[int, Form(ge=0)],
    do: Annotated[Do, Form()] = Do.TRY,
    note: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Say what a text would change, or put it in force; a text that is refused stays as it was typed."""
    shelf, said = SHELVES[book], _Said(text, note, base_version)
    try:
        raw = parsed(text)
        if do is Do.SAVE:
            with services.database.transaction() as session:
                shelf.keep(services)(session, raw, base_version=base_version, actor=member.username, note=note)
            return RedirectResponse(f"/admin/books/{book}", status_code=HTTPStatus.SEE_OTHER)
        with services.database.reading() as session:
            moves = shelf.check(services, session, raw)
    except JiedaiError as refused:
        said = _Said(text, note, base_version, _words(request, refused))
        return _page(request, services, member, book, said)
    return _page(request, services, member, book, _Said(text, note, base_version, moves=moves, fine=True))


@router.post("/calendars/file")
def take_days_off(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    file: Annotated[UploadFile, File()],
    name: Annotated[str, Form(max_length=40)],
    base_version: Annotated[int, Form(ge=0)],
) -> Response:
    """Write the days off of a calendar file into the text of the calendars in force; nothing is saved by that."""
    with services.database.reading() as session:
        text = written(services.desk.sla.calendars(session).body)
    try:
        text = written(services.desk.sla.with_days_off(parsed(text), name, file.file.read()))
    except JiedaiError as refused:
        said = _Said(text, "", base_version, _words(request, refused))
        return _page(request, services, member, BookName.CALENDARS, said)
    return _page(request, services, member, BookName.CALENDARS, _Said(text, "", base_version, fine=True))


@router.post("/sla/anew")
def compute_anew(services: ServicesOf, _: RuleKeeper) -> Response:
    """Compute every running due time anew by the rules in force, as a change of them does."""
    with services.database.transaction() as session:
        request = JobRequest(SLA_ANEW, BookName.SLA, dedupe_key=f"{SLA_ANEW.name}:{BookName.SLA}")
        services.queue.enqueue(session, request)
    return RedirectResponse("/admin/books/sla", status_code=HTTPStatus.SEE_OTHER)


def _page(request: Request, services: Services, member: StaffMember, book: BookName, said: _Said) -> Response:
    shelf = SHELVES[book]
    with services.database.reading() as session:
        edition = services.desk.books.current(session, shelf.book)
        editions = services.desk.books.editions(session, shelf.book)
        names = services.staff.names(session)
        figures = services.desk.sla.figures(session, _FIGURES_OF) if book is BookName.SLA else None
        calendars = services.desk.sla.calendars(session).body.calendars
    return page(
        request,
        "admin_book.html",
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if said.errors else HTTPStatus.OK,
        member=member,
        book=book,
        books=list(BookName),
        body=edition.body,
        version=edition.version if said.base_version is None else said.base_version,
        newest=edition.version,
        editions=editions[:_SHOWN_EDITIONS],
        names=names,
        figures=figures,
        calendar_names={c.name: c.zh if language_of_request(request) == "zh" else c.en for c in calendars},
        said=said,
        text=said.text or written(edition.body),
        **_beside(services, shelf),
    )


def _beside(services: Services, shelf: Shelf) -> dict[str, Any]:
    return {
        "starters": list(shelf.starters()),
        "groups": {group_id: (zh, en) for group_id, zh, en in services.shop.groups},
        "lines": services.shop.line_names,
        "taxonomy": services.shop.taxonomy,
    }


def _words(request: Request, refused: JiedaiError) -> list[tuple[str, str]]:
    """Return each wrong place with its reason."""
    zh = language_of_request(request) == "zh"
    if not refused.issues:
        return [("", refused.message(language_of_request(request)))]
    return [(issue.field, issue.reason_zh if zh else issue.reason_en) for issue in refused.issues]
