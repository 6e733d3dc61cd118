"""The screen of ticket lists: the address is the state, so that any list can be bookmarked and sent to a colleague."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from api.auditing import note
from api.bulk import BulkAction, act_on_many
from api.clocks import queue_clock
from api.list_params import ListParams, ListParamsOf, address_of
from api.list_view import TABS, cells, chips, file_stem, heads, naming, tab_filters
from api.policies import ServicesOf, TicketExporter, TicketReader, TicketWorker
from api.problems import language_of_request
from api.rendering import page
from api.routes.lists import ViewAct, ViewPath, perform
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.tables import csv_lines, xlsx_bytes
from tickets.auditing import AuditAction
from tickets.lists.schemas import Column, Sort
from tickets.rights import Right
from tickets.schemas import StaffMember
from tickets.words import Priority, StaffRole, TicketStatus

router = APIRouter(prefix="/desk", tags=["list pages"])
_SHARERS = (StaffRole.LEAD, StaffRole.ADMIN)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_Name = Annotated[str, Form(max_length=100)]


@router.get("/tickets")
def ticket_list(request: Request, services: ServicesOf, member: TicketReader, params: ListParamsOf) -> Response:
    """Show a list; without anything in the address, the one that the person sees first."""
    if not request.url.query:
        with services.database.reading() as session:
            first = services.desk.views.default_of(session, member)
        address = address_of(first.state) if first else ""
        if "?" in address:
            return RedirectResponse(address, status_code=HTTPStatus.SEE_OTHER)
    return _page(request, services, member, params)


@router.get("/tickets/export")
def export(
    request: Request,
    services: ServicesOf,
    member: TicketExporter,
    params: ListParamsOf,
) -> Response:
    """Give the whole list as a file, in the columns and the language of the screen."""
    as_xlsx = request.query_params.get("format") == "xlsx"
    with services.database.reading() as session:
        names = naming(services, session, language_of_request(request))
    columns, query = params.columns(), params.query(member)
    with services.database.transaction() as session:
        note(services, session, member, AuditAction.TICKETS_EXPORTED, ("tickets", ""), filter=params.state())
    rows = (
        cells(line, columns, names)
        for found in services.desk.lists.pages(services.database, query)
        for line in found.lines
    )
    name = file_stem(params, names, services.clock.now()) + (".xlsx" if as_xlsx else ".csv")
    head = heads(columns, names)
    content: Iterator[Any] = xlsx_bytes(names.word("export_name"), head, rows) if as_xlsx else csv_lines(head, rows)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return StreamingResponse(content, media_type=_XLSX if as_xlsx else "text/csv; charset=utf-8", headers=headers)


@router.post("/tickets/bulk")
def bulk(
    request: Request,
    services: ServicesOf,
    member: TicketWorker,
    params: ListParamsOf,
    action: Annotated[BulkAction, Form()],
    number: Annotated[list[int], Form(max_length=400)] = [],  # noqa: B006 - read, never changed
    person: Annotated[str, Form(max_length=64)] = "",
    label_to: Annotated[str, Form(max_length=200)] = "",
    fix: Annotated[str, Form(max_length=500)] = "",
    priority_to: Annotated[str, Form(max_length=4)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Do one thing to the ticked tickets and show what became of each."""
    values = {
        BulkAction.ASSIGN: person,
        BulkAction.LABEL: label_to,
        BulkAction.RESOLVE: fix,
        BulkAction.PRIORITY: priority_to,
    }
    try:
        results = act_on_many(services, member, action, number, values.get(action, ""), reason=reason)
    except JiedaiError as refused:
        return _page(request, services, member, params, error=refused, ticked=frozenset(number))
    return _page(request, services, member, params, results=results)


@router.post("/views")
def save_view(
    request: Request,
    services: ServicesOf,
    member: TicketReader,
    params: ListParamsOf,
    name: _Name = "",
    group: _Name = "",
) -> Response:
    """Save the list that is shown."""
    state = params.state()
    return _act(
        request, services, member, params, lambda s: services.desk.views.create(s, member, name, state, group=group)
    )


@router.post("/views/{view_id}/rename")
def rename_view(
    request: Request,
    view_id: ViewPath,
    services: ServicesOf,
    member: TicketReader,
    params: ListParamsOf,
    name: _Name = "",
) -> Response:
    """Call a view something else."""
    return _act(request, services, member, params, lambda s: services.desk.views.rename(s, member, view_id, name))


@router.post("/views/{view_id}/{view_act}")
def act_on_view(
    request: Request,
    view_id: ViewPath,
    view_act: ViewAct,
    services: ServicesOf,
    member: TicketReader,
    params: ListParamsOf,
) -> Response:
    """Delete a view, bring it back, or see it first from now on."""
    undo = view_id if view_act == "delete" else ""
    return _act(request, services, member, params, lambda s: perform(services, s, member, view_id, view_act), undo=undo)


def _act(
    request: Request,
    services: Services,
    member: StaffMember,
    params: ListParams,
    act: Callable[[Session], object],
    *,
    undo: str = "",
) -> Response:
    try:
        with services.database.transaction() as session:
            act(session)
    except JiedaiError as refused:
        return _page(request, services, member, params, error=refused)
    # The tab keeps the address from being bare, which would lead on to the person's default view.
    return RedirectResponse(params.address(tab="open", undo=undo or None), status_code=HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    services: Services,
    member: StaffMember,
    params: ListParams,
    *,
    error: JiedaiError | None = None,
    **shown: Any,  # noqa: ANN401 - whatever the template shows beside
) -> Response:
    with services.database.reading() as session:
        names = naming(services, session, language_of_request(request))
        found = services.desk.lists.page(session, params.query(member))
        counts = services.desk.lists.counts(session, tab_filters(member), member.sight())
        views = services.desk.views.seen_by(session, member)
        follow_ups = services.desk.follow_ups.counts(session, [line.ticket.id for line in found.lines])
    columns, now, state = params.columns(), services.clock.now(), params.state()
    values = {
        "params": params,
        "state": state,
        "columns": columns,
        "heads": heads(columns, names),
        "rows": [
            (line, dict(zip(columns, cells(line, columns, names), strict=True)), queue_clock(line.ticket, now))
            for line in found.lines
        ],
        "follow_ups": follow_ups,
        "chips": chips(params, names),
        "tabs": [(name, address_of(tab), counts[name], _is_tab(tab, state)) for name, tab in TABS.items()],
        "views": [(view, address_of(view.state), view.state == state) for view in views],
        "undo": request.query_params.get("undo", ""),
        "next_page": params.address(cursor=found.after) if found.after else "",
        "names": names,
        "all_columns": tuple(Column),
        "sorts": tuple(Sort),
        "statuses": tuple(TicketStatus),
        "priorities": tuple(Priority),
        "can_share": member.role in _SHARERS,
        "can_export": member.may(Right.EXPORT),
        "can_work": member.may(Right.WORK),
        "can_assign": member.may(Right.ASSIGN),
        "error": error.message(language_of_request(request)) if error else "",
        "results": (),
        "ticked": frozenset(),
        **shown,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return page(request, "ticket_list.html", member=member, status_code=status, **values)


def _is_tab(tab: Mapping[str, object], state: Mapping[str, object]) -> bool:
    return {name: value for name, value in tab.items() if name != "tab"} == state
