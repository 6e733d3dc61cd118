"""The jobs benchmark: our two drivers beside bare Celery that is set up to lose as little as they do.

Equal durability: SQLite with ``synchronous=FULL``, PostgreSQL with ``fsync``, RabbitMQ with durable queues, persistent
messages, publisher confirms and late acknowledgement. The sides take turns, so that other load meets all of them.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from api.bench import embedded, peer
from api.bench.driver import DriverBench, driver_bench
from api.bench.errors import PartSkipped
from api.bench.schemas import Figure
from kit.progress import ProgressReport

_P95 = 0.95


@dataclass(frozen=True, slots=True)
class JobsOptions:
    """How much is measured, and beside what.

    Attributes:
        broker_url: RabbitMQ, for Celery on both sides.
        postgres_url: A server on which a database may be made, for our Celery driver.
        jobs: Jobs a drain.
        pickups: Jobs sent one at a time.
        enqueues: Commits a round.
        rounds: Drains and enqueues are repeated so often; the median counts.
    """

    broker_url: str
    postgres_url: str
    jobs: int = 4_000
    pickups: int = 300
    enqueues: int = 500
    rounds: int = 3


def run_jobs(
    options: JobsOptions, folder: Path, progress: ProgressReport, skipped: Callable[[PartSkipped], None]
) -> dict[str, Figure]:
    """Measure.

    Args:
        options: How much.
        folder: For files of the measurement; it should lie on the disk that data would lie on.
        progress: Told what is being measured.
        skipped: Told why a part is left out.
    """
    run = _Run(options, folder, progress, skipped)
    return {**run.drains(), **run.pickups(), **run.enqueues()}


class _Run:
    def __init__(
        self, options: JobsOptions, folder: Path, progress: ProgressReport, skipped: Callable[[PartSkipped], None]
    ) -> None:
        self._options, self._folder, self._progress, self._skipped = options, folder, progress, skipped
        self._broker = options.broker_url if self._broker_answers() else None

    def drains(self) -> dict[str, Figure]:
        """Drain the same number of no-ops with each side in turn."""
        count, rounds = self._options.jobs, self._options.rounds
        ours: list[float] = []
        theirs: list[float] = []
        driven: list[float] = []
        with ExitStack() as stack:
            driver = self._driver(stack)
            for number in range(rounds):
                self._progress("drain", number, rounds)
                ours.append(embedded.drain_rate(self._folder, count))
                if self._broker:
                    theirs.append(peer.drain_rate(self._broker, self._folder, count))
                if driver:
                    driven.append(driver.drain_rate(count))
        self._progress("drain", rounds, rounds)
        found = {"jobs_embedded_drain": ours, "jobs_celery_drain": driven}
        beside = median(theirs) if theirs else None
        return {name: Figure(median(rates), beside, "jobs/s", count * rounds) for name, rates in found.items() if rates}

    def pickups(self) -> dict[str, Figure]:
        """Send jobs one at a time to an idle worker."""
        count = self._options.pickups
        self._progress("pick-up", 0, 2)
        ours = embedded.pickups(self._folder, count)
        self._progress("pick-up", 1, 2)
        theirs = peer.pickup_seconds(self._broker, self._folder, count) if self._broker else []
        self._progress("pick-up", 2, 2)
        since_commit, since_call = [o.since_commit for o in ours], [o.since_call for o in ours]
        return {
            "jobs_pickup_p50_ms": _milliseconds(since_commit, theirs, 0.5),
            "jobs_pickup_p95_ms": _milliseconds(since_commit, theirs, _P95),
            "jobs_pickup_max_ms": _milliseconds(since_commit, theirs, 1.0),
            "jobs_handover_p95_ms": _milliseconds(since_call, theirs, _P95),
        }

    def enqueues(self) -> dict[str, Figure]:
        """Enqueue with a commit each, beside bare inserts of the same row."""
        rounds, count = self._options.rounds, self._options.enqueues
        pairs = []
        for number in range(rounds):
            self._progress("enqueue", number, rounds)
            pairs.append(embedded.enqueue_rates(self._folder, count))
        self._progress("enqueue", rounds, rounds)
        ours, theirs = zip(*pairs, strict=True)
        return {"jobs_enqueue": Figure(median(ours), median(theirs), "jobs/s", count * rounds)}

    def _broker_answers(self) -> bool:
        from api.bench.adapters.bare_celery import require_broker  # Celery takes a second to load

        try:
            require_broker(self._options.broker_url)
        except PartSkipped as error:
            self._skipped(error)
            return False
        return True

    def _driver(self, stack: ExitStack) -> DriverBench | None:
        if self._broker is None:
            return None
        try:
            return stack.enter_context(driver_bench(self._broker, self._options.postgres_url, self._folder))
        except PartSkipped as error:
            self._skipped(error)
            return None


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that a share (0 to 1) of the values do not exceed (nearest rank).

    Example:
        >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5)
        2.0
    """
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def _milliseconds(ours: list[float], theirs: list[float], share: float) -> Figure:
    beside = 1000 * percentile(theirs, share) if theirs else None
    return Figure(1000 * percentile(ours, share), beside, "ms", len(ours))
