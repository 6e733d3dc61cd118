"""What a test does to a running house by hand: say something, plant a job, look how a job stands."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from uuid import uuid4

import httpx
from faults.house import House
from faults.process import until
from faults.store import StoredJob, read_store

from kit.clock import SystemClock
from kit.db import Database
from kit.jobs.repository import leasing
from kit.jobs.schemas import JobKind, JobRequest

_PATH = "/api/chat/conversations"
_ids = count(1)
PATIENCE_SECONDS = 90.0  # when a wait is hopeless; what a promise allows is checked by the test


@dataclass(frozen=True)
class Talk:
    """An open conversation."""

    house: House
    id: str
    token: str

    def send(self, client_id: str = "", text: str = "洗衣机不转了") -> httpx.Response:
        """Send once.

        Raises:
            httpx.HTTPError: The service is not there.
        """
        body = {"id": client_id or f"message-{next(_ids)}", "text": text}
        return self._request("POST", f"{_PATH}/{self.id}/messages", body)

    def send_until_acknowledged(self, client_id: str = "", timeout_seconds: float = 60.0) -> httpx.Response:
        """Send the same message again and again until it is acknowledged."""
        client_id = client_id or f"message-{next(_ids)}"
        return until("an acknowledgement", lambda: self._acknowledged(client_id), timeout_seconds, self.house.tails)

    def wait_understood(self, timeout_seconds: float) -> float:
        """Wait until the bot has understood everything; return the seconds it took."""
        begun = time.monotonic()
        until("the bot understands", self._understood, timeout_seconds, self.house.tails)
        return time.monotonic() - begun

    def rows(self) -> list[str]:
        """Return the ids of the customer's messages in the store."""
        with self.house.servers.postgres.connect(self.house.site.database) as connection:
            stored = read_store(connection).messages
        return [m.id for m in stored if m.conversation == self.id and m.role == "customer"]

    def _acknowledged(self, client_id: str) -> httpx.Response | None:
        try:
            answer = self.send(client_id)
        except httpx.HTTPError:
            return None
        return answer if answer.is_success else None

    def _understood(self) -> bool:
        try:
            answer = self._request("GET", f"{_PATH}/{self.id}/messages")
        except httpx.HTTPError:
            return False
        return answer.is_success and not answer.json()["waiting_for_bot"]

    def _request(self, method: str, path: str, body: dict[str, str] | None = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return httpx.request(method, self.house.url + path, json=body, headers=headers, timeout=15, trust_env=False)


def open_talk(house: House) -> Talk:
    """Begin a conversation with a house that is up."""
    answer = httpx.post(house.url + _PATH, json={"visitor": f"probe-{uuid4()}"}, timeout=15, trust_env=False)
    answer.raise_for_status()
    return Talk(house, answer.json()["conversation_id"], answer.json()["token"])


def ready(house: House) -> httpx.Response:
    """Ask whether the service works."""
    return httpx.get(house.url + "/readyz", timeout=15, trust_env=False)


def plant(house: House, kind: JobKind, subjects: Sequence[str]) -> list[str]:
    """Enqueue jobs in one transaction, due now; return their ids."""
    database = Database(house.servers.postgres.url(house.site.database))
    try:
        with database.transaction() as session:
            now = SystemClock().now()
            return [leasing.add(session, JobRequest(kind, subject), now) for subject in subjects]
    finally:
        database.dispose()


def job(house: House, job_id: str) -> StoredJob:
    """Return how a job stands."""
    return next(found for found in jobs(house) if found.id == job_id)


def jobs(house: House) -> Sequence[StoredJob]:
    """Return how all jobs stand."""
    with house.servers.postgres.connect(house.site.database) as connection:
        return read_store(connection).jobs


def wait_state(house: House, job_id: str, state: str, timeout_seconds: float) -> float:
    """Wait until a job is in a state; return the seconds it took."""
    begun = time.monotonic()
    until(f"job {job_id} is {state}", lambda: job(house, job_id).state == state, timeout_seconds, house.tails)
    return time.monotonic() - begun


def pid_of_running(house: House, subject: str) -> int:
    """Wait until a ``faults.slow`` job runs; return the process it runs in."""
    mark = house.marks / subject
    until(f"{subject} runs", mark.exists, 30.0, house.tails)
    return int(mark.read_text(encoding="ascii"))
