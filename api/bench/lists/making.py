"""Tickets for the benchmark: made from a seed, so that two runs measure the same shop."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kit.crypto import Vault
from tickets.lists.terms import hashed, number_words, stored_words

FIRST_NUMBER = 1001
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
OPEN_SHARE = 0.1
_SPACING = timedelta(seconds=47)
_SEED = 20261122
_GOODS = ("洗衣机", "冰箱", "空调", "热水器", "电视", "扫地机")
_FAULTS = ("漏水", "不脱水", "不制冷", "打不着火", "黑屏", "不充电", "噪音大", "有异味", "开不了机", "显示故障码")
_TAILS = ("请尽快上门", "昨天刚买", "已经第二次了", "老人在家很着急", "想换一台", "客服一直没回")
_MODELS = ("WX75G", "BX320T", "BC98S", "TV65Q", "RQ16N", "SV20P")
_CODES = ("E1", "E3", "E6", "F07", "H5")
_OPEN = ("new", "to_assign", "in_progress", "waiting_customer")
_LABELS = ('["quality_issue", "malfunction"]', '["logistics", "late"]', '["refund_return", "refund"]')
GROUPS = ("triage", "repair", "logistics", "refund")
PEOPLE = 40


@dataclass(frozen=True, slots=True)
class Made:
    """A ticket as plain columns."""

    number: int
    title: str
    status: str
    priority: str
    label: str
    label_type: str
    group: str
    assignee: str | None
    created_at: datetime
    due_at: datetime
    resolved_at: datetime | None

    @property
    def id(self) -> str:
        """A made-up UUID; as ordered as a real one."""
        return f"00000000-0000-7000-8000-{self.number:012d}"


def person(place: int) -> str:
    """Return the name of one of the agents."""
    return f"agent.{place:02d}"


def tickets(count: int) -> Iterator[Made]:
    """Yield tickets, oldest first; the newest tenth is mostly what is still open."""
    chance = random.Random(_SEED)  # noqa: S311 - spreads values, no secret
    for place in range(count):
        number = FIRST_NUMBER + place
        is_open = chance.random() < (8 * OPEN_SHARE if place > 0.9 * count else 0.22 * OPEN_SHARE)
        created = BEGIN + place * _SPACING
        label = chance.choice(_LABELS)
        unowned = is_open and chance.random() < 0.3  # noqa: PLR2004 - a third waits to be taken
        yield Made(
            number=number,
            title=_title(chance, number),
            status=chance.choice(_OPEN) if is_open else chance.choice(("closed", "closed", "closed", "resolved")),
            priority=chance.choices(("P1", "P2", "P3", "P4"), (1, 4, 12, 3))[0],
            label=label,
            label_type=label.split('"')[1],
            group=chance.choice(GROUPS),
            assignee=None if unowned else person(chance.randrange(PEOPLE)),
            created_at=created,
            due_at=created + timedelta(minutes=chance.randrange(60, 4_000)),
            resolved_at=None if is_open else created + timedelta(minutes=chance.randrange(30, 5_000)),
        )


class Hasher:
    """Turns titles into what the search index holds; each word is hashed once."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known: dict[str, int] = {}

    def terms(self, made: Made) -> set[int]:
        """Return the hashes of a ticket's words."""
        words = stored_words([made.title]) | number_words(made.number)
        rare = [word for word in words if word not in self._known]
        fresh = dict(zip(rare, hashed(self._vault, rare), strict=True))
        self._known.update((word, term) for word, term in fresh.items() if not any(c.isdigit() for c in word))
        return {self._known.get(word) or fresh[word] for word in words}


def _title(chance: random.Random, number: int) -> str:
    goods, model = chance.choice(list(zip(_GOODS, _MODELS, strict=True)))
    code = chance.choice(_CODES) if chance.random() < 0.4 else ""  # noqa: PLR2004 - where a display shows one
    order = f"LT{20_260_000_000_000 + number * 7919}"
    return f"{goods}{chance.choice(_FAULTS)}{code}，{model}，订单{order}，{chance.choice(_TAILS)}"
