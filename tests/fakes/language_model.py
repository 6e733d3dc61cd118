"""Language models without a model: scripted ones, and an endpoint on the loopback that behaves as badly as told."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from copilot.ports import DraftRequest, WordedDraft
from kit.ai.ports import Completion, ModelUnavailable


class ScriptedModel:
    """Implements ``LanguageModel``: gives its answers in order; an unexpected call is an error of the test.

    Args:
        answers: Texts to answer with, or errors to raise.
    """

    def __init__(self, answers: Sequence[str | ModelUnavailable]) -> None:
        self._answers = list(answers)
        self.calls: list[tuple[str, str]] = []

    def complete(self, system: str, user: str, *, max_tokens: int) -> Completion:
        self.calls.append((system, user))
        answer = self._answers.pop(0)
        if isinstance(answer, ModelUnavailable):
            raise answer
        if not answer.strip():
            raise ModelUnavailable("bad_output")
        return Completion(answer, "scripted", len(system + user), len(answer), 0.0)


class ScriptedDrafter:
    """Implements ``copilot.ports.Drafter``: words what a test's function says, and keeps the requests."""

    def __init__(self, words: Callable[[DraftRequest], WordedDraft]) -> None:
        self._words = words
        self.requests: list[DraftRequest] = []

    def draft(self, request: DraftRequest) -> WordedDraft:
        self.requests.append(request)
        return self._words(request)


@dataclass
class Reply:
    """What the endpoint does with a request.

    Attributes:
        wait_seconds: Silence before the answer begins.
        drip_seconds: Silence between the bytes of the body; 0: at once.
        cut: Whether the connection ends in the middle of the body.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    wait_seconds: float = 0
    drip_seconds: float = 0
    cut: bool = False


def completion(text: object, **more: Any) -> Reply:
    """Return a well-formed answer of ``/v1/chat/completions``."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    data = {"id": "c", "object": "chat.completion", "created": 1, "model": "stub", "choices": [choice], "usage": usage}
    return Reply(body=json.dumps({**data, **more}).encode())


class StubEndpoint:
    """A model endpoint on 127.0.0.1; the last reply stands for all further requests. Use as a context manager."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.bodies: list[bytes] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._done = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                stub.bodies.append(self.rfile.read(length))
                stub.requests.append(json.loads(stub.bodies[-1] or b"{}"))
                stub.headers.append({name.lower(): value for name, value in self.headers.items()})
                stub.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base class's word
                """Stay silent."""

        return Handler

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if self._done.wait(reply.wait_seconds) and reply.wait_seconds:
            return
        try:
            self._send(handler, reply)
        except OSError:  # the client hung up, as it should
            return

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if reply.cut:
            handler.wfile.write(reply.body[: len(reply.body) // 2])
        elif reply.drip_seconds:
            for byte in reply.body:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                time.sleep(reply.drip_seconds)
        else:
            handler.wfile.write(reply.body)
        handler.close_connection = True
