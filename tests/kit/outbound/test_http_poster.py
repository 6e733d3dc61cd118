"""The real poster against real servers that behave badly."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fakes.language_model import Reply, StubEndpoint
from kit.outbound.adapters.http_poster import HttpPoster
from kit.outbound.errors import TargetRefused, TargetUnreachable, Unreachable
from kit.outbound.ports import Answer

LOCAL = {"127.0.0.1"}
BODY = b'{"a":1}'


@contextmanager
def raw_server(answer: bytes, *, drip_seconds: float = 0) -> Iterator[str]:
    """Serve one connection by hand, for answers that are no HTTP."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(65536)
                    for byte in answer if drip_seconds else ():
                        try:
                            connection.sendall(bytes([byte]))
                        except OSError:
                            break
                        if stop.wait(drip_seconds):
                            break
                    if not drip_seconds:
                        connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/in"
        stop.set()
        thread.join(5)


def test_the_body_and_its_headers_arrive_as_they_were_given() -> None:
    with StubEndpoint(Reply(status=204)) as receiver:
        answer = HttpPoster(LOCAL).post(receiver.url, {"webhook-id": "msg_1"}, BODY)

    assert answer == Answer(204)
    assert receiver.requests == [{"a": 1}]
    assert receiver.headers[0]["webhook-id"] == "msg_1"
    assert receiver.headers[0]["host"].startswith("127.0.0.1:")


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 410, 429, 500, 503])
def test_any_status_is_an_answer_and_no_redirect_is_followed(status: int) -> None:
    """A27, A48."""
    with StubEndpoint(Reply(status=200)) as inside:
        headers = {"Location": inside.url, "Retry-After": "90"}
        with StubEndpoint(Reply(status=status, headers=headers)) as receiver:
            answer = HttpPoster(LOCAL).post(receiver.url, {}, BODY)

        assert answer == Answer(status, 90)
        assert inside.requests == []


@pytest.mark.parametrize(
    ("value", "seconds"), [("0", 0), ("-5", 0), ("soon", 0), ("9999999", 86_400), ("Fri, 31 Dec 1999 23:59:59 GMT", 0)]
)
def test_a_wish_to_be_left_alone_is_bounded(value: str, seconds: int) -> None:
    with StubEndpoint(Reply(status=429, headers={"Retry-After": value})) as receiver:
        assert HttpPoster(LOCAL).post(receiver.url, {}, BODY).retry_after_seconds == seconds


def test_an_endless_answer_is_not_read() -> None:
    """A48: the status is all that counts."""
    with StubEndpoint(Reply(status=200, body=b"x" * 20_000_000)) as receiver:
        assert HttpPoster(LOCAL).post(receiver.url, {}, BODY) == Answer(200)


def test_silence_ends_at_the_cap() -> None:
    with StubEndpoint(Reply(wait_seconds=30)) as receiver:
        begun = time.monotonic()
        with pytest.raises(TargetUnreachable) as failed:
            HttpPoster(LOCAL, total_seconds=0.3).post(receiver.url, {}, BODY)

    assert failed.value.how is Unreachable.TIMEOUT
    assert time.monotonic() - begun < 20  # of the 30 that it would take


def test_headers_in_drips_end_at_the_cap() -> None:
    """A48: each byte comes in time, all together never would."""
    with raw_server(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 5_000, drip_seconds=0.02) as url:
        begun = time.monotonic()
        with pytest.raises(TargetUnreachable) as failed:
            HttpPoster(LOCAL, total_seconds=0.5).post(url, {}, BODY)

    assert failed.value.how is Unreachable.TIMEOUT
    assert time.monotonic() - begun < 50  # of the 100 that it would take


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/9.9 huh\r\n\r\n", b"\x16\x03\x01"])
def test_what_is_no_http_is_a_bad_answer(answer: bytes) -> None:
    with raw_server(answer) as url, pytest.raises(TargetUnreachable) as failed:
        HttpPoster(LOCAL, total_seconds=5).post(url, {}, BODY)

    assert failed.value.how is Unreachable.BAD_ANSWER


def test_tls_that_nobody_vouches_for_is_a_bad_answer() -> None:
    with raw_server(b"no tls here") as url, pytest.raises(TargetUnreachable) as failed:
        HttpPoster(LOCAL, total_seconds=5).post(url.replace("http:", "https:"), {}, BODY)

    assert failed.value.how is Unreachable.BAD_ANSWER


def test_nobody_listening_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"

    with pytest.raises(TargetUnreachable) as failed:
        HttpPoster(LOCAL).post(url, {}, BODY)

    assert failed.value.how is Unreachable.CONNECT


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_no_spelling_of_this_machine_is_connected_to(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A26: judged by what it resolves to, whatever it is called."""
    reached: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **_: reached.append(args))

    with pytest.raises(TargetRefused):
        HttpPoster().post(f"https://{host}/", {}, BODY)

    assert reached == []


def test_a_name_is_connected_to_at_the_address_that_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A27: a name that answers differently the second time is asked only once."""
    asked: list[str] = []
    reached: list[object] = []

    def resolve(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        address = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address: tuple[str, int], *_: object, **__: object) -> None:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(TargetUnreachable):
        HttpPoster().post("https://rebind.example.com/", {}, BODY)

    assert asked == ["rebind.example.com"]
    assert reached == [("8.8.8.8", 443)]


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(TargetRefused):
        HttpPoster().post("https://mixed.example.com/", {}, BODY)
