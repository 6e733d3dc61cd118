"""Entries and amendments on both databases."""

from dataclasses import replace

import pytest

from factories import Store, make_field, make_ticket
from kit.crypto import PersonKey
from tickets.amending import AmendService
from tickets.entries.priorities import TABLE, PriorityScheme, priority_of
from tickets.entries.schemas import Entry
from tickets.entries.service import EntryService
from tickets.errors import ReasonMissing, TitleEmpty
from tickets.events import MessageReceived, TicketClassified, TicketFiled, TicketReworded
from tickets.ledger import Ledger
from tickets.lifecycle.errors import TicketArchived
from tickets.models import TicketRow
from tickets.people.errors import GroupNotFound
from tickets.words import CaseStatus, FieldName, Handler, Priority, Verdict

ENTRY = Entry(
    source="crm",
    reference="C-77",
    customer_ref="c_1",
    customer_name="张三",
    channel="phone",
    title="冰箱不制冷",
    description="冷藏室不制冷",
    label=("quality", "malfunction", "no_power"),
    priority=Priority.P2,
    facts=(make_field(),),
    region="华东",
    links=("https://cdn.example.com/a.jpg",),
)


@pytest.fixture
def entries(store: Store) -> EntryService:
    return EntryService(_ledger(store), store.conversations, store.cases, store.tickets)


@pytest.fixture
def amend(store: Store) -> AmendService:
    return AmendService(_ledger(store))


def _ledger(store: Store) -> Ledger:
    return store.tickets._ledger


def test_an_entry_is_a_ticket_like_any_other(store: Store, entries: EntryService) -> None:
    """TC-18: customer, conversation and case are there, and people have it in hand."""
    with store.database.transaction() as session:
        ticket, created = entries.file(session, ENTRY, "erp")
    with store.database.reading() as session:
        talk = store.conversations.get(session, ticket.summary.conversation_id)
        (message,) = store.conversations.messages(session, talk.id)
        (case,) = store.cases.of_conversation(session, talk.id)
        notes = entries.notes(session, ticket)

    assert created
    assert (ticket.summary.channel, ticket.summary.label, ticket.label_source) == ("phone", ENTRY.label, "person")
    assert (talk.channel, talk.handler, talk.customer_name) == ("api", Handler.AGENT, "张三")
    assert talk.understood_seq == talk.customer_seq == message.seq
    assert (message.raw, case.status) == ("冷藏室不制冷", CaseStatus.FILED)
    assert (notes.reference, notes.customer_ref, notes.region, notes.links) == ("C-77", "c_1", "华东", ENTRY.links)
    kinds = [type(event) for event in store.bus.events]
    assert TicketFiled in kinds
    assert TicketClassified in kinds
    assert MessageReceived not in kinds  # nobody answers what was said elsewhere


def test_a_reference_is_filed_once(store: Store, entries: EntryService) -> None:
    with store.database.transaction() as session:
        first, _ = entries.file(session, ENTRY, "erp")
    with store.database.transaction() as session:
        again, created = entries.file(session, replace(ENTRY, title="别的"), "erp")
        other, _ = entries.file(session, replace(ENTRY, source="erp"), "erp")

    assert (again.summary.number, created) == (first.summary.number, False)
    assert other.summary.number != first.summary.number


def test_a_name_is_filled_in_later_and_never_replaced(store: Store, entries: EntryService) -> None:
    names = []
    for reference, name in (("1", ""), ("2", "李四"), ("3", "王五")):
        with store.database.transaction() as session:
            ticket, _ = entries.file(session, replace(ENTRY, reference=reference, customer_name=name), "erp")
            names.append(entries.customer(session, ticket.customer_id, personal=True).name)

    assert names == ["", "李四", "李四"]


def test_an_erased_customers_ticket_stays_without_a_name(store: Store, entries: EntryService) -> None:
    with store.database.transaction() as session:
        ticket, _ = entries.file(session, ENTRY, "erp")
        session.delete(session.get_one(PersonKey, ticket.customer_id))

    with store.database.reading() as session:
        assert entries.customer(session, ticket.customer_id, personal=True).name == ""


def test_the_priority_moves_the_clocks_and_keeps_the_reason(store: Store, amend: AmendService) -> None:
    with store.database.transaction() as session:
        ticket = make_ticket(store, session, Priority.P4)
        amend.set_priority(session, ticket.summary.id, Priority.P1, "gao", reason=" 有财产风险 ")
        after = store.tickets.get(session, ticket.summary.id)

    assert after.summary.first_response_due_at < ticket.summary.first_response_due_at
    (entry,) = [entry for entry in after.timeline if entry.kind == "priority_set"]
    assert (entry.data["reason"], entry.changes) == ("有财产风险", {"priority": ("P4", "P1")})


def test_what_changes_nothing_is_no_entry_of_the_timeline(store: Store, amend: AmendService) -> None:
    with store.database.transaction() as session:
        ticket = make_ticket(store, session, Priority.P2)
        before = len(store.tickets.get(session, ticket.summary.id).timeline)
        amend.set_priority(session, ticket.summary.id, Priority.P2, "gao", reason="x")
        amend.set_title(session, ticket.summary.id, ticket.summary.title, "gao")

        assert len(store.tickets.get(session, ticket.summary.id).timeline) == before


def test_facts_are_corrected_and_the_search_is_told(store: Store, amend: AmendService) -> None:
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        amend.set_facts(session, ticket.summary.id, [(FieldName.MODEL, "WX75G", Verdict.VALID)], "gao")
        fact = store.tickets.get(session, ticket.summary.id).field(FieldName.MODEL)

    assert (fact.normal, fact.state, fact.confirmed_by) == ("WX75G", "corrected", "gao")
    assert [type(e) for e in store.bus.events][-1] is TicketReworded


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda a, s, t: a.set_title(s, t, " \n", "gao"), TitleEmpty),
        (lambda a, s, t: a.set_priority(s, t, Priority.P1, "gao", reason=" "), ReasonMissing),
        (lambda a, s, t: a.set_group(s, t, "repair", "gao", reason=""), ReasonMissing),
        (lambda a, s, t: a.set_group(s, t, "nowhere", "gao", reason="x"), GroupNotFound),
    ],
)
def test_what_lacks_something_is_refused(store: Store, amend: AmendService, act, error: type[Exception]) -> None:
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        with pytest.raises(error):
            act(amend, session, ticket.summary.id)


@pytest.mark.parametrize(
    "act",
    [
        lambda a, s, t: a.set_title(s, t, "x", "gao"),
        lambda a, s, t: a.set_priority(s, t, Priority.P1, "gao", reason="x"),
        lambda a, s, t: a.set_group(s, t, "repair", "gao", reason="x"),
        lambda a, s, t: a.set_facts(s, t, [(FieldName.MODEL, "X", Verdict.VALID)], "gao"),
    ],
)
def test_a_closed_ticket_is_not_amended(store: Store, amend: AmendService, act) -> None:
    """LC-06."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        session.get_one(TicketRow, ticket.summary.id).status = "closed"
        with pytest.raises(TicketArchived):
            act(amend, session, ticket.summary.id)


def test_every_scheme_names_every_rank() -> None:
    """Where the sources disagree, 1: P0 and P1 of one scheme are no names of the other's ranks."""
    assert all(set(names.values()) == set(Priority) for names in TABLE.values())
    assert priority_of("P0") is None
    assert priority_of("P4", PriorityScheme.P0_P3) is None
