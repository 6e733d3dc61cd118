"""Measure lists and search on SQLite and on PostgreSQL, each beside its naive twin on the same rows and indexes."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from api.bench.errors import PartSkipped
from api.bench.jobs import percentile
from api.bench.lists import making
from api.bench.lists.repository import PAGE, Loader, Naive
from api.bench.lists.serving import Api, served
from api.bench.repository import own_postgres_database
from api.bench.schemas import Figure
from api.migrations.runner import migrate
from api.wiring import Ports, Services, build
from kit.clock import Clock
from kit.progress import ProgressReport
from kit.settings import Settings
from tickets.lists.schemas import Filter, ListQuery, Sort
from tickets.words import TicketStatus

DEEP = 1_000
_P95 = 0.95
_CUSTOMERS = 200
_ALL = "/api/desk/tickets?all=true&sort=newest&limit=50"
_OPEN = "/api/desk/tickets?limit=50"
# A word on every tenth ticket, a phrase of two halves, a model's beginning, one ticket's order number, and nothing.
SEARCHES = {"common": "漏水", "phrase": "不脱水", "code": "WX75G", "both": "冰箱漏水 E3", "none": "电饭煲"}


@dataclass(frozen=True, slots=True)
class ListOptions:
    """How much is measured.

    Attributes:
        tickets: In each database.
        postgres_url: A server on which a database may be made; empty: SQLite alone.
        requests: Measured calls behind each figure.
        with_words: Whether the search index is filled and searched.
    """

    tickets: int = 100_000
    postgres_url: str = ""
    requests: int = 200
    with_words: bool = True


def run_lists(
    options: ListOptions, folder: Path, progress: ProgressReport, skipped: Callable[[PartSkipped], None]
) -> dict[str, Figure]:
    """Measure.

    Args:
        options: How much.
        folder: For files of the measurement.
        progress: Told what is being done.
        skipped: Told why a part is left out.
    """
    found: dict[str, Figure] = {}
    for name, url in (("sqlite", ""), ("postgres", options.postgres_url)):
        if name == "postgres" and not url:
            continue
        try:
            with house(name, url, folder) as services:
                found |= _Bench(name, services, options, progress).figures()
        except PartSkipped as error:
            skipped(error)
    return found


@contextmanager
def house(name: str, url: str, folder: Path, clock: Clock | None = None) -> Iterator[Services]:
    """Yield a house on a fresh database: SQLite in a folder, or one of its own on a server."""
    with ExitStack() as stack:
        made = stack.enter_context(own_postgres_database(url, f"jiedai-bench-{uuid4().hex[:12]}")) if url else ""
        services = build(Settings(data_dir=folder / name, database_url=made), {}, Ports(clock=clock))
        stack.callback(services.close)
        migrate(services.database)
        yield services


def begin_talks(services: Services) -> list[tuple[str, str]]:
    """Begin real conversations, so that names are sealed and opened as they are in service."""
    opened, conversations = [], services.conversations
    with services.database.transaction() as session:
        for place in range(_CUSTOMERS):
            talk, _ = conversations.open(
                session, channel="web", account="bench", external_user=f"{place}", name=f"客户{place}", lang="zh"
            )
            opened.append((conversations.get(session, talk).customer_id, talk))
    return [(str(customer), str(talk)) for customer, talk in opened]


class _Bench:
    def __init__(self, name: str, services: Services, options: ListOptions, progress: ProgressReport) -> None:
        self._name, self._services, self._options, self._progress = name, services, options, progress
        self._naive = Naive(services.database)
        self._deep = min(DEEP, max(2, options.tickets // PAGE // 2))

    def figures(self) -> dict[str, Figure]:
        """Fill the database and measure everything."""
        self._fill()
        found = self._pages()
        with served(self._services) as api:
            found |= self._requests(api)
        if self._options.with_words:
            found |= self._searches()
        return {f"{self._name}_{name}": figure for name, figure in found.items()}

    def _fill(self) -> None:
        count = self._options.tickets
        loader = Loader(self._services.database, begin_talks(self._services))
        loader.people()
        for done in loader.tickets(making.tickets(count)):
            self._progress(f"{self._name}: tickets", done, count)
        if self._options.with_words:
            for done in loader.terms(making.tickets(count), making.Hasher(self._services.vault)):
                self._progress(f"{self._name}: words", done, count)
        loader.settle()
        loader.close()

    def _pages(self) -> dict[str, Figure]:
        newest = ListQuery(Filter(), Sort.NEWEST, limit=PAGE)
        deep = self._cursor(newest)
        opened = ListQuery(Filter(open_only=True), limit=PAGE)
        closed = {"closed": Filter(statuses=frozenset({TicketStatus.CLOSED}))}
        here = (self._deep - 1) * PAGE
        return {
            "open_page": self._beside(lambda: self._read(opened), self._naive.open_page),
            "page_1": self._beside(lambda: self._read(newest), lambda: self._naive.page(0)),
            f"page_{DEEP}": self._beside(
                lambda: self._read(ListQuery(Filter(), Sort.NEWEST, cursor=deep, limit=PAGE)),
                lambda: self._naive.page(here),
            ),
            "count": self._beside(lambda: self._count(closed), self._naive.count),
        }

    def _requests(self, api: Api) -> dict[str, Figure]:
        cursor = self._cursor(ListQuery(Filter(), Sort.NEWEST, limit=PAGE))
        opened = self._timed(lambda: api.get(_OPEN))
        first = self._timed(lambda: api.get(_ALL))
        deep = self._timed(lambda: api.get(f"{_ALL}&cursor={cursor}"))
        n = self._options.requests
        return {
            "api_open_p50": Figure(percentile(opened, 0.5), None, "ms", n),
            "api_open_p95": Figure(percentile(opened, _P95), None, "ms", n),
            "api_page_1_p50": Figure(percentile(first, 0.5), None, "ms", n),
            "api_page_1_p95": Figure(percentile(first, _P95), None, "ms", n),
            f"api_page_{DEEP}_p50": Figure(percentile(deep, 0.5), percentile(first, 0.5), "ms", n),
            f"api_page_{DEEP}_p95": Figure(percentile(deep, _P95), percentile(first, _P95), "ms", n),
        }

    def _searches(self) -> dict[str, Figure]:
        return {f"text_{name}": self._search(words) for name, words in SEARCHES.items()}

    def _search(self, words: str) -> Figure:
        query = ListQuery(Filter(text=words), Sort.NEWEST, limit=PAGE)
        return self._beside(lambda: self._read(query), lambda: self._naive.search(words))

    def _read(self, query: ListQuery) -> int:
        with self._services.database.reading() as session:
            return len(self._services.desk.lists.page(session, query).lines)

    def _count(self, filters: dict[str, Filter]) -> object:
        with self._services.database.reading() as session:
            return self._services.desk.lists.counts(session, filters, None)

    def _cursor(self, query: ListQuery) -> str:
        """Walk to the deep page and return its cursor."""
        pages = self._services.desk.lists.pages(self._services.database, query, chunk=PAGE)
        for place, page in enumerate(pages, start=1):
            if place == self._deep - 1:
                return page.after
        return ""

    def _beside(self, ours: Callable[[], object], theirs: Callable[[], object]) -> Figure:
        """Let the sides take turns, so that other load meets both."""
        mine: list[float] = []
        naive: list[float] = []
        for _ in range(self._options.requests):
            mine.append(_milliseconds(ours))
            if len(naive) < max(5, self._options.requests // 10):  # the naive side may take a second a call
                naive.append(_milliseconds(theirs))
        return Figure(percentile(mine, 0.5), percentile(naive, 0.5), "ms", len(mine))

    def _timed(self, call: Callable[[], object]) -> list[float]:
        for _ in range(10):
            call()
        return [_milliseconds(call) for _ in range(self._options.requests)]


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begun)
