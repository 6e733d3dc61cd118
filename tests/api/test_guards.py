import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.guards import BodyLimit, SecurityHeaders
from api.routes.pages import local_path


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-size", str(size).encode())]})
    await send({"type": "http.response.body", "body": b"ok"})


def _call(app: Any, chunks: list[bytes], headers: list[tuple[bytes, bytes]] | None = None) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    queue = [{"type": "http.request", "body": c, "more_body": i < len(chunks) - 1} for i, c in enumerate(chunks)]

    async def receive() -> dict[str, Any]:
        return queue.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/x", "headers": headers or []}
    # In a thread of its own: the browser's tests keep an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    return sent


def test_a_declared_size_above_the_limit_is_refused_before_reading() -> None:
    """F19."""
    sent = _call(BodyLimit(_echo, 10), [], [(b"content-length", b"11")])

    assert sent[0]["status"] == 413


@pytest.mark.parametrize("declared", [b"-1", b"abc", b"1e9"])
def test_a_senseless_size_is_refused(declared: bytes) -> None:
    assert _call(BodyLimit(_echo, 10), [], [(b"content-length", declared)])[0]["status"] == 413


def test_a_body_that_grows_past_the_limit_is_cut_off() -> None:
    """F19: chunked, without a declared length."""
    sent = _call(BodyLimit(_echo, 10), [b"x" * 6, b"x" * 6, b"x" * 6])

    assert [m["status"] for m in sent if "status" in m] == [413]


def test_a_body_within_the_limit_passes_unchanged() -> None:
    assert _call(BodyLimit(_echo, 10), [b"12345", b"12345"])[0]["headers"] == [(b"x-size", b"10")]


def test_every_answer_carries_the_security_headers_and_data_is_not_cached() -> None:
    headers = dict(_call(SecurityHeaders(_echo), [b""])[0]["headers"])

    assert b"script-src 'self'" in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"cache-control"] == b"no-store"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_a_redirect_never_leaves_the_site(target: str) -> None:
    assert local_path(target, "/desk") == "/desk"
    assert local_path("/quality?status=open", "/desk") == "/quality?status=open"
