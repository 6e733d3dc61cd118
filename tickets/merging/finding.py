"""Which tickets may be one matter, and the sure ones merged by rule (DM-03, AR-08)."""

from collections.abc import Mapping
from datetime import timedelta

from kit.db import Session
from kit.errors import JiedaiError
from tickets.ledger import Ledger
from tickets.lifecycle.engine import DONE
from tickets.lifecycle.schemas import Doer, Part
from tickets.merging.book import DUPLICATES, FollowUpKind
from tickets.merging.follow_ups import RULE_OF_DUPLICATES, FollowUps
from tickets.merging.likeness import Matter, judge
from tickets.merging.repository import joining as repository
from tickets.merging.schemas import Candidate
from tickets.merging.service import MergeService
from tickets.models import TicketRow
from tickets.repository import tickets as ticket_repository
from tickets.words import FieldName, TicketStatus

RULE = Doer(RULE_OF_DUPLICATES, Part.SYSTEM)
_REASON = "同一客户、同一订单、同类问题，按重复规则自动合并"


class DuplicateFinder:
    """Compares a ticket with its customer's others.

    Args:
        ledger: What every verb on tickets stands on.
        merging: Merges the sure ones.
        follow_ups: Counts them.
    """

    def __init__(self, ledger: Ledger, merging: MergeService, follow_ups: FollowUps) -> None:
        self._ledger = ledger
        self._merging = merging
        self._follow_ups = follow_ups

    def candidates(self, session: Session, ticket_id: str) -> list[Candidate]:
        """Return the tickets that may be the same matter, the sure ones first, then those most alike.

        A pair that a person has parted is never sure again.
        """
        row = self._ledger.row(session, ticket_id)
        if TicketStatus(row.status) in DONE:
            return []
        rules = self._ledger.books.current(session, DUPLICATES).body
        window = timedelta(hours=rules.window_hours)
        others = repository.around(session, row, row.created_at - window, row.created_at + window)
        facts = repository.facts(session, [row.id, *(other.id for other in others)])
        mine = self._matter(session, row, facts)
        found = []
        for other in others:
            verdict = judge(mine, self._matter(session, other, facts), rules.similarity)
            if verdict is not None:
                sure = verdict.sure and not repository.parted_before(session, row.id, other.id)
                summary = ticket_repository.summary(other)
                found.append(Candidate(summary, sure, verdict.why, round(verdict.similarity, 2)))
        return sorted(found, key=lambda c: (not c.sure, -c.similarity, c.ticket.number))

    def merge_sure(self, session: Session, ticket_id: str) -> bool:
        """Merge a ticket with one that is surely the same matter: the later filed goes on in the earlier.

        Returns:
            Whether it did; not where the book leaves it to people, nothing is sure, or the merge is not allowed.
        """
        if not self._ledger.books.current(session, DUPLICATES).body.merge_automatically:
            return False
        sure = next((c for c in self.candidates(session, ticket_id) if c.sure), None)
        if sure is None:
            return False
        row = self._ledger.row(session, ticket_id)
        mine_is_later = row.number > sure.ticket.number
        into, other = (sure.ticket.id, row.id) if mine_is_later else (row.id, sure.ticket.id)
        try:
            self._merging.merge(session, into, other, RULE, _REASON)
        except JiedaiError:  # it is being reviewed, or somebody was faster: a person sees it among the candidates
            return False
        self._follow_ups.join(session, into, FollowUpKind.REPEAT, key=f"ticket:{other}", doer=RULE)
        return True

    def _matter(self, session: Session, row: TicketRow, facts: Mapping[str, Mapping[str, str]]) -> Matter:
        known = facts[row.id]
        text = ticket_repository.description(session, self._ledger.vault, row)
        return Matter(known.get(FieldName.ORDER_NO, ""), known.get(FieldName.MODEL, ""), row.label_type, text)
