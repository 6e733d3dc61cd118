"""The editor of forms: templates by plain fields, a preview, what a change would do, JSON beside it, editions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import form_editing as editing
from api.form_input import PostedOf
from api.form_view import ShownField, ShownForm
from api.policies import RuleKeeper, ServicesOf
from api.problems import language_of_request
from api.rendering import page
from api.wiring import Services
from kit.errors import Issue, JiedaiError
from tickets.forms.overview import Effects
from tickets.forms.schemas import FormBook, Kind, Template
from tickets.forms.values import FormState
from tickets.schemas import StaffMember

router = APIRouter(prefix="/admin/forms", tags=["form pages"])
_HOME = "/admin/forms"
_Template = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of a template: what is wrong with it, or how it looks and what it would do."""

    errors: tuple[str, ...] = ()
    preview: ShownForm | None = None
    effects: Effects | None = None


@router.get("")
def forms(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    of: Annotated[str, Query(max_length=40)] = "",
    *,
    new: bool = False,
) -> Response:
    """Show the templates, one of them to be changed where named, and the editions."""
    book = _raw(services)
    chosen = next((t for t in book["templates"] if t["id"] == of), None)
    if new:
        chosen = {"id": "", "label": [], "channels": [], "zh": "", "en": "", "fields": [dict(editing.NEW_FIELD)]}
    tried = _tried(services, request, book["templates"], of, chosen) if chosen and not new else _Tried()
    return _page(request, services, member, of=of, template=chosen, tried=tried)


@router.post("")
def edit(request: Request, services: ServicesOf, member: RuleKeeper, sent: PostedOf) -> Response:
    """Do what the pressed button says; nothing is stored before ``save``."""
    own = sent.own
    do, of = own.get("do", "try"), own.get("of", "")
    base_version = int(own["base_version"]) if own.get("base_version", "").isdigit() else 0
    template: _Template | None = editing.parsed(own["json"]) if "json" in own else editing.template_of(own)
    if template is None:
        zh = language_of_request(request) == "zh"
        tried = _Tried((("这不是一个 JSON 对象" if zh else "This is not a JSON object"),))
        return _page(request, services, member, of=of, template=None, tried=tried, json=own["json"])
    templates = _raw(services)["templates"]
    if do in {"save", "remove"}:
        wanted = editing.replaced(templates, of, None if do == "remove" else template)
        try:
            with services.database.transaction() as session:
                services.desk.form_overview.save(
                    session,
                    {"templates": wanted},
                    base_version=base_version,
                    actor=member.username,
                    note=own.get("note", ""),
                )
        except JiedaiError as refused:
            tried = _Tried(_words(request, refused))
            return _page(request, services, member, of=of, template=template, tried=tried, base_version=base_version)
        target = "" if do == "remove" else f"?of={quote(str(template.get('id', '')))}"
        return RedirectResponse(f"{_HOME}{target}", status_code=HTTPStatus.SEE_OTHER)
    if do != "try":
        template = editing.changed({"fields": [], "rules": [], **template}, do)
    tried = _tried(services, request, templates, of, template)
    if do != "try":  # a row was just added: that it is empty yet is no error
        tried = _Tried(preview=tried.preview)
    return _page(request, services, member, of=of, template=template, tried=tried, base_version=base_version)


@router.post("/restore")
def restore(
    request: Request,
    services: ServicesOf,
    member: RuleKeeper,
    version: Annotated[int, Form(ge=1)],
    base_version: Annotated[int, Form(ge=0)],
) -> Response:
    """Make an earlier edition the newest."""
    try:
        with services.database.transaction() as session:
            services.desk.form_overview.restore(session, version, base_version=base_version, actor=member.username)
    except JiedaiError as refused:
        return _page(request, services, member, of="", template=None, tried=_Tried(_words(request, refused)))
    return RedirectResponse(_HOME, status_code=HTTPStatus.SEE_OTHER)


def _raw(services: Services) -> dict[str, Any]:
    with services.database.reading() as session:
        return services.desk.form_overview.edition(session).body.model_dump(mode="json", exclude_defaults=True)


def _tried(
    services: Services,
    request: Request,
    templates: Sequence[Mapping[str, Any]],
    of: str,
    template: Mapping[str, Any],
) -> _Tried:
    """Check a book with a template in it, and try it on open tickets."""
    try:
        book: FormBook = services.desk.form_overview.checked({"templates": editing.replaced(templates, of, template)})
    except JiedaiError as refused:
        return _Tried(_words(request, refused))
    found = book.template(str(template["id"]))
    with services.database.reading() as session:
        effects = services.desk.form_overview.effects(session, book, services.desk.forms.today())
    return _Tried(preview=_preview(found) if found else None, effects=effects)


def _preview(template: Template) -> ShownForm:
    return ShownForm(
        number=0,
        template=template,
        fields=tuple(ShownField(place) for place in template.fields),
        others=(),
        state=FormState.OPEN,
        score=0.0,
        missing=(),
        version=0,
        writable=True,
        may_insist=False,
        reason="",
    )


def _words(request: Request, refused: JiedaiError) -> tuple[str, ...]:
    zh = language_of_request(request) == "zh"
    if not refused.issues:
        return (refused.message_zh if zh else refused.message_en,)
    return tuple(_line(issue, zh=zh) for issue in refused.issues)


def _line(issue: Issue, *, zh: bool) -> str:
    """Return an issue with its place as the page counts: the third field's pattern, not ``templates.0.fields.2``."""
    parts = issue.field.split(".")
    where = [(part, parts[at + 1]) for at, part in enumerate(parts[:-1]) if part in {"fields", "rules"}]
    names = {"fields": ("字段", "field"), "rules": ("规则", "rule")}
    place = " ".join(f"{names[kind][0 if zh else 1]} {int(n) + 1}" for kind, n in where if n.isdigit())
    last = parts[-1] if not parts[-1].isdigit() else ""
    return " ".join(word for word in (place, last, issue.reason_zh if zh else issue.reason_en) if word)


def _page(
    request: Request,
    services: Services,
    member: StaffMember,
    *,
    of: str,
    template: Mapping[str, Any] | None,
    tried: _Tried,
    base_version: int | None = None,
    json: str = "",
) -> Response:
    with services.database.reading() as session:
        edition = services.desk.form_overview.edition(session)
        editions = services.desk.form_overview.editions(session)
        names = services.staff.names(session)
    return page(
        request,
        "admin_forms.html",
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if tried.errors else HTTPStatus.OK,
        member=member,
        book=edition.body,
        version=edition.version if base_version is None else base_version,
        editions=editions,
        names=names,
        of=of,
        edited=editing.filled(template),
        tried=tried,
        json=json or (editing.as_json(template) if template else ""),
        kinds=list(Kind),
        taxonomy=services.shop.taxonomy,
    )
