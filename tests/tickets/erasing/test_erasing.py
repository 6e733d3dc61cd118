"""A customer is erased: by two people, only when nobody works for them, and nothing of theirs stands anywhere."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, text

from factories import Store, agent, incoming, make_field, open_conversation
from kit.audit.schemas import AuditQuery
from kit.audit.sealing import Sealer
from kit.audit.service import AuditLog
from kit.db import Database, Session
from tickets.erasing.errors import (
    CustomerHasOpenTickets,
    ErasureApplied,
    ErasureDecided,
    ErasureNotFound,
    SecondPersonNeeded,
)
from tickets.erasing.schemas import ErasureGround, ErasureState
from tickets.lifecycle.schemas import Given, TicketAction
from tickets.schemas import IncomingFile, IncomingMessage, TicketDraft
from tickets.words import RecordKind

SECRET = "秘密漏水"  # stands in every place where a customer's words can come to stand
ORDER = "LT20261103004821"


def filed(store: Store, session: Session, *, closed: bool = True) -> tuple[str, str]:
    """File a ticket full of the customer's words; return its id and the customer's."""
    talk = open_conversation(store, session, SECRET, user=f"user-{SECRET}")
    file = IncomingFile(f"{SECRET}.png", "image/png", SECRET.encode())
    store.conversations.receive(session, talk, incoming(SECRET))
    store.conversations.receive(session, talk, IncomingMessage(f"x-{talk}", SECRET, (file,)))
    case = store.cases.current(session, talk, first_seq=1)
    ticket = store.tickets.file(session, TicketDraft(case.id, talk, SECRET, SECRET, (make_field(),)), "customer")
    store.work.write_down(session, ticket.summary.id, RecordKind.NOTE, SECRET, agent())
    if closed:
        store.work.take(session, ticket.summary.id, TicketAction.CANCEL, agent(), Given(reason=SECRET))
    return ticket.summary.id, ticket.customer_id


def everything(database: Database) -> str:
    """Return all that stands in the database in clear."""
    found = []
    with database.reading() as session:
        for table in inspect(session.connection()).get_table_names():
            found += [repr(tuple(row)) for row in session.execute(text(f'SELECT * FROM "{table}"'))]
    return "\n".join(found)


def test_nothing_of_the_customer_stands_anywhere_afterwards_and_the_chain_is_whole(
    store: Store, database: Database, clock
) -> None:
    """SE-05, SE-04, SE-09: both persons are in the audit; its seals still fit."""
    with store.database.transaction() as session:
        ticket_id, customer_id = filed(store, session)
    assert SECRET in everything(database)  # the title, a file's name, a reason: in clear until now
    sealer = Sealer(clock)
    clock.instant += timedelta(minutes=10)
    with store.database.transaction() as session:
        sealer.seal(session)

    with store.database.transaction() as session:
        erasure = store.erasing.apply(session, customer_id, ErasureGround.REQUEST, "wang")
        store.erasing.approve(session, erasure, "gao")

    assert SECRET not in everything(database)
    assert ORDER not in everything(database)
    with store.database.reading() as session:
        ticket = store.tickets.get(session, ticket_id)
        assert (ticket.description, ticket.summary.title, [f.normal for f in ticket.fields]) == ("", "", [""])
        assert {m.raw for m in store.conversations.messages(session, ticket.summary.conversation_id)} == {""}
        assert [r.text for r in store.work.records(session, ticket_id)] == [""]
        assert [e.kind for e in ticket.timeline] == ["filed", "recorded", "cancelled"]
        (done,) = store.erasing.applications(session)
        assert (done.state, done.applied_by, done.decided_by, done.customer) == (ErasureState.DONE, "wang", "gao", "")
        records = AuditLog(store.vault, clock).page(session, AuditQuery(subject_id=customer_id), 10)
        assert [(r.action, r.actor) for r in records] == [("erasure.done", "gao"), ("erasure.applied", "wang")]
        assert sealer.verify(session).broken is None


def test_what_is_still_written_about_an_erased_customer_is_kept_by_nobody(store: Store, database: Database) -> None:
    with store.database.transaction() as session:
        ticket_id, customer_id = filed(store, session)
        store.erasing.approve(session, store.erasing.apply(session, customer_id, ErasureGround.CONSENT, "wang"), "gao")
        talk = store.tickets.get(session, ticket_id).summary.conversation_id
        store.conversations.receive(session, talk, incoming("又来了"))
        assert store.conversations.messages(session, talk)[-1].raw == ""
        again = open_conversation(store, session, "张三", user=f"user-{SECRET}")
        assert store.conversations.get(session, again).customer_id != customer_id  # who comes back is somebody new
        assert store.conversations.get(session, again).customer_name == "张三"


def test_refusals(store: Store) -> None:
    """SE-04: who applied does not approve; nobody is erased while somebody works for them."""
    with store.database.transaction() as session:
        ticket_id, customer_id = filed(store, session, closed=False)
        erasure = store.erasing.apply(session, customer_id, ErasureGround.REQUEST, "wang")
        with pytest.raises(ErasureApplied):
            store.erasing.apply(session, customer_id, ErasureGround.REQUEST, "gao")
        with pytest.raises(SecondPersonNeeded):
            store.erasing.approve(session, erasure, "wang")
        with pytest.raises(CustomerHasOpenTickets, match="T-"):
            store.erasing.approve(session, erasure, "gao")
        assert store.tickets.get(session, ticket_id).description == SECRET
        with pytest.raises(ErasureNotFound):
            store.erasing.approve(session, "nobody", "gao")
        with pytest.raises(ErasureNotFound):
            store.erasing.apply(session, "nobody", ErasureGround.REQUEST, "gao")
        store.erasing.refuse(session, erasure, "gao")
        with pytest.raises(ErasureDecided):
            store.erasing.approve(session, erasure, "gao")
        assert store.erasing.apply(session, customer_id, ErasureGround.MISTAKE, "wang") != erasure


@pytest.mark.parametrize(("closed", "days", "keep", "erased"), [
    (True, 31, 30, 1), (True, 29, 30, 0), (False, 400, 30, 0), (True, 4000, 0, 0),
])  # fmt: skip
def test_after_the_time_of_keeping(store: Store, clock, *, closed: bool, days: int, keep: int, erased: int) -> None:
    """SE-11, SE-05: only where a time is set, only customers nobody works for."""
    with store.database.transaction() as session:
        _, customer_id = filed(store, session, closed=closed)
        clock.instant += timedelta(days=days)
        assert store.erasing.erase_old(session, timedelta(days=keep)) == erased
        assert store.erasing.erase_old(session, timedelta(days=keep)) == 0
        assert store.erasing.is_erased(session, customer_id) == bool(erased)


def test_to_what_a_customer_agreed_is_kept_and_goes_with_them(store: Store, database: Database) -> None:
    """SE-11."""
    with store.database.transaction() as session:
        talk = open_conversation(store, session)
        customer_id = store.conversations.get(session, talk).customer_id
        for _ in range(2):
            store.erasing.note_consent(session, talk, customer_id, "2026-11")
        session.flush()
        kept = session.execute(text("SELECT edition FROM consents")).all()
        store.erasing.approve(session, store.erasing.apply(session, customer_id, ErasureGround.REQUEST, "wang"), "gao")
        assert session.execute(text("SELECT edition FROM consents")).all() == []
    assert kept == [("2026-11",)]
