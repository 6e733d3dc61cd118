"""Firing: which rules hold for a ticket now, what they do, what is written down about it.

Everything happens in the transaction of the job that asks. An action that is refused leaves nothing behind and does not
stop the others. A chain of events never asks the same rule twice, and no rule fires on a ticket more often than the
book allows within a day: whatever the rules say, it ends.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from kit.db import Conflict, Session, savepoint
from kit.errors import ErrorKind, JiedaiError
from kit.ids import new_id
from tickets.automation import repository
from tickets.automation.actions import Action
from tickets.automation.book import RULES
from tickets.automation.conditions import Facts, fields_of
from tickets.automation.errors import ActionUnavailable
from tickets.automation.facts import FactReader
from tickets.automation.matching import asked, choose
from tickets.automation.models import RuleFiringRow
from tickets.automation.ports import Hand, Task
from tickets.automation.schemas import ACTOR_PREFIX, Chosen, Outcome, Refused
from tickets.automation.words import Do, When
from tickets.errors import TicketChanged
from tickets.ledger import Ledger
from tickets.lifecycle.schemas import Doer, Part
from tickets.models import TicketRow
from tickets.repository import tickets as ticket_repository

_DAY = timedelta(hours=24)
_CHAIN_LASTS = timedelta(hours=1)  # what happens later than this after a rule's act is no longer taken for its effect
_LED = frozenset({When.CLASSIFIED, When.ROUTED, When.SUGGESTION_MADE, When.REPEATED})
"""Moments that a rule's act can lead to without saying so themselves."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that rules are asked about.

    Attributes:
        when: What happened.
        ticket_id: To which ticket.
        cause: The job that asks; the same on every try.
        entry_id: For ``When.UPDATED``: the entry of the timeline that says what changed.
    """

    when: When
    ticket_id: str
    cause: str
    entry_id: str = ""


class RuleRunner:
    """Asks the rules and does what they say.

    Args:
        ledger: What every verb on tickets stands on.
        reader: Where facts come from.
        hands: Who does which action; what nobody does is refused.
    """

    def __init__(self, ledger: Ledger, reader: FactReader, hands: Mapping[Do, Hand]) -> None:
        self._ledger = ledger
        self._reader = reader
        self._hands = hands

    def fire(self, session: Session, happening: Happening) -> int:
        """Ask the rules about a ticket and return how many fired.

        Raises:
            TicketNotFound: No such ticket, or no such entry.
            TicketChanged: Somebody else changed the ticket in the same moment; nothing is done.
        """
        edition = self._ledger.books.current(session, RULES)
        row = self._ledger.row(session, happening.ticket_id)
        changed, actor = self._cause(session, happening, row)
        asking = [rule for rule in edition.body.rules if asked(rule, happening.when, changed)]
        if not asking:
            return 0
        needed = frozenset[str]().union(*(fields_of(rule.if_) for rule in asking))
        facts = self._reader.read(session, [row], needed, self._ledger.clock.now())[row.id]
        chosen = choose(asking, happening.when, facts, row.id, changed=changed)
        recent = repository.recent(session, row.id, self._ledger.clock.now() - _DAY)
        chain = _chain(recent, actor)
        known = [one for one in chosen if not repository.asked_before(session, row.id, one.rule.name, happening.cause)]
        fired = 0
        for one in known:
            outcome = _outcome(one.rule.name, chain, recent, edition.body.most_a_day)
            if outcome is Outcome.LIMIT and _told_of_limit(one.rule.name, recent):
                continue
            trace = RuleFiringRow(
                id=new_id(),
                ticket_id=row.id,
                rule=one.rule.name,
                edition=edition.version,
                event=happening.when,
                cause=happening.cause,
                outcome=outcome,
                branch=one.branch,
                chain=list(chain),
                facts={name: list(v) if isinstance(v, tuple) else v for name, v in one.used.items()},
                at=self._ledger.clock.now(),
            )
            repository.add(session, trace)
            if outcome is Outcome.FIRED:
                fired += 1
                self._act(session, row, one, trace, facts)
        return fired

    def _cause(self, session: Session, happening: Happening, row: TicketRow) -> tuple[Collection[str], str]:
        """Return which columns changed, where an update says so, and the rule whose act led here; empty: none did."""
        if happening.when is When.UPDATED:
            entry = ticket_repository.event(session, happening.entry_id)
            if entry is None:
                return (), ""
            return frozenset(entry.changes), entry.actor
        if happening.when not in _LED:
            return (), ""
        since = self._ledger.clock.now() - _CHAIN_LASTS
        return (), ticket_repository.last_mover(session, row.id, since)

    def _act(self, session: Session, row: TicketRow, one: Chosen, trace: RuleFiringRow, facts: Facts) -> None:
        doer = Doer(f"{ACTOR_PREFIX}{one.rule.name}", Part.LEAD)
        done: list[dict[str, object]] = []
        refused: list[Refused] = []
        for place, action in enumerate(one.actions):
            task = Task(row, one.rule.name, doer, f"rule:{trace.id}:{place}", facts)
            try:
                with savepoint(session):
                    done.append({"action": str(action.action), **self._do(session, task, action)})
            except (JiedaiError, Conflict) as error:
                refused.append(_refusal(action, error))
        trace.done = done
        trace.refused = [{"action": r.action, "code": r.code, "zh": r.zh, "en": r.en} for r in refused]
        data = {
            "rule": one.rule.name,
            "edition": trace.edition,
            "branch": one.branch,
            "done": [str(item["action"]) for item in done],
            "refused": [r.action for r in refused],
        }
        self._ledger.note(session, row, doer.name, "rule_fired", data)

    def _do(self, session: Session, task: Task, action: Action) -> Mapping[str, object]:
        hand = self._hands.get(action.action)
        if hand is None:
            raise ActionUnavailable(action.action)
        told = hand.do(session, task, action)
        session.flush()  # inside the savepoint: what the database refuses is this action's, not the next one's
        return told


def _refusal(action: Action, error: JiedaiError | Conflict) -> Refused:
    """Return why an action was not done; what another try could mend is no refusal and goes on as an error."""
    if isinstance(error, TicketChanged) or (isinstance(error, JiedaiError) and error.kind is ErrorKind.UNAVAILABLE):
        raise error
    if isinstance(error, JiedaiError):
        return Refused(action.action, error.code, error.message_zh, error.message_en)
    return Refused(action.action, "conflict", "与现有数据冲突", "it contradicts what is stored")


def _chain(recent: Sequence[RuleFiringRow], actor: str) -> tuple[str, ...]:
    """Return the rules that led here, first to last, where a rule did it."""
    if not actor.startswith(ACTOR_PREFIX):
        return ()
    name = actor.removeprefix(ACTOR_PREFIX)
    before = next((row for row in recent if row.rule == name and row.outcome == Outcome.FIRED), None)
    return (*(before.chain if before else ()), name)


def _outcome(rule: str, chain: Collection[str], recent: Sequence[RuleFiringRow], most_a_day: int) -> Outcome:
    if rule in chain:
        return Outcome.LOOP
    fired = sum(row.rule == rule and row.outcome == Outcome.FIRED for row in recent)
    return Outcome.LIMIT if fired >= most_a_day else Outcome.FIRED


def _told_of_limit(rule: str, recent: Sequence[RuleFiringRow]) -> bool:
    newest = next((row for row in recent if row.rule == rule), None)
    return newest is not None and newest.outcome == Outcome.LIMIT
