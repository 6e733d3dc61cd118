"""What notices need from outside."""

from typing import Protocol

from tickets.notices.schemas import Outcome, Parcel


class Carrier(Protocol):
    """Brings a notice to its reader, once."""

    def carry(self, parcel: Parcel) -> Outcome:
        """Try once; whatever goes wrong on the way is an outcome, not an error."""
        ...
