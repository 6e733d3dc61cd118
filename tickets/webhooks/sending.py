"""One try of a delivery."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.outbound.errors import TargetRefused, TargetUnreachable
from kit.outbound.ports import Poster
from tickets.webhooks.signing import signed_headers

_OK, _OK_END, _GONE = 200, 300, 410


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent.

    Attributes:
        message_id: The same on every try.
        body: The same bytes on every try.
        signers: Secrets that sign, newest first.
        held: The endpoint is left alone for now: another delivery's retry failed since this one was queued.
    """

    message_id: str
    url: str
    body: bytes
    signers: tuple[str, ...]
    held: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try.

    Attributes:
        status: HTTP status; 0: no answer.
        error: Why it failed: ``status``, or one word for what stood in the way; empty where it arrived.
        retry_after: How long the receiver asked to be left alone.
        held: Nothing was sent, and this is no try.
    """

    status: int = 0
    error: str = ""
    retry_after: timedelta = timedelta()
    held: bool = False

    @property
    def arrived(self) -> bool:
        """Whether the receiver said that it has it: any 2xx, nothing else."""
        return _OK <= self.status < _OK_END

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing any more."""
        return self.status == _GONE


def attempt(poster: Poster, outgoing: Outgoing, at: datetime) -> Outcome:
    """Send once; whatever goes wrong on the way is an outcome, not an error."""
    headers = signed_headers(outgoing.message_id, at, outgoing.body, outgoing.signers)
    try:
        answer = poster.post(outgoing.url, headers, outgoing.body)
    except TargetRefused as refused:
        return Outcome(error=refused.code)
    except TargetUnreachable as unreachable:
        return Outcome(error=unreachable.how)
    outcome = Outcome(answer.status, retry_after=timedelta(seconds=answer.retry_after_seconds))
    return outcome if outcome.arrived else Outcome(answer.status, "status", outcome.retry_after)
