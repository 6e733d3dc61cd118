"""A child process of ours: in a session of its own, its output in a file, ended by its id and never by its name."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

# Below the range the kernel takes ports of outgoing connections from (32768 and up on Linux): a client that knocks at
# a killed server's port could otherwise be given that very port, connect to itself and keep the server from returning.
_PORTS = range(15_000, 30_000)
_TAIL_BYTES = 3_000
_POLL_SECONDS = 0.02


class NotInTime(AssertionError):
    """Something that was waited for did not come."""


class Process:
    """A command that is started, killed and started again.

    Args:
        name: What a failure calls it.
        command: Program and arguments.
        log: File that its output is appended to.
        env: The whole environment.
        cwd: Folder it runs in.
        user: Operating system user it runs as; empty: ours.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str], cwd: Path, user: str = ""
    ) -> None:
        self.name, self.log = name, log
        self._command, self._env, self._cwd, self._user = list(command), dict(env), cwd, user
        self._child: subprocess.Popen[bytes] | None = None
        self._sessions: list[int] = []  # of every start: a killed parent's children may live on

    @property
    def pid(self) -> int:
        assert self._child is not None, f"{self.name} was never started"
        return self._child.pid

    @property
    def started(self) -> bool:
        """Whether it was started and not stopped since."""
        return bool(self._sessions)

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start it; one that runs is left alone."""
        if self.alive:
            return
        identity = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                self._command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
                **identity,  # type: ignore[call-overload]
            )
        self._sessions.append(self._child.pid)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, not to its children."""
        if self.alive:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """``kill -9`` the process alone; its children see for themselves, as after a crash."""
        self.signal(signal.SIGKILL)
        self.wait()

    def kill_session(self) -> None:
        """``kill -9`` the process and all children, those of earlier starts too."""
        for session in self._sessions:
            with suppress(ProcessLookupError):
                os.killpg(session, signal.SIGKILL)
        self._sessions.clear()
        self.wait()

    def stop(self, timeout_seconds: float = 15.0) -> None:
        """Ask it to end, and make sure that it has."""
        if self.alive:
            self.signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.wait(timeout_seconds)
        self.kill_session()

    def wait(self, timeout_seconds: float = 30.0) -> None:
        if self._child is not None:
            self._child.wait(timeout_seconds)

    def children(self) -> list[int]:
        """Return the ids of its own children, oldest first."""
        return children_of(self.pid) if self.alive else []

    def tail(self) -> str:
        """Return the end of its output."""
        if not self.log.exists():
            return f"--- {self.name}: no output"
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
        return f"--- {self.name} ({'alive' if self.alive else 'ended'}), {self.log}\n{text}"


def children_of(pid: int) -> list[int]:
    """Return the ids of a process's children, zombies left out."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in task.read_text().split()]
        except OSError:  # the thread ended meanwhile
            continue
    return sorted(child for child in found if runs(child))


def runs(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def free_port() -> int:
    """Return a loopback port that nothing uses and no outgoing connection is given."""
    for port in random.SystemRandom().sample(_PORTS, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NotInTime("no free port")


def until(what: str, look: Callable[[], T | None], timeout_seconds: float, tails: Callable[[], str] = str) -> T:
    """Look again and again until something is seen.

    Args:
        what: What is waited for, for the failure.
        look: Returns something true once it is there.
        timeout_seconds: When to give up.
        tails: Gives the ends of the logs for the failure.

    Raises:
        NotInTime: It was not seen.
    """
    end = time.monotonic() + timeout_seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            message = f"{what}: not within {timeout_seconds} s\n{tails()}"
            raise NotInTime(message)
        time.sleep(_POLL_SECONDS)
