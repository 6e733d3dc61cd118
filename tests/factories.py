"""Plain functions that make objects for tests."""

from dataclasses import dataclass
from itertools import count

from fakes.hashing import quick_hasher
from kit.audit.service import AuditLog
from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Database, Session
from kit.events import Event, EventBus, Listeners
from kit.jobs.queue import JobQueue, LocalDoorbell
from kit.live import LiveSignal
from tickets.books.service import BookService
from tickets.erasing.service import ErasureService
from tickets.forms.overview import FormOverview
from tickets.forms.service import FormService
from tickets.lists.service import ListService
from tickets.merging.finding import DuplicateFinder
from tickets.merging.follow_ups import FollowUps
from tickets.merging.service import MergeService
from tickets.schemas import Field, IncomingMessage, Prediction, Ticket, TicketDraft
from tickets.service import (
    ROUTING,
    AftercareService,
    CaseService,
    ConversationService,
    DeskRules,
    Doer,
    Ledger,
    Part,
    SlaService,
    StaffService,
    TicketService,
    WorkService,
)
from tickets.words import CaseId, ConversationId, FieldName, FieldState, Priority, Verdict, Zone

_numbers = count(1)

RULES = DeskRules(
    lines=frozenset({"washer", "aircon"}),
    labels=frozenset({("quality", "malfunction", "no_power"), ("logistics", "late", "chase")}),
)
ROUTES = {
    "rules": [
        {"label": ["quality"], "group": "repair"},
        {"label": ["quality"], "line": "aircon", "group": "aircon_repair"},
        {"label": ["logistics"], "group": "logistics"},
    ]
}


class RecordingBus:
    """Remembers what was published; stands in for the event bus where only the facts matter."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(self, session: Session, event: Event) -> None:
        self.events.append(event)


@dataclass(frozen=True)
class Store:
    """The ticket store on a real database."""

    database: Database
    clock: Clock
    bus: RecordingBus
    live: LiveSignal
    vault: Vault
    conversations: ConversationService
    cases: CaseService
    tickets: TicketService
    work: WorkService
    aftercare: AftercareService
    staff: StaffService
    books: BookService
    merging: MergeService
    follow_ups: FollowUps
    duplicates: DuplicateFinder
    erasing: ErasureService
    forms: FormService
    form_overview: FormOverview
    sla: SlaService
    ledger: Ledger


def make_store(database: Database, clock: Clock, rules: DeskRules = RULES) -> Store:
    bus, live, vault = RecordingBus(), LiveSignal(), Vault(b"k" * 32)
    with database.transaction() as session:
        staff = StaffService(clock, quick_hasher())
        for group in ("triage", "repair", "aircon_repair", "logistics"):
            staff.save_group(session, group, group, group)
    books = BookService(clock, AuditLog(vault, clock), bus)
    with database.transaction() as session:
        books.plant(session, ROUTING, ROUTES)
    bus.events.clear()
    ledger = Ledger(vault, clock, bus, live, rules, books=books)
    work = WorkService(ledger)
    conversations = ConversationService(vault, clock, bus, live, max_message_chars=8000)
    merging, follow_ups = MergeService(ledger, conversations), FollowUps(ledger)
    return Store(
        database=database,
        clock=clock,
        bus=bus,
        live=live,
        vault=vault,
        conversations=conversations,
        cases=CaseService(clock),
        tickets=TicketService(ledger),
        work=work,
        aftercare=AftercareService(ledger, work, conversations, merging),
        staff=staff,
        books=books,
        merging=merging,
        follow_ups=follow_ups,
        duplicates=DuplicateFinder(ledger, merging, follow_ups),
        erasing=ErasureService(vault, clock, AuditLog(vault, clock), ListService(vault, clock).forget_customer),
        forms=FormService(ledger),
        form_overview=FormOverview(ledger),
        sla=SlaService(ledger, work),
        ledger=ledger,
    )


def agent(name: str = "wang") -> Doer:
    return Doer(name, Part.AGENT)


def lead(name: str = "gao") -> Doer:
    return Doer(name, Part.LEAD)


def make_queue(clock: Clock, listeners: Listeners | None = None) -> tuple[JobQueue, LocalDoorbell, EventBus]:
    doorbell = LocalDoorbell()
    queue = JobQueue(clock, doorbell)
    return queue, doorbell, EventBus(queue, listeners or {})


def open_conversation(store: Store, session: Session, name: str = "张三", *, user: str = "") -> ConversationId:
    user = user or f"visitor-{next(_numbers)}"
    conversation_id, _ = store.conversations.open(
        session, channel="web", account="default", external_user=user, name=name, lang="zh"
    )
    return conversation_id


def incoming(text: str = "洗衣机不转了", external_id: str | None = None) -> IncomingMessage:
    return IncomingMessage(external_id=external_id or f"m-{next(_numbers)}", text=text)


def make_field(name: FieldName = FieldName.ORDER_NO, normal: str = "LT20261103004821") -> Field:
    return Field(name, normal, normal, Verdict.VALID, 0.99, FieldState.CONFIRMED, ())


def make_draft(
    conversation_id: ConversationId,
    case_id: CaseId,
    priority: Priority | None = None,
    *,
    fields: tuple[Field, ...] | None = None,
) -> TicketDraft:
    known = (make_field(),) if fields is None else fields
    return TicketDraft(case_id, conversation_id, "不脱水", "洗衣机不脱水", known, priority)


def make_ticket(store: Store, session: Session, priority: Priority | None = None) -> Ticket:
    conversation_id = open_conversation(store, session)
    store.conversations.receive(session, conversation_id, incoming())
    case = store.cases.current(session, conversation_id, first_seq=1)
    return store.tickets.file(session, make_draft(conversation_id, case.id, priority), "customer")


def make_prediction(
    label: tuple[str, ...] = ("quality", "malfunction", "no_power"), zone: Zone = Zone.AUTO
) -> Prediction:
    return Prediction(label, 0.97, ((("logistics", "late", "chase"), 0.02),), zone, "test-head", "because")
