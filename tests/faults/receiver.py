"""Somebody else's server: it notes every webhook that arrives, and now and then says that it failed."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from faults.history import History, Seen
from faults.house import MASTER_KEY, House

from kit.clock import SystemClock
from kit.crypto import Vault
from kit.db import Database
from kit.jobs.queue import JobQueue, LocalDoorbell
from kit.outbound.adapters.http_poster import HttpPoster
from tickets.webhooks.service import WebhookService

_TESTS = 40
"""So many go out while the first kill strikes: there is always something to lose, whatever the customers do."""

_FAILS_EVERY = 20
"""Of so many ids one is refused the first time, after it was noted: the same id must come again."""


@contextmanager
def receiving(house: House, history: History) -> Iterator[None]:
    """Add an endpoint to a house and note what it is told until the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    secret = _add(house, f"http://127.0.0.1:{server.server_address[1]}/")
    server.RequestHandlerClass = _handler(history, secret)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _add(house: House, url: str) -> str:
    database = Database(house.servers.postgres.url(house.site.database))
    hosts = ("127.0.0.1",)
    clock = SystemClock()
    queue = JobQueue(clock, LocalDoorbell())
    webhooks = WebhookService(Vault(MASTER_KEY.encode()), clock, queue, HttpPoster(hosts), private_hosts=hosts)
    with database.transaction() as session:
        endpoint, secret = webhooks.add(session, url, (), "faults")
        for _ in range(_TESTS):
            webhooks.test(session, endpoint.id)
    database.dispose()
    return secret


def _handler(history: History, secret: str) -> type[BaseHTTPRequestHandler]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    met: set[str] = set()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message_id = self.headers["webhook-id"]
            signed = f"{message_id}.{self.headers['webhook-timestamp']}.".encode() + body
            signature = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
            told = json.loads(body)
            kind = "told" if signature == self.headers["webhook-signature"] else "forged"
            history.note(Seen(kind, str(told.get("ticketId")), told["event"], message_id))
            with lock:
                refused = message_id not in met and len(met) % _FAILS_EVERY == 0
                met.add(message_id)
            self.send_response(500 if refused else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base class's word
            """Stay silent."""

    return Handler
