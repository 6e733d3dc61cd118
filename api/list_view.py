"""What a ticket list shows in words: cells, chips of the filter, tabs; the screen and the exports say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.list_params import ME, MINE, NOBODY, ListParams, address_of
from api.rendering import texts
from api.wiring import Services
from kit.db import Session
from tickets.lists.schemas import Column, Filter, Line
from tickets.schemas import StaffMember
from tickets.service import WORKING_ZONE
from tickets.words import LabelPath

TABS: Mapping[str, Mapping[str, object]] = {
    "open": {"tab": "open"},  # says nothing, so that it is another address than "whatever is my default"
    "mine": {"assignee": ME},
    "group": {"group": MINE},
    "unassigned": {"assignee": NOBODY},
    "overdue": {"overdue": True, "sort": "due"},
    "all": {"all": True, "sort": "newest"},
}


@dataclass(frozen=True, slots=True)
class Naming:
    """Names of what a ticket holds as ids, in one language."""

    lang: str
    groups: Mapping[str, str]
    people: Mapping[str, str]
    labels: Mapping[LabelPath, str]

    def word(self, key: str, fallback: str = "") -> str:
        """Return a word of the screens."""
        return texts(self.lang).get(key, fallback or key)

    def label(self, path: LabelPath) -> str:
        """Return a category's name with its parents'; an id that the taxonomy no longer has stands for itself."""
        return self.labels.get(path, " / ".join(path)) if path else self.word("no_category")


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the filter in words, and the address of the list without it."""

    text: str
    address: str


def naming(services: Services, session: Session, lang: str) -> Naming:
    """Gather the names that a list needs: two small tables and the taxonomy."""
    place = 0 if lang == "zh" else 1
    taxonomy = services.shop.taxonomy
    return Naming(
        lang=lang,
        groups={group_id: names[place] for group_id, names in services.staff.groups(session).items()},
        people={person.username: person.name for person in services.staff.members(session)},
        labels={path: " / ".join(taxonomy.name(path, lang)) for path in taxonomy.paths},
    )


def heads(columns: Sequence[Column], names: Naming) -> list[str]:
    """Return the columns' names."""
    return [names.word(f"column_{column}") for column in columns]


def cells(line: Line, columns: Sequence[Column], names: Naming) -> list[str]:
    """Return a line's cells as plain text."""
    ticket = line.ticket
    texts_of = {
        Column.NUMBER: f"T-{ticket.number}",
        Column.TITLE: ticket.title,
        Column.TYPE: names.label(ticket.label),
        Column.PRIORITY: ticket.priority,
        Column.STATUS: names.word(f"status_{ticket.status}", ticket.status),
        Column.SUBMITTER: line.submitter,
        Column.OWNER: names.people.get(ticket.assignee or "", ticket.assignee or ""),
        Column.GROUP: names.groups.get(ticket.group_id or "", ticket.group_id or ""),
        Column.CHANNEL: names.word(f"channel_{ticket.channel}", ticket.channel),
        Column.CREATED: _minute(ticket.created_at),
        Column.UPDATED: _minute(ticket.updated_at),
        Column.RESPONSE: _minute(ticket.first_responded_at),
        Column.RESOLVE: _minute(ticket.resolved_at),
        Column.DUE: _minute(ticket.resolve_due_at),
    }
    return [texts_of[column] for column in columns]


def tab_filters(member: StaffMember) -> dict[str, Filter]:
    """Return what each tab shows."""
    return {name: ListParams.model_validate(dict(state)).filter(member) for name, state in TABS.items()}


def chips(params: ListParams, names: Naming) -> list[Chip]:
    """Return the filter in words, a chip for each part that can be taken away."""
    found: list[Chip] = []
    for status in params.status:
        rest = [other for other in params.status if other != status]
        found.append(Chip(names.word(f"status_{status}", status), params.address(status=rest)))
    for priority in params.priority:
        rest_of = [other for other in params.priority if other != priority]
        found.append(Chip(priority, params.address(priority=rest_of)))
    for name, text in _single(params, names):
        found.append(Chip(text, address_of({**params.state(), name: None})))
    return found


def file_stem(params: ListParams, names: Naming, now: datetime) -> str:
    """Return an export's file name without its ending: what it holds, and when it was made."""
    parts = [names.word("export_name"), *(chip.text for chip in chips(params, names)), _stamp(now)]
    stem = "_".join("".join(c if c.isalnum() or c in "-." else "-" for c in part).strip("-") for part in parts)
    return stem[:120]


def _single(params: ListParams, names: Naming) -> list[tuple[str, str]]:
    word = names.word
    assignee = {ME: word("list_mine"), NOBODY: word("list_unassigned")}.get(params.assignee)
    group = word("view_group") if params.group == MINE else names.groups.get(params.group, params.group)
    label = tuple(part for part in params.label.split("/") if part)
    pairs = [
        ("q", f"“{params.q}”" if params.q else ""),
        ("group", group),
        ("assignee", assignee or names.people.get(params.assignee, params.assignee)),
        ("label", names.label(label) if label else ""),
        ("channel", word(f"channel_{params.channel}", params.channel) if params.channel else ""),
        ("overdue", word("list_overdue") if params.overdue else ""),
        ("all", word("list_all") if params.all else ""),
    ]
    days = ("created_from", "created_to", "updated_from", "updated_to")
    pairs += [(name, f"{word('list_' + name)} {day}") for name in days if (day := getattr(params, name))]
    return [(name, text) for name, text in pairs if text]


def _minute(at: datetime | None) -> str:
    return at.astimezone(WORKING_ZONE).strftime("%Y-%m-%d %H:%M") if at else ""


def _stamp(now: datetime) -> str:
    return now.astimezone(WORKING_ZONE).strftime("%Y%m%d-%H%M")
