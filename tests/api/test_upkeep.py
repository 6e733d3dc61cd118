"""A process that shares its shop with others: what they change is used here too, half a minute later at most."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from harness_flows import QUIET

from api.indexing import sync_index
from api.migrations.runner import migrate
from api.pipeline import listeners
from api.upkeep import Upkeep
from api.wiring import Ports, Services, build
from fakes.encoder import HashingEncoder
from fakes.reader import FakeReader
from kit.settings import Settings
from knowledge.schemas import Article, ArticleKind, ArticleStatus, Audience, Scope

LEAK = Article(
    id="leak",
    version=1,
    kind=ArticleKind.FAQ,
    title="洗衣机漏水",
    lang="zh",
    audience=Audience.CUSTOMER,
    status=ArticleStatus.PUBLISHED,
    effective_from=datetime(2026, 1, 1, tzinfo=UTC),
    effective_to=None,
    body="拧紧进水口接头，再跑一次漂洗。",
)


def test_articles_of_another_process_are_found_after_half_a_minute(processes, clock) -> None:
    here, there = processes
    upkeep = Upkeep(there)
    upkeep.when_due()
    with here.database.transaction() as session:
        here.knowledge.add_articles(session, [LEAK])
    sync_index(here)

    upkeep.when_due()
    assert _found(there, clock) == []  # not yet: it looked a moment ago
    clock.instant += timedelta(seconds=31)
    upkeep.when_due()

    assert _found(there, clock) == ["leak"] == _found(here, clock)


@pytest.fixture
def processes(tmp_path: Path, clock) -> Iterator[list[Services]]:
    built = [_process(tmp_path, clock, place) for place in (0, 1)]
    yield built
    for services in built:
        services.close()


def _process(folder: Path, clock, place: int) -> Services:
    ports = Ports(clock=clock, encoder=HashingEncoder(), reader=FakeReader(lines=()))
    services = build(Settings(data_dir=folder), listeners(QUIET), ports, place=place)
    migrate(services.database)
    return services


def _found(services: Services, clock) -> list[str]:
    """Return what the process's own index finds; without it, words alone are compared, and the hits say so."""
    with services.database.reading() as session:
        hits = services.knowledge.search(session, "进水口漏水", Scope(at=clock.now(), audience=Audience.CUSTOMER), 5)
    return list(dict.fromkeys(hit.passage.article_id for hit in hits if not hit.degraded))
