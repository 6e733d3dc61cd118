"""What a room needs in order to call somebody else's server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        status: HTTP status, 100 to 599.
        retry_after_seconds: How long it asked to be left alone; 0 where it did not.
        body: Its first bytes, where they were asked for; never shown, only looked through for a known code.
    """

    status: int
    retry_after_seconds: int = 0
    body: bytes = b""


class Poster(Protocol):
    """Sends a request once."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, read_bytes: int = 0) -> Answer:
        """Send ``body`` and return the answer, whatever its status; redirects are answers like others.

        Args:
            url: Where to.
            headers: Sent as they are.
            body: The bytes.
            read_bytes: How much of the answer's body is read; more than that is left unread.

        Raises:
            TargetRefused: The address is not one that may be called.
            TargetUnreachable: No answer: nobody listens, it took too long, or it was no HTTP.
        """
        ...
