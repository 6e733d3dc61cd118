"""Kills, drawn at random from a printed seed: every kind about as often, in any order, at any moment."""

import random
import time
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

import structlog
from faults.house import House

_log = structlog.get_logger(__name__)


class Kill(StrEnum):
    """What is killed. All but the database's are ``kill -9``."""

    API = "api"
    WORKER = "worker"
    WORKER_CHILD = "worker child"
    BEAT = "beat"
    BROKER = "broker"
    BROKER_EMPTIED = "broker, emptied"
    DATABASE = "database, immediate stop"
    REDIS = "redis"


def drawn(kinds: list[Kill], kills: int, rng: random.Random) -> list[Kill]:
    """Draw kills so that no kind comes more than once more often than another."""
    plan: list[Kill] = []
    while len(plan) < kills:
        plan += rng.sample(kinds, len(kinds))
    return plan[:kills]


class Nemesis:
    """Kills parts of a house and brings them back.

    Args:
        house: Whose.
        rng: Draws victims and moments.
        gap_seconds: Shortest and longest pause between the return of one victim and the next kill.
        down_seconds: Longest time a victim stays away.
    """

    def __init__(
        self,
        house: House,
        rng: random.Random,
        *,
        gap_seconds: tuple[float, float] = (1.0, 4.0),
        down_seconds: float = 1.5,
    ) -> None:
        self._house, self._rng = house, rng
        self._gap_seconds, self._down_seconds = gap_seconds, down_seconds
        self.done: Counter[Kill] = Counter()

    def strike(self, kill: Kill) -> None:
        """Kill once, wait a moment, bring it back; the next kill need not find it serving again."""
        time.sleep(self._rng.uniform(*self._gap_seconds))
        _log.info("faults.kill.struck", what=str(kill))
        bring_back = self._acts()[kill]()
        time.sleep(self._rng.uniform(0, self._down_seconds))
        bring_back()
        self.done[kill] += 1

    def _acts(self) -> dict[Kill, Callable[[], Callable[[], object]]]:
        return {
            Kill.API: self._api,
            Kill.WORKER: self._worker,
            Kill.WORKER_CHILD: self._worker_child,
            Kill.BEAT: self._beat,
            Kill.BROKER: self._broker,
            Kill.BROKER_EMPTIED: self._broker_emptied,
            Kill.DATABASE: self._database,
            Kill.REDIS: self._redis,
        }

    # Each waits until its victim serves (a kill of what is not there is no kill), kills it and returns the way back.

    def _api(self) -> Callable[[], object]:
        self._house.wait_api()
        self._house.api.kill()
        return self._house.api.start

    def _worker(self) -> Callable[[], object]:
        self._house.wait_worker()
        self._house.worker.kill()  # its children are left behind, as after a crash
        return self._house.worker.start

    def _worker_child(self) -> Callable[[], object]:
        self._house.kill_worker_child(self._rng)
        return _nothing  # the pool replaces it

    def _beat(self) -> Callable[[], object]:
        self._house.beat.kill()
        return self._house.beat.start

    def _broker(self) -> Callable[[], object]:
        self._house.servers.rabbitmq.wait_ready()
        self._house.servers.rabbitmq.kill()
        return self._house.servers.rabbitmq.start

    def _broker_emptied(self) -> Callable[[], object]:
        back = self._broker()
        self._house.servers.rabbitmq.wipe()
        return back

    def _database(self) -> Callable[[], object]:
        self._house.servers.postgres.wait_ready()
        self._house.servers.postgres.stop_immediate()
        return self._house.servers.postgres.start

    def _redis(self) -> Callable[[], object]:
        self._house.servers.redis.wait_ready()
        self._house.servers.redis.kill()
        return self._house.servers.redis.start


def _nothing() -> None:
    """Nothing to bring back."""
