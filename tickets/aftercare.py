"""What time does to a ticket by itself: reminding, telling of progress, asking whether it is solved, closing."""

from collections.abc import Mapping

from kit.db import Session
from tickets.conversations import ConversationService
from tickets.errors import TicketNotFound
from tickets.ledger import Ledger
from tickets.lifecycle.engine import DONE
from tickets.lifecycle.schemas import CUSTOMER, SYSTEM, Given, TicketAction
from tickets.merging.service import MergeService
from tickets.models import TicketRow
from tickets.repository import tickets as repository
from tickets.repository import work as work_repository
from tickets.schemas import Ticket
from tickets.words import Role, TicketStatus
from tickets.working import WorkService

_MOST = 500  # tickets a look; the next look takes the following

_WORDS: Mapping[str, tuple[str, str]] = {
    "verify": (
        "您的工单 T-{number} 已处理完成。问题解决了吗？{days} 天内没有消息，我们会自动关闭工单。",
        "Ticket T-{number} has been dealt with. Is the problem solved? Without an answer it closes in {days} days.",
    ),
    "remind": (
        "工单 T-{number} 还在等您的回复，收到后我们马上继续处理。",
        "Ticket T-{number} is waiting for your answer; we go on as soon as we have it.",
    ),
    "progress": (
        "工单 T-{number} 仍在处理中（{state}），有结果会第一时间告诉您。",
        "We are still working on ticket T-{number} ({state}) and will tell you as soon as there is a result.",
    ),
    "expired": (
        "工单 T-{number} 已自动关闭。如果还有问题，直接发消息就可以。",
        "Ticket T-{number} has been closed. If there is anything else, just write to us.",
    ),
    "confirmed": ("谢谢您的确认，工单 T-{number} 已关闭。", "Thank you. Ticket T-{number} is closed."),
    "reopened": (
        "工单 T-{number} 已重新打开，我们会继续处理。",
        "Ticket T-{number} is open again; we are going on with it.",
    ),
}
_STATES: Mapping[str, tuple[str, str]] = {
    "new": ("等待分派", "waiting to be assigned"),
    "to_assign": ("等待分派", "waiting to be assigned"),
    "in_progress": ("处理中", "being worked on"),
    "reopened": ("处理中", "being worked on"),
    "on_hold": ("等待第三方", "waiting for a third party"),
    "escalated": ("已升级处理", "with a specialist"),
    "to_review": ("等待审核", "being reviewed"),
    "to_settle": ("等待结算", "being settled"),
    "diagnosing": ("诊断中", "being diagnosed"),
    "awaiting_material": ("等待资料", "waiting for documents"),
    "awaiting_visit": ("等待上门", "waiting for a visit"),
    "awaiting_parts": ("等待备件", "waiting for spare parts"),
    "called": ("已电话联系", "after a call"),
}


class AftercareService:
    """Looks after tickets while nobody does, and after they are resolved."""

    def __init__(
        self, ledger: Ledger, work: WorkService, conversations: ConversationService, merging: MergeService
    ) -> None:
        self._ledger = ledger
        self._merging = merging
        self._work = work
        self._conversations = conversations

    def due(self, session: Session) -> list[tuple[str, str]]:
        """Return (ticket id, conversation id) of tickets that time has something to do to; costs what is due."""
        return work_repository.due_for_aftercare(session, self._ledger.clock.now(), _MOST)

    def attend(self, session: Session, ticket_id: str) -> None:
        """Do to a ticket what is due; nothing where it was done meanwhile (LC-05, LC-09, LC-19)."""
        row = self._ledger.row(session, ticket_id)
        now = self._ledger.clock.now()
        if row.aftercare_at is None or row.aftercare_at > now:
            return
        status, patience = TicketStatus(row.status), self._ledger.rules.patience
        silent = status is TicketStatus.WAITING_CUSTOMER
        if status is TicketStatus.RESOLVED or (silent and now >= row.status_since + patience.silence_closes_after):
            self._expire(session, row)
        elif silent:
            row.reminders_sent += 1
            self._tell(session, row, "remind", f"remind:{row.id}:{row.status_since.isoformat()}:{row.reminders_sent}")
            self._ledger.note(session, row, SYSTEM.name, "reminded", {"count": row.reminders_sent})
        elif status not in DONE:
            self._tell(session, row, "progress", f"progress:{row.id}:{row.told_at.isoformat()}")
            self._ledger.note(session, row, SYSTEM.name, "progress_told", {})

    def invite(self, session: Session, ticket_id: str) -> None:
        """Ask the customer whether the problem is solved, once each time it is resolved (LC-13)."""
        row = self._ledger.row(session, ticket_id)
        if row.status != TicketStatus.RESOLVED:
            return
        self._tell(session, row, "verify", f"verify:{row.id}:{row.reopened_count}")

    def verify(self, session: Session, conversation_id: str, number: int, *, solved: bool, reason: str) -> Ticket:
        """Let the customer say whether it is solved: closed where it is, open again where it isn't (LC-06).

        Raises:
            TicketNotFound: Not of this conversation.
            TransitionRefused: It isn't resolved.
            GuardRefused: The time to reopen it is over.
        """
        row = repository.by_number(session, number)
        if row is None or conversation_id not in self._merging.talks(session, row.id):
            raise TicketNotFound
        action = TicketAction.CONFIRM if solved else TicketAction.REOPEN
        self._work.take(session, row.id, action, CUSTOMER, Given(reason=reason or ("" if solved else "客户表示未解决")))
        kind = "confirmed" if solved else "reopened"
        self._tell(session, row, kind, f"{kind}:{row.id}:{row.reopened_count}")
        return self._ledger.view(session, row)

    def _expire(self, session: Session, row: TicketRow) -> None:
        was_resolved = row.status == TicketStatus.RESOLVED
        self._work.take(session, row.id, TicketAction.EXPIRE, SYSTEM)
        if not was_resolved:
            self._tell(session, row, "expired", f"expired:{row.id}")
            self._conversations.end(session, row.conversation_id)

    def _tell(self, session: Session, row: TicketRow, kind: str, key: str) -> None:
        """Say something to the customer in their language; the same key is said once (law three).

        Where other tickets go on in this one, it is said where the customer wrote last.
        """
        talk = self._merging.talk_to(session, row.id)
        english = self._conversations.get(session, talk).lang.startswith("en")
        values = {
            "number": row.number,
            "days": max(1, round(self._ledger.rules.patience.confirm_window.total_seconds() / 86_400)),
            "state": _STATES.get(row.stage or row.status, ("处理中", "being worked on"))[english],
        }
        data = {"kind": kind, "ticket_number": row.number}
        text = _WORDS[kind][english].format(**values)
        self._conversations.say(session, talk, Role.BOT, text, data=data, external_id=key)
        self._ledger.was_told(row)
