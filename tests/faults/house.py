"""The service as a user runs it: API, worker and beat as processes of their own, killed and started by the test."""

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from faults.process import Process, children_of, free_port, until
from faults.servers import Servers
from harness_flows import small_shop

from scripts.budgets import ROOT

_START_SECONDS = 90.0
SEED_SECONDS = 240.0  # once a test run: the encoder reads the shop, on cores that others use too
QUIET_WINDOW_MS = 250
MASTER_KEY = "a-master-key-of-the-fault-tests-and-of-nothing-else"
_PLANTED = "faults.planted"
_ARTICLES = ("codes-washer", "sop-washer", "policy-warranty", "faq-return")


@dataclass(frozen=True)
class Site:
    """A database and a data folder that belong together."""

    database: str
    data: Path
    shop: Path


class House:
    """Three processes on one site.

    Args:
        servers: What it stands on.
        site: Its database and folder.
        logs: Where each process's output goes.
        plants: Command → flaw or trial of ``faults.planted`` that its process gets; else the real program as it is.
    """

    def __init__(self, servers: Servers, site: Site, logs: Path, *, plants: Mapping[str, str] | None = None) -> None:
        self.servers, self.site = servers, site
        self.port = free_port()
        self.marks = site.data.with_name(f"{site.data.name}-marks")
        for folder in (logs, self.marks):
            folder.mkdir(exist_ok=True)
        self._env = _environment(servers, site, self.port) | {"FAULTS_MARKS": str(self.marks)}
        self._logs, self._plants = logs, plants or {}
        self.api, self.worker, self.beat = (self._process(c) for c in ("serve", "worker", "beat"))
        self.restarts = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def all(self) -> tuple[Process, Process, Process]:
        return self.api, self.worker, self.beat

    def start(self) -> None:
        """Start all three and wait until they work; the API first, it brings the database up to date."""
        self.api.start()
        self.wait_api()
        self.worker.start()
        self.beat.start()
        self.wait_worker()
        self.wait_ready()

    def make_whole(self) -> None:
        """Start whatever is missing, the servers too, and wait until all works."""
        self.servers.start()
        self.tend()
        self.wait_api()
        self.wait_worker()
        self.wait_ready()

    def tend(self) -> bool:
        """Do what a supervisor does: start again what has ended; always true, to stand in a condition."""
        for process in self.all:
            if process.started and not process.alive:
                self.restarts += 1
                process.start()
        return True

    def stop(self) -> None:
        """End them; worker children that a kill of their parent left behind too."""
        for process in (self.beat, self.worker, self.api):
            process.stop()

    def wait_api(self, timeout_seconds: float = _START_SECONDS) -> None:
        """Wait until the API answers."""
        until("the API answers", lambda: self.tend() and self._answers("/healthz"), timeout_seconds, self.tails)

    def wait_ready(self, timeout_seconds: float = _START_SECONDS) -> None:
        """Wait until the service says that it works."""
        until("/readyz is green", lambda: self.tend() and self._answers("/readyz"), timeout_seconds, self.tails)

    def wait_worker(self) -> None:
        """Wait until the worker's pool stands."""
        until("the worker has children", self._pool, _START_SECONDS, self.tails)

    def kill_worker_child(self, rng: random.Random) -> int:
        """``kill -9`` one child of the pool, any; return its id."""
        victim = rng.choice(until("the worker has children", self._pool, _START_SECONDS, self.tails))
        kill_quietly(victim)
        return victim

    def stop_consuming(self, number: signal.Signals) -> None:
        """Send SIGSTOP or SIGCONT to the worker's parent and children: alive, and nothing moves."""
        for pid in (self.worker.pid, *children_of(self.worker.pid)):
            os.kill(pid, number)

    def tails(self) -> str:
        """Return the ends of all logs, for a failure."""
        return "\n".join([self.servers.tail(), *(process.tail() for process in self.all)])

    def _pool(self) -> list[int]:
        self.tend()
        return self.worker.children()

    def _answers(self, path: str) -> bool:
        try:
            return httpx.get(self.url + path, timeout=10, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def _process(self, command: str) -> Process:
        plant = self._plants.get(command, "")
        program = [_PLANTED, plant] if plant else ["api.cli"]
        env = {**self._env, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)])} if plant else self._env
        line = [sys.executable, "-m", *program, command]
        return Process(command, line, log=self._logs / f"{command}.log", env=env, cwd=ROOT)


def kill_quietly(pid: int) -> None:
    """``kill -9`` a process that may have ended already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


HouseMaker = Callable[..., House]
"""Starts a house of its own; by keyword: command → what is planted in its process."""


def tiny_shop(folder: Path) -> Path:
    """Copy the demo shop with what the customers of these tests talk about: seeding it encodes little."""
    shop = small_shop(folder)
    for article in (shop / "articles").iterdir():
        if not article.name.startswith(_ARTICLES):
            article.unlink()
    return shop


def copy_of(servers: Servers, seeded: Site, name: str) -> Site:
    """Return a site of its own with everything a seeded one holds; nobody may be using that one."""
    with servers.postgres.connect() as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{seeded.database}"')
    data = seeded.data.with_name(name)
    shutil.copytree(seeded.data, data, ignore=shutil.ignore_patterns("*.lock"))
    return Site(name, data, seeded.shop)


def _environment(servers: Servers, site: Site, port: int) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("JIEDAI_")}
    return {
        **plain,
        "JIEDAI_DATABASE_URL": servers.postgres.url(site.database),
        "JIEDAI_DATA_DIR": str(site.data),
        "JIEDAI_SHOP_DIR": str(site.shop),
        "JIEDAI_SECRET_KEY": MASTER_KEY,
        "JIEDAI_JOBS__DRIVER": "celery",
        "JIEDAI_JOBS__BROKER_URL": servers.rabbitmq.url,
        "JIEDAI_WEB__PORT": str(port),
        "JIEDAI_WEBHOOKS__PRIVATE_HOSTS": '["127.0.0.1"]',
        "JIEDAI_INTAKE__QUIET_WINDOW_MS": str(QUIET_WINDOW_MS),
    }
