"""Live signals: "something new on this key". A missed signal costs a poll interval, never data."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class LiveSignal:
    """Lets streams sleep until their subject changes; callbacks come from any thread and must not block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: dict[str, set[Callable[[], object]]] = defaultdict(set)

    def publish(self, key: str) -> None:
        """Wake whoever listens to ``key``."""
        with self._lock:
            callbacks = tuple(self._callbacks.get(key, ()))
        for callback in callbacks:
            callback()

    @contextmanager
    def listening(self, key: str, callback: Callable[[], object]) -> Iterator[None]:
        """Call ``callback`` on each signal of ``key`` while the block runs."""
        with self._lock:
            self._callbacks[key].add(callback)
        try:
            yield
        finally:
            with self._lock:
                self._callbacks[key].discard(callback)
                if not self._callbacks[key]:
                    del self._callbacks[key]

    def close(self) -> None:
        """Hold nothing, let go of nothing."""
