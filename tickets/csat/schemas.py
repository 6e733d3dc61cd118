"""A survey, and what many of them say."""

from dataclasses import dataclass
from datetime import datetime

from kit.learn.bounds import Interval, wilson

LOWEST, HIGHEST, SATISFIED = 1, 5, 4


@dataclass(frozen=True, slots=True)
class Survey:
    """One solving of one ticket as its customer judged it.

    Attributes:
        agent: Who had the ticket when it was solved; empty: nobody.
        score: 1 to 5; ``None``: not answered.
        words: What the customer wrote; empty where nothing, or the customer was erased.
    """

    id: str
    ticket_id: str
    agent: str
    asked_at: datetime
    expires_at: datetime
    score: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What customers say of a group, an agent, or all.

    Attributes:
        asked: How many were asked.
        answered: How many answered.
        satisfied: How many of those gave 4 or 5.
        total: Sum of all scores.
    """

    asked: int
    answered: int
    satisfied: int
    total: int

    @property
    def mean(self) -> float | None:
        """Return the mean score."""
        return self.total / self.answered if self.answered else None

    @property
    def satisfaction(self) -> tuple[float, Interval] | None:
        """Return the share of 4 and 5 among answers, with its 95 % interval (Wilson)."""
        if not self.answered:
            return None
        return self.satisfied / self.answered, wilson(self.satisfied, self.answered)

    @property
    def response(self) -> tuple[float, Interval] | None:
        """Return the share that answered, with its 95 % interval (Wilson)."""
        return (self.answered / self.asked, wilson(self.answered, self.asked)) if self.asked else None


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """All figures of a span of time."""

    all: Figures
    by_group: dict[str, Figures]
    by_agent: dict[str, Figures]
