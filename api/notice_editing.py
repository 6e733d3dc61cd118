"""How the screen of notices changes the book: one template or the general part at a time, the rest stays."""

from collections.abc import Mapping
from typing import Any

from api.wiring import Services
from kit.db import Session
from tickets.books.errors import BookChanged
from tickets.books.schemas import Edition
from tickets.books.service import checked
from tickets.notices.book import NOTICES, NoticeBook, Template
from tickets.notices.errors import TemplateNotFound

_ONE = "templates.0."


def edition(services: Services, session: Session) -> Edition[NoticeBook]:
    """Return the book in force, with its version."""
    return services.desk.books.current(session, NOTICES)


def template_of(book: NoticeBook, key: str) -> Template:
    """Return a template by its key.

    Raises:
        TemplateNotFound: The book has none of that key.
    """
    found = next((template for template in book.templates if template.key == key), None)
    if found is None:
        raise TemplateNotFound
    return found


def parsed(raw: Mapping[str, object]) -> Template:
    """Return a template as it was typed.

    Raises:
        BookInvalid: It is none; the places are those of the form.
    """
    return checked(NOTICES, {"templates": [raw]}).templates[0]


def place_of(field: str | None) -> str:
    """Return a place of ``parsed`` as the form names it."""
    return (field or "").removeprefix(_ONE).removeprefix("templates.0")


def save_template(
    services: Services, session: Session, raw: Mapping[str, object], key: str, *, base_version: int, actor: str
) -> None:
    """Write a template in the place of the one with ``key``, or as a new one.

    Raises:
        BookInvalid, BookChanged, TemplateNotFound: Nothing is written.
    """
    typed = parsed(raw)
    kept = list(_unchanged(services, session, base_version).templates)
    if key:
        kept[kept.index(template_of(_book(services, session), key))] = typed
    else:
        kept.append(typed)
    _save(services, session, {"templates": [t.model_dump(mode="json") for t in kept]}, base_version, actor)


def remove_template(services: Services, session: Session, key: str, *, base_version: int, actor: str) -> None:
    """Take a template out of the book; raises as ``save_template``."""
    book = _unchanged(services, session, base_version)
    gone = template_of(book, key)
    kept = [t.model_dump(mode="json") for t in book.templates if t is not gone]
    _save(services, session, {"templates": kept}, base_version, actor)


def save_general(
    services: Services, session: Session, raw: Mapping[str, object], *, base_version: int, actor: str
) -> None:
    """Write quiet hours, what is urgent, the survey and the follow-up; raises as ``save_template``."""
    _save(services, session, raw, base_version, actor)


def _book(services: Services, session: Session) -> NoticeBook:
    return edition(services, session).body


def _unchanged(services: Services, session: Session, base_version: int) -> NoticeBook:
    """Return the book, if it still is the one that the form was filled from."""
    found = edition(services, session)
    if found.version != base_version:
        raise BookChanged(found.version)
    return found.body


def _save(services: Services, session: Session, raw: Mapping[str, object], base_version: int, actor: str) -> None:
    whole: dict[str, Any] = {**_book(services, session).model_dump(mode="json"), **raw}
    services.desk.books.save(session, NOTICES, whole, base_version=base_version, actor=actor)
