"""The service for the benchmark's requests: a real server on a real socket, one keep-alive connection to it."""

import http.client
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from api.app import create_app
from api.bench.errors import BenchStuck
from api.wiring import Services
from tickets.words import StaffRole

_START_SECONDS = 60.0
_USER = "bench"


class Api:
    """One person's connection to the service."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Cookie": f"jiedai_staff={token}", "Accept": "application/json"}

    def get(self, path: str) -> dict[str, Any]:
        """Return what an address answers.

        Raises:
            BenchStuck: It refused.
        """
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise BenchStuck(body[:200].decode(errors="replace"))
        return dict(json.loads(body))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@contextmanager
def served(services: Services) -> Iterator[Api]:
    """Serve while the block runs."""
    password = secrets.token_urlsafe(16)
    with services.database.transaction() as session:
        services.staff.save(session, username=_USER, name=_USER, role=StaffRole.LEAD, group_id=None, password=password)
        token = services.staff.sign_in(session, _USER, password)
    # Named as TCP: only then does asyncio switch off the pause that gathers small packets, which costs 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    app = create_app(services, with_worker=False)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    end = time.monotonic() + _START_SECONDS
    while not server.started:
        if time.monotonic() > end:
            raise BenchStuck
        time.sleep(0.02)
    api = Api(listener.getsockname()[1], token)
    try:
        yield api
    finally:
        api.close()
        server.should_exit = True
        thread.join(_START_SECONDS)
        listener.close()
