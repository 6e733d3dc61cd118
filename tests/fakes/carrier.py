"""A carrier of notices that remembers what it was given."""

from dataclasses import dataclass, field

from tickets.notices.schemas import Outcome, Parcel


@dataclass
class FakeCarrier:
    """Implements ``tickets.notices.ports.Carrier``: keeps parcels, answers with what a test says."""

    outcomes: list[Outcome] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)

    def carry(self, parcel: Parcel) -> Outcome:
        self.parcels.append(parcel)
        return self.outcomes.pop(0) if self.outcomes else Outcome()
