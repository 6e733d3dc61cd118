"""What the client saw, an event a line: the only thing the checker believes beside the store."""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Seen:
    """One event.

    Attributes:
        kind: ``opened``, ``tried``, ``acknowledged``, ``refused``, ``confirmed`` (a ticket number was acknowledged).
        conversation: Its id.
        client_id: The client's own id of the message; of a confirmation the case's id.
        message_id: The id that the service acknowledged.
        number: The sequence or ticket number that it acknowledged; of a refusal the HTTP status.
        at: Wall clock, seconds.
    """

    kind: str
    conversation: str
    client_id: str = ""
    message_id: str = ""
    number: int = 0
    at: float = field(default_factory=time.time)


class History:
    """Appends to a JSONL file; many threads may write."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self.acknowledged = 0
        self.path = path

    def note(self, seen: Seen) -> None:
        """Append an event."""
        with self._lock:
            self._file.write(json.dumps(asdict(seen)) + "\n")
            self._file.flush()
            self.acknowledged += seen.kind == "acknowledged"

    def close(self) -> None:
        self._file.close()


def read(lines: Iterable[str]) -> list[Seen]:
    """Read a history back."""
    return [Seen(**json.loads(line)) for line in lines]
