"""Measure the sweep of service levels on SQLite and on PostgreSQL, beside one that looks at every running clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.bench.errors import PartSkipped
from api.bench.jobs import percentile
from api.bench.lists import making
from api.bench.lists.repository import Loader, NaiveSweep
from api.bench.lists.run import begin_talks, house
from api.bench.schemas import Figure
from api.wiring import Services
from kit.progress import ProgressReport

_DUE = 50
_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)  # nothing of the benchmark's tickets is due then


@dataclass(frozen=True, slots=True)
class SlaOptions:
    """How much is measured.

    Attributes:
        tickets: In each database, with two clocks each.
        postgres_url: A server on which a database may be made; empty: SQLite alone.
        sweeps: Measured sweeps behind each figure.
    """

    tickets: int = 200_000
    postgres_url: str = ""
    sweeps: int = 50


class _At:
    """A clock that stands at an instant."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """Return the instant."""
        return self.instant


def run_sla(
    options: SlaOptions, folder: Path, progress: ProgressReport, skipped: Callable[[PartSkipped], None]
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
        clock = _At(_BEFORE_ALL)
        try:
            with house(name, url, folder, clock) as services:
                figures = _measure(services, clock, options, progress)
                found |= {f"{name}_{what}": figure for what, figure in figures.items()}
        except PartSkipped as error:
            skipped(error)
    return found


def _measure(services: Services, clock: _At, options: SlaOptions, progress: ProgressReport) -> dict[str, Figure]:
    loader, naive = Loader(services.database, begin_talks(services)), NaiveSweep(services.database)
    loader.people()
    for done in loader.tickets(making.tickets(options.tickets)):
        progress("tickets", done, options.tickets)
    for done in loader.clocks(making.tickets(options.tickets)):
        progress("clocks", done, options.tickets)
    loader.settle()

    def sweep() -> int:
        with services.database.reading() as session:
            return len(services.desk.sla.due(session))

    def plain() -> int:
        return len(naive.due(clock.now()))

    idle = Figure(_median_ms(sweep, 0, options.sweeps), _median_ms(plain, 0, 5), "ms", options.sweeps)
    loader.make_due(_DUE, _BEFORE_ALL - timedelta(hours=1))
    loader.close()
    due = Figure(_median_ms(sweep, _DUE, options.sweeps), None, "ms", options.sweeps)
    return {"sweep_nothing_due": idle, f"sweep_{_DUE}_due": due}


def _median_ms(sweep: Callable[[], int], expected: int, times: int) -> float:
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        found = sweep()
        took.append((time.perf_counter() - begin) * 1000)
        if found != expected:
            message = f"{found} clocks were due instead of {expected}"
            raise AssertionError(message)
    return percentile(took, 0.5)
