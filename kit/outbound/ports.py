"""What a room needs in order to call somebody else's server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; its body is of no interest.

    Attributes:
        status: HTTP status, 100 to 599.
        retry_after_seconds: How long it asked to be left alone; 0 where it did not.
    """

    status: int
    retry_after_seconds: int = 0


class Poster(Protocol):
    """Sends a request once."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send ``body`` and return the answer, whatever its status; redirects are answers like others.

        Raises:
            TargetRefused: The address is not one that may be called.
            TargetUnreachable: No answer: nobody listens, it took too long, or it was no HTTP.
        """
        ...
