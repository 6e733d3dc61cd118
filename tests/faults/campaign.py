"""Customers write while parts are killed; when all is quiet, the history is judged against the store."""

import math
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from faults.checker import PLANTED, Verdict, judge
from faults.client import Crowd, Habits
from faults.history import History, read
from faults.house import House
from faults.nemesis import Kill, Nemesis, drawn
from faults.process import until
from faults.receiver import receiving
from faults.store import Store, open_jobs, read_store

STANDSTILL_SECONDS = 60.0  # P3: after the last fault every due row is tried within this
_BACKLOG_SECONDS = 900.0  # customers may write faster than a small machine works; what is behind must only catch up
_CROWD_SECONDS = 120.0
_MESSAGES_SECONDS = 300.0  # between two kills; a hundred take a few seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """How much.

    Attributes:
        messages: Acknowledged messages at least.
        kills: Kills at least.
        kinds: What may be killed.
        seed: Of victims, moments, texts and pauses.
        told: Whether a receiver outside is told of the tickets, and what it heard is judged as well.
    """

    messages: int
    kills: int
    kinds: Sequence[Kill]
    seed: int
    told: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened.

    Attributes:
        kills: By kind.
        restarts: How often the supervisor had to start what had ended by itself.
        retries: Tries that were not acknowledged and went again.
        quiet_seconds: From the last message until no job was waiting or running.
        seconds: All of it.
    """

    verdict: Verdict
    store: Store
    kills: Counter[Kill]
    restarts: int
    retries: int
    quiet_seconds: float
    seconds: float

    def report(self, plan: Plan) -> str:
        """Say it in a few lines."""
        again = sum(job.attempts > 1 for job in self.store.jobs)
        kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(self.kills.items()))
        return (
            f"seed {plan.seed}: {self.verdict}\n"
            f"{len(self.store.conversations)} conversations, {len(self.store.tickets)} tickets, "
            f"{len(self.store.jobs)} jobs, {again} of them tried more than once; {self.retries} sends tried again\n"
            f"{len(self.store.deliveries)} webhooks, arrived {self.verdict.told} times\n"
            f"{self.kills.total()} kills: {kinds}; {self.restarts} ended by themselves and were started again\n"
            f"quiet {self.quiet_seconds:.1f} s after the last message; {self.seconds:.0f} s in all"
        )


def run(house: House, plan: Plan, folder: Path, habits: Habits | None = None) -> Outcome:
    """Run a campaign on a house that is up."""
    begun = time.monotonic()
    rng = random.Random(plan.seed)
    history = History(folder / "history.jsonl")
    nemesis = Nemesis(house, rng)
    crowd = Crowd(house.url, history, plan.seed, habits)
    with receiving(house, history) if plan.told else nullcontext():
        with _writing(crowd, house):
            for n, kill in enumerate(drawn(list(plan.kinds), plan.kills, rng)):
                # The kills are spread over the messages: each part of the story has its share of them.
                _wait_for_messages(house, history, plan.messages * n // plan.kills)
                nemesis.strike(kill)
            _wait_for_messages(house, history, plan.messages)
        quiet_seconds = settle(house, time.monotonic())
    history.close()
    with house.servers.postgres.connect(house.site.database) as connection:
        store = read_store(connection)
    verdict = judge(read(history.path.read_text(encoding="utf-8").splitlines()), store, told=plan.told)
    return Outcome(verdict, store, nemesis.done, house.restarts, crowd.retries, quiet_seconds, time.monotonic() - begun)


@contextmanager
def _writing(crowd: Crowd, house: House) -> Iterator[None]:
    thread = threading.Thread(target=crowd.run, name="crowd")
    thread.start()
    try:
        yield
    finally:
        crowd.end()
        thread.join(_CROWD_SECONDS)
    assert not thread.is_alive(), f"customers still write\n{house.tails()}"


def settle(house: House, since: float, ignored: Sequence[str] = ()) -> float:
    """Wait until no job waits or runs; return the seconds since an instant of the monotonic clock.

    Raises:
        NotInTime: Work stands still: for a minute, no fewer jobs were open than ever before.
    """
    house.wait_ready()
    but = [*PLANTED, *ignored]
    end = time.monotonic() + _BACKLOG_SECONDS
    fewest: float = math.inf
    with house.servers.postgres.connect(house.site.database) as connection:

        def moved() -> bool:
            return house.tend() and sum(open_jobs(connection, but).values()) < fewest

        while fewest:
            left = min(STANDSTILL_SECONDS, end - time.monotonic())
            until("all due rows done", moved, left, lambda: f"{open_jobs(connection, but)}\n{house.tails()}")
            fewest = sum(open_jobs(connection, but).values())
    return time.monotonic() - since


def _wait_for_messages(house: House, history: History, n: int) -> None:
    until(
        f"{n} acknowledged messages",
        lambda: house.tend() and history.acknowledged >= n,
        _MESSAGES_SECONDS,
        house.tails,
    )
