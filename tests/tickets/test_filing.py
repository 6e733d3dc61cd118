from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from factories import (
    Store,
    agent,
    incoming,
    make_draft,
    make_prediction,
    make_ticket,
    open_conversation,
)
from kit.db import Database
from tickets.errors import TicketChanged, TicketNotFound, UnknownLabel
from tickets.events import TicketClassified, TicketFiled, TicketRouted, TicketUpdated
from tickets.lifecycle.errors import TransitionRefused
from tickets.models import TicketRow
from tickets.words import FieldName, FieldState, Priority, TicketStatus, Zone


def test_a_case_filed_twice_is_one_ticket(store: Store) -> None:
    """TC-01: law three, at most one open ticket a case."""
    with store.database.transaction() as session:
        conversation_id = open_conversation(store, session)
        case = store.cases.current(session, conversation_id, first_seq=1)
        first = store.tickets.file(session, make_draft(conversation_id, case.id), "customer")
        second = store.tickets.file(session, make_draft(conversation_id, case.id), "customer")

    assert first.summary.id == second.summary.id
    assert [type(e) for e in store.bus.events].count(TicketFiled) == 1


def test_the_database_itself_refuses_a_second_open_ticket(store: Store) -> None:
    with pytest.raises(IntegrityError), store.database.transaction() as session:  # noqa: PT012 - the unit is the subject
        ticket = make_ticket(store, session)
        row = session.get_one(TicketRow, ticket.summary.id)
        copy = {c.key: getattr(row, c.key) for c in TicketRow.__table__.columns if c.key not in {"id", "number"}}
        session.add(TicketRow(id="copy", number=9999, **copy))
        session.flush()


def test_filings_at_once_get_a_number_each(store: Store) -> None:
    """P2: on PostgreSQL the next number used to be read by both, and one customer saw an error."""

    def file(_: int) -> int:
        with store.database.transaction() as session:
            return make_ticket(store, session).summary.number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(file, range(40)))

    assert sorted(numbers) == list(range(min(numbers), min(numbers) + 40))


def test_a_field_keeps_value_evidence_and_who_confirmed_it(store: Store) -> None:
    """TC-07."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)

    field = ticket.field(FieldName.ORDER_NO)
    assert field is not None
    assert (field.normal, field.state, field.confirmed_by) == (
        "LT20261103004821",
        FieldState.CONFIRMED,
        "customer",
    )


def test_a_sure_label_is_written_and_routes(store: Store) -> None:
    """CL-03, RT-03."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        store.tickets.record_prediction(session, ticket.summary.id, make_prediction())
        store.tickets.route(session, ticket.summary.id, line="washer", urgent=False)
        ticket = store.tickets.get(session, ticket.summary.id)

    assert ticket.summary.label == ("quality", "malfunction", "no_power")
    assert (ticket.summary.group_id, ticket.summary.status) == ("repair", TicketStatus.TO_ASSIGN)
    published = [type(e) for e in store.bus.events]
    assert published[-4:] == [TicketUpdated, TicketClassified, TicketUpdated, TicketRouted]
    assert [e.kind for e in ticket.timeline] == ["filed", "classified", "routed"]


def test_the_timeline_says_what_each_step_changed(store: Store) -> None:
    """SE-09, WH-01: from and to, of what other systems follow."""
    with store.database.transaction() as session:
        store.staff.save(session, username="li", name="李", role="agent", group_id="repair", password="x")
        ticket = make_ticket(store, session)
        store.tickets.record_prediction(session, ticket.summary.id, make_prediction())
        store.tickets.route(session, ticket.summary.id, line="washer", urgent=True)
        store.work.note_reply(session, ticket.summary.id, agent("li"))
        store.work.note_reply(session, ticket.summary.id, agent("li"))
        ticket = store.tickets.get(session, ticket.summary.id)

    assert ticket.timeline[3].kind == "sla_escalated"  # P1 waits for no timeout
    steps = [e for e in ticket.timeline if e.kind != "sla_escalated"]
    filed, classified, routed, replied, again = (dict(e.changes) for e in steps)
    assert filed == again == {}
    assert classified == {"label": ([], ["quality", "malfunction", "no_power"])}
    assert routed == {"status": ("new", "to_assign"), "priority": ("P3", "P1"), "group_id": (None, "repair")}
    assert replied == {"status": ("to_assign", "in_progress"), "assignee": (None, "li")}


@pytest.mark.parametrize("zone", [Zone.SUGGEST, Zone.HUMAN])
def test_an_unsure_label_is_kept_but_not_written(store: Store, zone: Zone) -> None:
    """CL-04, RT-15: a suggestion waits for a person in triage."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        store.tickets.record_prediction(session, ticket.summary.id, make_prediction(zone=zone))
        store.tickets.route(session, ticket.summary.id, line="washer", urgent=False)
        ticket = store.tickets.get(session, ticket.summary.id)

    assert ticket.summary.label == ()
    assert ticket.prediction is not None
    assert ticket.prediction.label == ("quality", "malfunction", "no_power")
    assert ticket.summary.group_id == "triage"


def test_a_persons_label_wins_over_a_later_prediction(store: Store) -> None:
    """CL-18: the override is on record, and no model takes it back."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        store.tickets.set_label(session, ticket.summary.id, ("logistics", "late", "chase"), "wang")
        store.tickets.record_prediction(session, ticket.summary.id, make_prediction())
        store.tickets.route(session, ticket.summary.id, line=None, urgent=False)
        ticket = store.tickets.get(session, ticket.summary.id)

    assert ticket.summary.label == ("logistics", "late", "chase")
    assert ticket.summary.group_id == "logistics"
    assert "label_set" in [e.kind for e in ticket.timeline]


@pytest.mark.parametrize("label", [("made_up",), ("quality", "made_up"), ("quality", "late", "chase")])
def test_a_label_outside_the_taxonomy_cannot_be_written(store: Store, label: tuple[str, ...]) -> None:
    """CL-06."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)

        with pytest.raises(UnknownLabel):
            store.tickets.set_label(session, ticket.summary.id, label, "wang")
        with pytest.raises(UnknownLabel):
            store.tickets.record_prediction(session, ticket.summary.id, make_prediction(label))


def test_safety_wording_raises_the_priority_and_tightens_the_clocks(store: Store) -> None:
    """CL-15."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        store.tickets.route(session, ticket.summary.id, line=None, urgent=True)
        after = store.tickets.get(session, ticket.summary.id)

    assert after.summary.priority is Priority.P1
    assert after.summary.first_response_due_at == after.summary.created_at + timedelta(minutes=10)


def test_the_first_human_answer_stops_the_first_response_clock(store: Store) -> None:
    """SL-17: the bot's own answers do not."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        store.staff.save(session, username="wang", name="王", role="agent", group_id="repair", password="x")
        assert ticket.summary.first_responded_at is None
        store.work.note_reply(session, ticket.summary.id, agent("wang"))
        store.clock.instant += timedelta(hours=1)
        store.work.note_reply(session, ticket.summary.id, agent("wang"))
        after = store.tickets.get(session, ticket.summary.id)

    assert after.summary.first_responded_at == after.summary.created_at
    assert after.summary.status is TicketStatus.IN_PROGRESS


def test_resolving_twice_is_refused(store: Store) -> None:
    """A57."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        store.work.resolve(session, ticket.summary.id, agent("wang"), "换了排水泵")

        with pytest.raises(TransitionRefused):
            store.work.resolve(session, ticket.summary.id, agent("wang"), "换了排水泵")


def test_routing_a_ticket_that_is_already_solved_changes_nothing(store: Store) -> None:
    """A quick agent may be ahead of the classifier's job."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        store.work.resolve(session, ticket.summary.id, agent("wang"), "换了水泵")
        store.tickets.route(session, ticket.summary.id, line=None, urgent=False)

        assert store.tickets.get(session, ticket.summary.id).summary.status is TicketStatus.RESOLVED


def test_two_people_changing_a_ticket_at_once_do_not_overwrite_each_other(database: Database, store: Store) -> None:
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
    with database.reading() as other:
        row = other.get_one(TicketRow, ticket.summary.id)
        other.expunge(row)
    with store.database.transaction() as session:
        store.tickets.set_label(session, ticket.summary.id, ("logistics", "late", "chase"), "wang")

    with pytest.raises(TicketChanged), store.database.transaction() as session:  # noqa: PT012 - the unit is the subject
        session.add(row)
        store.tickets.set_label(session, ticket.summary.id, ("quality", "malfunction", "no_power"), "li")


def test_an_unknown_ticket_is_not_found(store: Store) -> None:
    with store.database.reading() as session, pytest.raises(TicketNotFound):
        store.tickets.by_number(session, 4711)


def test_a_waiting_ticket_goes_on_when_the_customer_writes(store: Store) -> None:
    """SL-08."""
    with store.database.transaction() as session:
        ticket = make_ticket(store, session)
        session.get_one(TicketRow, ticket.summary.id).status = TicketStatus.WAITING_CUSTOMER
        store.conversations.receive(session, ticket.summary.conversation_id, incoming("拍好了"))
        store.work.customer_wrote(session, ticket.summary.conversation_id)

        assert store.tickets.get(session, ticket.summary.id).summary.status is TicketStatus.IN_PROGRESS
