"""What a page shows of a form: each place with what is in it, where that comes from, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kit.errors import Issue
from kit.text import displayable
from tickets.forms.json_schema import schema_of
from tickets.forms.schemas import FormField, Template, Unmet
from tickets.forms.values import FormState, FormView, StoredFile


@dataclass(frozen=True, slots=True)
class ShownField:
    """A place of a form on a page.

    Attributes:
        text: What is in it; of a secure place nothing.
        chosen: What is chosen of several.
        masked: The end of a secure value that is there.
        origin: Where a value that nobody handed in was read; empty: handed in.
        error: What is wrong, in the reader's language.
    """

    place: FormField
    text: str = ""
    chosen: tuple[str, ...] = ()
    files: tuple[StoredFile, ...] = ()
    masked: str = ""
    origin: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class ShownForm:
    """A form on a page.

    Attributes:
        others: What is wrong with no place of its own on the page.
        may_insist: It may be handed in as it is, for quality to decide.
    """

    number: int
    template: Template
    fields: tuple[ShownField, ...]
    others: tuple[str, ...]
    state: FormState
    score: float
    missing: tuple[str, ...]
    version: int
    writable: bool
    may_insist: bool
    reason: str

    @property
    def wrong(self) -> list[ShownField]:
        """Places with something wrong."""
        return [field for field in self.fields if field.error]


def shown_form(
    view: FormView, lang: str, *, typed: Mapping[str, object] | None = None, issues: Sequence[Issue] = ()
) -> ShownForm:
    """Return a form for a page.

    Args:
        view: As it stands.
        lang: ``zh`` or ``en``.
        typed: What was typed and refused: it stays on the page.
        issues: Why.
    """
    errors: dict[str, str] = {}
    for issue in issues:
        errors.setdefault(issue.field, issue.reason_zh if lang == "zh" else issue.reason_en)
    values = view.values if typed is None else typed
    fields = tuple(_shown(view, place, values, errors.get(place.name, "")) for place in view.template.fields)
    known = {place.name for place in view.template.fields}
    return ShownForm(
        number=view.number,
        template=view.template,
        fields=fields,
        others=tuple(displayable(words) for name, words in errors.items() if name not in known),
        state=view.state,
        score=view.score,
        missing=view.missing,
        version=view.version,
        writable=view.writable,
        may_insist=bool(issues) and view.template.unmet is Unmet.QA_QUEUE,
        reason=displayable(view.reason),
    )


def _shown(view: FormView, place: FormField, values: Mapping[str, object], error: str) -> ShownField:
    value = values.get(place.name)
    chosen = tuple(str(one) for one in value) if isinstance(value, list) else ()
    text = "" if value is None or isinstance(value, list) or place.secure else displayable(str(value))
    return ShownField(
        place=place,
        text=text,
        chosen=chosen,
        files=tuple(file for one in chosen if (file := view.files.get(one)) is not None),
        masked=str(view.values[place.name]) if place.name in view.sealed else "",
        origin=view.origins.get(place.name, ""),
        error=error,
    )


def form_json(view: FormView, lang: str) -> dict[str, Any]:
    """Return a form for programs: its schema, what is in it, what is wrong with it."""
    named = {one for value in view.values.values() if isinstance(value, list) for one in value}
    return {
        "ticket_number": view.number,
        "template": view.template.id,
        "edition": view.book_version,
        "schema": schema_of(view.template, lang),
        "unmet": view.template.unmet,
        "version": view.version,
        "state": view.state,
        "score": round(view.score, 3),
        "values": dict(view.values),
        "origins": dict(view.origins),
        "files": [asdict(file) for file in view.files.values() if file.id in named],
        "missing": list(view.missing),
        "errors": [
            {"field": f.field, "fault": f.fault, "reason": f.zh if lang == "zh" else f.en} for f in view.findings
        ],
        "writable": view.writable,
        "reason": view.reason,
    }
