"""When each of many tasks began, shared between processes by a small file."""

from pathlib import Path

import numpy as np


class StartTimes:
    """One number of seconds a task, by the clock that all processes of a machine share; 0: not begun.

    A task marks its start with one write to mapped memory, so that a task which "does nothing" costs next to nothing
    and still leaves proof that it ran.

    Args:
        path: The file; made where it is not there.
        size: How many tasks.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._times = np.memmap(path, dtype=np.float64, mode="r+" if path.exists() else "w+", shape=(size,))

    def mark(self, number: int, now: float) -> None:
        """Note the start of a task: its number, and ``time.monotonic()``."""
        self._times[number] = now

    def of(self, number: int) -> float:
        """Return when a task began, 0 where it did not."""
        return float(self._times[number])

    def begun(self) -> int:
        """Return how many tasks began."""
        return int(np.count_nonzero(self._times))

    def span_seconds(self) -> float:
        """Return the time from the first start to the last; call it when all have begun."""
        return float(self._times.max() - self._times.min())
