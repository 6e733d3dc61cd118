"""Progress bars on stderr, so that a command's output can be piped."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, TaskID

from kit.progress import ProgressReport


@contextmanager
def bars(console: Console | None = None) -> Iterator[ProgressReport]:
    """Show a bar for each named piece of work while the block runs."""
    with Progress(console=console or Console(stderr=True)) as progress:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield report
