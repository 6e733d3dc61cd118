"""The whole house behind the web application, seeded once a process; each test brings its own conversation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from harness_flows import Talk, build_house, build_worker, small_shop
from starlette.testclient import TestClient

from api.app import create_app
from api.seed import seed, seed_staff
from api.wiring import Services
from fakes.reader import FakeReader

ORIGIN = "http://shop.example"


class MovingClock:
    """Stands still until a talk moves it on."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant


@dataclass
class House:
    """The services, and ways to talk to them."""

    services: Services
    clock: MovingClock
    password: str

    def client(self, user: str = "", lang: str = "zh") -> TestClient:
        """Return a browser without script, signed in where a user is named."""
        client = TestClient(
            create_app(self.services, with_worker=False), base_url=ORIGIN, headers={"accept": "text/html"}
        )
        client.cookies.set("jiedai_lang", lang)
        if user:
            with self.services.database.transaction() as session:
                client.cookies.set("jiedai_staff", self.services.staff.sign_in(session, user, self.password))
        return client

    def talk(self) -> Talk:
        """Begin a customer's conversation."""
        return Talk(self.services, build_worker(self.services), self.clock)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("api")
    clock = MovingClock()
    shop = small_shop(folder / "shop")
    services = build_house(folder / "data", clock, shop, reader=FakeReader(lines=("型号 WX75G", "E3")))
    seed(services)
    build_worker(services).drain()  # what seeding left to do: no test may run it without its handler or delete it
    yield House(services, clock, seed_staff(services))
    services.close()
