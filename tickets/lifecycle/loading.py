"""Schemes from YAML: read, and refused where they contradict themselves."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tickets.lifecycle.errors import SchemeInvalid
from tickets.lifecycle.schemas import Guard, Need, Part, Scheme, TicketAction, Transition
from tickets.words import Stage, TicketStatus

_FOLDER = Path(__file__).parent / "schemes"
_SAME = "same"


@cache
def bundled() -> Mapping[str, Scheme]:
    """Return the schemes that come with the service, by name."""
    found = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.yaml")))
    return {scheme.name: scheme for scheme in map(scheme_from, found)}


def scheme_from(data: Mapping[str, Any]) -> Scheme:
    """Return a scheme.

    Args:
        data: ``name``, ``initial``, ``steps``; optional ``sets`` (names for lists of statuses), ``stages``, ``names``.

    Raises:
        SchemeInvalid: An unknown word, a cell written twice, a status that nothing leads to, an open status that
            nothing leads out of to ``closed``, or a way out of ``closed``.
    """
    name = str(data.get("name", "?"))
    try:
        scheme = Scheme(
            name=name,
            initial=TicketStatus(data["initial"]),
            table=_table(name, data),
            stages={TicketStatus(k): tuple(map(Stage, v)) for k, v in data.get("stages", {}).items()},
            names={TicketStatus(k): (zh, en) for k, (zh, en) in data.get("names", {}).items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SchemeInvalid(name, f"{type(error).__name__}: {error}") from error
    _check(scheme)
    return scheme


def _table(name: str, data: Mapping[str, Any]) -> dict[tuple[TicketStatus, TicketAction], Transition]:
    table: dict[tuple[TicketStatus, TicketAction], Transition] = {}
    for step in data["steps"]:
        action = TicketAction(step["action"])
        for status in _statuses(step["from"], data.get("sets", {})):
            if (status, action) in table:
                raise SchemeInvalid(name, f"{status} + {action} is written twice")
            table[status, action] = Transition(
                to=status if step["to"] == _SAME else TicketStatus(step["to"]),
                by=frozenset(map(Part, step["by"])),
                needs=frozenset(map(Need, step.get("needs", ()))),
                guards=frozenset(map(Guard, step.get("guards", ()))),
            )
    return table


def _statuses(words: list[str], sets: Mapping[str, list[str]]) -> list[TicketStatus]:
    return [TicketStatus(status) for word in words for status in sets.get(word, [word])]


def _check(scheme: Scheme) -> None:
    reached = _closure({scheme.initial}, {(s, t.to) for (s, _), t in scheme.table.items()})
    lost = {status for status, _ in scheme.table} - reached
    if lost:
        raise SchemeInvalid(scheme.name, f"nothing leads to {min(lost)}")
    ending = _closure({TicketStatus.CLOSED}, {(t.to, s) for (s, _), t in scheme.table.items()})
    stuck = scheme.statuses - ending
    if stuck:
        raise SchemeInvalid(scheme.name, f"nothing leads from {min(stuck)} to closed")
    if any(status is TicketStatus.CLOSED for status, _ in scheme.table):
        raise SchemeInvalid(scheme.name, "a closed ticket moves no more")


def _closure(start: set[TicketStatus], edges: set[tuple[TicketStatus, TicketStatus]]) -> set[TicketStatus]:
    reached = set(start)
    while True:
        more = {end for begin, end in edges if begin in reached} - reached
        if not more:
            return reached
        reached |= more
