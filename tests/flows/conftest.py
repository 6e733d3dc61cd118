"""Fixtures of the flows: the whole house, seeded once a process with the demo shop, copied for each test."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from harness_flows import Talk, build_house, build_worker, small_shop

from api.seed import seed
from api.wiring import Services
from fakes.reader import FakeReader


class _SeedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A shop and a data folder with its articles, index and trained classifier."""
    shop = small_shop(tmp_path_factory.mktemp("shop") / "shop")
    folder = tmp_path_factory.mktemp("seeded") / "data"
    services = build_house(folder, _SeedClock(), shop)
    seed(services)
    services.close()
    return shop, folder


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader(lines=("型号 WX75G", "订单号 LT20261103004821"))


@pytest.fixture
def house(tmp_path: Path, clock: Any, reader: FakeReader, seeded: tuple[Path, Path]) -> Iterator[Services]:
    shop, folder = seeded
    shutil.copytree(folder, tmp_path / "data")
    services = build_house(tmp_path / "data", clock, shop, reader=reader)
    services.classification.load()
    yield services
    services.close()


@pytest.fixture
def talk(house: Services, clock: Any) -> Talk:
    return Talk(house, build_worker(house), clock)
