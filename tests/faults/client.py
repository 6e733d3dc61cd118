"""Customers over real HTTP: each message has its own id and is sent again under it until it is acknowledged."""

import asyncio
import random
import time
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
from faults.history import History, Seen

_PATH = "/api/chat/conversations"
_REQUEST_SECONDS = 10.0
_POLL_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 1.0  # between tries; the service may ask for longer, these customers have no patience
# Not every HTTPError: a request that we build wrongly must not look like a service that is away.
_BROKEN = (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError)
# With everything the form asks for, so that the answer is a card; the last ones leave the bot something to ask.
_OPENING = (
    "洗衣机 WX100-HD 洗到一半不转了，面板报 E3，订单号 LT20261103004821",
    "型号 WX100-HD 的洗衣机甩干的时候停了，代码 E3，订单 LT20261103004821",
    "订单号 LT20261103004821，洗衣机 WX100-HD 不进水，显示 E3",
    "洗衣机不转了",
    "想退货",
)
_MORE = ("昨天开始的", "声音很大", "已经断电试过了", "订单号 LT20261103004821", "没有", "麻烦快一点")


@dataclass(frozen=True)
class Habits:
    """How the customers behave.

    Attributes:
        customers: How many write at once.
        bursts: Bursts of a conversation, each answered before the next one.
        burst: Most messages of a burst.
        typing_seconds: Longest pause before a message.
        answer_seconds: How long an answer is waited for; then the customer writes on without it.
        give_up_seconds: How long a message is tried after everything has ended; then it counts as "maybe".
    """

    customers: int = 32
    bursts: int = 3
    burst: int = 3
    typing_seconds: float = 0.3
    answer_seconds: float = 10.0
    give_up_seconds: float = 60.0


class Crowd:
    """Customers who come one after the other until they are told that it is enough.

    Args:
        url: Where the service listens.
        history: Where everything that is seen is written.
        seed: Of texts and pauses.
        habits: How they behave.
    """

    def __init__(self, url: str, history: History, seed: int, habits: Habits | None = None) -> None:
        self._url, self._history, self._habits = url, history, habits or Habits()
        self._seed = seed
        self._visitors = count(1)
        self._ended_at: float | None = None
        self.retries = 0

    def end(self) -> None:
        """Let nobody new come; those who talk finish what they were saying."""
        self._ended_at = time.monotonic()

    def run(self) -> None:
        """Talk until the end; call it in a thread of its own."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        limits = httpx.Limits(max_connections=self._habits.customers)
        async with httpx.AsyncClient(
            base_url=self._url, timeout=_REQUEST_SECONDS, trust_env=False, limits=limits
        ) as client:
            await asyncio.gather(*(self._come_and_go(client, n) for n in range(self._habits.customers)))

    async def _come_and_go(self, client: httpx.AsyncClient, place: int) -> None:
        rng = random.Random(f"{self._seed}-{place}")
        while self._ended_at is None:
            await _Customer(self, client, rng, f"visitor-{self._seed}-{next(self._visitors)}").talk()

    async def post(
        self, client: httpx.AsyncClient, path: str, body: dict[str, Any], token: str
    ) -> httpx.Response | None:
        """Post until it is answered for good; ``None`` where the customer gave up.

        A 503 or a broken connection says nothing about whether the message was stored: the same body goes again.
        """
        pause = 0.1
        while not self._gave_up():
            try:
                answer = await client.post(path, json=body, headers=_headers(token))
            except _BROKEN:
                pass
            else:
                if not answer.is_server_error:
                    return answer
            self.retries += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        return None

    @property
    def habits(self) -> Habits:
        return self._habits

    def note(self, seen: Seen) -> None:
        self._history.note(seen)

    def _gave_up(self) -> bool:
        return self._ended_at is not None and time.monotonic() > self._ended_at + self._habits.give_up_seconds


class _Customer:
    """One conversation."""

    def __init__(self, crowd: Crowd, client: httpx.AsyncClient, rng: random.Random, visitor: str) -> None:
        self._crowd, self._client, self._rng, self._visitor = crowd, client, rng, visitor
        self._ids = count(1)
        self._id, self._token = "", ""
        self._confirmed = False

    async def talk(self) -> None:
        """Open, write some bursts, confirm a card as soon as it is shown."""
        opened = await self._crowd.post(self._client, _PATH, {"visitor": self._visitor}, "")
        if opened is None or not opened.is_success:
            return
        self._id, self._token = opened.json()["conversation_id"], opened.json()["token"]
        self._crowd.note(Seen("opened", self._id))
        habits = self._crowd.habits
        for burst in range(self._rng.randint(1, habits.bursts)):
            for n in range(self._rng.randint(1, habits.burst)):
                await asyncio.sleep(self._rng.uniform(0, habits.typing_seconds))
                await self._say(self._rng.choice(_MORE if burst or n else _OPENING))
            await self._read_answer()

    async def _say(self, text: str) -> None:
        client_id = f"message-{next(self._ids)}"
        self._crowd.note(Seen("tried", self._id, client_id))
        answer = await self._crowd.post(
            self._client, f"{_PATH}/{self._id}/messages", {"id": client_id, "text": text}, self._token
        )
        if answer is None:
            return
        if not answer.is_success:
            self._crowd.note(Seen("refused", self._id, client_id, number=answer.status_code))
            return
        body = answer.json()
        self._crowd.note(Seen("acknowledged", self._id, client_id, body["message_id"], body["seq"]))

    async def _read_answer(self) -> None:
        """Wait a while for the bot; confirm the card it shows."""
        end = time.monotonic() + self._crowd.habits.answer_seconds
        while time.monotonic() < end:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                answer = await self._client.get(f"{_PATH}/{self._id}/messages", headers=_headers(self._token))
            except _BROKEN:
                continue
            if answer.is_success and not answer.json()["waiting_for_bot"]:
                cards = [m["data"]["card"] for m in answer.json()["messages"] if m["data"].get("kind") == "card"]
                if cards and not self._confirmed:
                    await self._confirm(str(cards[-1]["case_id"]))
                return

    async def _confirm(self, case_id: str) -> None:
        answer = await self._crowd.post(self._client, f"{_PATH}/{self._id}/confirm", {"case_id": case_id}, self._token)
        if answer is None:
            return
        if answer.is_success:
            self._confirmed = True
            number = int(answer.json()["ticket_number"])
            self._crowd.note(Seen("confirmed", self._id, case_id, number=number))
        else:
            self._crowd.note(Seen("refused", self._id, case_id, number=answer.status_code))


def _headers(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}
