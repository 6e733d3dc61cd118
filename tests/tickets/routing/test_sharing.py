"""Several departments on one ticket: who takes part sees it, sub-tasks are asked and answered (RT-12, RT-16)."""

from datetime import timedelta

import pytest

from factories import Store, agent, make_prediction, make_ticket
from kit.errors import JiedaiError
from tickets.errors import TicketNotFound
from tickets.events import StaffTold
from tickets.routing.errors import GroupHasTicket, SubTaskIncomplete, SubTaskNotYours, SubTaskOver
from tickets.routing.schemas import SubTaskState
from tickets.routing.sharing import NewSubTask, SharingService
from tickets.schemas import StaffMember, Ticket
from tickets.seeing import SeenTickets
from tickets.words import StaffRole

LO = StaffMember("lo", "洛", StaffRole.AGENT, "logistics")
OUT = StaffMember("out", "网点", StaffRole.OUTLET, None)


@pytest.fixture
def ticket(store: Store) -> Ticket:
    """A ticket of repair; lo of logistics and an outlet's out work here too."""
    with store.database.transaction() as session:
        for member in (LO, OUT):
            store.staff.save(
                session, username=member.username, name=member.name, role=member.role, group_id=member.group_id,
                password="x",
            )  # fmt: skip
        filed = make_ticket(store, session)
        store.tickets.record_prediction(session, filed.summary.id, make_prediction())
        store.tickets.route(session, filed.summary.id, line="washer", urgent=False)
        return store.tickets.get(session, filed.summary.id)


def _sees(store: Store, member: StaffMember, ticket: Ticket) -> bool:
    with store.database.reading() as session:
        try:
            SeenTickets(store.vault).by_number(session, member, ticket.summary.number)
        except TicketNotFound:
            return False
    return True


def _kinds(store: Store, ticket: Ticket) -> list[str]:
    with store.database.reading() as session:
        return [event.kind for event in store.tickets.get(session, ticket.summary.id).timeline]


def test_a_second_group_sees_the_ticket_while_it_takes_part(store: Store, ticket: Ticket) -> None:
    """RT-12."""
    sharing = SharingService(store.ledger)
    heard: list[str] = []
    assert not _sees(store, LO, ticket)

    listening = store.live.listening(ticket.summary.conversation_id, lambda: heard.append("now"))
    with listening, store.database.transaction() as session:
        sharing.share(session, ticket.summary.id, "logistics", agent("an"))
        for group in ("logistics", "repair"):
            with pytest.raises(GroupHasTicket):
                sharing.share(session, ticket.summary.id, group, agent("an"))
    assert heard
    assert _sees(store, LO, ticket)
    with store.database.transaction() as session:
        sharing.unshare(session, ticket.summary.id, "logistics", agent("an"))

    assert not _sees(store, LO, ticket)
    assert _kinds(store, ticket)[-2:] == ["shared", "unshared"]


@pytest.mark.parametrize(("member", "to"), [(LO, {"group_id": "logistics"}), (OUT, {"username": "out"})])
def test_who_is_asked_sees_the_ticket_and_answers(store: Store, ticket: Ticket, member, to) -> None:
    """RT-16, RT-09: ask, due time, owner, state and answer are on record; an outlet is dispatched the same way."""
    sharing, due = SharingService(store.ledger), store.clock.now() + timedelta(days=1)

    with store.database.transaction() as session:
        new = NewSubTask(" 请向承运商索赔 ", due, visit=member is OUT, **to)
        task_id = sharing.ask(session, ticket.summary.id, new, agent("an"))
    assert isinstance(store.bus.events[-1], StaffTold)
    assert _sees(store, member, ticket)
    with store.database.transaction() as session:
        ((number, asked),) = sharing.asked_of(session, member)
        sharing.answer(session, ticket.summary.id, task_id, member, "已赔付 80 元", done=True)
        with pytest.raises(SubTaskOver):
            sharing.answer(session, ticket.summary.id, task_id, member, "再来", done=True)
        (task,) = sharing.tasks(session, ticket.summary.id)
        assert sharing.asked_of(session, member) == []

    assert (number, asked.ask, asked.state) == (ticket.summary.number, "请向承运商索赔", SubTaskState.OPEN)
    assert (task.state, task.answer, task.done_by, task.due_at) == (
        SubTaskState.DONE,
        "已赔付 80 元",
        member.username,
        due,
    )
    assert _kinds(store, ticket)[-2:] == ["dispatched" if member is OUT else "task_asked", "task_done"]


def test_what_is_asked_of_others_is_not_mine_to_answer(store: Store, ticket: Ticket) -> None:
    sharing, due = SharingService(store.ledger), store.clock.now() + timedelta(days=1)
    with store.database.transaction() as session:
        task_id = sharing.ask(session, ticket.summary.id, NewSubTask("请看", due, username="lo"), agent("an"))

    with pytest.raises(SubTaskNotYours), store.database.transaction() as session:
        sharing.answer(session, ticket.summary.id, task_id, OUT, "看了", done=True)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"ask": "  ", "group_id": "logistics"}, "ask"),
        ({"ask": "请看"}, "to"),
        ({"ask": "请看", "group_id": "logistics", "username": "lo"}, "to"),
        ({"ask": "请看", "group_id": "logistics", "hours": -1}, "due_at"),
    ],
)
def test_a_sub_task_needs_a_clear_ask(store: Store, ticket: Ticket, asked, field: str) -> None:
    """RT-16."""
    due = store.clock.now() + timedelta(hours=asked.get("hours", 1))
    new = NewSubTask(due_at=due, **{name: value for name, value in asked.items() if name != "hours"})

    with pytest.raises(SubTaskIncomplete) as refused, store.database.transaction() as session:
        SharingService(store.ledger).ask(session, ticket.summary.id, new, agent("an"))

    assert refused.value.field == field
    assert _kinds(store, ticket)[-1] == "routed"


def test_the_words_are_sealed(store: Store, ticket: Ticket) -> None:
    """SE-05: an ask may hold what the customer said."""
    due = store.clock.now() + timedelta(days=1)
    with store.database.transaction() as session:
        new = NewSubTask("张三的电话 13900001111", due, group_id="logistics")
        SharingService(store.ledger).ask(session, ticket.summary.id, new, agent("an"))

    with store.database.reading() as session:
        timeline = store.tickets.get(session, ticket.summary.id).timeline
    assert "13900001111" not in str([event.data for event in timeline])
    assert issubclass(SubTaskOver, JiedaiError)
