"""The real program with a planted flaw or with handlers to be killed: ``python -m faults.planted PLANT COMMAND``.

Only the fault tests start a worker this way; nothing of it is reachable from the product.

- ``early_ack``: the jobs that make and work a ticket are marked done, and only a moment later their effect is written,
  in a transaction of its own.
- ``trials``: further kinds of job: ``faults.slow`` leaves its process id on its first try and hangs for the seconds
  that its subject begins with; ``faults.poison`` kills its process on every try; ``faults.quick`` does nothing.
- ``dies_before_commit``, ``dies_after_commit``: ``kill -9`` by its own hand around the COMMIT of the first message.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, event

from kit.db import Session
from kit.jobs.repository import leasing
from kit.jobs.schemas import Effect, Handlers, JobKind, Lease

Marked = TypeVar("Marked")

SLOW = JobKind("faults.slow")
POISON = JobKind("faults.poison")
QUICK = JobKind("faults.quick")
_GAP_SECONDS = 0.6


def early_ack() -> None:
    """Mark first, write later: what a worker with early acknowledgement does, with the work that the checker judges."""
    from api.pipeline import CLASSIFY, ROUTE, SUGGEST, UNDERSTAND

    judged = {kind.name for kind in (UNDERSTAND, CLASSIFY, ROUTE, SUGGEST)}

    def committed_at_once(mark: Callable[..., Marked]) -> Callable[..., Marked]:
        def early(session: Session, what: Lease | Collection[Lease], now: datetime) -> Marked:
            leases = (what,) if isinstance(what, Lease) else what
            if not any(lease.kind in judged for lease in leases):
                return mark(session, what, now)
            with Session(session.get_bind()) as marking, marking.begin():
                marked = mark(marking, what, now)
            time.sleep(_GAP_SECONDS)
            return marked

        return early

    leasing.finish = committed_at_once(leasing.finish)
    leasing.finish_all = committed_at_once(leasing.finish_all)


def trials() -> None:
    """Add the two kinds to the table of handlers before anybody reads it."""
    from api import pipeline

    real = pipeline.handlers

    def with_trials(*args: object, **kwargs: object) -> Handlers:
        return {**real(*args, **kwargs), SLOW: _slow, POISON: _poison, QUICK: _quick}  # type: ignore[arg-type]

    pipeline.handlers = with_trials


def _slow(lease: Lease) -> Effect:
    if lease.attempt == 1:
        _leave_mark(lease.subject_id)
        time.sleep(float(lease.subject_id.partition("-")[0]))
    return _nothing


def _poison(_: Lease) -> Effect:
    os._exit(9)


def _quick(_: Lease) -> Effect:
    return _nothing


def _leave_mark(name: str) -> bool:
    """Leave this process's id in a file; ``False`` where the file is there already."""
    mark = Path(os.environ["FAULTS_MARKS"]) / name
    if mark.exists():
        return False
    # Under another name first: whoever waits for the file must not read half a number.
    draft = mark.with_suffix(".draft")
    draft.write_text(str(os.getpid()), encoding="ascii")
    draft.rename(mark)
    return True


def dies_before_commit() -> None:
    """Die with the first message written and not yet committed."""
    _die_at_commit(lambda _: None)


def dies_after_commit() -> None:
    """Die with the first message committed and its sender not yet told."""
    _die_at_commit(lambda connection: connection.connection.commit())


def _die_at_commit(first: Callable[[Connection], None]) -> None:
    """At the engine, so that it does not matter how the program writes a message."""

    @event.listens_for(Engine, "before_cursor_execute")
    def note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO messages"):
            connection.info["wrote_message"] = True

    @event.listens_for(Engine, "commit")
    def die(connection: Connection) -> None:
        if connection.info.pop("wrote_message", False) and _leave_mark("died-at-commit"):
            first(connection)
            os.kill(os.getpid(), signal.SIGKILL)


def _nothing(session: Session) -> None:
    """Write nothing."""


PLANTS: Mapping[str, Callable[[], None]] = {
    plant.__name__: plant for plant in (early_ack, trials, dies_before_commit, dies_after_commit)
}

if __name__ == "__main__":
    plant = sys.argv.pop(1)
    PLANTS[plant]()
    from api.cli import main

    main()
