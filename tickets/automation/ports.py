"""What automation needs of others: hands that do what a rule says, witnesses who know more than the ticket store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kit.db import Session
from tickets.automation.conditions import Facts
from tickets.lifecycle.schemas import Doer
from tickets.models import TicketRow


@dataclass(frozen=True, slots=True)
class Task:
    """An action to be done.

    Attributes:
        row: The ticket.
        rule: The rule's name.
        doer: Under whose name: the rule's own (SE-10), with what a lead may, since only leads write rules.
        key: The same whenever the same action is done again; goes out with whatever leaves the house.
        facts: What the rule was judged by.
    """

    row: TicketRow
    rule: str
    doer: Doer
    key: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why an action cannot be done here, told when the rule is saved."""

    zh: str
    en: str


class Hand(Protocol):
    """Does one kind of action through the public service that it belongs to."""

    def check(self, session: Session, action: Any) -> Wrong | None:  # noqa: ANN401 - each hand knows its own action
        """Return what is wrong with an action as things stand: an unknown group, an endpoint nobody registered."""
        ...

    def do(self, session: Session, task: Task, action: Any) -> Mapping[str, object]:  # noqa: ANN401
        """Do it and return what was done, for the trace: ids and words, nothing that a customer wrote.

        Raises:
            JiedaiError: It is refused; nothing of it stays.
        """
        ...


class Witness(Protocol):
    """Knows facts that the ticket store does not hold (AR-11): the copilot's suggestion, the order's customer."""

    @property
    def names(self) -> frozenset[str]:
        """The fields it can tell."""
        ...

    def tell(self, session: Session, known: Mapping[str, Facts]) -> Mapping[str, Facts]:
        """Return ticket id → facts, for several tickets in a fixed number of queries.

        Args:
            session: The unit of work.
            known: Ticket id → what the ticket store knows of it.
        """
        ...
