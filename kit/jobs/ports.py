"""What wakes workers, and what a woken one does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from kit.jobs.schemas import QueueName


class Doorbell(Protocol):
    """Says that a queue has work. The row is the truth: a lost ring costs a second, since the sweeper looks too."""

    def ring(self, queue: QueueName, delay: timedelta = timedelta()) -> None:
        """Wake a worker of a queue, now or after a while; never blocks and never fails."""
        ...

    def close(self) -> None:
        """Let go of threads and connections."""
        ...


class QueueRunner(Protocol):
    """Runs what is due in one queue."""

    def run_some(self) -> int:
        """Run some due jobs; return how many, 0 where none is due."""
        ...


RunnerOf = Callable[[QueueName], QueueRunner]

OpenRunners = Callable[[], AbstractContextManager[tuple[RunnerOf, Doorbell]]]
"""Opens, in a fresh worker process, what runs each queue and the bell that its jobs ring."""
