"""Bringing the knowledge index in line with the database: a short read, then the long work with none open."""

import fcntl

from api.wiring import Services
from kit.progress import ProgressReport


def sync_index(services: Services, report: ProgressReport | None = None, *, everything: bool = False) -> None:
    """Encode and write what the index lacks.

    Processes on one data folder do it one after the other: what the first encoded, the others read from the cache.

    Args:
        services: The application's services.
        report: Called with ``("index", done, total)``.
        everything: Build it anew beside the one in use.
    """
    with (services.settings.data_dir / "indexing.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with services.database.reading() as session:
            plan = services.knowledge.plan_index(session, everything=everything)
        services.knowledge.apply_index(plan, (lambda done, total: report("index", done, total)) if report else None)
