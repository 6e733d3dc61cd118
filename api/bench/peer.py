"""Bare Celery, measured with the same figures as our jobs."""

import random
import time
from pathlib import Path
from uuid import uuid4

from api.bench.embedded import GAPS_SECONDS
from api.bench.processes import WorkerProcess, running
from api.bench.starts import StartTimes

_WORKER = "api.bench.adapters.bare_celery"
_WARM_UPS = 8


def drain_rate(broker_url: str, folder: Path, count: int) -> float:
    """Return tasks a second, from the first start to the last of ``count`` published no-ops.

    The worker's own start is not counted, nor are its last acknowledgements: both favour the peer.

    Raises:
        NoBroker: No broker answers.
    """
    from api.bench.adapters.bare_celery import PeerSpec, publishing  # Celery takes a second to load

    spec = PeerSpec(broker_url, _name(), str(folder / _name()), count)
    starts = StartTimes(Path(spec.starts), count)
    with publishing(spec) as publisher:
        for number in range(count):
            publisher.publish(number)
        with running(_WORKER, spec.arguments(), folder / "peer.log") as worker:
            worker.wait_until(lambda: starts.begun() == count)
    return (count - 1) / starts.span_seconds()


def pickup_seconds(broker_url: str, folder: Path, count: int) -> list[float]:
    """Publish one task after another on an idle worker; return the time from each publish to the task's start.

    Raises:
        NoBroker: No broker answers.
    """
    from api.bench.adapters.bare_celery import PeerSpec, publishing

    size = _WARM_UPS + count
    spec = PeerSpec(broker_url, _name(), str(folder / _name()), size)
    starts = StartTimes(Path(spec.starts), size)
    found = []
    with publishing(spec) as publisher, running(_WORKER, spec.arguments(), folder / "peer.log") as worker:
        for number in range(_WARM_UPS):
            publisher.publish(number)
        worker.wait_until(lambda: starts.begun() == _WARM_UPS)
        for number in range(_WARM_UPS, size):
            time.sleep(random.uniform(*GAPS_SECONDS))  # noqa: S311 - spreads arrivals, no secret
            published = time.monotonic()
            publisher.publish(number)
            _wait_for(worker, starts, number)
            found.append(starts.of(number) - published)
    return found


def _wait_for(worker: WorkerProcess, starts: StartTimes, number: int) -> None:
    worker.wait_until(lambda: starts.of(number) > 0, 0.002)


def _name() -> str:
    return f"jiedai-bench-{uuid4().hex[:12]}"
