"""Hands for what the rooms next door do: service levels, merging, notices."""

from collections.abc import Mapping

from kit.db import Session
from kit.errors import JiedaiError
from tickets.automation.actions import Merge, Notify, StartTimer
from tickets.automation.errors import NothingRepeated
from tickets.automation.ports import Task, Wrong
from tickets.merging.book import FollowUpKind
from tickets.merging.finding import DuplicateFinder
from tickets.merging.follow_ups import FollowUps
from tickets.merging.service import MergeService
from tickets.notices.schemas import Channel, Order
from tickets.notices.service import NoticeService
from tickets.sla.errors import UnknownTimer
from tickets.sla.service import SlaService


class MergeRepeated:
    """Merges a ticket into the earlier open one that it surely repeats (AR-08)."""

    def __init__(self, merging: MergeService, duplicates: DuplicateFinder, follow_ups: FollowUps) -> None:
        self._merging = merging
        self._duplicates = duplicates
        self._follow_ups = follow_ups

    def check(self, session: Session, action: Merge) -> Wrong | None:  # noqa: ARG002 - the port's
        """Find nothing wrong: whether there is such a ticket depends on each ticket."""
        return None

    def do(self, session: Session, task: Task, action: Merge) -> Mapping[str, object]:  # noqa: ARG002 - has no more to say
        """Merge; where nothing is surely the same matter, a person decides."""
        earlier = [c.ticket for c in self._duplicates.candidates(session, task.row.id) if c.sure]
        into = min(earlier, key=lambda ticket: ticket.number, default=None)
        if into is None or into.number > task.row.number:
            raise NothingRepeated
        self._merging.merge(session, into.id, task.row.id, task.doer, task.rule)
        key = f"ticket:{task.row.id}"
        self._follow_ups.join(session, into.id, FollowUpKind.REPEAT, key=key, doer=task.doer)
        return {"into": into.number}


class NotifyStaff:
    """Has a notice sent over one of the house's channels to somebody it knows, or to a registered place (NT-06)."""

    def __init__(self, notices: NoticeService) -> None:
        self._notices = notices

    def check(self, session: Session, action: Notify) -> Wrong | None:
        """Refuse a channel that does not exist, a target that nobody registered, words that cannot be filled in."""
        if action.channel not in list(Channel):
            known = "、".join(Channel)
            return Wrong(
                f"没有「{action.channel}」这个渠道（{known}）", f"no channel {action.channel!r}; there are {known}"
            )
        try:
            self._notices.check_order(session, _order(action, "", "", ""))
        except JiedaiError as refused:
            return Wrong(refused.message_zh, refused.message_en)
        return None

    def do(self, session: Session, task: Task, action: Notify) -> Mapping[str, object]:
        """Put the notices on their way, each once for this firing."""
        made = self._notices.notify(session, _order(action, task.row.id, task.rule, task.key))
        return {"channel": action.channel, "notices": len(made)}


class RunTimer:
    """Starts a timer of the service levels' book; one that runs already goes on as it is (SL-15)."""

    def __init__(self, sla: SlaService) -> None:
        self._sla = sla

    def check(self, session: Session, action: StartTimer) -> Wrong | None:
        """Refuse a timer that the book does not have."""
        timers = self._sla.levels(session).body.timers
        if action.sla in timers:
            return None
        unknown = UnknownTimer(action.sla, timers)
        return Wrong(unknown.message_zh, unknown.message_en)

    def do(self, session: Session, task: Task, action: StartTimer) -> Mapping[str, object]:
        """Start it."""
        clock = self._sla.start_timer(session, task.row.id, action.sla, task.doer)
        return {"timer": action.sla, "due": clock.due_at.isoformat() if clock.due_at else ""}


def _order(action: Notify, ticket_id: str, rule: str, key: str) -> Order:
    name = rule.replace("{", "（").replace("}", "）")  # braces stand for variables in a notice
    words = action.text or f"规则「{name}」已触发，请处理。"
    return Order(ticket_id, Channel(action.channel), action.target, key, text=words)
