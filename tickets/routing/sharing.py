"""Several departments on one ticket: groups that take part, and sub-tasks with ask, due time and answer (RT-12, RT-16).

Who takes part sees the whole ticket and what the others do with it, as it happens.
"""

from dataclasses import dataclass
from datetime import datetime

from kit.db import Session
from kit.ids import new_id
from kit.text import is_blank
from tickets.events import StaffTold
from tickets.ledger import Ledger
from tickets.lifecycle.schemas import Doer
from tickets.models import TicketRow
from tickets.people.errors import GroupNotFound
from tickets.routing.errors import (
    AssigneeUnfit,
    GroupHasTicket,
    SubTaskIncomplete,
    SubTaskNotFound,
    SubTaskNotYours,
    SubTaskOver,
)
from tickets.routing.models import SubTaskRow
from tickets.routing.repository import people, shared
from tickets.routing.schemas import Participant, SubTask, SubTaskState
from tickets.schemas import StaffMember

_ASK_CHARS = 4000


@dataclass(frozen=True, slots=True)
class NewSubTask:
    """What is asked of whom by when.

    Attributes:
        ask: What is to be done.
        due_at: By when.
        group_id: Of whom: a group …
        username: … or a person.
        visit: Somebody is to go there: it is dispatched.
    """

    ask: str
    due_at: datetime
    group_id: str = ""
    username: str = ""
    visit: bool = False


class SharingService:
    """Lets departments work on one ticket at the same time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def share(self, session: Session, ticket_id: str, group_id: str, doer: Doer) -> None:
        """Let another group take part in a ticket; from now on it sees it.

        Raises:
            GroupNotFound: No such group.
            GroupHasTicket: It is its ticket, or it takes part already.
            TicketArchived: It is closed.
        """
        row = self._ledger.writable(session, ticket_id)
        if group_id not in people.groups(session):
            raise GroupNotFound
        if group_id in {row.group_id, *(p.group_id for p in shared.participants(session, ticket_id))}:
            raise GroupHasTicket
        shared.add_participant(session, ticket_id, group_id, doer.name, self._ledger.clock.now())
        self._tell(session, row, doer, "shared", {"to_group": group_id})

    def unshare(self, session: Session, ticket_id: str, group_id: str, doer: Doer) -> None:
        """Let a group's part end; what it did stays on record.

        Raises:
            TicketArchived: It is closed.
        """
        row = self._ledger.writable(session, ticket_id)
        if shared.remove_participant(session, ticket_id, group_id):
            self._ledger.note(session, row, doer.name, "unshared", {"group": group_id})

    def participants(self, session: Session, ticket_id: str) -> list[Participant]:
        """Return the groups that take part, the first first."""
        return shared.participants(session, ticket_id)

    def ask(self, session: Session, ticket_id: str, new: NewSubTask, doer: Doer) -> str:
        """Ask a group or a person for something by a time; they see the ticket from now on.

        Returns:
            The sub-task's id.

        Raises:
            SubTaskIncomplete: No ask, nobody or two to do it, or a time that is over.
            GroupNotFound, AssigneeUnfit: No such group or person.
            TicketArchived: It is closed.
        """
        row, now = self._ledger.writable(session, ticket_id), self._ledger.clock.now()
        if is_blank(new.ask):
            raise SubTaskIncomplete("ask")
        if bool(new.group_id) == bool(new.username):
            raise SubTaskIncomplete("to")
        if new.due_at <= now:
            raise SubTaskIncomplete("due_at")
        self._check_target(session, new)
        task_id = new_id()
        ask = new.ask.strip()[:_ASK_CHARS]
        shared.add_task(
            session,
            SubTaskRow(
                id=task_id,
                ticket_id=ticket_id,
                ask_sealed=self._ledger.vault.seal(session, row.customer_id, _context(task_id, "ask"), ask),
                group_id=new.group_id or None,
                owner=new.username or None,
                visit=new.visit,
                due_at=new.due_at,
                state=SubTaskState.OPEN,
                created_by=doer.name,
                created_at=now,
            ),
        )
        to = {"to": new.username} if new.username else {"to_group": new.group_id}
        kind = "dispatched" if new.visit else "task_asked"
        self._tell(session, row, doer, kind, {"task": task_id, "due_at": new.due_at.isoformat(), **to})
        return task_id

    def answer(
        self, session: Session, ticket_id: str, task_id: str, member: StaffMember, words: str, *, done: bool
    ) -> None:
        """Answer a sub-task: done, or not to be done, with words either way.

        Raises:
            SubTaskNotFound: Not of this ticket.
            SubTaskNotYours: It was asked of others.
            SubTaskOver: It was answered before.
            SubTaskIncomplete: No words.
            TicketArchived: It is closed.
        """
        row, task = self._ledger.writable(session, ticket_id), shared.task(session, task_id)
        if task is None or task.ticket_id != ticket_id:
            raise SubTaskNotFound
        if not (task.owner == member.username or (task.group_id and task.group_id == member.group_id)):
            raise SubTaskNotYours
        if task.state != SubTaskState.OPEN:
            raise SubTaskOver
        if is_blank(words):
            raise SubTaskIncomplete("answer")
        said = words.strip()[:_ASK_CHARS]
        task.answer_sealed = self._ledger.vault.seal(session, row.customer_id, _context(task_id, "answer"), said)
        task.state = SubTaskState.DONE if done else SubTaskState.DECLINED
        task.done_by, task.done_at = member.username, self._ledger.clock.now()
        kind, data = "task_done" if done else "task_declined", {"task": task_id, "to": task.created_by}
        entry = self._ledger.note(session, row, member.username, kind, data)
        if task.created_by != member.username:
            self._ledger.publisher.publish(session, StaffTold(entry, serial_key=row.conversation_id))

    def tasks(self, session: Session, ticket_id: str) -> list[SubTask]:
        """Return a ticket's sub-tasks, oldest first."""
        row = self._ledger.row(session, ticket_id)
        return [self._view(session, row.customer_id, task) for task in shared.tasks(session, ticket_id)]

    def asked_of(self, session: Session, member: StaffMember) -> list[tuple[int, SubTask]]:
        """Return what is asked of a person or the person's group and not answered, with the ticket's number."""
        found = shared.asked_of(session, member.username, member.group_id)
        return [(row.number, self._view(session, row.customer_id, task)) for row, task in found]

    def _check_target(self, session: Session, new: NewSubTask) -> None:
        person = people.user(session, new.username) if new.username else None
        if new.username and (person is None or not person.active):
            raise AssigneeUnfit(new.username)
        if new.group_id and new.group_id not in people.groups(session):
            raise GroupNotFound

    def _tell(self, session: Session, row: TicketRow, doer: Doer, kind: str, data: dict[str, str]) -> None:
        entry = self._ledger.note(session, row, doer.name, kind, data)
        self._ledger.publisher.publish(session, StaffTold(entry, serial_key=row.conversation_id))

    def _view(self, session: Session, customer_id: str, row: SubTaskRow) -> SubTask:
        vault, sealed = self._ledger.vault, row.answer_sealed
        return SubTask(
            id=row.id,
            ask=vault.open_kept(session, customer_id, _context(row.id, "ask"), row.ask_sealed),
            group_id=row.group_id or "",
            owner=row.owner or "",
            due_at=row.due_at,
            state=SubTaskState(row.state),
            answer=vault.open_kept(session, customer_id, _context(row.id, "answer"), sealed) if sealed else "",
            visit=row.visit,
            created_by=row.created_by,
            created_at=row.created_at,
            done_by=row.done_by,
            done_at=row.done_at,
        )


def _context(task_id: str, what: str) -> str:
    return f"ticket_subtasks.{what}:{task_id}"
