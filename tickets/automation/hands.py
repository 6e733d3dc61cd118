"""Hands for what the ticket store, the talk, tags and webhooks can do; other rooms bring their own (``ports.Hand``)."""

from collections.abc import Mapping

from kit.db import Session
from kit.errors import JiedaiError
from tickets.amending import AmendService
from tickets.automation import repository
from tickets.automation.actions import Assign, Close, Escalate, Raise, Reply, SetField, Tag, Webhook
from tickets.automation.loops import raised
from tickets.automation.ports import Hand, Task, Wrong
from tickets.automation.words import Do
from tickets.conversations import ConversationService
from tickets.ledger import Ledger
from tickets.lifecycle.engine import DONE
from tickets.lifecycle.schemas import Given, TicketAction
from tickets.routing.service import RoutingService
from tickets.webhooks.errors import EndpointNotFound
from tickets.webhooks.schemas import Fact, WebhookEvent
from tickets.webhooks.service import WebhookService
from tickets.words import Priority, Role, Stage, TicketStatus
from tickets.working import WorkService

AUTOMATIC = ("自动回复", "Automatic reply")
"""Who a rule's reply is from, as the customer and the desk see it (AR-05)."""


class GiveTicket:
    """Hands tickets to groups, whose strategy finds somebody (AR-04), and to people."""

    def __init__(self, routing: RoutingService) -> None:
        self._routing = routing

    def check(self, session: Session, action: Assign) -> Wrong | None:
        """Refuse groups that do not exist and people who do not work on tickets."""
        if action.group and action.group not in repository.groups(session):
            return Wrong(f"没有「{action.group}」这个小组", f"there is no group {action.group!r}")
        if action.person:
            try:
                self._routing.check_worker(session, action.person)
            except JiedaiError as refused:
                return Wrong(refused.message_zh, refused.message_en)
        return None

    def do(self, session: Session, task: Task, action: Assign) -> Mapping[str, object]:
        """Hand over; a ticket that the group or the person has already stays where it is."""
        row = task.row
        if action.group:
            if row.group_id != action.group:
                self._routing.assign_group(session, row.id, action.group, task.doer, task.rule)
            return {"group": action.group, "person": row.assignee or ""}
        if row.assignee != action.person:
            self._routing.assign_person(session, row.id, action.person, task.doer, task.rule)
        return {"person": action.person}


class WriteField:
    """Sets priority and stage, raises the priority."""

    def __init__(self, amend: AmendService, work: WorkService) -> None:
        self._amend = amend
        self._work = work

    def check(self, session: Session, action: SetField | Raise) -> Wrong | None:  # noqa: ARG002 - the port's
        """Find nothing wrong: what could be wrong is refused by the action itself."""
        return None

    def do(self, session: Session, task: Task, action: SetField | Raise) -> Mapping[str, object]:
        """Write the field; a value that it has already is no change."""
        row = task.row
        if isinstance(action, SetField) and action.field == "stage":
            if row.stage != action.value:
                given = Given(stage=Stage(action.value))
                self._work.take(session, row.id, TicketAction.SET_STAGE, task.doer, given)
            return {"field": "stage", "value": action.value}
        before = Priority(row.priority)
        after = raised(before, action) if isinstance(action, Raise) else Priority(action.value)
        self._amend.set_priority(session, row.id, after, task.doer.name, reason=task.rule)
        return {"field": "priority", "from": before, "value": after}


class TagTicket:
    """Puts tags on tickets and takes them away."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def check(self, session: Session, action: Tag) -> Wrong | None:  # noqa: ARG002 - the port's
        """Find nothing wrong."""
        return None

    def do(self, session: Session, task: Task, action: Tag) -> Mapping[str, object]:
        """Add and remove; what is so already stays."""
        row = self._ledger.writable(session, task.row.id)
        had = repository.tags(session, [row.id]).get(row.id, ())
        added = [name for name in dict.fromkeys(action.add) if name not in had]
        removed = [name for name in action.remove if name in had]
        for name in added:
            repository.tag(session, row.id, name, task.doer.name, self._ledger.clock.now())
        repository.untag(session, row.id, removed)
        if added or removed:
            self._ledger.note(session, row, task.doer.name, "tagged", {"added": added, "removed": removed})
        return {"added": added, "removed": removed}


class ReplyToCustomer:
    """Says fixed words to the customer, once for each firing, marked as automatic (AR-05)."""

    def __init__(self, ledger: Ledger, conversations: ConversationService) -> None:
        self._ledger = ledger
        self._conversations = conversations

    def check(self, session: Session, action: Reply) -> Wrong | None:  # noqa: ARG002 - the port's
        """Find nothing wrong: variables are judged by the action itself."""
        return None

    def do(self, session: Session, task: Task, action: Reply) -> Mapping[str, object]:
        """Say it in the customer's language, where the rule has it in that language."""
        row = self._ledger.writable(session, task.row.id)
        english = self._conversations.get(session, row.conversation_id).lang.startswith("en")
        text = (english and action.text_en) or action.text
        said = text.format(number=f"T-{row.number}", status=row.status, priority=row.priority, group=row.group_id or "")
        data = {"kind": "auto_reply", "rule": task.rule, "ticket_number": row.number}
        author = AUTOMATIC[english]
        self._conversations.say(
            session, row.conversation_id, Role.BOT, said, author=author, data=data, external_id=task.key
        )
        self._ledger.was_told(row)
        return {"lang": "en" if english else "zh"}


class TakeStep:
    """Escalates and closes by the ticket's lifecycle."""

    def __init__(self, work: WorkService, conversations: ConversationService) -> None:
        self._work = work
        self._conversations = conversations

    def check(self, session: Session, action: Escalate | Close) -> Wrong | None:  # noqa: ARG002 - the port's
        """Find nothing wrong: whether the step is possible depends on each ticket."""
        return None

    def do(self, session: Session, task: Task, action: Escalate | Close) -> Mapping[str, object]:
        """Take the step; the lifecycle says no where it isn't in its table."""
        reason = action.reason or task.rule
        if isinstance(action, Escalate):
            given = Given(reason=reason, stage=Stage(action.stage))
            self._work.take(session, task.row.id, TicketAction.ESCALATE, task.doer, given)
            return {"stage": action.stage}
        step = TicketAction.CLOSE if task.row.status == TicketStatus.RESOLVED else TicketAction.CANCEL
        self._work.take(session, task.row.id, step, task.doer, Given(reason=reason))
        if task.row.status in DONE:
            self._conversations.end(session, task.row.conversation_id)
        return {"step": step}


class CallWebhook:
    """Tells a registered endpoint, through the deliveries that everybody can see and send again (WH-01)."""

    def __init__(self, webhooks: WebhookService) -> None:
        self._webhooks = webhooks

    def check(self, session: Session, action: Webhook) -> Wrong | None:
        """Refuse an address that nobody registered: a rule cannot make the service call just anywhere."""
        if self._webhooks.find(session, action.endpoint) is None:
            zh = f"没有登记这个 Webhook 端点：{action.endpoint}"
            return Wrong(zh, f"no such endpoint is registered: {action.endpoint}")
        return None

    def do(self, session: Session, task: Task, action: Webhook) -> Mapping[str, object]:
        """Put the delivery on its way; its id is the firing's, so that a receiver gets it once."""
        endpoint = self._webhooks.find(session, action.endpoint)
        if endpoint is None:
            raise EndpointNotFound
        self._webhooks.tell_one(session, endpoint.id, Fact(task.key, WebhookEvent.RULE_FIRED, _body(task)))
        return {"endpoint": endpoint.id}


def _body(task: Task) -> dict[str, object]:
    row = task.row
    return {
        "ticketId": row.id,
        "number": row.number,
        "rule": task.rule,
        "status": row.status,
        "priority": row.priority,
        "group": row.group_id,
        "label": list(row.label),
    }


def house_hands(
    ledger: Ledger, work: WorkService, conversations: ConversationService, webhooks: WebhookService
) -> dict[Do, Hand]:
    """Return a hand for each action that needs no other room."""
    step, write = TakeStep(work, conversations), WriteField(AmendService(ledger), work)
    return {
        Do.ASSIGN: GiveTicket(RoutingService(ledger)),
        Do.SET: write,
        Do.RAISE: write,
        Do.TAG: TagTicket(ledger),
        Do.REPLY: ReplyToCustomer(ledger, conversations),
        Do.ESCALATE: step,
        Do.WEBHOOK: CallWebhook(webhooks),
        Do.CLOSE: step,
    }
