"""P6, F07: what the service says of itself, and what it answers when its database is away."""

from dataclasses import replace
from datetime import timedelta

from fastapi.testclient import TestClient

from api.app import create_app
from api.pipeline import handlers
from kit.db import Database
from kit.jobs.schemas import JobKind, JobRequest, QueueName
from kit.jobs.worker import Worker

PICTURE = JobKind("picture", QueueName.PICTURE)
AWAY = "postgresql+psycopg://nobody@127.0.0.1:9/none"


def test_a_message_is_never_acknowledged_without_the_database(house) -> None:
    client = TestClient(create_app(replace(house.services, database=Database(AWAY)), with_worker=False))

    answer = client.post("/api/chat/conversations", json={"visitor": "visitor-away"})

    assert answer.status_code == 503
    assert answer.json()["kind"] == "database_unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200  # the process is well; restarting it would not help


def test_work_that_nobody_consumes_turns_readiness_red(house) -> None:
    """F25: green while the sweeper plants heartbeats and somebody runs them, red 45 s after either stops."""
    services, clock = house.services, house.clock
    also = {**handlers(services), PICTURE: lambda lease: lambda session: None}
    worker = Worker(services.database, clock, services.local_doorbell, also, services.settings.jobs)
    client = house.client()
    worker.sweep()
    worker.drain()
    assert client.get("/readyz").json()["status"] == "ok"

    with services.database.transaction() as session:
        services.queue.enqueue(session, JobRequest(PICTURE, "s"))
    clock.instant += timedelta(seconds=40)
    worker.sweep()
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["stalled"] == ["picture"]

    worker.drain()
    assert client.get("/readyz").status_code == 200
    clock.instant += timedelta(seconds=46)
    assert client.get("/readyz").json()["stalled"] == ["fast", "model", "picture", "bulk"]  # nobody sweeps
