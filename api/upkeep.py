"""What a process does now and then where others work on the same shop: use the model and the articles they made."""

from datetime import datetime, timedelta

from api.indexing import sync_index
from api.wiring import Services

_INTERVAL = timedelta(seconds=30)


class Upkeep:
    """Keeps one process's classifier and embedded index in line with the store; a Qdrant server needs no such care."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._next_at: datetime | None = None

    def when_due(self) -> None:
        """Look again if the last look is half a minute ago."""
        now = self._services.clock.now()
        if self._next_at is not None and now < self._next_at:
            return
        self._next_at = now + _INTERVAL
        self._services.classification.refresh()
        if not self._services.settings.vectors.url:
            sync_index(self._services)
