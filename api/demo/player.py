"""Plays demo conversations through the public HTTP API, as a customer's browser and an agent's would."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx

from api.demo.stories import Story, picture

_PATIENCE_SECONDS = 60.0  # the first picture loads the OCR, on a busy machine that takes a while
_POLL_SECONDS = 0.05
_PLAYERS = 6  # conversations at once: enough to keep two cores busy through the quiet windows


class StoryStuck(RuntimeError):
    """The bot did not answer in time, or filed no ticket where the story needs one."""


class Player:
    """Plays stories against a running service.

    Args:
        base_url: Where it listens.
        sign_in: User name and password of the agent who answers.
    """

    def __init__(self, base_url: str, sign_in: tuple[str, str]) -> None:
        self._base_url = base_url
        self._sign_in = sign_in

    def play_all(self, stories: list[Story], done: Callable[[Story], None]) -> dict[str, str]:
        """Play stories side by side.

        Returns:
            Story id → conversation id.
        """
        with ThreadPoolExecutor(_PLAYERS) as pool:
            return dict(pool.map(lambda story: self._play_one(story, done), stories))

    def _play_one(self, story: Story, done: Callable[[Story], None]) -> tuple[str, str]:
        # trust_env off: a proxy set for the user's browser must not come between us and our own port.
        with httpx.Client(base_url=self._base_url, timeout=_PATIENCE_SECONDS, trust_env=False) as client:
            conversation_id = _Play(client, story, self._sign_in).run()
        done(story)
        return story.id, conversation_id


class _Play:
    """One story on one client."""

    def __init__(self, client: httpx.Client, story: Story, sign_in: tuple[str, str]) -> None:
        self._client = client
        self._story = story
        self._sign_in = sign_in
        self._ids = count(1)
        self._seen: list[dict[str, Any]] = []
        self._path = ""

    def run(self) -> str:
        body = {"visitor": visitor_of(self._story), "name": self._story.customer, "lang": self._story.lang}
        opened = self._post("/api/chat/conversations", json=body)
        conversation_id = str(opened["conversation_id"])
        self._path = f"/api/chat/conversations/{conversation_id}"
        self._client.headers["authorization"] = f"Bearer {opened['token']}"
        for burst in _bursts(self._story):
            for step in burst:
                self._do(step)
            if not any(k in burst[-1] for k in ("agent", "resolve")):
                self._wait()
        return conversation_id

    def _do(self, step: dict[str, Any]) -> None:
        if "send_picture" in step:
            files = {"file": (step["send_picture"], picture(step["send_picture"]), "image/jpeg")}
            self._post(f"{self._path}/pictures", data={"id": self._id(), "text": step.get("say", "")}, files=files)
        elif "say" in step:
            self._post(f"{self._path}/messages", json={"id": self._id(), "text": step["say"]})
        elif "confirm" in step or "correct" in step:
            self._confirm(step.get("correct", {}))
        elif "agent" in step:
            self._post(f"/api/desk/tickets/{self._ticket()}/reply", json={"text": step["agent"]})
        elif "resolve" in step:
            self._post(f"/api/desk/tickets/{self._ticket()}/resolve", json={"action": step.get("action", "")})

    def _confirm(self, corrections: dict[str, str]) -> None:
        cards = [m["data"]["card"] for m in self._seen if m["data"].get("kind") == "card"]
        if cards:
            body = {"case_id": cards[-1]["case_id"], "corrections": corrections}
            self._post(f"{self._path}/confirm", json=body)

    def _wait(self) -> None:
        """Wait until the bot has understood everything said so far."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            answer = self._get(f"{self._path}/messages")
            self._seen = answer["messages"]
            if not answer["waiting_for_bot"]:
                return
            time.sleep(_POLL_SECONDS)
        raise StoryStuck(self._story.id)

    def _ticket(self) -> int:
        """Return the number of the filed ticket; the desk is signed in on first need."""
        if "jiedai_staff" not in self._client.cookies:
            username, password = self._sign_in
            answer = self._client.post("/session", data={"username": username, "password": password})
            if answer.status_code != httpx.codes.SEE_OTHER:
                answer.raise_for_status()
        self._wait()
        filed = [m["data"]["ticket_number"] for m in self._seen if m["data"].get("kind") == "filed"]
        if not filed:
            raise StoryStuck(self._story.id)
        self._wait_for_help(int(filed[-1]))
        return int(filed[-1])

    def _wait_for_help(self, number: int) -> None:
        """Wait until the ticket is routed and has its suggestion: an agent opens it no sooner."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            shown = self._get(f"/api/desk/tickets/{number}")
            if shown["suggestion"] is not None and shown["ticket"]["group_id"] is not None:
                return
            time.sleep(_POLL_SECONDS)
        raise StoryStuck(self._story.id)

    def _id(self) -> str:
        return f"{visitor_of(self._story)}-{next(self._ids)}"

    def _post(self, path: str, **content: Any) -> dict[str, Any]:  # noqa: ANN401 - handed through to httpx
        answer = self._client.post(path, **content)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def _get(self, path: str) -> dict[str, Any]:
        answer = self._client.get(path)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body


def visitor_of(story: Story) -> str:
    """Return the visitor id of a story: fixed, so that a second start finds what was played."""
    return f"demo-visitor-{story.id}"


def _bursts(story: Story) -> Iterator[list[dict[str, Any]]]:
    """Group consecutive messages of the customer: they are typed without waiting for an answer."""
    burst: list[dict[str, Any]] = []
    for step in story.steps:
        speaks = "say" in step or "send_picture" in step
        if burst and not (speaks and ("say" in burst[-1] or "send_picture" in burst[-1]) and step.get("burst", True)):
            yield burst
            burst = []
        burst.append(step)
    if burst:
        yield burst
