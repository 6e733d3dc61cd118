"""A draft tried on past tickets: what would hold for each as it stands now, and what differs from the rules in force.

The store does not keep what a ticket was like at each earlier moment. So a trial judges conditions alone: it tells for
which tickets a rule would fire if it were asked now, not how often it would have fired.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kit.db import Database
from tickets.automation import repository
from tickets.automation.book import RuleBook
from tickets.automation.conditions import Facts, fields_of, holds
from tickets.automation.facts import FactReader
from tickets.automation.schemas import Rule

_BATCH = 200
_EXAMPLES = 5


@dataclass(slots=True)
class RuleTrial:
    """What a rule of the draft would do.

    Attributes:
        hits: Tickets for which its condition holds.
        examples: Numbers of the newest of them.
        gained: Of the hits: those for which the rule of that name in force does not hold.
        lost: Tickets for which only the one in force holds.
    """

    rule: str
    hits: int = 0
    gained: int = 0
    lost: int = 0
    examples: list[int] = field(default_factory=list)
    gained_examples: list[int] = field(default_factory=list)
    lost_examples: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a trial got.

    Attributes:
        looked_at: Tickets judged so far.
        wanted: Tickets to be judged; there may be fewer.
        rules: By the draft's order; rules that only the edition in force has come last.
        finished: Whether this is the result.
    """

    looked_at: int
    wanted: int
    rules: Sequence[RuleTrial]
    finished: bool


class Trier:
    """Judges two books over the newest tickets; writes nothing."""

    def __init__(self, reader: FactReader, draft: RuleBook, in_force: RuleBook) -> None:
        self._reader = reader
        self._new = {rule.name: rule for rule in draft.rules}
        self._old = {rule.name: rule for rule in in_force.rules}
        self._results = {name: RuleTrial(name) for name in (*self._new, *self._old)}
        rules = [*self._new.values(), *self._old.values()]
        self._needed = frozenset[str]().union(*(fields_of(rule.if_) for rule in rules))

    def run(self, database: Database, most: int, now: datetime) -> Iterator[Trial]:
        """Judge batch after batch; see ``AutomationService.try_out``."""
        looked_at, below = 0, None
        while True:
            with database.reading() as session:
                rows = repository.page(session, min(_BATCH, most - looked_at), below)
                facts = self._reader.read(session, rows, self._needed, now) if rows else {}
                numbers = [(row.id, row.number) for row in rows]
            for ticket_id, number in numbers:
                self._judge(facts[ticket_id], number)
            looked_at += len(numbers)
            finished = len(numbers) < _BATCH or looked_at >= most
            yield Trial(looked_at, most, list(self._results.values()), finished)
            if finished:
                return
            below = numbers[-1][1]

    def _judge(self, facts: Facts, number: int) -> None:
        new, old = _holding(self._new.values(), facts), _holding(self._old.values(), facts)
        for name in new | old:
            result = self._results[name]
            if name in new:
                result.hits += 1
                _remember(result.examples, number)
            if name not in old:
                result.gained += 1
                _remember(result.gained_examples, number)
            if name not in new:
                result.lost += 1
                _remember(result.lost_examples, number)


def _holding(rules: Collection[Rule], facts: Facts) -> set[str]:
    return {rule.name for rule in rules if rule.enabled and holds(rule.if_, facts)}


def _remember(examples: list[int], number: int) -> None:
    if len(examples) < _EXAMPLES:
        examples.append(number)
