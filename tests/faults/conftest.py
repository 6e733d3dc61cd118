"""Servers of our own, a seeded site to copy, houses on it. Where a server is missing: skipped, but in CI a failure."""

import fcntl
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from faults.house import SEED_SECONDS, House, HouseMaker, Site, copy_of, tiny_shop
from faults.servers import Servers, own_servers

_TIMEOUT_SECONDS = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/faults/" in str(item.path):
            item.add_marker(pytest.mark.faults)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(_TIMEOUT_SECONDS))  # the first test seeds; others may go before it


@pytest.fixture(scope="session")
def alone() -> Iterator[None]:
    """One test process at a time kills things: two sets of servers on two cores would measure each other."""
    # Whoever ends this run with SIGTERM must not leave our servers behind: let the fixtures be torn down.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (Path(tempfile.gettempdir()) / "jiedai-faults.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def servers(alone: None) -> Iterator[Servers]:
    with own_servers() as running:
        yield running


@pytest.fixture(scope="session")
def seeded(servers: Servers) -> Site:
    """A site with schema, articles, index and trained classifier, made by the service itself at its first start."""
    with servers.postgres.connect() as connection:
        connection.execute('CREATE DATABASE "seeded"')
    site = Site("seeded", servers.folder / "seeded", tiny_shop(servers.folder / "shop"))
    house = House(servers, site, servers.folder / "seeded-logs")
    try:
        house.api.start()
        house.wait_api(SEED_SECONDS)
    finally:
        house.stop()
    return site


@contextmanager
def _houses(servers: Servers, seeded: Site) -> Iterator[HouseMaker]:
    with ExitStack() as stack:

        def make(**plants: str) -> House:
            servers.start()
            name = f"site_{uuid4().hex[:8]}"
            house = House(servers, copy_of(servers, seeded, name), servers.folder / f"{name}-logs", plants=plants)
            stack.callback(house.stop)
            house.start()
            return house

        yield make


@pytest.fixture
def make_house(servers: Servers, seeded: Site) -> Iterator[HouseMaker]:
    """Start a house on a copy of the seeded site: ``make_house(worker="trials")`` plants something in a process."""
    with _houses(servers, seeded) as make:
        yield make


# One broker, one house: a module that uses this one starts no other, their rings would wake each other's workers.
@pytest.fixture(scope="module")
def running(servers: Servers, seeded: Site) -> Iterator[House]:
    with _houses(servers, seeded) as make:
        yield make(worker="trials")


@pytest.fixture
def house(running: House) -> Iterator[House]:
    """The module's house, made whole before and after: a test may end with something killed."""
    running.make_whole()
    yield running
    running.make_whole()
