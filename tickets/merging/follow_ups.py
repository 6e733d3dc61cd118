"""A customer comes again about an open ticket: it joins that ticket, is counted apart, and escalates by rule.

It is never a new ticket (DM-04, DM-07, PG-06, PG-07).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from kit.db import Session
from tickets.ledger import Ledger
from tickets.lifecycle.engine import DONE
from tickets.lifecycle.errors import TransitionRefused
from tickets.lifecycle.schemas import CUSTOMER, Doer, Given, Part, TicketAction
from tickets.merging.book import DUPLICATES, Consequence, DuplicateRules, FollowUpKind, FollowUpRule
from tickets.merging.events import TicketRepeated
from tickets.merging.likeness import likeness, words_of
from tickets.merging.models import FollowUpRow
from tickets.merging.repository import counting
from tickets.merging.urging import is_urging
from tickets.models import TicketRow
from tickets.repository import tickets as ticket_repository
from tickets.schemas import Message
from tickets.words import Priority, Stage, TicketStatus

RULE = Doer("system:follow_ups", Part.SYSTEM)
RULE_OF_DUPLICATES = "system:duplicates"
_ENOUGH_WORDS = 4  # "还是不行" says nothing of its own; four pairs of characters are a sentence about something
_NAMES = {FollowUpKind.REPEAT: ("重复来询", "said again"), FollowUpKind.URGE: ("催单", "urged")}


class FollowUps:
    """Keeps how often customers came again.

    Args:
        ledger: What every verb on tickets stands on.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def heard(self, session: Session, conversation_id: str, said: Sequence[Message]) -> None:
        """Look at a customer's new messages: do they urge, or say once more what the open ticket says?

        A burst of messages is one follow-up of a kind. Without an open ticket there is nothing to follow up.
        """
        found = ticket_repository.of_conversation(session, conversation_id)
        row = next((row for row in reversed(found) if TicketStatus(row.status) not in DONE), None)
        if row is None or not said:
            return
        key = f"{conversation_id}:{said[-1].seq}"
        if any(is_urging(message.raw) for message in said):
            self.join(session, row.id, FollowUpKind.URGE, key=key, doer=CUSTOMER)
        elif self._repeats(session, row, said):
            self.join(session, row.id, FollowUpKind.REPEAT, key=key, doer=CUSTOMER)

    def join(self, session: Session, ticket_id: str, kind: FollowUpKind, *, key: str, doer: Doer) -> bool:
        """Let a follow-up join a ticket that is worked on.

        Args:
            session: The unit of work.
            ticket_id: Which; one that is resolved or closed takes none.
            kind: What kind.
            key: The same key twice is one follow-up.
            doer: Who came again, or the rule that saw it.

        Returns:
            Whether it was counted; urging again at once is recorded and not counted.
        """
        row = self._ledger.row(session, ticket_id)
        if TicketStatus(row.status) in DONE or counting.known(session, row.id, kind, key):
            return False
        rules, now = self._ledger.books.current(session, DUPLICATES).body, self._ledger.clock.now()
        before, last = counting.so_far(session, row.id, kind)
        wait = timedelta(minutes=rules.urge_every_minutes) if kind is FollowUpKind.URGE else timedelta()
        counted = last is None or now >= last + wait
        count = before + counted
        counting.add(session, FollowUpRow(ticket_id=row.id, kind=kind, key=key, counted=counted, at=now))
        event = {FollowUpKind.URGE: "urged", FollowUpKind.REPEAT: "repeated"}[kind]
        self._ledger.note(session, row, doer.name, event, {"count": count})
        if counted:
            self._ledger.publisher.publish(session, TicketRepeated(row.id, serial_key=row.conversation_id))
            for rule in rules.follow_ups:
                if (rule.kind, rule.count) == (kind, count):
                    self._apply(session, row, rule, rules)
        return counted

    def counts(self, session: Session, ticket_ids: Collection[str]) -> Mapping[str, Mapping[str, int]]:
        """Return ticket → kind → how often its customer came again; tickets without are not in it."""
        return counting.counts(session, ticket_ids)

    def figures(self, session: Session, tickets: int) -> Mapping[str, int | float]:
        """Return what repeated contacts amount to (DM-08).

        Args:
            session: The unit of work.
            tickets: How many there are, merged ones not counted.

        Returns:
            Follow-ups by kind; ``merged`` and by a rule; ``saved``: merged before anybody had answered, so that one
            handling was spared; ``rate``: the share of all contacts that came again about something known.
        """
        found = counting.totals(session, RULE_OF_DUPLICATES)
        again = found["repeat"] + found["urge"] + found["merged"] - found["by_rule"]  # the rule's are repeats already
        return {**found, "rate": again / (tickets + again) if again else 0.0}

    def _repeats(self, session: Session, row: TicketRow, said: Sequence[Message]) -> bool:
        words = "\n".join(message.raw for message in said)
        if words_of(words) < _ENOUGH_WORDS:
            return False
        known = ticket_repository.description(session, self._ledger.vault, row)
        return likeness(words, known) >= self._ledger.books.current(session, DUPLICATES).body.similarity

    def _apply(self, session: Session, row: TicketRow, rule: FollowUpRule, rules: DuplicateRules) -> None:
        zh, _ = _NAMES[rule.kind]
        reason = f"{zh}满 {rule.count} 次"
        if rule.then is Consequence.RAISE:
            raised = _one_up(Priority(row.priority))
            if raised >= rules.highest:
                row.priority = raised
                self._ledger.note(session, row, RULE.name, "priority_raised", {"to": raised, "reason": reason})
            return
        try:
            self._ledger.step(row, TicketAction.ESCALATE, RULE, Given(reason=reason, stage=Stage.L2))
        except TransitionRefused:  # the simple scheme has no second line, and what is escalated is so already
            return
        self._ledger.note(session, row, RULE.name, "escalated", {"reason": reason, "stage": Stage.L2})


def _one_up(priority: Priority) -> Priority:
    ranks = list(Priority)
    return ranks[max(0, ranks.index(priority) - 1)]
