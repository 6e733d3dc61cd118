"""A running service with a fast encoder, and Chromium to look at it; without Chromium skipped, but in CI a failure."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from harness_browser import DESK, PHONE, Site, Visit, Watched
from harness_flows import build_house, build_worker, small_shop
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from api.app import create_app
from api.seed import seed, seed_staff
from api.wiring import Services
from fakes.reader import FakeReader
from kit.clock import SystemClock

EXPECT_TIMEOUT_MS = 15_000  # two browsers on two busy cores: a wait says that something comes, not how fast
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))  # the first test of a process seeds the house


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome") or ""
    if not path:
        if os.environ.get("CI"):
            pytest.fail("no Chromium; in CI that is a failure")
        pytest.skip("no Chromium")
    expect.set_options(timeout=EXPECT_TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("browser")
    shop = small_shop(folder / "shop")
    services = build_house(folder / "data", SystemClock(), shop, reader=FakeReader(lines=("型号 WX75G",)))
    seed(services)
    password = seed_staff(services)
    build_worker(services).drain()  # articles are found from the first test on
    with _serving(services) as url:
        yield Site(services, url, password)
    services.close()


@contextmanager
def _serving(services: Services) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(services), log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(30)
    listener.close()


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Visit]:
    """Open a page: ``visit("/desk", size=DESK, user="he.qing")``. A complaint of the browser fails the test.

    ``expect`` names words of complaints that belong to the story, such as a refused sign-in.
    """
    contexts: list[BrowserContext] = []
    watched: list[Watched] = []
    expected: list[str] = []

    def open_page(
        path: str,
        size: tuple[int, int] = DESK,
        user: str = "",
        lang: str = "zh-CN",
        *,
        bypass_csp: bool = False,
        expect: tuple[str, ...] = (),
    ) -> Page:
        width, height = size
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            locale=lang,
            bypass_csp=bypass_csp,
            has_touch=size == PHONE,
            reduced_motion="reduce",
        )
        context.set_default_timeout(EXPECT_TIMEOUT_MS)
        contexts.append(context)
        expected.extend(expect)
        if user:
            with site.services.database.transaction() as session:
                token = site.services.staff.sign_in(session, user, site.password)
            context.add_cookies([{"name": "jiedai_staff", "value": token, "url": site.url}])
        page = context.new_page()
        watched.append(Watched(page))
        page.goto(path)
        return page

    yield open_page

    for context in contexts:
        context.close()
    complaints = [c for w in watched for c in w.complaints if not any(e in c for e in expected)]
    assert complaints == []
