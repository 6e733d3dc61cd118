"""The screen of automation rules: the list, a builder that works without script, trying, editions, the trace."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.policies import RuleKeeper, ServicesOf
from api.problems import language_of_request
from api.rendering import page, texts
from api.rules_form import OPERATORS, PARAMETERS, ActionRow, Group, Row, RuleForm, as_json, form_of
from api.rules_view import rearranged, shown_rules, with_rule, wrong_places
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.ids import ID_PATTERN
from tickets.automation.errors import NotJson
from tickets.automation.schemas import NAME_CHARS
from tickets.automation.trial import Trial
from tickets.automation.words import Do
from tickets.schemas import StaffMember

router = APIRouter(prefix="/admin/rules", tags=["rule pages"])
_PAGE = "/admin/rules"
_TRACE_LINES = 30
_TRIED = (100, 500, 2000)
_Words = list[Annotated[str, Field(max_length=1000)]]
_Name = Annotated[str, Query(max_length=NAME_CHARS)]
RuleAct = Annotated[str, Path(pattern="^(up|down|on|off|delete)$")]


class Filled(BaseModel):
    """The builder's form as it is posted; rows lie side by side, each with the place of its group."""

    of: str = Field("", max_length=NAME_CHARS)
    base: int = 0
    act: str = Field("refresh", max_length=40)
    name: str = Field("", max_length=200)
    when: _Words = []
    join: str = Field("and", max_length=3)
    group_join: _Words = []
    row_group: list[int] = []
    field: _Words = []
    op: _Words = []
    value: _Words = []
    action: _Words = []
    p1: _Words = []
    p2: _Words = []
    new_action: str = Field(Do.TAG, max_length=40)
    stop: bool = False
    enabled: bool = False
    json_text: str = Field("", max_length=40_000)
    json_was: str = Field("", max_length=40_000)
    only_json: bool = False
    note: str = Field("", max_length=300)
    tickets: int = Field(_TRIED[0], ge=1, le=_TRIED[-1])

    def form(self) -> RuleForm:
        """Return the rule as it is filled in; where the JSON was changed, or is all there is, it wins.

        Raises:
            NotJson: It was changed to something that is no JSON object.
        """
        if self.only_json or _plain(self.json_text) != _plain(self.json_was):
            return form_of(_parsed(self.json_text))
        return self.rows()

    def rows(self) -> RuleForm:
        """Return the rule as its rows say it."""
        if self.only_json:
            return RuleForm(raw={})
        rows = list(zip(self.row_group, self.field, self.op, self.value, strict=False))
        groups = (
            Group(join, tuple(Row(f, o, v) for place, f, o, v in rows if place == n))
            for n, join in enumerate(self.group_join)
        )
        actions = tuple(ActionRow(a, (one, two)) for a, one, two in zip(self.action, self.p1, self.p2, strict=False))
        kept = tuple(group for group in groups if group.rows)
        return RuleForm(self.name, tuple(self.when), self.join, kept, actions, stop=self.stop, enabled=self.enabled)


@router.get("")
def rules(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    of: _Name = "",
    before: Annotated[str, Query(pattern=f"^$|{ID_PATTERN}")] = "",
) -> Response:
    """Show the rules in force, their editions and what fired, of one rule where named."""
    return _list(request, services, member, of=of, before=before)


@router.get("/edit")
def edit(request: Request, services: ServicesOf, member: RuleKeeper, of: _Name = "") -> Response:
    """Show a rule in the builder, or an empty one."""
    with services.database.reading() as session:
        edition = services.automation.keeper.current(session)
    found = next((rule for rule in edition.body.rules if rule.name == of), None)
    if found is None:
        form = RuleForm(groups=(Group(),), actions=(ActionRow(),))
        return _builder(request, services, member, Filled(base=edition.version), form)
    raw = found.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return _builder(request, services, member, Filled(of=of, base=edition.version), form_of(raw))


@router.post("/edit")
def build(request: Request, services: ServicesOf, member: RuleKeeper, filled: Annotated[Filled, Form()]) -> Response:
    """Add or remove a row, try the rule, or save it; only saving changes anything."""
    form, tried = filled.rows(), None
    try:
        form = _changed(filled.form(), filled)
        if filled.act == "save":
            return _save(services, member, filled, form)
        if filled.act == "try":
            tried = _try(services, filled, form)
    except JiedaiError as refused:
        return _builder(request, services, member, filled, form, error=refused)
    return _builder(request, services, member, filled, form, tried=tried)


@router.post("/restore")
def restore(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    version: Annotated[int, Form(ge=1)],
    base: Annotated[int, Form()] = 0,
) -> Response:
    """Bring an earlier edition back as the newest."""
    try:
        with services.database.transaction() as session:
            services.automation.keeper.restore(session, version, base_version=base, actor=member.username)
    except JiedaiError as refused:
        return _list(request, services, member, error=refused)
    return RedirectResponse(f"{_PAGE}#editions", status_code=HTTPStatus.SEE_OTHER)


@router.post("/{rule_act}")
def rearrange(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    rule_act: RuleAct,
    of: Annotated[str, Form(max_length=NAME_CHARS)] = "",
    base: Annotated[int, Form()] = 0,
) -> Response:
    """Move a rule, switch it on or off, or take it away; each is a new edition."""
    try:
        with services.database.transaction() as session:
            raw = rearranged(services, session, of, rule_act)
            note = f"{rule_act}: {of}"
            services.automation.keeper.save(session, raw, base_version=base, actor=member.username, note=note)
    except JiedaiError as refused:
        return _list(request, services, member, error=refused)
    return RedirectResponse(f"{_PAGE}#rules", status_code=HTTPStatus.SEE_OTHER)


def _plain(text: str) -> str:
    """Return a text as it was before a browser sent it: forms turn line ends into two characters."""
    return text.replace("\r\n", "\n").strip()


def _parsed(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotJson from error
    if not isinstance(parsed, dict):
        raise NotJson
    return parsed


def _changed(form: RuleForm, filled: Filled) -> RuleForm:
    """Return the form after a row was added or removed."""
    act, _, place = filled.act.partition(":")
    if form.raw is not None or act not in {"add_row", "remove_row", "add_group", "add_action", "remove_action"}:
        return form
    groups, actions = [list(group.rows) for group in form.groups], list(form.actions)
    at = int(place) if place.isdecimal() and len(place) < 4 else -1  # noqa: PLR2004 - three digits are many rows
    if act == "add_group":
        groups.append([Row()])
    elif act == "add_action":
        actions.append(ActionRow(filled.new_action if filled.new_action in list(Do) else Do.TAG))
    elif act == "add_row" and at < len(groups):
        groups[at].append(Row())
    elif act == "remove_action" and at < len(actions):
        del actions[at]
    elif act == "remove_row":
        flat = [(n, row) for n, rows in enumerate(groups) for row in rows]
        groups = [[row for k, (g, row) in enumerate(flat) if g == n and k != at] for n in range(len(groups))]
    joins = [*(group.join for group in form.groups), "and"]
    kept = tuple(Group(join, tuple(rows)) for join, rows in zip(joins, groups, strict=False) if rows)
    return RuleForm(form.name, form.when, form.join, kept, tuple(actions), stop=form.stop, enabled=form.enabled)


def _save(services: Services, member: StaffMember, filled: Filled, form: RuleForm) -> Response:
    with services.database.transaction() as session:
        raw = with_rule(services, session, filled.of, form.as_rule())
        services.automation.keeper.save(
            session, raw, base_version=filled.base, actor=member.username, note=filled.note or form.name
        )
    return RedirectResponse(f"{_PAGE}#rules", status_code=HTTPStatus.SEE_OTHER)


def _try(services: Services, filled: Filled, form: RuleForm) -> Trial:
    with services.database.reading() as session:
        raw = with_rule(services, session, filled.of, form.as_rule())
        draft = services.automation.keeper.check(session, raw)
    *_, result = services.automation.keeper.try_out(services.database, draft, filled.tickets)
    return result


def _builder(
    request: Request,
    services: Services,
    member: StaffMember,
    filled: Filled,
    form: RuleForm,
    *,
    error: JiedaiError | None = None,
    tried: Trial | None = None,
) -> Response:
    keeper = services.automation.keeper
    with services.database.reading() as session:
        choices = keeper.choices(session)
        endpoints = [endpoint.url for endpoint in services.webhooks.endpoints(session)]
    broken = error is not None and isinstance(error, NotJson)
    values: Mapping[str, Any] = {
        "filled": filled,
        "form": form,
        "json_text": filled.json_text if broken else as_json(form.as_rule()),
        "fields": keeper.fields,
        "moments": keeper.moments,
        "actions": keeper.actions,
        "operators": OPERATORS,
        "parameters": PARAMETERS,
        "choices": {**choices, "endpoint": endpoints, "person": choices.get("assignee", [])},
        "tried": tried,
        "sizes": _TRIED,
        "wrong": wrong_places(error, language_of_request(request)),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return page(request, "admin_rule.html", member=member, status_code=status, **values)


def _list(
    request: Request,
    services: Services,
    member: StaffMember,
    *,
    of: str = "",
    before: str = "",
    error: JiedaiError | None = None,
) -> Response:
    lang = language_of_request(request)
    with services.database.reading() as session:
        values = _shown(services, session, of, before, lang)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    wrong = wrong_places(error, lang)
    return page(request, "admin_rules.html", member=member, status_code=status, wrong=wrong, **values)


def _shown(services: Services, session: Session, of: str, before: str, lang: str) -> dict[str, Any]:
    keeper = services.automation.keeper
    trace = keeper.trace(session, _TRACE_LINES + 1, rule=of, before=before)
    return {
        "edition": keeper.current(session),
        "rules": shown_rules(services, session, texts(lang)),
        "editions": keeper.editions(session),
        "trace": trace[:_TRACE_LINES],
        "more": trace[_TRACE_LINES - 1].id if len(trace) > _TRACE_LINES else "",
        "of": of,
        "names": services.staff.names(session),
    }
