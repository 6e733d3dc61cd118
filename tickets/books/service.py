"""Keeps books: what is in force, what was, who wrote it; an invalid edition is never in force (ADR-0016)."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kit.audit.schemas import Act
from kit.audit.service import AuditLog
from kit.clock import Clock
from kit.db import Conflict, Session, savepoint
from kit.errors import Issue
from kit.events import Publisher
from tickets.auditing import AuditAction
from tickets.books import repository
from tickets.books.errors import BookChanged, BookInvalid, EditionNotFound
from tickets.books.events import BookSaved
from tickets.books.models import EditionRow
from tickets.books.schemas import Body, Book, Edition, EditionLine

SEED = "system:seed"
_NOTE_CHARS = 300
_KEPT_IN_MIND = 8  # parsed editions a book: those that open tickets still point at
_MOST = 200  # editions listed


class BookService:
    """Reads and writes the business's documents.

    Args:
        clock: The time.
        audit: Where changes are recorded.
        publisher: Where they are stated, so that what depends on a book is computed anew.
    """

    def __init__(self, clock: Clock, audit: AuditLog, publisher: Publisher) -> None:
        self._clock = clock
        self._audit = audit
        self._publisher = publisher
        self._parsed: dict[tuple[str, int], Edition[Any]] = {}

    def current(self, session: Session, book: Book[Body]) -> Edition[Body]:
        """Return the edition in force; costs one read of an index, its content is parsed once a process."""
        version = repository.newest_version(session, book.name)
        return self.at(session, book, version) if version else Edition(0, book.default())

    def at(self, session: Session, book: Book[Body], version: int) -> Edition[Body]:
        """Return an edition.

        Raises:
            EditionNotFound: There is none of that version.
        """
        known = self._parsed.get((book.name, version))
        if known is not None:
            return known
        row = repository.get(session, book.name, version)
        if row is None:
            raise EditionNotFound
        edition = Edition(row.version, book.body.model_validate(row.body), row.author, row.note, row.at)
        while sum(name == book.name for name, _ in self._parsed) >= _KEPT_IN_MIND:
            del self._parsed[min(key for key in self._parsed if key[0] == book.name)]
        self._parsed[book.name, version] = edition
        return edition

    def save(
        self,
        session: Session,
        book: Book[Body],
        raw: Mapping[str, object],
        *,
        base_version: int,
        actor: str,
        note: str = "",
    ) -> Edition[Body]:
        """Write a new edition; it is in force from this transaction's end.

        Args:
            session: The unit of work.
            book: Which.
            raw: Its content as JSON has it.
            base_version: The version that the editor began from.
            actor: Who writes.
            note: Why.

        Raises:
            BookInvalid: It isn't what the book must be; nothing is written.
            BookChanged: Somebody else wrote one meanwhile.
        """
        body = checked(book, raw)
        newest = repository.newest_version(session, book.name)
        if newest != base_version:
            raise BookChanged(newest)
        now, version = self._clock.now(), newest + 1
        row = EditionRow(
            book=book.name,
            version=version,
            body=body.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            author=actor,
            note=note.strip()[:_NOTE_CHARS],
            at=now,
        )
        try:
            with savepoint(session):
                repository.add(session, row)
        except Conflict as error:  # both read the same newest version
            raise BookChanged(version) from error
        data = {"version": version, "note": row.note}
        self._audit.record(session, Act(actor, AuditAction.BOOK_SAVED, "book", book.name, data))
        self._publisher.publish(session, BookSaved(book.name, serial_key=f"book:{book.name}"))
        return Edition(version, body, actor, row.note, now)

    def plant(self, session: Session, book: Book[Body], raw: Mapping[str, object]) -> None:
        """Write the first edition, where there is none yet; raises as ``save``."""
        if not repository.newest_version(session, book.name):
            self.save(session, book, raw, base_version=0, actor=SEED)

    def editions(self, session: Session, book: Book[Body]) -> Sequence[EditionLine]:
        """Return a book's editions, newest first."""
        rows = repository.lines(session, book.name, _MOST)
        return [EditionLine(row.version, row.author, row.note, row.at) for row in rows]

    def restore(
        self, session: Session, book: Book[Body], version: int, *, base_version: int, actor: str
    ) -> Edition[Body]:
        """Write an earlier edition once more, as the newest; raises as ``at`` and ``save``."""
        raw = self.at(session, book, version).body.model_dump(mode="json", by_alias=True)
        return self.save(session, book, raw, base_version=base_version, actor=actor, note=f"= {version}")


def checked(book: Book[Body], raw: Mapping[str, object]) -> Body:
    """Return a book's content, if it is one.

    Raises:
        BookInvalid: With every place that is wrong.
    """
    try:
        return book.body.model_validate(raw)
    except ValidationError as error:
        raise BookInvalid([_issue(found) for found in error.errors(include_url=False)]) from error


class Refusal(ValueError):
    """What a book's own validator says is wrong, in both languages; pydantic carries it to ``BookInvalid``."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh


_ZH = {
    "missing": "必填",
    "extra_forbidden": "不认识这一项",
    "string_too_short": "太短或为空",
    "string_too_long": "太长",
    "enum": "不是允许的取值",
    "literal_error": "不是允许的取值",
    "union_tag_invalid": "不是允许的类型",
    "union_tag_not_found": "缺少类型",
}
"""Pydantic's own findings in Chinese; anything else is told as "not acceptable" with pydantic's words behind it."""


def _issue(found: ErrorDetails) -> Issue:
    field = ".".join(str(part) for part in found["loc"]) or "."
    own = found.get("ctx", {}).get("error")
    if isinstance(own, Refusal):
        return Issue(field, own.zh, str(own))
    return Issue(field, _ZH.get(found["type"], f"内容不符合要求（{found['msg']}）"), found["msg"])
