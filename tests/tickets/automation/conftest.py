"""The ticket store with automation on it, and hands that remember what they were told to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from factories import Store, incoming, make_draft, make_queue, make_ticket, open_conversation
from kit.db import Session
from kit.outbound.adapters.http_poster import HttpPoster
from tickets.automation.conditions import Facts
from tickets.automation.facts import FactReader
from tickets.automation.firing import Happening, RuleRunner
from tickets.automation.hands import house_hands
from tickets.automation.neighbours import MergeRepeated, RunTimer
from tickets.automation.ports import Task, Wrong
from tickets.automation.service import AutomationService
from tickets.automation.words import Do, When
from tickets.schemas import Ticket
from tickets.service import Ledger, SlaService
from tickets.webhooks.service import WebhookService
from tickets.words import TicketId


@dataclass
class RecordingHand:
    """Does nothing and remembers it."""

    told: list[object] = field(default_factory=list)
    wrong: Wrong | None = None

    def check(self, session: Session, action: object) -> Wrong | None:
        return self.wrong

    def do(self, session: Session, task: Task, action: object) -> Mapping[str, object]:
        self.told.append(action)
        return {"key": task.key}


class Copilot:
    """Tells what a test wants it to."""

    names = frozenset({"suggestion", "suggestionVerdict"})
    said: Mapping[str, str] = {}

    def tell(self, session: Session, known: Mapping[str, Facts]) -> Mapping[str, Facts]:
        return dict.fromkeys(known, self.said)


@dataclass
class House:
    """Automation on a store."""

    store: Store
    ledger: Ledger
    service: AutomationService
    runner: RuleRunner
    webhooks: WebhookService
    notify: RecordingHand
    copilot: Copilot
    causes: int = 0

    def save(self, *rules: Mapping[str, object], **more: object) -> int:
        with self.store.database.transaction() as session:
            base = self.service.current(session).version
            raw = {"rules": list(rules), **more}
            return self.service.save(session, raw, base_version=base, actor="gao").version

    def ticket(self, user: str = "") -> TicketId:
        """File a ticket: of somebody new each time, or of the customer named."""
        with self.store.database.transaction() as session:
            if not user:
                return make_ticket(self.store, session).summary.id
            talk = open_conversation(self.store, session, user=user)
            self.store.conversations.receive(session, talk, incoming())
            case = self.store.cases.current(session, talk, first_seq=1)
            ticket_id = self.store.tickets.file(session, make_draft(talk, case.id), "customer").summary.id
            self.store.tickets.set_label(session, ticket_id, ("quality", "malfunction"), "gao")
        return ticket_id

    def happens(self, ticket_id: TicketId, when: When = When.ROUTED, *, cause: str = "", entry: str = "") -> int:
        self.causes += 1
        with self.store.database.transaction() as session:
            happening = Happening(when, ticket_id, cause or f"job{self.causes}", entry)
            return self.runner.fire(session, happening)

    def look(self, ticket_id: TicketId) -> Ticket:
        with self.store.database.reading() as session:
            return self.store.tickets.get(session, ticket_id)

    def trace(self, ticket_id: TicketId):
        with self.store.database.reading() as session:
            return self.service.trace(session, 50, ticket_id=ticket_id)


@pytest.fixture
def auto(store: Store) -> House:
    ledger = store.tickets._ledger
    queue, _, _ = make_queue(store.clock)
    webhooks = WebhookService(store.vault, store.clock, queue, HttpPoster((), total_seconds=1))
    merge = MergeRepeated(store.merging, store.duplicates, store.follow_ups)
    notify, copilot = RecordingHand(), Copilot()
    hands = {
        **house_hands(ledger, store.work, store.conversations, webhooks),
        Do.NOTIFY: notify,
        Do.MERGE: merge,
        Do.START_TIMER: RunTimer(SlaService(ledger, store.work)),
    }
    reader = FactReader(store.vault, [copilot])
    moments = set(When) - {When.REPEATED}
    service = AutomationService(ledger, reader, hands, moments=moments, lines=["washer"])
    with store.database.transaction() as session:
        store.staff.save(session, username="wang", name="王", role="agent", group_id="repair", password="x" * 12)
    return House(store, ledger, service, RuleRunner(ledger, reader, hands), webhooks, notify, copilot)
