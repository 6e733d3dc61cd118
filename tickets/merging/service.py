"""Links and merges: two tickets are said to belong together, go on as one, and are parted again (DM-03, DM-05, DM-06).

A merge moves nothing. The merged ticket is closed as merged and says where it goes on; its talk, files, facts and
history stay its own and are shown with the survivor's. So undoing a merge is exact, whatever happened meanwhile.
"""

from datetime import datetime, timedelta

from kit.db import Session, savepoint
from kit.ids import new_id
from tickets.conversations import ConversationService
from tickets.errors import TicketNotFound
from tickets.ledger import Ledger
from tickets.lifecycle.engine import DONE
from tickets.lifecycle.errors import CaseHasOpenTicket
from tickets.lifecycle.schemas import CUSTOMER, Doer, Given, Part, TicketAction
from tickets.merging.errors import (
    AlreadyLinked,
    AlreadyMerged,
    AnotherCustomer,
    MergeOfDone,
    MergeWithItself,
    NotLinked,
    NotMerged,
    PartOuterFirst,
    ReasonMissing,
)
from tickets.merging.events import TicketsMerged, TicketsParted
from tickets.merging.models import LinkRow, MergeRow
from tickets.merging.repository import joining as repository
from tickets.merging.schemas import Joined, LinkKind, Merged, Preview
from tickets.merging.standing import give_back, stand_again, standing_of, take_over
from tickets.models import TicketRow
from tickets.repository import tickets as ticket_repository
from tickets.words import CloseKind, Priority, Role, TicketStatus

_REASON_CHARS = 500
_RESPITE = timedelta(hours=24)  # time that ran on while a ticket was merged does not close it the moment it is back
_TOLD = {
    "merged": (
        "工单 T-{merged} 与 T-{into} 是同一件事，已合并处理。您可以继续在这里留言。",
        "Tickets T-{merged} and T-{into} are one matter and are dealt with together. You can go on writing here.",
    ),
    "merged_elsewhere": (
        "工单 T-{merged} 已与同一问题的工单合并处理。您可以继续在这里留言。",
        "Ticket T-{merged} is dealt with together with others of the same matter. You can go on writing here.",
    ),
    "unmerged": (
        "工单 T-{merged} 已恢复为单独处理。",
        "Ticket T-{merged} is dealt with by itself again.",
    ),
}


class MergeService:
    """Joins tickets and parts them.

    Args:
        ledger: What every verb on tickets stands on.
        conversations: Tells the customers of merged tickets.
    """

    def __init__(self, ledger: Ledger, conversations: ConversationService) -> None:
        self._ledger = ledger
        self._conversations = conversations

    def merge(
        self, session: Session, into: str, other: str, doer: Doer, reason: str, *, across_customers: bool = False
    ) -> None:
        """Let a ticket go on in another one.

        Args:
            session: The unit of work.
            into: The survivor's id.
            other: Id of the ticket that is closed as merged.
            doer: Who does it: a person, or a rule by its own name.
            reason: Why, in words.
            across_customers: Somebody has said that the two are meant, though of different customers.

        Raises:
            MergeWithItself, AlreadyMerged, MergeOfDone, AnotherCustomer: These two are not merged.
            StepNeeds: No reason.
            StepNotAllowed: The ticket is being reviewed and the doer is no lead.
            TicketNotFound: There is no such ticket.
        """
        with savepoint(session):
            survivor, merged = self._ledger.row(session, into), self._ledger.row(session, other)
            merge_id, same = new_id(), survivor.customer_id == merged.customer_id
            # Everybody takes a talk's lock before its ticket's; who takes them the other way round waits for ever.
            self._tell(session, merged, "merged" if same else "merged_elsewhere", merge_id, into=survivor.number)
            survivor, merged = self._pair(session, into, other)
            self._check(session, survivor, merged, doer, across_customers=across_customers)
            self._join(session, survivor, merged, merge_id=merge_id, doer=doer, reason=reason)

    def _join(
        self, session: Session, survivor: TicketRow, merged: TicketRow, *, merge_id: str, doer: Doer, reason: str
    ) -> None:
        now = self._ledger.clock.now()
        before, answered = standing_of(merged), merged.first_responded_at is not None
        self._ledger.step(merged, TicketAction.MERGE, doer, Given(reason=reason))
        merged.closed_at, merged.close_kind = now, CloseKind.MERGED
        taken = take_over(survivor, merged)
        survivor.clock_origin_at = min(survivor.clock_origin_at, merged.clock_origin_at)
        row = MergeRow(
            id=merge_id,
            ticket_id=merged.id,
            into_id=survivor.id,
            survivor_id=survivor.id,
            before=before,
            taken=taken,
            answered=answered,
            by=doer.name,
            at=now,
        )
        repository.redirect(session, merged.id, survivor.id)
        repository.add(session, row)
        words = reason.strip()[:_REASON_CHARS]
        self._ledger.note(session, merged, doer.name, "merged", {"number": survivor.number, "reason": words})
        self._ledger.note(session, survivor, doer.name, "absorbed", {"number": merged.number, "reason": words})
        self._ledger.publisher.publish(session, TicketsMerged(survivor.id, serial_key=survivor.conversation_id))

    def preview(self, session: Session, into: str, other: str, doer: Doer) -> Preview:
        """Return what merging would do; raises as ``merge`` where it would refuse, but for what a lead may confirm."""
        if into == other:
            raise MergeWithItself
        survivor, merged = self._ledger.row(session, into), self._ledger.row(session, other)
        across = survivor.customer_id != merged.customer_id
        self._check(session, survivor, merged, doer, across_customers=across)
        talk = self._conversations.get(session, merged.conversation_id)
        return Preview(
            other=(merged.number, merged.title),
            origin_at=min(survivor.clock_origin_at, merged.clock_origin_at),
            priority=Priority(min(survivor.priority, merged.priority)),
            turns=talk.last_seq if merged.conversation_id != survivor.conversation_id else 0,
            across_customers=across,
        )

    def unmerge(self, session: Session, ticket_id: str, doer: Doer, reason: str) -> None:
        """Take a merge back: both stand as they stood, with what came since.

        Args:
            session: The unit of work.
            ticket_id: The merged one.
            doer: Who does it.
            reason: Why.

        Raises:
            NotMerged: There is nothing to undo, or somebody was faster.
            CaseHasOpenTicket: Its matter has got another open ticket meanwhile.
            PartOuterFirst: What it was merged into has been merged itself.
            ReasonMissing: No reason.
        """
        words = _reason(reason)
        known = repository.standing(session, ticket_id)
        if known is None:
            raise NotMerged
        with savepoint(session):
            self._tell(session, self._ledger.row(session, ticket_id), "unmerged", known.id)
            survivor, merged = self._pair(session, known.into_id, ticket_id)
            row = repository.standing(session, ticket_id)
            if row is None or row.id != known.id:
                raise NotMerged
            self._restore(session, row, survivor, merged, doer=doer, words=words)

    def _restore(
        self, session: Session, row: MergeRow, survivor: TicketRow, merged: TicketRow, *, doer: Doer, words: str
    ) -> None:
        if row.survivor_id != row.into_id:
            raise PartOuterFirst(survivor.number)
        other = ticket_repository.open_of_case(session, merged.case_id, but=merged.id)
        if other is not None:
            raise CaseHasOpenTicket(other.number)
        row.undone_at, row.undone_by = self._ledger.clock.now(), doer.name
        self._part(session, row, survivor, merged)
        stand_again(merged, row.before)
        if TicketStatus(merged.status) not in DONE:
            merged.aftercare_at = self._after_respite(merged)
        self._ledger.note(session, merged, doer.name, "unmerged", {"number": survivor.number, "reason": words})
        self._ledger.note(session, survivor, doer.name, "released", {"number": merged.number, "reason": words})
        self._catch_up(session, merged, row.at)
        for one in (survivor, merged):
            self._ledger.publisher.publish(session, TicketsParted(one.id, serial_key=one.conversation_id))

    def link(self, session: Session, a: str, b: str, kind: LinkKind, *, doer: Doer, reason: str) -> None:
        """Say that two tickets have to do with each other; a closed one may be linked too.

        Raises:
            MergeWithItself, AlreadyLinked, ReasonMissing, TicketNotFound: Nothing was linked.
        """
        words = _reason(reason)
        one, other = self._pair(session, a, b)
        if repository.link_of(session, one.id, other.id) is not None:
            raise AlreadyLinked(other.number)
        first, second = sorted((one.id, other.id))
        row = LinkRow(first_id=first, second_id=second, kind=kind, by=doer.name, at=self._ledger.clock.now())
        repository.add(session, row)
        for here, there in ((one, other), (other, one)):
            data = {"number": there.number, "kind": kind, "reason": words}
            self._ledger.note(session, here, doer.name, "linked", data)

    def unlink(self, session: Session, a: str, b: str, *, doer: Doer, reason: str) -> None:
        """Take a link back.

        Raises:
            NotLinked, ReasonMissing, TicketNotFound: Nothing was taken back.
        """
        words = _reason(reason)
        one, other = self._pair(session, a, b)
        row = repository.link_of(session, one.id, other.id)
        if row is None:
            raise NotLinked
        row.undone_at = self._ledger.clock.now()
        for here, there in ((one, other), (other, one)):
            self._ledger.note(session, here, doer.name, "unlinked", {"number": there.number, "reason": words})

    def joined(self, session: Session, ticket_id: str) -> Joined:
        """Return what goes on in a ticket and what is linked to it: two queries."""
        return Joined(tuple(repository.family(session, ticket_id)), tuple(repository.links(session, ticket_id)))

    def family(self, session: Session, ticket_id: str) -> list[Merged]:
        """Return the tickets that go on in one, the oldest merge first."""
        return repository.family(session, ticket_id)

    def survivor(self, session: Session, ticket_id: str) -> str | None:
        """Return the id of the ticket in which a merged one goes on; ``None`` where it was not merged."""
        row = repository.standing(session, ticket_id)
        return row.survivor_id if row is not None else None

    def talks(self, session: Session, ticket_id: str) -> list[str]:
        """Return the conversations of a ticket: its own first, then those of the tickets that go on in it."""
        own = self._ledger.row(session, ticket_id).conversation_id
        return list(dict.fromkeys([own, *(merged.talk for merged in repository.family(session, ticket_id))]))

    def talk_to(self, session: Session, ticket_id: str) -> str:
        """Return the conversation in which the customer wrote last: an answer belongs there."""
        talks = self.talks(session, ticket_id)
        if len(talks) == 1:
            return talks[0]
        heard = repository.last_heard(session, talks)
        return max(heard, key=lambda talk: heard[talk], default=talks[0])

    def _pair(self, session: Session, one: str, other: str) -> tuple[TicketRow, TicketRow]:
        if one == other:
            raise MergeWithItself
        rows = repository.locked(session, (one, other))
        if len(rows) < 2:  # noqa: PLR2004 - a pair
            raise TicketNotFound
        return rows[one], rows[other]

    @staticmethod
    def _check(session: Session, survivor: TicketRow, merged: TicketRow, doer: Doer, *, across_customers: bool) -> None:
        for row in (merged, survivor):
            goes_on = ticket_repository.survivor_of(session, row.id)
            if goes_on is not None:
                raise AlreadyMerged(row.number, goes_on.number)
            if TicketStatus(row.status) in DONE:
                raise MergeOfDone(row.number)
        same = survivor.customer_id == merged.customer_id
        if not same and not (across_customers and doer.part is Part.LEAD):
            raise AnotherCustomer

    def _part(self, session: Session, row: MergeRow, survivor: TicketRow, merged: TicketRow) -> None:
        """Give the survivor back what it had, and let whatever came with the merged ticket go with it."""
        session.flush()
        others = [m for m in repository.directly_into(session, survivor.id) if m.id != row.id]
        tickets = repository.locked(session, [m.ticket_id for m in others])
        give_back(survivor, row, [(m, tickets[m.ticket_id]) for m in others if m.id > row.id])
        if survivor.first_responded_at is None:
            said = repository.replies_since(session, survivor.id, row.at)
            survivor.first_responded_at = next((at for at, talk in said if talk != merged.conversation_id), None)
        if merged.first_responded_at is None:
            said = repository.replies_since(session, row.survivor_id, row.at)
            merged.first_responded_at = next((at for at, talk in said if talk == merged.conversation_id), None)
        origins = [survivor.created_at, *(tickets[m.ticket_id].clock_origin_at for m in others)]
        survivor.clock_origin_at = min(origins)
        repository.redirect_some(session, _below(session, merged.id), merged.id)

    def _after_respite(self, row: TicketRow) -> datetime | None:
        due = self._ledger.aftercare_at(row)
        return max(due, self._ledger.clock.now() + _RESPITE) if due is not None else None

    def _catch_up(self, session: Session, row: TicketRow, since: datetime) -> None:
        """Let a ticket that waited for its customer go on, if they wrote while it was merged."""
        if row.status == TicketStatus.WAITING_CUSTOMER and repository.wrote_since(session, row.conversation_id, since):
            self._ledger.step(row, TicketAction.CUSTOMER_WROTE, CUSTOMER)
            self._ledger.note(session, row, CUSTOMER.name, "customer_wrote", {})

    def _tell(self, session: Session, row: TicketRow, kind: str, merge_id: str, *, into: int = 0) -> None:
        english = self._conversations.get(session, row.conversation_id).lang.startswith("en")
        text = _TOLD[kind][english].format(merged=row.number, into=into)
        key = f"{kind}:{merge_id}"
        self._conversations.say(session, row.conversation_id, Role.BOT, text, data={"kind": kind}, external_id=key)


def _below(session: Session, ticket_id: str) -> list[str]:
    """Return the tickets that go on in one by its own merges, over several steps."""
    found: list[str] = []
    waiting = [ticket_id]
    while waiting:
        children = [row.ticket_id for row in repository.directly_into(session, waiting.pop())]
        found += children
        waiting += children
    return found


def _reason(words: str) -> str:
    if not words.strip():
        raise ReasonMissing
    return words.strip()[:_REASON_CHARS]
