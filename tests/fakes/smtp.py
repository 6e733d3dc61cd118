"""A mail server on the loopback that takes mail, or refuses it as badly as told; no TLS, one connection at a time."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self


class SmtpServer:
    """Speaks as much of RFC 5321 as a client needs. Use as a context manager.

    Args:
        answers: Verb → what is answered instead of "250 OK"; ``.`` is the end of the message.
    """

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                server.talk(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def talk(self, handler: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            handler.wfile.write(line.encode() + b"\r\n")

        say(self.answers.get("hello", "220 stub"))
        while line := handler.rfile.readline():
            verb = line.split(b" ")[0].strip().decode().upper()
            if verb == "EHLO":
                say("250-stub\r\n250 AUTH PLAIN")
            elif verb == "DATA" and "DATA" not in self.answers:
                say("354 go on")
                self._take(handler)
                say(self.answers.get("end", "250 OK"))
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                if verb == "RCPT" and verb not in self.answers:
                    self.recipients.append(line.decode().split("<")[1].split(">")[0])
                say(self.answers.get(verb, "235 OK" if verb == "AUTH" else "250 OK"))

    def _take(self, handler: socketserver.StreamRequestHandler) -> None:
        lines = []
        while (line := handler.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if "end" not in self.answers:
            mail = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
