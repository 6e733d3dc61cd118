"""What the browser's stories share: sizes of screens, the running service with its back door, a watched page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page

from api.cli.demo import settle
from api.wiring import Services
from tickets.schemas import IncomingFile, IncomingMessage, Ticket

PHONE, LAPTOP, DESK = (390, 844), (1024, 768), (1440, 900)
_GRAVE = {"serious", "critical"}
ORDER = "LT20261103004821"
_ids = count(1)


@dataclass
class Site:
    """The running service, with a back door for what a story needs to be there already."""

    services: Services
    url: str
    password: str

    def converse(self, *texts: str, files: tuple[IncomingFile, ...] = (), user: str = "") -> str:
        """Let a customer say something, wait for the answers, and return the conversation."""
        with self.services.database.transaction() as session:
            conversation_id, _ = self.services.conversations.open(
                session,
                channel="web",
                account="default",
                external_user=user or f"browser-{next(_ids)}",
                name="张三",
                lang="zh",
            )
        for text in texts:
            incoming = IncomingMessage(f"browser-message-{next(_ids)}", text, files)
            with self.services.database.transaction() as session:
                self.services.conversations.receive(session, conversation_id, incoming)
            settle(self.services)
            files = ()
        return conversation_id

    def ticket(self, *texts: str, files: tuple[IncomingFile, ...] = ()) -> Ticket:
        """Converse until a ticket is filed, and return it."""
        conversation_id = self.converse(
            *(texts or ("洗衣机脱水的时候不转了，显示E3", f"订单号{ORDER}", "对的")), files=files
        )
        with self.services.database.reading() as session:
            (ticket,) = self.services.tickets.of_conversation(session, conversation_id)
        return ticket


@dataclass
class Watched:
    """A page and everything its browser complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))


Visit = Callable[..., Page]


def png(folder: Path, name: str = "label.png") -> Path:
    """Write a small picture for an upload."""
    path = folder / name
    Image.new("RGB", (320, 120), "#c8d2d8").save(path, "PNG")
    return path


def violations(page: Page) -> list[str]:
    """Return what axe finds grave on a page."""
    found = Axe().run(page).response["violations"]
    grave = (v for v in found if v["impact"] in _GRAVE)
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in grave for node in v["nodes"]]
