"""What a worker does with a message that it cannot read."""

from typing import Any

import structlog
from celery.worker.consumer import Consumer

_log = structlog.get_logger(__name__)


class RejectingConsumer(Consumer):  # type: ignore[misc] # Celery has no types
    """Rejects unreadable messages to the dead letters; Celery's own acknowledges some of them, which forgets them."""

    def on_decode_error(self, message: Any, exc: Exception) -> None:  # noqa: ANN401 - kombu has no types
        """Set a message aside whose content is not JSON, such as a pickle."""
        _log.error("jobs.message.unreadable", error=type(exc).__name__, content_type=message.content_type)
        message.reject()
