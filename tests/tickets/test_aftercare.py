"""What time does to tickets, with the clock in the test's hand."""

from datetime import timedelta
from typing import Any

import pytest

from factories import Store, agent, incoming, make_ticket
from kit.db import Session
from tickets.errors import TicketNotFound
from tickets.lifecycle.errors import GuardRefused
from tickets.lifecycle.schemas import Given, Patience, TicketAction
from tickets.schemas import Message, Ticket
from tickets.words import CloseKind, Role, StaffRole, TicketStatus

P = Patience()
NEARLY = timedelta(minutes=1)


@pytest.fixture
def ticket(store: Store) -> Ticket:
    with store.database.transaction() as session:
        store.staff.save(
            session, username="wang", name="王", role=StaffRole.AGENT, group_id="repair", password="a long password"
        )
        made = make_ticket(store, session)
        store.work.note_reply(session, made.summary.id, agent())
    return made


def _look(store: Store) -> int:
    """Do what is due, as the routine does; return how many tickets that were."""
    with store.database.reading() as session:
        due = store.aftercare.due(session)
    for ticket_id, _ in due:
        with store.database.transaction() as session:
            store.aftercare.attend(session, ticket_id)
            store.aftercare.attend(session, ticket_id)  # a job that runs twice does it once
    return len(due)


def _after(store: Store, clock: Any, length: timedelta) -> int:
    clock.instant += length
    return _look(store)


def _said(store: Store, session: Session, ticket: Ticket) -> list[Message]:
    talk = store.conversations.messages(session, ticket.summary.conversation_id)
    return [m for m in talk if m.role is Role.BOT]


def _now(store: Store, ticket: Ticket) -> Ticket:
    with store.database.reading() as session:
        return store.tickets.get(session, ticket.summary.id)


def _resolve(store: Store, ticket: Ticket) -> None:
    with store.database.transaction() as session:
        store.work.resolve(session, ticket.summary.id, agent(), "换了排水泵")
        store.aftercare.invite(session, ticket.summary.id)
        store.aftercare.invite(session, ticket.summary.id)


def test_a_silent_customer_is_reminded_and_at_last_the_ticket_closes(store: Store, ticket: Ticket, clock: Any) -> None:
    """LC-05, LC-08, LC-09, AR-07."""
    with store.database.transaction() as session:
        store.work.note_reply(session, ticket.summary.id, agent(), asks=True)

    assert _after(store, clock, P.remind_after - NEARLY) == 0
    assert _after(store, clock, NEARLY) == 1
    assert _look(store) == 0
    assert _after(store, clock, P.remind_after) == 1
    assert _after(store, clock, P.remind_after) == 0  # as often as the settings say, no oftener
    assert _now(store, ticket).summary.status is TicketStatus.WAITING_CUSTOMER
    assert _after(store, clock, P.silence_closes_after) == 1

    closed = _now(store, ticket)
    assert (closed.summary.status, closed.course.close_kind) == (TicketStatus.CLOSED, CloseKind.AUTOMATIC)
    assert [e.data["count"] for e in closed.timeline if e.kind == "reminded"] == [1, 2]
    assert closed.timeline[-1].actor == "system:aftercare"
    with store.database.reading() as session:
        assert [m.data["kind"] for m in _said(store, session, ticket)] == ["remind", "remind", "expired"]
        assert store.conversations.get(session, ticket.summary.conversation_id).ended_at is not None
    assert _after(store, clock, timedelta(days=400)) == 0


def test_an_answer_ends_the_waiting_and_a_new_question_begins_it_anew(store: Store, ticket: Ticket, clock: Any) -> None:
    """LC-05."""
    with store.database.transaction() as session:
        store.work.note_reply(session, ticket.summary.id, agent(), asks=True)
    _after(store, clock, P.remind_after)
    with store.database.transaction() as session:
        store.conversations.receive(session, ticket.summary.conversation_id, incoming("发票在这里"))
        store.work.customer_wrote(session, ticket.summary.conversation_id)
        store.work.note_reply(session, ticket.summary.id, agent(), asks=True)

    assert _after(store, clock, P.remind_after - NEARLY) == 0
    assert _after(store, clock, NEARLY) == 1
    with store.database.reading() as session:
        assert len(_said(store, session, ticket)) == 2


def test_a_long_case_does_not_leave_the_customer_without_a_word(store: Store, ticket: Ticket, clock: Any) -> None:
    """LC-19: told where it stands, unless somebody wrote meanwhile."""
    clock.instant += P.progress_every - NEARLY
    with store.database.transaction() as session:
        store.work.note_reply(session, ticket.summary.id, agent())
        store.work.take(session, ticket.summary.id, TicketAction.HOLD, agent(), Given(reason="等厂家"))
    assert _after(store, clock, NEARLY) == 0

    assert _after(store, clock, P.progress_every) == 1

    with store.database.reading() as session:
        [told] = _said(store, session, ticket)
    assert "等待第三方" in told.raw
    assert f"T-{ticket.summary.number}" in told.raw
    assert _now(store, ticket).timeline[-1].kind == "progress_told"
    assert _after(store, clock, P.progress_every) == 1


def test_a_solved_case_asks_the_customer_once_and_closes_when_they_say_so(store: Store, ticket: Ticket) -> None:
    """LC-06, LC-08, LC-13."""
    _resolve(store, ticket)
    with store.database.transaction() as session:
        closed = store.aftercare.verify(
            session, ticket.summary.conversation_id, ticket.summary.number, solved=True, reason=""
        )
        said = [m.data["kind"] for m in _said(store, session, ticket)]

    assert closed.course.close_kind is CloseKind.USER_CONFIRMED
    assert said == ["verify", "confirmed"]


def test_a_customer_who_says_no_has_their_ticket_open_again(store: Store, ticket: Ticket) -> None:
    """LC-06, LC-13: with their own words as the reason; solved again, they are asked again."""
    _resolve(store, ticket)
    conversation_id, number = ticket.summary.conversation_id, ticket.summary.number
    with store.database.transaction() as session:
        reopened = store.aftercare.verify(session, conversation_id, number, solved=False, reason="还是漏水")
    _resolve(store, ticket)

    assert reopened.summary.status is TicketStatus.REOPENED
    assert reopened.timeline[-1].data["reason"] == "还是漏水"
    with store.database.reading() as session:
        assert [m.data["kind"] for m in _said(store, session, ticket)] == ["verify", "reopened", "verify"]


def test_nobody_answers_and_it_closes_by_itself(store: Store, ticket: Ticket, clock: Any) -> None:
    """LC-06, LC-09: and after the window the customer's no is refused with a way on."""
    _resolve(store, ticket)
    assert _after(store, clock, P.confirm_window - NEARLY) == 0
    clock.instant += NEARLY
    with store.database.transaction() as session, pytest.raises(GuardRefused, match="linked new ticket"):
        store.aftercare.verify(
            session, ticket.summary.conversation_id, ticket.summary.number, solved=False, reason="还是漏水"
        )

    assert _look(store) == 1
    assert _now(store, ticket).course.close_kind is CloseKind.AUTOMATIC


def test_only_the_customer_of_the_ticket_can_confirm_it(store: Store, ticket: Ticket) -> None:
    _resolve(store, ticket)
    with store.database.transaction() as session:
        stranger = make_ticket(store, session).summary.conversation_id
        with pytest.raises(TicketNotFound):
            store.aftercare.verify(session, stranger, ticket.summary.number, solved=True, reason="")


def test_words_come_in_the_customer_s_language(store: Store, ticket: Ticket) -> None:
    with store.database.transaction() as session:
        store.conversations.set_language(session, ticket.summary.conversation_id, "en")
    _resolve(store, ticket)

    with store.database.reading() as session:
        [asked] = _said(store, session, ticket)
    assert asked.raw.startswith(f"Ticket T-{ticket.summary.number} has been dealt with")
    assert "3 days" in asked.raw
