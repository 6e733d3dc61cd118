"""A knowledge base on a real database and a real embedded index, filled with a small shop's articles."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from factories import RecordingBus
from fakes.articles import NOW, SHOP
from fakes.encoder import HashingEncoder
from kit.clock import Clock
from kit.db import Database
from kit.index.adapters.edge import EdgeIndex
from knowledge.schemas import Audience, ImportReport, Scope
from knowledge.service import KnowledgeService


@dataclass
class Shelf:
    """A knowledge base with its parts."""

    service: KnowledgeService
    database: Database
    index: EdgeIndex
    encoder: HashingEncoder
    bus: RecordingBus
    folder: Path

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / name.replace("__", "@")).with_suffix(".md").write_text(text, encoding="utf-8")

    def load(self) -> ImportReport:
        """Import the folder and bring the index in line."""
        with self.database.transaction() as session:
            report = self.service.import_articles(session, self.folder)
        with self.database.reading() as session:
            self.service.sync_index(session)
        return report


@pytest.fixture
def make_shelf(database: Database, clock: Clock, tmp_path: Path) -> Iterator[Callable[[], Shelf]]:
    made: list[Shelf] = []

    def make() -> Shelf:
        encoder, bus, folder = HashingEncoder(), RecordingBus(), tmp_path / "articles"
        folder.mkdir(exist_ok=True)
        index = EdgeIndex(tmp_path / "vectors", encoder.width, encoder.name)
        shelf = Shelf(KnowledgeService(encoder, index, clock=clock, events=bus), database, index, encoder, bus, folder)
        made.append(shelf)
        return shelf

    yield make
    for shelf in made:
        shelf.service.close()


@pytest.fixture
def empty(make_shelf: Callable[[], Shelf]) -> Shelf:
    return make_shelf()


@pytest.fixture
def shelf(empty: Shelf) -> Shelf:
    """A knowledge base that holds the small shop."""
    for name, text in SHOP.items():
        (empty.folder / name).write_text(text, encoding="utf-8")
    empty.load()
    return empty


@pytest.fixture
def customer() -> Scope:
    return Scope(at=NOW)


@pytest.fixture
def agent() -> Scope:
    return Scope(at=NOW, audience=Audience.AGENT)
