"""The whole house on a real database, with a fast encoder and a scripted picture reader, driven job by job."""

import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from api.migrations.runner import migrate
from api.pipeline import ROUTINES, handlers, listeners
from api.shop import DEMO_SHOP
from api.wiring import Ports, Services, build
from fakes.encoder import HashingEncoder
from fakes.hashing import quick_hasher
from fakes.reader import FakeReader
from kit.ai.ports import Encoder, Reader
from kit.jobs.schemas import JobState
from kit.jobs.worker import Worker
from kit.settings import Settings, WebhookSettings
from tickets.schemas import IncomingFile, IncomingMessage, Message, Ticket

_ids = count(1)
QUIET = timedelta(milliseconds=800)


@dataclass
class Talk:
    """One customer's conversation with the service."""

    services: Services
    worker: Worker
    clock: Any
    id: str = ""
    seen: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.services.database.transaction() as session:
            self.id, _ = self.services.conversations.open(
                session, channel="web", account="default", external_user=f"v{next(_ids)}", name="张三", lang="zh"
            )

    def send(self, text: str = "", *files: IncomingFile, external_id: str | None = None) -> Message:
        """Send without waiting for an answer."""
        incoming = IncomingMessage(external_id or f"{self.id}:{next(_ids)}", text, files)
        with self.services.database.transaction() as session:
            return self.services.conversations.receive(session, self.id, incoming)

    def say(self, text: str = "", *files: IncomingFile) -> list[Message]:
        """Send, let the quiet window pass, and return what the service answered."""
        sent = self.send(text, *files)
        return [m for m in self.settle() if m.seq > sent.seq]

    def settle(self) -> list[Message]:
        """Run all work that is due after the quiet window; return the conversation."""
        for _ in range(3):
            self.clock.instant += QUIET
            self.worker.drain()
        with self.services.database.reading() as session:
            dead = self.services.queue.listing(session, {JobState.DEAD}, 5)
            assert not dead, dead
            self.seen = self.services.conversations.messages(session, self.id)
        return self.seen

    def tickets(self) -> list[Ticket]:
        with self.services.database.reading() as session:
            return self.services.tickets.of_conversation(session, self.id)

    def card(self) -> dict[str, Any]:
        return [m.data["card"] for m in self.seen if m.data.get("kind") == "card"][-1]  # type: ignore[return-value]


def route_by_hand(talk: Talk, label: tuple[str, ...]) -> Ticket:
    """Let a person decide the category of a talk's ticket, and return it once it is with that category's group."""
    (ticket,) = talk.tickets()
    with talk.services.database.transaction() as session:
        talk.services.tickets.set_label(session, ticket.summary.id, label, "gao.yuan")
    talk.settle()
    return talk.tickets()[0]


def small_shop(folder: Path) -> Path:
    """Copy the demo shop with a sixth of its utterances, which train in seconds, and without its automation rules."""
    shutil.copytree(DEMO_SHOP, folder)
    lines = (DEMO_SHOP / "utterances.jsonl").read_text(encoding="utf-8").splitlines()
    (folder / "utterances.jsonl").write_text("\n".join(lines[::6]), encoding="utf-8")
    (folder / "rules.yaml").unlink()  # a test's tickets meet the rules that the test writes, no others
    return folder


def build_house(
    folder: Path, clock: Any, shop: Path, *, encoder: Encoder | None = None, reader: Reader | None = None
) -> Services:
    settings = Settings(data_dir=folder, shop_dir=shop, webhooks=WebhookSettings(private_hosts=("127.0.0.1",)))
    ports = Ports(
        clock=clock,
        encoder=encoder or HashingEncoder(),
        reader=reader or FakeReader(lines=()),
        hasher=quick_hasher(),
    )
    services = build(settings, listeners(QUIET), ports)
    migrate(services.database)
    return services


def build_worker(services: Services) -> Worker:
    """A worker that knows every kind of job, run by hand."""
    jobs = services.settings.jobs
    return Worker(
        services.database, services.clock, services.local_doorbell, handlers(services), jobs, routines=ROUTINES
    )
