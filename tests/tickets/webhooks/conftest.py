"""Endpoints that listen on the loopback, and a queue whose jobs the test runs itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fakes.language_model import Reply, StubEndpoint
from kit.crypto import Vault
from kit.db import Database
from kit.jobs.queue import JobQueue, LocalDoorbell
from kit.jobs.runner import Runner
from kit.jobs.schemas import Delivery, Effect, Lease
from kit.outbound.adapters.http_poster import HttpPoster
from kit.settings import JobSettings
from tickets.webhooks.schemas import DELIVER, Endpoint, Fact, WebhookDelivery, WebhookEvent
from tickets.webhooks.service import WebhookService

PRIVATE = frozenset({"127.0.0.1"})


@dataclass
class Post:
    """The service on a real database, a real queue and the real poster."""

    database: Database
    clock: Any
    queue: JobQueue
    webhooks: WebhookService
    runner: Runner

    def add(self, url: str, *events: WebhookEvent) -> tuple[Endpoint, str]:
        with self.database.transaction() as session:
            return self.webhooks.add(session, url, events, "gao.yuan")

    def tell(self, fact_id: str = "f1", event: WebhookEvent = WebhookEvent.TICKET_UPDATED, **body: object) -> None:
        with self.database.transaction() as session:
            self.webhooks.tell(session, Fact(fact_id, event, body))

    def act(self, name: str, *args: object) -> Any:
        with self.database.transaction() as session:
            return getattr(self.webhooks, name)(session, *args)

    def deliveries(self, endpoint: Endpoint) -> list[WebhookDelivery]:
        with self.database.reading() as session:
            return list(self.webhooks.deliveries(session, endpoint.id, 50))

    def endpoint(self, endpoint: Endpoint) -> Endpoint:
        with self.database.reading() as session:
            return next(e for e in self.webhooks.endpoints(session) if e.id == endpoint.id)

    def run(self) -> None:
        """Run every delivery that is due now."""
        while self.runner.run_one():
            pass


@pytest.fixture
def post(database: Database, clock: Any) -> Iterator[Post]:
    doorbell = LocalDoorbell()
    queue = JobQueue(clock, doorbell)
    webhooks = WebhookService(
        Vault(b"k" * 32), clock, queue, HttpPoster(PRIVATE, total_seconds=10), private_hosts=PRIVATE
    )

    def prepare(lease: Lease) -> Any:
        with database.reading() as session:
            outgoing = webhooks.load(session, lease.subject_id)

        def send() -> Effect:
            outcome = webhooks.send(outgoing)
            return lambda session: webhooks.record(session, lease.subject_id, outcome)

        return send

    runner = Runner(database, clock, doorbell, {DELIVER: Delivery(prepare, deduplicates=True)}, JobSettings())
    yield Post(database, clock, queue, webhooks, runner)
    runner.close()


@pytest.fixture
def receiver() -> Iterator[StubEndpoint]:
    with StubEndpoint(Reply(status=204)) as listening:
        yield listening
