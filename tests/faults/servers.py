"""Servers of our own to be killed: PostgreSQL, RabbitMQ, Redis; random loopback ports, nobody else's data or node."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from faults.process import Process, free_port, until
from faults.programs import ServerMissing, plain_env, postgres_bin, program

_START_SECONDS = 60.0
_AMQP_HELLO = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = b"\x01"
_POSTGRES_SETTINGS = {
    "fsync": "on",  # the promise under test is about what a COMMIT that returned survives
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "120",
    "shared_buffers": "64MB",
}
# One scheduler that sleeps when idle: the node shares two cores with everything else.
_QUIET_ERLANG = "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"


class Server(Protocol):
    """What can be killed and comes back."""

    name: str

    def start(self) -> None:
        """Start it without waiting."""

    def wait_ready(self) -> None:
        """Wait until it serves."""

    def kill(self) -> None:
        """End it without a word."""

    def tail(self) -> str:
        """Return the end of its log."""


class Postgres:
    """A database cluster with durable commits."""

    name = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        self._bin = postgres_bin()
        self._user = "postgres" if os.geteuid() == 0 else ""  # the server refuses to run as root
        self._data = folder / "postgres"
        self._data.mkdir(mode=0o700)
        if self._user:
            shutil.chown(self._data, self._user, self._user)
        self.port = free_port()
        self._initialise(folder)
        options = [f"-c{name}={value}" for name, value in _POSTGRES_SETTINGS.items()]
        where = ["-D", str(self._data), "-p", str(self.port), "-h", "127.0.0.1", "-k", str(self._data)]
        command = [str(self._bin / "postgres"), *where, *options]
        self.process = Process(
            self.name, command, log=folder / "postgres.log", env=plain_env(), cwd=self._data, user=self._user
        )

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True, connect_timeout=5
        )

    def start(self) -> None:
        self.process.start()

    def wait_ready(self) -> None:
        until(self.name, self._answers, _START_SECONDS, self.tail)

    def stop_immediate(self) -> None:
        """Do what ``pg_ctl stop -m immediate`` does: no checkpoint, the next start recovers from the log."""
        self.process.signal(signal.SIGQUIT)
        self.process.wait()

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.process.signal(signal.SIGINT)  # "fast"
        self.process.stop()

    def tail(self) -> str:
        return self.process.tail()

    def _answers(self) -> bool:
        # After a kill -9 the first start may find an old backend that has not noticed yet, and refuse.
        self.process.start()
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self, folder: Path) -> None:
        command = [str(self._bin / "initdb"), "-D", str(self._data), "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        making = Process("initdb", command, log=folder / "initdb.log", env=plain_env(), cwd=self._data, user=self._user)
        making.start()
        making.wait(_START_SECONDS)
        assert (self._data / "PG_VERSION").exists(), making.tail()


class RabbitMQ:
    """A broker node with its own name, port mapper and store."""

    name = "RabbitMQ"

    def __init__(self, folder: Path) -> None:
        script = program("rabbitmq-server", "/usr/lib/rabbitmq/bin")  # the one in /usr/sbin changes the user
        epmd = program("epmd", "/usr/lib/erlang/bin")
        home = folder / "rabbitmq"
        home.mkdir()
        self.port, distribution, mapper = free_port(), free_port(), free_port()
        self._store = home / "mnesia"
        env = _rabbitmq_env(home, self._store, port=self.port, distribution=distribution, mapper=mapper)
        mapping = [epmd, "-port", str(mapper), "-address", "127.0.0.1"]
        self._mapper = Process("epmd", mapping, log=folder / "epmd.log", env=env, cwd=home)
        self.process = Process(self.name, [script], log=folder / "rabbitmq.log", env=env, cwd=home)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        self._mapper.start()
        self.process.start()

    def wait_ready(self) -> None:
        until(self.name, self._answers, _START_SECONDS, self.tail)

    def kill(self) -> None:
        self.process.kill_session()  # the script and the node it started

    def wipe(self) -> None:
        """Throw the store away; only while the node is down."""
        assert not self.process.alive
        shutil.rmtree(self._store, ignore_errors=True)

    def stop(self) -> None:
        self.kill()
        self._mapper.kill_session()

    def tail(self) -> str:
        return self.process.tail()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(_AMQP_HELLO)
                return connection.recv(1) == _METHOD_FRAME
        except OSError:
            return False


class Redis:
    """A cache without a disk: a kill empties it."""

    name = "Redis"

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command = [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        self.process = Process(self.name, command, log=folder / "redis.log", env=plain_env(), cwd=folder)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.process.start()

    def wait_ready(self) -> None:
        until(self.name, self._answers, _START_SECONDS, self.tail)

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.kill()

    def tail(self) -> str:
        return self.process.tail()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
        except OSError:
            return False


class Servers:
    """The three together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres, self.rabbitmq, self.redis = Postgres(folder), RabbitMQ(folder), Redis(folder)

    @property
    def all(self) -> tuple[Postgres, RabbitMQ, Redis]:
        return self.postgres, self.rabbitmq, self.redis

    def start(self) -> None:
        """Start what does not run and wait for it."""
        for server in self.all:
            server.start()
        for server in self.all:
            server.wait_ready()

    def stop(self) -> None:
        for server in self.all:
            server.stop()

    def tail(self) -> str:
        return "\n".join(server.tail() for server in self.all)


@contextmanager
def own_servers() -> Iterator[Servers]:
    """Run the three in a folder of their own; skipped where one is not installed, but in CI a failure."""
    # Not under pytest's folder: that one is closed to the user PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="jiedai-faults-"))
    folder.chmod(0o711)
    try:
        with _running(folder) as servers:
            yield servers
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(folder: Path) -> Iterator[Servers]:
    try:
        servers = Servers(folder)
    except ServerMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(f"{missing}; in CI that is a failure")
        pytest.skip(str(missing))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


def _rabbitmq_env(home: Path, store: Path, *, port: int, distribution: int, mapper: int) -> dict[str, str]:
    (home / "rabbitmq-env.conf").write_text("", encoding="ascii")  # or the machine's own would be read
    (home / "enabled_plugins").write_text("[].\n", encoding="ascii")
    (home / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\ndisk_free_limit.absolute = 50MB\nlog.console = true\n"
        "log.console.level = warning\nlog.file = false\n",
        encoding="ascii",
    )
    return {
        **plain_env(),
        "HOME": str(home),  # of the cookie
        "RABBITMQ_NODENAME": f"faults{port}@localhost",
        "RABBITMQ_DIST_PORT": str(distribution),
        "ERL_EPMD_PORT": str(mapper),
        "RABBITMQ_MNESIA_BASE": str(store),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _QUIET_ERLANG,
    }
