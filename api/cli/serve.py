"""``jiedai serve``: the web service with its in-process worker."""

import socket

import typer
import uvicorn

from api.app import create_app
from api.cli.context import opened
from api.seed import seed
from kit.errors import ErrorKind, JiedaiError
from kit.settings import Settings

_GRACE_SECONDS = 5


class PortBusy(JiedaiError):
    """Something else listens on the port."""

    kind = ErrorKind.CONFLICT
    code = "port_busy"

    def __init__(self, port: int) -> None:
        super().__init__(
            f"端口 {port} 已被占用，请设置 JIEDAI_WEB__PORT 使用其他端口",
            f"Port {port} is in use: set JIEDAI_WEB__PORT to another one",
        )


def listening_socket(settings: Settings) -> socket.socket:
    """Bind the configured address before anything heavy is loaded.

    Raises:
        PortBusy: The port is taken.
    """
    # Named as TCP: only then does asyncio switch off the pause that gathers small packets, which costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.web.host, settings.web.port))
    except OSError:
        listener.close()
        raise PortBusy(settings.web.port) from None
    listener.set_inheritable(True)
    return listener


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def serve() -> None:
        """Start the service; the settings say where (docs/settings.md)."""
        settings = Settings()
        listener = listening_socket(settings)
        with opened(settings=settings) as services:
            seed(services)
            config = uvicorn.Config(create_app(services), log_config=None, timeout_graceful_shutdown=_GRACE_SECONDS)
            host, port = listener.getsockname()[:2]
            typer.echo(f"Jiedai: http://{host}:{port}/desk  http://{host}:{port}/chat")
            uvicorn.Server(config).run(sockets=[listener])
