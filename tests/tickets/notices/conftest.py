"""Notices on a real database and a real queue, with carriers that remember what they were given."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from factories import RULES, Store, make_queue, make_ticket
from fakes.carrier import FakeCarrier
from kit.jobs.queue import JobQueue
from kit.jobs.runner import Runner
from kit.jobs.schemas import Delivery, Effect, Lease
from kit.live import LiveSignal
from kit.settings import JobSettings
from tickets.ledger import Ledger
from tickets.models import TimelineRow, UserRow
from tickets.notices.book import NOTICES
from tickets.notices.delivery import DeliveryService
from tickets.notices.facts import Reporter
from tickets.notices.inbox import InboxService
from tickets.notices.links import Links
from tickets.notices.places import PlaceService
from tickets.notices.schemas import SEND, Channel, InboxLine, Notice, NoticeState
from tickets.notices.service import NoticeService
from tickets.schemas import Ticket
from tickets.words import StaffRole

PEOPLE = (
    ("wang", "王工", StaffRole.AGENT, "repair", ("*",)),
    ("li", "李工", StaffRole.AGENT, "repair", ("*",)),
    ("gao", "高远", StaffRole.LEAD, "repair", ("*",)),
    ("qian", "钱多", StaffRole.LEAD, "logistics", ("*",)),
    ("root", "管理员", StaffRole.ADMIN, None, ("*",)),
)


@dataclass
class Office:
    """Everything notices are made of."""

    store: Store
    clock: Any
    queue: JobQueue
    told: NoticeService
    delivery: DeliveryService
    inbox: InboxService
    places: PlaceService
    links: Links
    carrier: FakeCarrier
    runner: Runner

    def ticket(self, **over: Any) -> Ticket:
        with self.store.database.transaction() as session:
            return make_ticket(self.store, session, **over)

    def do(self, what: Any) -> Any:
        with self.store.database.transaction() as session:
            return what(session)

    def tell_all(self, ticket: Ticket) -> None:
        """Tell of every entry of a ticket's timeline, as the pipeline's jobs would."""
        with self.store.database.transaction() as session:
            entries = select(TimelineRow.id).where(TimelineRow.ticket_id == ticket.summary.id).order_by(TimelineRow.id)
            for entry_id in session.scalars(entries).all():
                self.told.tell(session, entry_id)

    def save(self, **changes: Any) -> None:
        """Write a new edition of the book, changed in these places."""
        with self.store.database.transaction() as session:
            edition = self.store.books.current(session, NOTICES)
            raw = {**edition.body.model_dump(mode="json"), **changes}
            self.store.books.save(session, NOTICES, raw, base_version=edition.version, actor="gao")

    def lines(self, username: str) -> list[InboxLine]:
        with self.store.database.reading() as session:
            return self.inbox.lines(session, username, 50)

    def sent(self) -> list[Notice]:
        with self.store.database.reading() as session:
            return self.delivery.page(session, set(NoticeState), 50)

    def run(self) -> None:
        while self.runner.run_one():
            pass

    def later(self, **by: float) -> None:
        self.clock.instant += timedelta(**by)
        self.run()


@pytest.fixture
def office(store: Store, clock: Any) -> Iterator[Office]:
    queue, doorbell, _ = make_queue(clock)
    live = LiveSignal()
    ledger = Ledger(store.vault, clock, store.bus, live, RULES, books=store.books)
    links, carrier = Links(store.vault, "https://s.example"), FakeCarrier()
    reporter = Reporter(ledger, store.staff, links)
    told = NoticeService(
        reporter,
        store.staff,
        books=store.books,
        conversations=store.conversations,
        queue=queue,
        clock=clock,
        live=live,
    )
    delivery = DeliveryService(store.vault, clock, queue, dict.fromkeys(Channel, carrier))

    def prepare(lease: Lease) -> Any:
        with store.database.reading() as session:
            parcel = delivery.load(session, lease.subject_id)

        def send() -> Effect:
            outcome = delivery.send(parcel)
            return lambda session: delivery.record(session, lease.subject_id, outcome)

        return send

    with store.database.transaction() as session:
        for username, name, role, group, lines in PEOPLE:
            session.add(UserRow(username=username, name=name, role=role, group_id=group, lines=list(lines)))
    runner = Runner(store.database, clock, doorbell, {SEND: Delivery(prepare, deduplicates=False)}, JobSettings())
    yield Office(
        store=store,
        clock=clock,
        queue=queue,
        told=told,
        delivery=delivery,
        inbox=InboxService(store.vault, clock),
        places=PlaceService(store.vault, clock, {"127.0.0.1"}),
        links=links,
        carrier=carrier,
        runner=runner,
    )
    runner.close()
