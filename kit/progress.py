"""How long work says where it stands."""

from collections.abc import Callable

ProgressReport = Callable[[str, int, int], None]
"""Called with ``(what, done, total)``."""
