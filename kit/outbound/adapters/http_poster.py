"""Posts over HTTP/1.1 by httpcore, whose network backend is where an address can be judged as it is connected to.

Name, certificate and ``Host`` stay those of the URL; only the connection goes to the address that was judged, so a name
that answers differently the second time gains nothing (RELIABILITY A27).
"""

import socket
import ssl
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import httpcore

from kit.outbound.errors import TargetRefused, TargetUnreachable, Unreachable
from kit.outbound.ports import Answer
from kit.outbound.targets import check_url, is_public

_MAX_RETRY_AFTER_SECONDS = 24 * 3600


class HttpPoster:
    """Sends each request over a connection of its own: no redirects, no proxies of the environment, one deadline.

    Args:
        private_hosts: Hosts inside our own network that may be called.
        total_seconds: From resolving the name to the answer's last byte that is read.
    """

    def __init__(self, private_hosts: Collection[str] = (), *, total_seconds: float = 15.0) -> None:
        self._private_hosts = frozenset(private_hosts)
        self._total_seconds = total_seconds
        self._tls = ssl.create_default_context()

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, read_bytes: int = 0) -> Answer:
        """Send once; see ``kit.outbound.ports.Poster``."""
        check_url(url, self._private_hosts)
        backend = _JudgingBackend(self._private_hosts, time.monotonic() + self._total_seconds)
        sent = [*headers.items(), ("Connection", "close")]
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._tls, network_backend=backend) as pool,
                pool.stream("POST", url, headers=sent, content=body) as response,
            ):
                return Answer(response.status, _retry_after(response.headers), _read(response, read_bytes))
        except httpcore.TimeoutException as error:
            raise TargetUnreachable(Unreachable.TIMEOUT) from error
        except httpcore.ConnectError as error:
            how = Unreachable.BAD_ANSWER if isinstance(error.__context__, ssl.SSLError) else Unreachable.CONNECT
            raise TargetUnreachable(how) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise TargetUnreachable(Unreachable.BAD_ANSWER) from error


class _JudgingBackend(httpcore.SyncBackend):
    """Resolves a name once, refuses it where any of its addresses is not public, and connects to what it judged."""

    def __init__(self, private_hosts: frozenset[str], deadline: float) -> None:
        super().__init__()
        self._private_hosts = private_hosts
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is stricter
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        address = self._judged(host, port)
        left = _left(self._deadline)
        stream = super().connect_tcp(address, port, left, local_address, socket_options)
        return _BoundedStream(stream, self._deadline)

    def _judged(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError from error
        addresses = [str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found]
        if host not in self._private_hosts and not all(is_public(address) for address in addresses):
            raise TargetRefused
        return addresses[0]


class _BoundedStream(httpcore.NetworkStream):
    """Lets every read and write end by one deadline, so that an answer in drips does not hold a worker."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as above
        return self._inner.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        self._inner.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        stream = self._inner.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _BoundedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        return self._inner.get_extra_info(info)


def _read(response: httpcore.Response, limit: int) -> bytes:
    """Return the first bytes of a body; a longer one is cut, so that nobody fills the memory."""
    found = b""
    if limit:
        for chunk in response.iter_stream():
            found += chunk
            if len(found) >= limit:
                break
    return found[:limit]


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return the seconds of ``Retry-After``; its other form, a date, is not honoured: it trusts a foreign clock."""
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return min(int(value), _MAX_RETRY_AFTER_SECONDS)
    return 0
