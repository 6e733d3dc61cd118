"""A shop, an order book and messages for the tests of extraction."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from fakes.reader import FakeReader
from intake.extraction.schemas import ShopCatalog, catalog_from_mapping
from intake.extraction.service import ExtractionService
from tickets.schemas import Message, OrderFacts
from tickets.words import ConversationId, MessageId, Role

HERE = Path(__file__).parent
_TURN = re.compile(r"(?P<role>bot|agent)(?:\[(?P<asks>\w+)\])?: (?P<text>.*)", re.DOTALL)


class ScriptedOrderBook:
    """Knows the orders it is given."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self.known = frozenset(known)
        self.asked: list[str] = []

    def find(self, order_no: str) -> OrderFacts | None:
        self.asked.append(order_no)
        if order_no not in self.known:
            return None
        return OrderFacts(order_no, "WX75G", "signed", "2026-11-03", None, "2399", "in", "王若溪", "normal")


def as_message(turn: str, seq: int = 1) -> Message:
    """Read "text", "agent: text" or "bot[order_no]: text" as a message."""
    match = _TURN.fullmatch(turn)
    role = Role(match["role"]) if match else Role.CUSTOMER
    raw = match["text"] if match else turn
    data: Mapping[str, object] = {"asks": match["asks"]} if match and match["asks"] else {}
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Message(MessageId(f"m{seq}"), ConversationId("c1"), seq, role, role, raw, (), at, data)


def load_catalog(name: str) -> ShopCatalog:
    return catalog_from_mapping(yaml.safe_load((HERE / name).read_text(encoding="utf-8")))


@pytest.fixture
def message() -> Callable[..., Message]:
    return as_message


@pytest.fixture
def dialogue() -> Callable[..., list[Message]]:
    return lambda *turns: [as_message(turn, seq) for seq, turn in enumerate(turns, 1)]


@pytest.fixture(scope="session")
def catalog() -> ShopCatalog:
    return load_catalog("catalog.yaml")


@pytest.fixture(scope="session")
def other_catalog() -> ShopCatalog:
    return load_catalog("other_catalog.yaml")


@pytest.fixture
def book() -> Callable[..., ScriptedOrderBook]:
    return lambda *known: ScriptedOrderBook(known)


@pytest.fixture
def extraction(catalog: ShopCatalog) -> ExtractionService:
    return ExtractionService(catalog, ScriptedOrderBook(), FakeReader({}))


@pytest.fixture
def other_extraction(other_catalog: ShopCatalog) -> ExtractionService:
    return ExtractionService(other_catalog, ScriptedOrderBook(), FakeReader({}))
