"""Worker processes of benchmarks: modules of ours, started beside us and ended with us."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import api
from api.bench.errors import BenchStuck

_PATIENCE_SECONDS = 120.0
_END_SECONDS = 20.0
_LOG_CHARS = 400
_ROOT = Path(api.__file__).parent.parent


class WorkerProcess:
    """A process that should be running.

    Args:
        process: The process.
        log: What it says.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process, self._log = process, log

    def wait_until(self, true: Callable[[], bool], look_every_seconds: float = 0.01) -> None:
        """Return as soon as something is true that this process brings about.

        Args:
            true: Looked at again and again.
            look_every_seconds: Long enough that looking is no load of its own.

        Raises:
            BenchStuck: The process ended, or two minutes were not enough; the message quotes the end of its log.
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        while not true():
            if self._process.poll() is not None or time.monotonic() > end:
                raise BenchStuck(self._log.read_text(encoding="utf-8", errors="replace")[-_LOG_CHARS:])
            time.sleep(look_every_seconds)


@contextmanager
def running(module: str, arguments: Sequence[str], log: Path) -> Iterator[WorkerProcess]:
    """Run ``python -m module`` while the block runs; end it with SIGTERM, should it hang with SIGKILL.

    Args:
        module: Full name of a module of ours.
        arguments: Its command line.
        log: File for what it says.
    """
    command = [sys.executable, "-m", module, *arguments]
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=_ROOT, stdout=out, stderr=subprocess.STDOUT)  # noqa: S603 - our own
    try:
        yield WorkerProcess(process, log)
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
