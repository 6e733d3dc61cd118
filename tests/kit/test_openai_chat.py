"""The OpenAI-compatible client against an endpoint that misbehaves (RELIABILITY F10, F11)."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from fakes.language_model import Reply, StubEndpoint, completion
from kit.ai import endpoint
from kit.ai.adapters.openai_chat import OpenAIChat
from kit.ai.ports import ModelUnavailable
from kit.settings import ModelSettings


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "_FIRST_PAUSE_SECONDS", 0.01)


@contextmanager
def served(*replies: Reply, total_seconds: float = 5.0) -> Iterator[tuple[StubEndpoint, OpenAIChat]]:
    with StubEndpoint(*replies) as stub:
        chat = OpenAIChat(settings(stub.url, total_seconds))
        yield stub, chat
        chat.close()


def settings(url: str, total_seconds: float = 5.0) -> ModelSettings:
    return ModelSettings(
        base_url=url,
        api_key=SecretStr("k-1"),
        name="tiny",
        connect_timeout_seconds=1.0,
        total_timeout_seconds=total_seconds,
    )


class TestAnswers:
    def test_gives_the_text_and_what_it_cost(self) -> None:
        with served(completion("好的")) as (stub, chat):
            answer = chat.complete("be brief", "你好", max_tokens=20)

        assert (answer.text, answer.model, answer.input_tokens, answer.output_tokens) == ("好的", "stub", 11, 7)
        assert answer.latency_ms > 0
        assert [message["content"] for message in stub.requests[0]["messages"]] == ["be brief", "你好"]
        assert (stub.requests[0]["model"], stub.requests[0]["max_tokens"]) == ("tiny", 20)

    def test_sends_the_key_and_nothing_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Leak: 1")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        with served(completion("ok")) as (stub, chat):
            chat.complete("s", "u", max_tokens=5)

        assert stub.headers[0]["authorization"] == "Bearer k-1"
        allowed = {"host", "content-type", "content-length", "authorization", "user-agent", "accept", "accept-encoding"}
        assert set(stub.headers[0]) <= allowed

    def test_the_client_is_built_once(self) -> None:
        with served(completion("ok")) as (_, chat):
            chat.complete("s", "u", max_tokens=5)
            first = chat._client
            chat.complete("s", "u", max_tokens=5)

            assert chat._client is first


class TestRetries:
    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_busy_endpoint_is_asked_again(self, status: int) -> None:
        with served(Reply(status=status), Reply(status=status), completion("at last")) as (stub, chat):
            answer = chat.complete("s", "u", max_tokens=5)

        assert answer.text == "at last"
        assert len(stub.requests) == 3

    def test_three_failures_are_the_end(self) -> None:
        with served(Reply(status=500)) as (stub, chat):
            assert _code(chat) == "refused"

        assert len(stub.requests) == 3

    @pytest.mark.parametrize("status", [400, 401, 404, 302])
    def test_a_refusal_is_not_repeated(self, status: int) -> None:
        with served(Reply(status=status, headers={"Location": "http://127.0.0.1:1/"})) as (stub, chat):
            assert _code(chat) == "refused"

        assert len(stub.requests) == 1

    def test_nobody_listening_is_reported_soon(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        began = time.monotonic()

        assert _code(OpenAIChat(settings(url))) == "connect"
        assert time.monotonic() - began < 3


class TestBadAnswers:
    @pytest.mark.parametrize(
        "reply",
        [
            Reply(body=b"<html>login</html>", headers={"Content-Type": "text/html"}),
            Reply(body=b""),
            Reply(body=b"{"),
            Reply(body=b"[]"),
            Reply(body=b'{"choices": []}'),
            Reply(body=b'{"choices": [{"message": {"content": 7}}]}'),
            Reply(body=b"null"),
            completion(None),
            completion("  "),
            Reply(body=b'{"a": "' + b"x" * 1_200_000 + b'"}'),
            Reply(body=b"\x1f\x8b", headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}),
            Reply(body=completion("half").body, cut=True),
        ],
        ids=[
            "html",
            "empty",
            "cut",
            "list",
            "no_choice",
            "number",
            "null",
            "no_text",
            "blank",
            "huge",
            "zip",
            "hung_up",
        ],
    )
    def test_is_bad_output(self, reply: Reply) -> None:
        with served(reply) as (stub, chat):
            assert _code(chat) == "bad_output"

        assert len(stub.requests) == 1


class TestSlowAnswers:
    def test_silence_ends_at_the_cap(self) -> None:
        with served(Reply(body=b"{}", wait_seconds=20), total_seconds=0.4) as (_, chat):
            began = time.monotonic()

            assert _code(chat) == "timeout"
            assert time.monotonic() - began < 10

    def test_dripping_ends_at_the_cap(self) -> None:
        with served(Reply(body=completion("x" * 400).body, drip_seconds=0.05), total_seconds=0.5) as (_, chat):
            began = time.monotonic()

            assert _code(chat) == "timeout"
            assert time.monotonic() - began < 10

    def test_retries_share_the_cap(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(endpoint, "_FIRST_PAUSE_SECONDS", 10.0)
        with served(Reply(status=503), total_seconds=3.0) as (stub, chat):
            assert _code(chat) == "refused"

        assert len(stub.requests) == 1


def _code(chat: OpenAIChat) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        chat.complete("s", "u", max_tokens=5)
    return caught.value.code
