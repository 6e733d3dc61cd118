"""One bounded way to a language model's endpoint: capped in time and size, few retries, no redirects, no surprises.

Every client library that talks to an OpenAI-compatible endpoint gets its HTTP client from here, so that one place holds
what RELIABILITY F10 and F11 ask for. The environment has no say: proxies, keys and headers that a library would read
from it are ignored or dropped.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast

import httpx

from kit.ai.ports import ModelUnavailable
from kit.settings import ModelSettings

_MAX_BYTES = 1_000_000  # an answer of 4,000 tokens is about 20 kB; more is not an answer
_RETRIES = 2
_FIRST_PAUSE_SECONDS = 0.25
_TOO_MANY, _SERVER_ERROR, _OK_END = 429, 500, 300
_KEPT_HEADERS = ("host", "content-type", "content-length", "authorization", "user-agent")

_deadline: ContextVar[float | None] = ContextVar("model_deadline", default=None)


@contextmanager
def answer_within(seconds: float) -> Iterator[None]:
    """Give everything inside, retries included, one deadline.

    Args:
        seconds: From now. A stall after the last chunk may add at most the time that was left when the try began.
    """
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def endpoint_client(settings: ModelSettings) -> httpx.Client:
    """Return an HTTP client for the endpoint of these settings.

    Returns:
        A client whose requests raise, inside whatever a library makes of it, ``ModelUnavailable``.
    """
    timeout = httpx.Timeout(settings.total_timeout_seconds, connect=settings.connect_timeout_seconds)
    transport = _BoundedTransport(httpx.HTTPTransport(), settings.total_timeout_seconds)
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


def unavailable(error: BaseException) -> ModelUnavailable:
    """Return what to raise for an error of a client library: our own where it is the cause, else ``bad_output``."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModelUnavailable):
            return cause
        if isinstance(cause, httpx.TimeoutException):
            return ModelUnavailable("timeout")
        cause = cause.__cause__ or cause.__context__
    return ModelUnavailable("bad_output")


class _BoundedTransport(httpx.BaseTransport):
    """Retries a busy or unreachable endpoint at most twice and refuses answers that are no JSON of a sane size."""

    def __init__(self, inner: httpx.BaseTransport, total_seconds: float) -> None:
        self._inner = inner
        self._total_seconds = total_seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        deadline = _deadline.get() or time.monotonic() + self._total_seconds
        request = _stripped(request)
        for attempt in range(_RETRIES + 1):
            last = attempt == _RETRIES
            try:
                response = self._inner.handle_request(_limited(request, deadline))
            except httpx.ConnectError as error:
                if last or not _pause(attempt, deadline):
                    raise ModelUnavailable("connect") from error
                continue
            except httpx.ConnectTimeout as error:
                raise ModelUnavailable("connect") from error
            except httpx.TimeoutException as error:
                raise ModelUnavailable("timeout") from error
            except httpx.TransportError as error:
                raise ModelUnavailable("bad_output") from error
            if response.status_code < _OK_END:
                return _checked(response, deadline)
            response.close()
            busy = response.status_code == _TOO_MANY or response.status_code >= _SERVER_ERROR
            if last or not busy or not _pause(attempt, deadline):
                break
        raise ModelUnavailable("refused")

    def close(self) -> None:
        self._inner.close()


class _BoundedStream(httpx.SyncByteStream):
    """Stops an answer that is too long or drips past the deadline."""

    def __init__(self, inner: httpx.SyncByteStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        try:
            for chunk in self._inner:
                size += len(chunk)
                if size > _MAX_BYTES:
                    raise ModelUnavailable("bad_output")
                if time.monotonic() > self._deadline:
                    raise ModelUnavailable("timeout")
                yield chunk
        except httpx.TimeoutException as error:
            raise ModelUnavailable("timeout") from error
        except httpx.TransportError as error:
            raise ModelUnavailable("bad_output") from error

    def close(self) -> None:
        self._inner.close()


def _stripped(request: httpx.Request) -> httpx.Request:
    """Keep only the headers a call needs: libraries add ids, machine details and words of the environment."""
    headers = {name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers}
    headers |= {"accept": "application/json", "accept-encoding": "identity"}  # no compression bombs
    return httpx.Request(
        request.method, request.url, headers=headers, content=request.read(), extensions=dict(request.extensions)
    )


def _limited(request: httpx.Request, deadline: float) -> httpx.Request:
    left = deadline - time.monotonic()
    if left <= 0:
        raise ModelUnavailable("timeout")
    asked = cast("dict[str, float | None]", request.extensions.get("timeout", {}))
    limits = {name: min(value, left) if value is not None else left for name, value in asked.items()}
    request.extensions = {**request.extensions, "timeout": limits}
    return request


def _checked(response: httpx.Response, deadline: float) -> httpx.Response:
    kind = response.headers.get("content-type", "").lower()
    if "json" not in kind or response.headers.get("content-encoding", "identity").lower() != "identity":
        response.close()
        raise ModelUnavailable("bad_output")
    stream = _BoundedStream(cast("httpx.SyncByteStream", response.stream), deadline)
    return httpx.Response(
        response.status_code, headers=response.headers, stream=stream, extensions=dict(response.extensions)
    )


def _pause(attempt: int, deadline: float) -> bool:
    """Wait a moment before the next try; ``False`` where the deadline would pass meanwhile."""
    seconds = _FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, no secret
    if time.monotonic() + seconds >= deadline:
        return False
    time.sleep(seconds)
    return True
