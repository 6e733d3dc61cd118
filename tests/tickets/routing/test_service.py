"""RT-05 … RT-11 on both databases: rules to groups, strategies to people, the pool, waits."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from factories import ROUTES, Store, agent, lead, make_prediction, make_ticket
from kit.db import Session
from kit.errors import JiedaiError
from tickets.books.errors import BookInvalid
from tickets.errors import TicketChanged, TicketTaken
from tickets.events import StaffTold, TicketAssigned
from tickets.people.errors import GroupNotFound
from tickets.rights import DataScope, Sight
from tickets.routing.books import RoutingBook
from tickets.routing.errors import (
    AssigneeUnfit,
    AtCapacity,
    MentorUnfit,
    NewcomerProtected,
    NothingToTake,
    OffDuty,
    ReservedForOther,
    TransferNeedsTarget,
    TransferNeedsWords,
)
from tickets.routing.profiles import ProfileService
from tickets.routing.schemas import Facts, Skip, Standing
from tickets.routing.service import RoutingService
from tickets.routing.taking import TakingService
from tickets.routing.waiting import WaitingService
from tickets.schemas import Ticket
from tickets.words import Priority, StaffRole, TicketStatus

QUALITY = ("quality", "malfunction", "no_power")


class Room:
    """The services of routing on a store, with three agents in repair and one in logistics."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.routing = RoutingService(store.ledger)
        self.taking = TakingService(store.ledger)
        self.waiting = WaitingService(store.ledger, self.routing)
        self.book = RoutingBook(store.ledger)
        self.profiles = ProfileService(store.ledger)
        with store.database.transaction() as session:
            for username, group in (("an", "repair"), ("bo", "repair"), ("cy", "repair"), ("lo", "logistics")):
                store.staff.save(
                    session, username=username, name=username, role=StaffRole.AGENT, group_id=group, password="x"
                )

    def rules(self, **over: object) -> None:
        """Put the factory's rules with these changes in force."""
        with self.store.database.transaction() as session:
            version = self.book.current(session).version
            self.book.save(session, {**ROUTES, **over}, base_version=version, actor="gao")

    def group(self, **work: object) -> None:
        """Say how repair shares its work out."""
        self.rules(groups={"repair": work})

    def know(self, username: str, **known: object) -> None:
        """Write somebody's profile."""
        with self.store.database.transaction() as session:
            self.profiles.save(session, replace(self.profiles.profile(session, username), **known), "gao")

    def file(self, session: Session, priority: Priority | None = None, label=QUALITY, line="washer") -> Ticket:
        """File a ticket and route it."""
        ticket = make_ticket(self.store, session, priority)
        self.store.tickets.record_prediction(session, ticket.summary.id, make_prediction(label))
        self.store.tickets.route(session, ticket.summary.id, line=line, urgent=False)
        return self.store.tickets.get(session, ticket.summary.id)

    def filed(self, priority: Priority | None = None, label=QUALITY, line="washer") -> Ticket:
        with self.store.database.transaction() as session:
            return self.file(session, priority, label, line)

    def now(self, ticket: Ticket) -> Ticket:
        with self.store.database.reading() as session:
            return self.store.tickets.get(session, ticket.summary.id)

    def take(self, username: str, group: str = "repair") -> str:
        sight = Sight(DataScope.GROUP, username, group, ("*",))
        with self.store.database.transaction() as session:
            return self.taking.take_next(session, agent(username), sight)

    def wait(self, minutes: int) -> None:
        """Let time pass and attend to what is due."""
        self.store.clock.instant += timedelta(minutes=minutes)
        with self.store.database.transaction() as session:
            for ticket_id, _ in self.waiting.due(session):
                self.waiting.attend(session, ticket_id)


@pytest.fixture
def room(store: Store) -> Room:
    return Room(store)


def _kinds(ticket: Ticket) -> list[str]:
    return [event.kind for event in ticket.timeline]


class TestStrategies:
    def test_a_pool_waits_for_somebody(self, room: Room) -> None:
        """RT-13: without a strategy nobody is given anything."""
        ticket = room.filed()

        assert (ticket.summary.group_id, ticket.summary.assignee) == ("repair", None)

    def test_round_robin_goes_round_and_says_who_was_before(self, room: Room) -> None:
        """RT-07, AR-04."""
        room.group(strategy="round_robin")

        tickets = [room.filed() for _ in range(4)]

        assert [t.summary.assignee for t in tickets] == ["an", "bo", "cy", "an"]
        said = tickets[1].timeline[-1]
        assert (said.kind, said.actor, said.data["to"]) == ("assigned", "system:routing", "bo")
        assert said.data["reason_zh"] == "轮转：上一位是 an"
        assert sum(isinstance(e, TicketAssigned) for e in room.store.bus.events) == 4

    def test_fewest_open_counts_what_is_open(self, room: Room) -> None:
        """RT-07."""
        room.group(strategy="fewest_open")
        first, second, third = (room.filed() for _ in range(3))
        with room.store.database.transaction() as session:
            room.store.work.resolve(session, second.summary.id, agent("bo"), "换泵")

        fourth = room.filed()

        assert [t.summary.assignee for t in (first, second, third)] == ["an", "bo", "cy"]
        assert fourth.summary.assignee == "bo"
        assert fourth.timeline[-1].data["reason"] == "fewest open: 0 vs 1"

    def test_expected_minutes_weigh_the_work_not_the_count(self, room: Room) -> None:
        """RT-07: two quick tickets are less than one long one."""
        room.rules(
            groups={"repair": {"strategy": "handle_time"}},
            rules=[{"group": "repair"}],
            handle_minutes={"quality": 90, "logistics": 10},
        )
        room.know("cy", on_duty=False)
        quality = room.filed()
        quick = [room.filed(label=("logistics", "late", "chase")) for _ in range(2)]

        assert (quality.summary.assignee, [q.summary.assignee for q in quick]) == ("an", ["bo", "bo"])
        assert quick[1].timeline[-1].data["reason"] == "least expected minutes: 10 vs 90"

    @pytest.mark.parametrize(
        ("known", "why"),
        [
            ({"on_duty": False}, "off duty"),
            ({"capacity": 0}, "at capacity"),
            ({"lines": ("aircon",)}, "without the skill"),
            ({"issues": (("logistics",),)}, "without the skill"),
        ],
    )
    def test_who_cannot_is_passed_over_and_the_reason_is_kept(self, room: Room, known, why: str) -> None:
        """RT-01, RT-07."""
        room.group(strategy="round_robin")
        room.know("an", **known)
        room.know("bo", **known)
        assert room.filed().summary.assignee == "cy"
        room.know("cy", **known)

        left = room.filed()

        assert left.summary.assignee is None
        assert (left.timeline[-1].kind, left.timeline[-1].data["reason"]) == (
            "unplaced",
            f"nobody can take it: 3 {why}",
        )

    def test_newcomers_are_spared_and_their_mentor_steps_in(self, room: Room) -> None:
        """RT-10."""
        room.group(strategy="round_robin")
        room.know("cy", on_duty=False)
        room.know("bo", on_duty=False)
        room.know("an", newcomer=True, mentor="lo")

        usual, urgent = room.filed(Priority.P3), room.filed(Priority.P2)

        assert (usual.summary.assignee, urgent.summary.assignee) == ("an", "lo")
        assert "导师" in str(urgent.timeline[-1].data["reason_zh"])
        with pytest.raises(MentorUnfit):
            room.know("bo", newcomer=True, mentor="an")

    def test_two_workers_at_once_keep_the_turn_and_the_capacity(self, room: Room) -> None:
        """RT-07: on both databases; the group is locked while somebody is chosen."""
        room.group(strategy="round_robin")
        room.know("an", capacity=2)

        with ThreadPoolExecutor(4) as pool:
            given = list(pool.map(lambda _: room.filed().summary.assignee, range(8)))

        assert sorted(given) == ["an"] * 2 + ["bo"] * 3 + ["cy"] * 3

    def test_a_rule_may_ask_for_more_and_share(self, room: Room) -> None:
        """RT-04, RT-12: a second-line expert by product, and another department from the start."""
        rule = {"label": ["quality"], "line": "washer", "group": "repair", "strategy": "fewest_open"}
        room.rules(rules=[{**rule, "needs": {"level": 3}, "share_with": ["logistics"]}])
        room.know("bo", level=3)

        ticket = room.filed()

        assert ticket.summary.assignee == "bo"
        assert "shared" in _kinds(ticket)


class TestPool:
    def test_the_most_urgent_first_then_vip_then_age(self, room: Room) -> None:
        """RT-06, RT-09."""
        with room.store.database.transaction() as session:
            usual, vip, ending = (make_ticket(room.store, session) for _ in range(3))
            today = room.store.clock.now().date()
            for ticket, known in ((vip, Standing(level="vip")), (ending, Standing(warranty_ends_on=today))):
                room.profiles.save_standing(session, ticket.customer_id, known, "gao")
            for ticket in (usual, vip, ending):
                room.store.tickets.record_prediction(session, ticket.summary.id, make_prediction())
                room.store.tickets.route(session, ticket.summary.id, line=None, urgent=False)
        urgent = room.filed(Priority.P1)

        taken = [room.take(name) for name in ("an", "bo", "an", "bo")]

        assert taken == [t.summary.id for t in (urgent, vip, ending, usual)]
        with pytest.raises(NothingToTake):
            room.take("an")

    def test_two_who_take_at_once_get_two_tickets(self, room: Room) -> None:
        """RT-09: one wins each ticket."""
        tickets = {room.filed().summary.id for _ in range(6)}

        with ThreadPoolExecutor(3) as pool:
            taken = list(pool.map(room.take, ["an", "bo", "cy"] * 2))

        assert sorted(taken) == sorted(tickets)

    def test_who_is_off_duty_or_full_takes_nothing(self, room: Room) -> None:
        room.filed()
        room.know("an", capacity=0)
        room.know("bo", on_duty=False)

        with pytest.raises(AtCapacity):
            room.take("an")
        with pytest.raises(OffDuty):
            room.take("bo")

    def test_newcomers_take_what_is_for_them(self, room: Room) -> None:
        """RT-10."""
        urgent, usual = room.filed(Priority.P1), room.filed(Priority.P4)
        room.know("an", newcomer=True)

        assert room.take("an") == usual.summary.id
        with pytest.raises(NewcomerProtected), room.store.database.transaction() as session:
            room.taking.claim(session, urgent.summary.id, agent("an"))

    def test_one_of_two_claims_wins(self, room: Room) -> None:
        """RT-09: the other is told who was faster, or that the ticket changed."""
        ticket = room.filed()

        def claim(username: str) -> str:
            try:
                with room.store.database.transaction() as session:
                    room.taking.claim(session, ticket.summary.id, agent(username))
            except (TicketTaken, TicketChanged) as refused:
                return refused.kind
            return "won"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(claim, ["an", "bo"])) == ["conflict", "won"]

    def test_the_pools_figures(self, room: Room) -> None:
        """RT-13, RT-14: what is claimed leaves the pool."""
        first = room.store.clock.now()
        room.filed()
        room.store.clock.instant += timedelta(minutes=5)
        room.filed()
        sight = Sight(DataScope.GROUP, "an", "repair", ("*",))
        with room.store.database.reading() as session:
            before = room.taking.pool(session, "an", sight)
        room.take("an")
        with room.store.database.reading() as session:
            after = room.taking.pool(session, "an", sight)

        assert (before.count, before.oldest_at, before.mine) == (2, first, 0)
        assert (after.count, after.oldest_at, after.mine) == (1, first + timedelta(minutes=5), 1)


class TestByHand:
    def test_a_transfer_keeps_its_words_and_the_group_finds_somebody(self, room: Room) -> None:
        """RT-09."""
        room.rules(groups={"logistics": {"strategy": "fewest_open"}})
        ticket = room.filed()
        with room.store.database.transaction() as session:
            room.taking.claim(session, ticket.summary.id, agent("an"))
            room.routing.transfer(session, ticket.summary.id, agent("an"), " 已查到破损，请理赔 ", group_id="logistics")

        after = room.now(ticket)
        assert (after.summary.group_id, after.summary.assignee) == ("logistics", "lo")
        moved = next(e for e in after.timeline if e.kind == "transferred")
        assert (moved.data["from"], moved.data["from_group"], moved.actor) == ("an", "repair", "an")
        assert dict(moved.changes) == {"group_id": ("repair", "logistics"), "assignee": ("an", None)}
        with room.store.database.reading() as session:
            (note,) = room.store.work.records(session, ticket.summary.id)
        assert (note.text, note.id) == ("已查到破损，请理赔", moved.data["record"])

    def test_a_transfer_to_a_person_takes_the_persons_group(self, room: Room) -> None:
        ticket = room.filed()
        with room.store.database.transaction() as session:
            room.routing.transfer(session, ticket.summary.id, agent("an"), "请看看", username="lo")

        after = room.now(ticket).summary
        assert (after.group_id, after.assignee, after.status) == ("logistics", "lo", TicketStatus.IN_PROGRESS)

    def test_rules_leave_a_persons_choice_alone_until_asked_again(self, room: Room) -> None:
        ticket = room.filed()
        with room.store.database.transaction() as session:
            room.routing.assign_group(session, ticket.summary.id, "logistics", lead(), "automation")
            room.store.tickets.route(session, ticket.summary.id, line="washer", urgent=False)
        kept = room.now(ticket)
        with room.store.database.transaction() as session:
            room.routing.route(session, ticket.summary.id)

        assert kept.summary.group_id == "logistics"
        assert room.now(ticket).summary.group_id == "repair"

    @pytest.mark.parametrize(
        ("words", "to", "refusal"),
        [
            (" ", {"group_id": "logistics"}, TransferNeedsWords),
            ("因为", {}, TransferNeedsTarget),
            ("因为", {"group_id": "logistics", "username": "lo"}, TransferNeedsTarget),
            ("因为", {"group_id": "moon"}, GroupNotFound),
            ("因为", {"username": "nobody"}, AssigneeUnfit),
        ],
    )
    def test_a_transfer_that_cannot_be_changes_nothing(
        self, room: Room, words: str, to: dict[str, str], refusal: type[JiedaiError]
    ) -> None:
        ticket = room.filed()

        with pytest.raises(refusal), room.store.database.transaction() as session:
            room.routing.transfer(session, ticket.summary.id, agent("an"), words, **to)

        assert _kinds(room.now(ticket)) == _kinds(ticket)

    def test_a_reserved_ticket_waits_for_its_person_and_then_goes_on(self, room: Room) -> None:
        """RT-08."""
        ticket = room.filed()
        with room.store.database.transaction() as session:
            room.routing.reserve(session, ticket.summary.id, "bo", lead())
        with pytest.raises(ReservedForOther), room.store.database.transaction() as session:
            room.taking.claim(session, ticket.summary.id, agent("an"))
        with pytest.raises(NothingToTake):
            room.take("an")
        assert isinstance(room.store.bus.events[-1], StaffTold)

        room.group(strategy="round_robin")
        room.wait(minutes=241)

        assert room.now(ticket).summary.assignee == "an"
        assert "reservation_over" in _kinds(room.now(ticket))

    def test_the_person_takes_the_reserved_ticket_first(self, room: Room) -> None:
        """RT-08."""
        reserved = room.filed(Priority.P4)
        room.filed(Priority.P1)
        with room.store.database.transaction() as session:
            room.routing.reserve(session, reserved.summary.id, "bo", lead())

        assert room.take("bo") == reserved.summary.id

    def test_the_success_manager_is_told_once(self, room: Room) -> None:
        """RT-05."""
        with room.store.database.transaction() as session:
            ticket = make_ticket(room.store, session)
            room.profiles.save_standing(session, ticket.customer_id, Standing(success_manager="lo"), "gao")
            for _ in range(2):
                room.store.tickets.route(session, ticket.summary.id, line=None, urgent=False)

        told = [e for e in room.now(ticket).timeline if e.kind == "manager_told"]
        assert [e.data["to"] for e in told] == ["lo"]


class TestWaiting:
    def test_who_does_not_accept_loses_it_to_the_next(self, room: Room) -> None:
        """RT-11: history and context stay."""
        room.group(strategy="round_robin", accept_minutes=10)
        ticket = room.filed()

        room.wait(minutes=9)
        assert room.now(ticket).summary.assignee == "an"
        room.wait(minutes=1)
        after = room.now(ticket)

        assert after.summary.assignee == "bo"
        assert _kinds(after)[: len(ticket.timeline)] == _kinds(ticket)
        assert next(e for e in after.timeline if e.kind == "rerouted").data["from"] == "an"

    def test_who_did_something_has_accepted_it(self, room: Room) -> None:
        room.group(strategy="round_robin", accept_minutes=10)
        ticket = room.filed()
        with room.store.database.transaction() as session:
            room.store.work.note_reply(session, ticket.summary.id, agent("an"))

        room.wait(minutes=11)

        assert room.now(ticket).summary.assignee == "an"

    def test_from_the_pool_it_goes_to_the_fallback(self, room: Room) -> None:
        """RT-11."""
        room.group(accept_minutes=10)
        ticket = room.filed()

        room.wait(minutes=10)

        assert room.now(ticket).summary.group_id == "triage"

    def test_or_it_is_escalated(self, room: Room) -> None:
        """RT-11."""
        room.group(accept_minutes=10, on_timeout="escalate")
        ticket = room.filed()

        room.wait(minutes=10)
        room.wait(minutes=10)

        after = room.now(ticket)
        assert after.summary.status is TicketStatus.ESCALATED
        assert _kinds(after).count("escalated") == 1

    def test_nothing_due_is_nothing_to_do(self, room: Room) -> None:
        room.filed()

        with room.store.database.reading() as session:
            assert room.waiting.due(session) == []


class TestBook:
    @pytest.mark.parametrize(
        ("over", "place"),
        [
            ({"rules": [{"group": "moon"}]}, "rules.0.group"),
            ({"rules": [{"group": "repair", "label": ["made_up"]}]}, "rules.0.label"),
            ({"rules": [{"group": "repair", "level": 4}]}, "rules.0.level"),
            ({"rules": [{"group": "repair", "needs": {"level": 4}}]}, "rules.0.needs.level"),
            ({"groups": {"repair": {"strategy": "dice"}}}, "groups.repair.strategy"),
            ({"rules": [{"group": "repair"}, {"group": "logistics"}]}, "."),
        ],
    )
    def test_what_cannot_be_is_named(self, room: Room, over: dict[str, object], place: str) -> None:
        with pytest.raises(BookInvalid) as refused:
            room.rules(**over)

        assert refused.value.issues[0].field == place

    def test_trying_writes_nothing_and_says_who(self, room: Room) -> None:
        room.group(strategy="fewest_open")
        room.know("an", on_duty=False)

        with room.store.database.reading() as session:
            trial = room.book.try_out(session, Facts(label=QUALITY, line="washer"))

        assert (trial.decision.group_id, trial.decision.place) == ("repair", 1)
        assert trial.pick is not None
        assert (trial.pick.username, trial.skipped) == ("bo", {"an": Skip.OFF_DUTY})

    def test_the_reason_names_rule_and_edition(self, room: Room) -> None:
        ticket = room.filed(line="aircon")

        assert ticket.route_reason == "rule quality + aircon"
        with room.store.database.reading() as session:
            state = room.routing.state(session, ticket.summary.id)
        assert state is not None
        assert (state.edition, state.place, ticket.summary.group_id) == (1, 2, "aircon_repair")
        assert state.group_why.zh == "分派规则第 2 条（第 1 版）：分类 quality、产品线 aircon"
