"""Who sees which ticket, on both databases: lists, single tickets and conversations obey the same condition."""

from dataclasses import dataclass

import pytest

from factories import Store, agent, make_prediction, make_ticket
from kit.db import Session
from tickets.errors import ConversationNotFound, TicketNotFound
from tickets.lists.schemas import ListQuery
from tickets.lists.service import ListService
from tickets.schemas import StaffMember
from tickets.seeing import SeenTickets
from tickets.words import StaffRole, Zone

R = StaffRole
WASHER, AIRCON = ("washer",), ("aircon", "fridge")


@dataclass(frozen=True)
class Made:
    """The tickets of the story by name → number, and their conversations."""

    numbers: dict[str, int]
    conversations: dict[str, str]


def _member(role: StaffRole, username: str = "li", group: str | None = None, lines=("*",)) -> StaffMember:
    return StaffMember(username, "李", role, group, lines)


MEMBERS = {
    "agent of repair": _member(R.AGENT, group="repair"),
    "agent of repair, washers": _member(R.AGENT, group="repair", lines=WASHER),
    "agent of repair, other lines": _member(R.AGENT, group="repair", lines=AIRCON),
    "agent without a group": _member(R.AGENT),
    "wang, of logistics": _member(R.AGENT, "wang", "logistics"),
    "agent of triage": _member(R.AGENT, group="triage"),
    "qa": _member(R.QA, group="triage", lines=WASHER),
    "lead": _member(R.LEAD, group="triage"),
    "lead of other lines": _member(R.LEAD, group="triage", lines=AIRCON),
    "outlet": _member(R.OUTLET, group="repair"),
    "outlet wang": _member(R.OUTLET, "wang"),
    "warehouse of repair": _member(R.WAREHOUSE, group="repair"),
    "finance of other lines": _member(R.FINANCE, lines=AIRCON),
    "admin": _member(R.ADMIN, lines=AIRCON),
}
ALL = {"new", "repair washer", "repair unknown", "logistics", "triage", "triage wang", "repair wang"}
TABLE = {
    "agent of repair": {"new", "triage", "repair washer", "repair unknown", "repair wang"},
    "agent of repair, washers": {"new", "triage", "repair washer", "repair unknown", "repair wang"},
    "agent of repair, other lines": {"new", "triage", "repair unknown"},
    "agent without a group": {"new", "triage"},
    "wang, of logistics": {"new", "triage", "logistics", "triage wang", "repair wang"},
    "agent of triage": {"new", "triage", "triage wang"},
    "qa": ALL,
    "lead": ALL,
    "lead of other lines": {"new", "triage", "triage wang", "repair unknown"},
    "outlet": set(),
    "outlet wang": {"triage wang", "repair wang"},
    "warehouse of repair": {"new", "triage", "repair washer", "repair unknown", "repair wang"},
    "finance of other lines": {"new", "triage", "triage wang", "repair unknown"},
    "admin": ALL,
}


def _make(store: Store, session: Session) -> Made:
    store.staff.save(session, username="wang", name="王", role=R.AGENT, group_id="logistics", password="right horse")
    made = {}
    for name in sorted(ALL):
        ticket = made[name] = make_ticket(store, session)
        if name == "new":
            continue
        group = name.split()[0]
        label = ("logistics", "late", "chase") if group == "logistics" else ("quality", "malfunction", "no_power")
        zone = Zone.HUMAN if group == "triage" else Zone.AUTO
        store.tickets.record_prediction(session, ticket.summary.id, make_prediction(label, zone))
        line = None if name in {"repair unknown", "triage", "triage wang"} else "washer"
        store.tickets.route(session, ticket.summary.id, line=line, urgent=False)
        if name.endswith("wang"):
            store.work.assign(session, ticket.summary.id, "wang", agent())
    return Made(
        {name: t.summary.number for name, t in made.items()},
        {name: t.summary.conversation_id for name, t in made.items()},
    )


def test_each_sees_the_own_part_in_lists_single_tickets_and_talks(store: Store) -> None:
    """SE-03, the whole table at once; the three ways to a ticket agree."""
    seen, lists = SeenTickets(store.vault), ListService(store.vault, store.clock)
    with store.database.transaction() as session:
        made = _make(store, session)
        names = {number: name for name, number in made.numbers.items()}
        ids = {conversation: name for name, conversation in made.conversations.items()}

        listed, opened, talks = {}, {}, {}
        for who, member in MEMBERS.items():
            page = lists.page(session, ListQuery(limit=100, visible_to=member.sight()))
            listed[who] = {names[line.ticket.number] for line in page.lines}
            opened[who] = {name for name, number in made.numbers.items() if _opens(seen, session, member, number)}
            talks[who] = {ids[found] for found in seen.conversations(session, member, list(ids))}

    assert listed == TABLE
    assert opened == TABLE
    assert talks == TABLE


def test_a_list_without_a_sight_is_the_houses_own(store: Store) -> None:
    with store.database.transaction() as session:
        _make(store, session)

        assert len(ListService(store.vault, store.clock).page(session, ListQuery(limit=100)).lines) == len(ALL)


def test_what_is_out_of_sight_is_not_found(store: Store) -> None:
    """SE-03: the same error as for what does not exist."""
    seen, member = SeenTickets(store.vault), MEMBERS["agent of triage"]
    with store.database.transaction() as session:
        made = _make(store, session)
        ticket = store.tickets.by_number(session, made.numbers["logistics"])

        with pytest.raises(TicketNotFound):
            seen.by_number(session, member, ticket.summary.number)
        with pytest.raises(TicketNotFound):
            seen.check(session, member, ticket.summary.id)
        with pytest.raises(ConversationNotFound):
            seen.check_conversation(session, member, ticket.summary.conversation_id)
        with pytest.raises(ConversationNotFound):
            seen.check_conversation(session, member, "no such conversation")


def _opens(seen: SeenTickets, session: Session, member: StaffMember, number: int) -> bool:
    try:
        return seen.by_number(session, member, number).summary.number == number
    except TicketNotFound:
        return False
