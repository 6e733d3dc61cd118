"""Books in editions, on both databases: what is in force, what is refused, what was."""

from typing import Literal

import pytest
from pydantic import Field, model_validator

from factories import Store
from kit.audit.schemas import AuditQuery
from kit.audit.service import AuditLog
from tickets.books.errors import BookChanged, BookInvalid, EditionNotFound
from tickets.books.events import BookSaved
from tickets.books.schemas import Book, Page
from tickets.books.service import SEED, BookService, Refusal


class Shelf(Page):
    kind: Literal["open", "closed"] = "open"
    boards: tuple[int, ...] = Field(default=(1,), min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> "Shelf":
        if list(self.boards) != sorted(self.boards):
            raise Refusal("层板要从低到高", "boards go upwards")
        return self


SHELF = Book("shelf", Shelf, Shelf)


def test_the_default_is_in_force_until_somebody_writes(store: Store) -> None:
    with store.database.transaction() as session:
        assert store.books.current(session, SHELF).version == 0
        assert store.books.current(session, SHELF).body == Shelf()
        store.books.save(session, SHELF, {"boards": [1, 2]}, base_version=0, actor="gao", note="two")
    with store.database.reading() as session:
        edition = store.books.current(session, SHELF)
        assert (edition.version, edition.author, edition.note) == (1, "gao", "two")
        assert edition.body == Shelf(boards=(1, 2))


def test_saving_states_and_records_it(store: Store) -> None:
    with store.database.transaction() as session:
        store.books.save(session, SHELF, {}, base_version=0, actor="gao")
        records = AuditLog(store.vault, store.clock).page(session, AuditQuery(), 5)
    assert [(r.actor, r.action, r.subject_id, r.data["version"]) for r in records if r.actor != SEED] == [
        ("gao", "book.saved", "shelf", 1)
    ]
    assert BookSaved("shelf", serial_key="book:shelf") in store.bus.events


@pytest.mark.parametrize(
    ("raw", "field", "zh"),
    [
        ({"boards": [2, 1]}, ".", "层板要从低到高"),
        ({"kind": "ajar"}, "kind", "不是允许的取值"),
        ({"colour": "red"}, "colour", "不认识这一项"),
        ({"boards": ["x"]}, "boards.0", ""),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(store: Store, raw, field: str, zh: str) -> None:
    with store.database.transaction() as session, pytest.raises(BookInvalid) as refused:
        store.books.save(session, SHELF, raw, base_version=0, actor="gao")
    assert refused.value.issues[0].field == field
    assert zh in refused.value.issues[0].reason_zh
    with store.database.reading() as session:
        assert store.books.current(session, SHELF).version == 0


def test_who_comes_second_is_told(store: Store) -> None:
    with store.database.transaction() as session:
        store.books.save(session, SHELF, {"note": "first"}, base_version=0, actor="gao")
    with store.database.transaction() as session, pytest.raises(BookChanged):
        store.books.save(session, SHELF, {"note": "second"}, base_version=0, actor="li")
    with store.database.reading() as session:
        assert store.books.current(session, SHELF).body.note == "first"


def test_an_earlier_edition_comes_back_as_the_newest(store: Store) -> None:
    with store.database.transaction() as session:
        for n in range(3):
            store.books.save(session, SHELF, {"note": f"n{n}"}, base_version=n, actor="gao")
        store.books.restore(session, SHELF, 1, base_version=3, actor="li")
    with store.database.reading() as session:
        assert store.books.current(session, SHELF).body.note == "n0"
        assert [line.version for line in store.books.editions(session, SHELF)] == [4, 3, 2, 1]
        with pytest.raises(EditionNotFound):
            store.books.at(session, SHELF, 9)


def test_planting_writes_only_the_first(store: Store) -> None:
    with store.database.transaction() as session:
        store.books.plant(session, SHELF, {"note": "seeded"})
        store.books.plant(session, SHELF, {"note": "again"})
        edition = store.books.current(session, SHELF)
    assert (edition.version, edition.author, edition.body.note) == (1, SEED, "seeded")


def test_many_editions_are_not_all_kept_in_mind(store: Store) -> None:
    books = BookService(store.clock, AuditLog(store.vault, store.clock), store.bus)
    with store.database.transaction() as session:
        for n in range(20):
            books.save(session, SHELF, {"note": str(n)}, base_version=n, actor="gao")
            assert books.current(session, SHELF).body.note == str(n)
        assert books.at(session, SHELF, 1).body.note == "0"
    assert len(books._parsed) <= 8
