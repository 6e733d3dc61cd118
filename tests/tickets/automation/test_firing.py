"""Rules fire: what they do, under whose name, what is refused, and that it always ends (AR-03, AR-05, AR-10)."""

from datetime import timedelta

import pytest

from kit.audit.schemas import AuditQuery
from kit.audit.service import AuditLog
from kit.clock import Clock
from tickets.automation.service import AutomationService, raw_of
from tickets.automation.words import When
from tickets.books.errors import BookChanged, BookInvalid
from tickets.books.service import SEED
from tickets.service import Doer, Given, Part, SlaService, TicketAction
from tickets.webhooks.schemas import WebhookEvent
from tickets.words import Role, TicketStatus

RAISE = [{"action": "raise", "until": "P2"}]


def rule(name: str, then: object, condition: object = None, **more: object) -> dict[str, object]:
    return {"name": name, **({"if": condition} if condition else {}), "then": then, **more}


class TestActing:
    def test_what_a_rule_does_is_done_under_its_own_name_and_traced(self, auto) -> None:
        """AR-03, AR-10, SE-10."""
        version = auto.save(
            rule(
                "先看重要的",
                [
                    {"action": "raise"},
                    {"action": "tag", "add": ["加急"]},
                    {"action": "assign", "group": "repair"},
                    {"action": "assign", "person": "wang"},
                ],
                {"and": [{"eq": ["priority", "P3"]}, {"eq": ["orderPresent", True]}]},
            )
        )
        ticket_id = auto.ticket()

        assert auto.happens(ticket_id) == 1

        ticket = auto.look(ticket_id)
        assert (ticket.summary.priority, ticket.summary.group_id, ticket.summary.assignee) == ("P2", "repair", "wang")
        (firing,) = auto.trace(ticket_id)
        assert (firing.rule, firing.edition, firing.event, firing.outcome) == ("先看重要的", version, "routed", "fired")
        assert firing.facts == {"orderPresent": True, "priority": "P3"}
        assert [item["action"] for item in firing.done] == ["raise", "tag", "assign", "assign"]
        assert firing.refused == []
        by_rule = [e.kind for e in ticket.timeline if e.actor == "rule:先看重要的"]
        assert by_rule == ["priority_set", "tagged", "transferred", "assigned", "rule_fired"]
        with auto.store.database.reading() as session:
            assert auto.service.tags(session, ticket_id) == ("加急",)
            acts = AuditLog(auto.store.vault, auto.store.clock).page(session, AuditQuery(), 10)
        assert {"ticket.rule_fired", "ticket.assigned"} <= {a.action for a in acts if a.actor == "rule:先看重要的"}

    def test_raising_moves_the_clocks(self, auto) -> None:
        auto.save(rule("r", [{"action": "set", "field": "priority", "value": "P1"}]))
        ticket_id = auto.ticket()
        before = auto.look(ticket_id).summary.resolve_due_at

        auto.happens(ticket_id)

        assert auto.look(ticket_id).summary.resolve_due_at < before

    def test_a_timer_is_started_once_and_a_missed_clock_is_a_fact(self, auto, clock) -> None:
        """AR-03, AR-06, SL-15."""
        auto.save(
            rule("计时", [{"action": "start_timer", "sla": "p1_8h"}], {"eq": ["slaState", "running"]}),
            rule("超时", [{"action": "escalate"}], {"eq": ["slaState", "breached"]}, when=["sla_breached"]),
        )
        ticket_id = auto.ticket()
        sla = SlaService(auto.ledger, auto.store.work)

        auto.happens(ticket_id)
        auto.happens(ticket_id)
        clock.instant += timedelta(days=4)
        with auto.store.database.transaction() as session:
            sla.attend(session, ticket_id)
            timers = [c for c in sla.status(session, ticket_id).clocks if c.kind == "timer"]
        auto.happens(ticket_id, When.SLA_BREACHED)

        assert [c.minutes for c in timers] == [480]
        assert auto.look(ticket_id).summary.status == "escalated"

    def test_what_is_refused_is_told_and_stops_nothing(self, auto) -> None:
        """AR-10: the lifecycle says no to the second action; the first and the third are done."""
        then = [
            {"action": "tag", "add": ["a"]},
            {"action": "set", "field": "stage", "value": "called"},
            {"action": "escalate", "stage": "l3", "reason": "逾期"},
        ]
        auto.save(rule("r", then))
        ticket_id = auto.ticket()

        auto.happens(ticket_id)

        (firing,) = auto.trace(ticket_id)
        assert [item["action"] for item in firing.done] == ["tag", "escalate"]
        assert [(r.action, r.code) for r in firing.refused] == [("set", "transition_refused")]
        assert "不能更改环节" in firing.refused[0].zh
        assert (auto.look(ticket_id).summary.status, auto.look(ticket_id).summary.stage) == ("escalated", "l3")

    def test_a_repeated_matter_is_merged_into_the_earlier_ticket(self, auto) -> None:
        """AR-08: only where it is surely the same matter; elsewhere a person decides."""
        auto.save(rule("合并", [{"action": "merge"}]))
        first = auto.ticket("zhang")
        second = auto.ticket("zhang")
        other = auto.ticket("li")

        auto.happens(second)
        auto.happens(other)

        assert auto.look(second).course.close_kind == "merged"
        assert auto.trace(second)[0].done == [{"action": "merge", "into": auto.look(first).summary.number}]
        assert [r.code for r in auto.trace(other)[0].refused] == ["nothing_repeated"]

    def test_nothing_changes_a_closed_ticket(self, auto) -> None:
        """LC-06 holds for rules too."""
        auto.save(rule("r", [{"action": "tag", "add": ["a"]}, *RAISE, {"action": "reply", "text": "您好"}]))
        ticket_id = auto.ticket()
        with auto.store.database.transaction() as session:
            lead = Doer("gao", Part.LEAD)
            auto.store.work.take(session, ticket_id, TicketAction.CANCEL, lead, Given(reason="重复"))

        auto.happens(ticket_id)

        (firing,) = auto.trace(ticket_id)
        assert [(r.action, r.code) for r in firing.refused] == [
            (a, "ticket_archived") for a in ("tag", "raise", "reply")
        ]
        assert firing.done == []

    @pytest.mark.parametrize("resolved", [True, False])
    def test_closing_goes_by_the_lifecycle(self, auto, resolved: bool) -> None:
        """AR-07, beside the closing by itself of tests/tickets/test_aftercare.py."""
        auto.save(rule("收尾", [{"action": "close"}]))
        ticket_id = auto.ticket()
        if resolved:
            with auto.store.database.transaction() as session:
                auto.store.work.resolve(session, ticket_id, Doer("wang", Part.AGENT), "换了水泵")

        auto.happens(ticket_id)

        ticket = auto.look(ticket_id)
        assert ticket.summary.status is TicketStatus.CLOSED
        assert ticket.course.close_kind == ("solved" if resolved else "not_needed")

    def test_an_automatic_reply_is_marked_and_said_once(self, auto) -> None:
        """AR-05: also where the same job is run once more."""
        text = "工单 {number} 已收到，级别 {priority}。"
        auto.save(rule("答", [{"action": "reply", "text": text}], {"contains": ["message", "不转"]}, when=["filed"]))
        ticket_id = auto.ticket()

        assert [auto.happens(ticket_id, When.FILED, cause="job") for _ in range(2)] == [1, 0]

        ticket = auto.look(ticket_id)
        with auto.store.database.reading() as session:
            messages = auto.store.conversations.messages(session, ticket.summary.conversation_id)
        (said,) = [m for m in messages if m.role is Role.BOT]
        assert said.raw == f"工单 T-{ticket.summary.number} 已收到，级别 P3。"
        assert (said.author, said.data["kind"], said.data["rule"]) == ("自动回复", "auto_reply", "答")
        assert auto.trace(ticket_id)[0].facts == {"message": "…"}

    def test_a_webhook_goes_to_the_registered_endpoint_once(self, auto) -> None:
        with auto.store.database.transaction() as session:
            endpoint, _ = auto.webhooks.add(session, "https://erp.example/hook", [WebhookEvent.LABEL_WRITTEN], "gao")
        auto.save(rule("r", [{"action": "webhook", "endpoint": "https://erp.example/hook"}]))
        ticket_id = auto.ticket()

        auto.happens(ticket_id, cause="job")
        auto.happens(ticket_id, cause="job")

        with auto.store.database.reading() as session:
            (delivery,) = auto.webhooks.deliveries(session, endpoint.id, 10)
        assert delivery.event == "rule.fired"

    def test_the_copilots_judgement_is_a_condition(self, auto) -> None:
        """AR-11: classifier and copilot."""
        auto.save(
            rule("核对", RAISE, {"and": [{"eq": ["suggestion", "no_knowledge"]}, {"lt": ["confidence", 0.5]}]}),
            rule("没有预测", [{"action": "tag", "add": ["x"]}], {"eq": ["zone", "human"]}),
        )
        ticket_id = auto.ticket()
        auto.copilot.said = {"suggestion": "no_knowledge"}

        auto.happens(ticket_id)

        assert [f.rule for f in auto.trace(ticket_id)] == ["没有预测"]


class TestEnding:
    def test_a_chain_asks_no_rule_twice(self, auto, clock) -> None:
        """AR-10: what the check at saving cannot decide ends at run time."""
        auto.save(
            rule("a", [{"action": "set", "field": "priority", "value": "P1"}], {"eq": ["channel", "web"]}),
            rule(
                "b",
                [{"action": "set", "field": "priority", "value": "P2"}],
                {"eq": ["priority", "P1"]},
                when=["updated"],
            ),
        )
        ticket_id = auto.ticket()
        auto.happens(ticket_id)
        for _ in range(3):
            entry = _newest_entry(auto, ticket_id, "priority_set")
            auto.happens(ticket_id, When.UPDATED, entry=entry)

        fired = [(f.rule, f.outcome, f.chain) for f in reversed(auto.trace(ticket_id))]
        assert fired == [("a", "fired", ()), ("b", "fired", ("a",))]

    def test_a_rule_that_comes_back_to_itself_is_held(self, auto) -> None:
        auto.save(rule("a", RAISE, {"in": ["priority", ["P3", "P4"]]}, when=["updated"]))
        ticket_id = auto.ticket()
        with auto.store.database.transaction() as session:
            row = auto.ledger.row(session, ticket_id)
            row.priority = "P4"
            auto.ledger.note(session, row, "wang", "priority_set", {})
        first = _newest_entry(auto, ticket_id, "priority_set")

        assert auto.happens(ticket_id, When.UPDATED, entry=first) == 1
        assert auto.happens(ticket_id, When.UPDATED, entry=_newest_entry(auto, ticket_id, "priority_set")) == 0

        assert [(f.outcome, f.chain) for f in auto.trace(ticket_id)] == [("loop", ("a",)), ("fired", ())]
        assert auto.look(ticket_id).summary.priority == "P3"

    def test_a_rule_fires_a_ticket_only_so_often_a_day(self, auto, clock) -> None:
        auto.save(rule("r", [{"action": "tag", "add": ["x"]}]), most_a_day=3)
        ticket_id = auto.ticket()

        assert sum(auto.happens(ticket_id) for _ in range(6)) == 3
        assert [f.outcome for f in auto.trace(ticket_id)] == ["limit", "fired", "fired", "fired"]


class TestKeeping:
    @pytest.mark.parametrize(
        ("then", "condition", "field", "zh"),
        [
            ([{"action": "assign", "group": "senior_team"}], None, "rules.0.then.0", "没有「senior_team」这个小组"),
            ([{"action": "assign", "person": "nobody"}], None, "rules.0.then.0", "「nobody」不存在"),
            ([{"action": "start_timer", "sla": "p9"}], None, "rules.0.then.0", "没有名为「p9」的计时器"),
            ([{"action": "webhook", "endpoint": "http://169.254.169.254/"}], None, "rules.0.then.0", "没有登记"),
            (RAISE, {"eq": ["group", "moon"]}, "rules.0.if", "没有这个小组：moon"),
            (RAISE, {"in": ["type", ["quality", "moon"]]}, "rules.0.if", "没有这个问题类型：moon"),
            (RAISE, {"ne": ["label", "quality/moon"]}, "rules.0.if", "没有这个分类"),
            (RAISE, {"eq": ["productLine", "rocket"]}, "rules.0.if", "没有这个产品线"),
            (RAISE, {"gt": ["urges", 2]}, "rules.0.if", "本系统没有「urges」"),
        ],
    )
    def test_what_does_not_exist_here_is_refused(self, auto, then, condition, field: str, zh: str) -> None:
        """AR-10: unknown group, label, target, action; nothing is written."""
        with pytest.raises(BookInvalid) as refused:
            auto.save(rule("r", then, condition))

        assert (refused.value.issues[0].field, zh in refused.value.issues[0].reason_zh) == (field, True)
        with auto.store.database.reading() as session:
            assert auto.service.current(session).version == 0

    def test_a_moment_that_nobody_states_is_refused(self, auto) -> None:
        with pytest.raises(BookInvalid, match=r"rules\.0\.when\.0"):
            auto.save(rule("r", RAISE, when=["repeated"]))

    def test_only_moments_that_a_rule_waits_for_cost_a_job(self, auto) -> None:
        auto.save(rule("a", RAISE, when=["filed"]), rule("b", RAISE, when=["routed"], enabled=False))

        with auto.store.database.reading() as session:
            asked = [when for when in When if AutomationService.asked_at(when)(session)]
        assert asked == [When.FILED]

    def test_an_edition_comes_back_and_the_second_editor_is_told(self, auto) -> None:
        """AR-12."""
        auto.save(rule("a", RAISE, when=["filed"]))
        auto.save(rule("b", RAISE))
        with auto.store.database.transaction() as session:
            auto.service.restore(session, 1, base_version=2, actor="li")
            assert AutomationService.asked_at(When.FILED)(session)
            assert [r.name for r in auto.service.current(session).body.rules] == ["a"]
        with auto.store.database.transaction() as session, pytest.raises(BookChanged):
            auto.service.save(session, {}, base_version=2, actor="li")

    def test_planting_writes_only_the_first(self, auto) -> None:
        with auto.store.database.transaction() as session:
            auto.service.plant(session, {"rules": [rule("a", RAISE)]})
            auto.service.plant(session, {"rules": []})
            edition = auto.service.current(session)
        assert (edition.author, raw_of(edition.body)) == (SEED, {"rules": [rule("a", RAISE)]})

    def test_figures_count_what_fired(self, auto, clock: Clock) -> None:
        auto.save(rule("a", RAISE), rule("b", RAISE, {"eq": ["priority", "P1"]}))
        auto.happens(auto.ticket())

        with auto.store.database.reading() as session:
            figures = auto.service.figures(session, ["a", "b"])
        assert (figures["a"].count, figures["a"].last_at, figures["b"].count) == (1, clock.now(), 0)


class TestTrying:
    def test_a_draft_is_tried_on_past_tickets_and_changes_nothing(self, auto) -> None:
        """AR-10: how often, for which, and what differs from the rules in force."""
        auto.save(rule("same", RAISE, {"eq": ["priority", "P3"]}), rule("gone", RAISE), rule("off", RAISE))
        tickets = [auto.ticket() for _ in range(7)]
        numbers = [auto.look(t).summary.number for t in tickets]
        with auto.store.database.reading() as session:
            draft = auto.service.check(
                session,
                {
                    "rules": [
                        rule("same", RAISE, {"eq": ["priority", "P3"]}),
                        rule("new", RAISE, {"eq": ["orderPresent", True]}),
                        rule("off", RAISE, enabled=False),
                    ]
                },
            )

        *_, result = auto.service.try_out(auto.store.database, draft, 6)

        by_rule = {r.rule: r for r in result.rules}
        assert (result.looked_at, result.finished) == (6, True)
        assert {name: (r.hits, r.gained, r.lost) for name, r in by_rule.items()} == {
            "same": (6, 0, 0),
            "new": (6, 6, 0),
            "off": (0, 0, 6),
            "gone": (0, 0, 6),
        }
        assert by_rule["new"].examples == numbers[:1:-1]
        assert [f for t in tickets for f in auto.trace(t)] == []

    def test_it_goes_batch_by_batch(self, auto, monkeypatch) -> None:
        monkeypatch.setattr("tickets.automation.trial._BATCH", 2)
        for _ in range(5):
            auto.ticket()
        with auto.store.database.reading() as session:
            draft = auto.service.check(session, {"rules": [rule("r", RAISE)]})

        steps = [(t.looked_at, t.finished) for t in auto.service.try_out(auto.store.database, draft, 100)]

        assert steps == [(2, False), (4, False), (5, True)]


def _newest_entry(auto, ticket_id: str, kind: str) -> str:
    """Return the id that the update's event carried."""
    events = [e for e in auto.store.bus.events if type(e).__name__ == "TicketUpdated"]
    with auto.store.database.reading() as session:
        for event in reversed(events):
            ticket, entry = auto.store.tickets.happening(session, event.subject_id)
            if ticket.summary.id == ticket_id and entry.kind == kind:
                return event.subject_id
    raise AssertionError(kind)
