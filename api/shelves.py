"""The books that have one screen in common: how each is saved, what a change of it would do, what it may begin from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from api.wiring import Services
from kit.db import Session
from kit.errors import Issue
from tickets.books.errors import BookInvalid
from tickets.books.schemas import Book, Edition, Page
from tickets.books.service import checked
from tickets.merging.book import DUPLICATES
from tickets.routing.book import ROUTING
from tickets.sla.calendars import CALENDARS
from tickets.sla.policies import SERVICE_LEVELS, presets
from tickets.sla.schemas import Moves

Raw = Mapping[str, object]


class Keep(Protocol):
    """Saves an edition with the checks that its own room adds to the book's."""

    def __call__(self, session: Session, raw: Raw, *, base_version: int, actor: str, note: str = "") -> Edition[Any]:
        """Save it; raises ``BookInvalid``, ``BookChanged`` and what the room refuses."""
        ...


@dataclass(frozen=True, slots=True)
class Shelf:
    """A book and what its screen can do.

    Attributes:
        book: Which.
        keep: How it is saved.
        check: Raises what saving would; returns how many due times it would move, where it moves any.
        starters: What one may begin from, by name.
    """

    book: Book[Any]
    keep: Callable[[Services], Keep]
    check: Callable[[Services, Session, Raw], Moves | None]
    starters: Callable[[], Mapping[str, Page]] = dict


def _check_routing(services: Services, session: Session, raw: Raw) -> None:
    services.desk.routes.check(session, raw)


def _check_duplicates(services: Services, session: Session, raw: Raw) -> None:  # noqa: ARG001 - as the others
    checked(DUPLICATES, raw)


def _keep_duplicates(services: Services) -> Keep:
    def keep(session: Session, raw: Raw, *, base_version: int, actor: str, note: str = "") -> Edition[Any]:
        return services.desk.books.save(session, DUPLICATES, raw, base_version=base_version, actor=actor, note=note)

    return keep


SHELVES: Mapping[str, Shelf] = {
    "sla": Shelf(
        SERVICE_LEVELS,
        lambda services: services.desk.sla.save_levels,
        lambda services, session, raw: services.desk.sla.preview(session, levels=raw),
        presets,
    ),
    "calendars": Shelf(
        CALENDARS,
        lambda services: services.desk.sla.save_calendars,
        lambda services, session, raw: services.desk.sla.preview(session, calendars=raw),
    ),
    "routing": Shelf(ROUTING, lambda services: services.desk.routes.save, _check_routing),
    "duplicates": Shelf(DUPLICATES, _keep_duplicates, _check_duplicates),
}
"""In the order of the menu."""


def parsed(text: str) -> dict[str, object]:
    """Return what somebody wrote as JSON.

    Raises:
        BookInvalid: It is no JSON object; says where it stops being one.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        place = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else "."
        raise BookInvalid([Issue(place, "不是有效的 JSON", "not valid JSON")]) from error
    if not isinstance(found, dict):
        raise BookInvalid([Issue(".", "应是一个 JSON 对象", "a JSON object is expected")])
    return found


def written(body: Page) -> str:
    """Return a book's content as people edit it: what is as usual is left out."""
    return json.dumps(body.model_dump(mode="json", by_alias=True, exclude_defaults=True), ensure_ascii=False, indent=2)
