"""Server-sent events: a conversation's messages with their sequence number as event id, so nothing is lost on a drop.

No database session is held while a stream sleeps; a stream ends after ten minutes and the browser comes back with its
``Last-Event-ID``.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from kit.live import LiveSignal

LIFE_SECONDS = 600.0
# A signal of another process is not heard; a poll each second keeps its messages from being late by more.
POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
BREATH_SECONDS = 0.5  # a busy queue is fetched twice a second at most, not once a change

Fetch = Callable[[int], list[tuple[int, dict[str, Any]]]]


def last_event_id(request: Request, after: int) -> int:
    """Return the sequence number to go on from: the browser's, or the page's own."""
    header = request.headers.get("last-event-id", "")
    return int(header) if header.isdigit() else after


async def events(live: LiveSignal, key: str, after: int, fetch: Fetch, name: str) -> AsyncIterator[str]:
    """Yield events in wire format until the stream's life ends.

    Args:
        live: Wakes the stream.
        key: What to listen to.
        after: Sequence number already seen.
        fetch: Returns ``(sequence number, payload)`` of what came after a number; runs in a thread.
        name: The event's name.
    """
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    end = loop.time() + LIFE_SECONDS
    quiet_until = loop.time() + HEARTBEAT_SECONDS
    yield "retry: 1000\n\n"
    with live.listening(key, lambda: loop.call_soon_threadsafe(woken.set)):
        while loop.time() < end:
            for seq, payload in await run_in_threadpool(fetch, after):
                after = max(after, seq)
                quiet_until = loop.time() + HEARTBEAT_SECONDS
                yield f"id: {seq}\nevent: {name}\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n"
            if loop.time() > quiet_until:
                quiet_until = loop.time() + HEARTBEAT_SECONDS
                yield ": still here\n\n"
            try:
                await asyncio.wait_for(woken.wait(), POLL_SECONDS)
            except TimeoutError:
                continue
            woken.clear()


async def signals(live: LiveSignal, names: Mapping[str, str]) -> AsyncIterator[str]:
    """Yield an empty event whenever a key is signalled; the page fetches again what it shows.

    A signal of another process is not heard, so every event also comes with each heartbeat.

    Args:
        live: Wakes the stream.
        names: Key to listen to → the event's name.
    """
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    pending: set[str] = set()
    end = loop.time() + LIFE_SECONDS

    def wake(name: str) -> None:
        pending.add(name)
        woken.set()

    yield "retry: 1000\n\n"
    with contextlib.ExitStack() as listening:
        for key, name in names.items():
            callback = partial(loop.call_soon_threadsafe, wake, name)
            listening.enter_context(live.listening(key, callback))
        while loop.time() < end:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), HEARTBEAT_SECONDS)
            told = sorted(pending or names.values())
            pending.clear()
            woken.clear()
            for name in told:
                yield f"event: {name}\ndata: \n\n"
            await asyncio.sleep(BREATH_SECONDS)
