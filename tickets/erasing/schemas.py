"""Plain values of erasing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ErasureState(StrEnum):
    """Where an application stands."""

    APPLIED = "applied"
    REFUSED = "refused"
    DONE = "done"


class ErasureGround(StrEnum):
    """Why; fixed words, since what somebody types about a customer would have to be erased too."""

    REQUEST = "request"  # the customer asked for it
    CONSENT = "consent"  # the customer took their consent back
    MISTAKE = "mistake"  # it should never have been collected
    RETENTION = "retention"  # the time for keeping it is over


@dataclass(frozen=True, slots=True)
class Erasure:
    """An application.

    Attributes:
        customer: The name; empty once it is erased.
        tickets: Numbers of the customer's tickets.
        open_tickets: Those of them that are not closed: while there are any, it is not carried out.
    """

    id: str
    customer_id: str
    customer: str
    state: ErasureState
    ground: ErasureGround
    tickets: tuple[int, ...]
    open_tickets: tuple[int, ...]
    applied_by: str
    applied_at: datetime
    decided_by: str
    decided_at: datetime | None
