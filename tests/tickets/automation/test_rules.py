"""Rules as a language: the source's sample, what is refused and where, judging, loops (AR-01, AR-02, AR-12)."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.automation.book import RULES, RuleBook
from tickets.automation.conditions import Condition, holds
from tickets.automation.matching import HIDDEN, choose
from tickets.automation.schemas import Rule
from tickets.automation.words import FIELDS, Kind, When
from tickets.books.errors import BookInvalid
from tickets.books.service import checked

SAMPLE = {
    "name": "vip_p1_auto_escalate",
    "if": {"and": [{"eq": ["priority", "P1"]}, {"eq": ["customerTier", "VIP"]}]},
    "then": [
        {"action": "assign", "group": "senior_team"},
        {"action": "notify", "channel": "wecom", "target": "售后值班群"},
        {"action": "start_timer", "sla": "p1_8h"},
    ],
}
TAG = [{"action": "tag", "add": ["x"]}]


def rule(condition: object = None, then: object = TAG, **more: object) -> dict[str, object]:
    return {"name": "r", **({"if": condition} if condition else {}), "then": then, **more}


class TestLanguage:
    def test_the_sources_sample_is_taken_as_it_is(self) -> None:
        """AR-01: what goes in comes out word for word."""
        book = checked(RULES, {"rules": [SAMPLE]})

        assert book.model_dump(mode="json", by_alias=True, exclude_defaults=True) == {"rules": [SAMPLE]}

    def test_the_sample_holds_for_a_vip_in_whatever_case(self) -> None:
        """AR-01, AR-03."""
        rules = checked(RULES, {"rules": [SAMPLE]}).rules

        (chosen,) = choose(rules, When.ROUTED, {"priority": "P1", "customerTier": "vip"}, "t1")

        assert [a.action for a in chosen.actions] == ["assign", "notify", "start_timer"]
        assert chosen.used == {"customerTier": "vip", "priority": "P1"}
        assert choose(rules, When.ROUTED, {"priority": "P2", "customerTier": "vip"}, "t1") == []
        assert choose(rules, When.FILED, {"priority": "P1", "customerTier": "vip"}, "t1") == []

    @pytest.mark.parametrize(
        ("raw", "field", "zh"),
        [
            (rule({"eq": ["prority", "P1"]}), "rules.0.if.eq", "没有「prority」这个字段"),
            (rule({"and": [{"eq": ["priority", "P9"]}]}), "rules.0.if.and.0.eq", "不能取值"),
            (rule({"and": [{"eqq": ["priority", "P1"]}]}), "rules.0.if.and.0.eqq", "不认识这一项"),
            (rule({"gt": ["priority", 1]}), "rules.0.if.gt", "不能这样比较"),
            (rule({"gt": ["confidence", "high"]}), "rules.0.if.gt", "不能取值"),
            (rule({"eq": ["orderPresent", 1]}), "rules.0.if.eq", "不能取值"),
            (rule({"eq": ["priority", "P1"], "ne": ["stage", "l2"]}), "rules.0.if", "只能有一个运算符"),
            (rule({"matches": ["title", r"(a)\1"]}), "rules.0.if.matches", "RE2"),
            (rule({"matches": ["title", "(?=x)"]}), "rules.0.if.matches", "RE2"),
            (rule({"and": []}), "rules.0.if.and", ""),
            (rule(then=[{"action": "fly"}]), "rules.0.then.0", "不是允许的类型"),
            (rule(then=[{"group": "x"}]), "rules.0.then.0", "缺少类型"),
            (rule(then=[{"action": "assign"}]), "rules.0.then.0.assign", "只能填一个"),
            (rule(then=[{"action": "set", "field": "priority", "value": "P0"}]), "rules.0.then.0.set", "不能设为"),
            (rule(then=[{"action": "reply", "text": "{number.real}"}]), "rules.0.then.0.reply.text", "不能使用变量"),
            (rule(then=[{"action": "reply", "text": "{customer}"}]), "rules.0.then.0.reply.text", "不能使用变量"),
            (rule(then=[{"action": "reply", "text": "{"}]), "rules.0.then.0.reply.text", "花括号"),
            (rule(when=["someday"]), "rules.0.when.0", "不是允许的取值"),
            (rule({"eq": ["channel", "web"]}, when=["updated"]), "rules.0", "至少要有一个会变更的字段"),
            (rule(then=[]), "rules.0", "请填写动作"),
        ],
    )
    def test_what_is_wrong_is_refused_and_its_place_named(self, raw: object, field: str, zh: str) -> None:
        """AR-10; bad input: unknown field, wrong type, a pattern that would backtrack, an unknown action."""
        with pytest.raises(BookInvalid) as refused:
            checked(RULES, {"rules": [raw]})

        assert refused.value.issues[0].field == field
        assert zh in refused.value.issues[0].reason_zh

    def test_two_rules_of_one_name_are_refused(self) -> None:
        with pytest.raises(BookInvalid, match="two rules are called 'r'"):
            checked(RULES, {"rules": [rule(), rule()]})

    def test_a_pattern_that_would_backtrack_elsewhere_is_quick(self) -> None:
        """Bad input "regex that would backtrack": RE2 answers in linear time, so this ends at once."""
        condition = Condition.model_validate({"matches": ["title", "^(a+)+$"]})

        assert not holds(condition, {"title": "a" * 9_000 + "!"})

    def test_customers_words_are_judged_but_not_kept(self) -> None:
        rules = [Rule.model_validate(rule({"contains": ["message", "发票"]}, when=["customer_message"]))]

        (chosen,) = choose(rules, When.CUSTOMER_MESSAGE, {"message": "我要发票，电话13900001111"}, "t")

        assert chosen.used == {"message": HIDDEN}

    def test_stop_keeps_the_rules_behind_from_being_asked(self) -> None:
        rules = checked(RULES, {"rules": [rule(stop=True), {**rule(), "name": "s"}]}).rules

        assert [c.rule.name for c in choose(rules, When.ROUTED, {}, "t")] == ["r"]

    def test_an_update_asks_only_rules_that_look_at_what_changed(self) -> None:
        rules = [Rule.model_validate(rule({"eq": ["priority", "P1"]}, when=["updated"]))]

        assert choose(rules, When.UPDATED, {"priority": "P1"}, "t", changed={"assignee"}) == []
        assert choose(rules, When.UPDATED, {"priority": "P1"}, "t", changed={"priority"})

    def test_branches_share_the_tickets_and_keep_to_them(self) -> None:
        """AR-12: A/B by weight; the same ticket always goes the same way."""
        branches = [{"name": "a", "weight": 3, "then": TAG}, {"name": "b", "then": TAG}]
        rules = [Rule.model_validate({"name": "r", "branches": branches})]

        ways = {f"t{n}": choose(rules, When.ROUTED, {}, f"t{n}")[0].branch for n in range(400)}

        assert all(choose(rules, When.ROUTED, {}, t)[0].branch == way for t, way in ways.items())
        assert 0.65 < Counter(ways.values())["a"] / 400 < 0.85


class TestLoops:
    @pytest.mark.parametrize(
        ("rules", "circle"),
        [
            (
                [
                    ("a", {"ne": ["priority", "P1"]}, [{"action": "set", "field": "priority", "value": "P1"}]),
                    ("b", {"eq": ["priority", "P1"]}, [{"action": "set", "field": "priority", "value": "P2"}]),
                ],
                {"a", "b"},
            ),
            (
                [
                    ("a", {"eq": ["group", "x"]}, [{"action": "assign", "group": "y"}]),
                    ("b", {"eq": ["group", "y"]}, [{"action": "assign", "group": "z"}]),
                    ("c", {"eq": ["group", "z"]}, [{"action": "assign", "group": "x"}]),
                ],
                {"a", "b", "c"},
            ),
            (
                [
                    ("a", {"eq": ["assignee", "wang"]}, [{"action": "assign", "person": "li"}]),
                    ("b", {"eq": ["assignee", "li"]}, [{"action": "assign", "person": "wang"}]),
                ],
                {"a", "b"},
            ),
        ],
    )
    def test_rules_that_set_off_each_other_are_refused(self, rules, circle: set[str]) -> None:
        """AR-10; bad input "rule that loops"."""
        raw = [{"name": n, "when": ["updated"], "if": c, "then": t} for n, c, t in rules]

        with pytest.raises(BookInvalid) as refused:
            checked(RULES, {"rules": raw})

        assert all(name in refused.value.message_en.split("without end: ")[1] for name in circle)
        checked(RULES, {"rules": [{**r, "enabled": False} if r["name"] == "a" else r for r in raw]})

    @pytest.mark.parametrize(
        ("condition", "then"),
        [
            ({"eq": ["priority", "P2"]}, [{"action": "set", "field": "priority", "value": "P1"}]),
            ({"eq": ["priority", "P1"]}, [{"action": "set", "field": "priority", "value": "P1"}]),
            ({"in": ["priority", ["P2", "P3", "P4"]]}, [{"action": "raise"}]),
            ({"eq": ["group", "x"]}, [{"action": "assign", "group": "x"}]),
            ({"ne": ["status", "escalated"]}, [{"action": "escalate", "reason": "x"}]),
            ({"eq": ["group", "x"]}, [{"action": "assign", "group": "y"}]),
            ({"eq": ["priority", "P1"]}, TAG),
        ],
    )
    def test_what_comes_to_an_end_is_allowed(self, condition: object, then: object) -> None:
        checked(RULES, {"rules": [{"name": "a", "when": ["updated"], "if": condition, "then": then}]})


def _values(name: str) -> st.SearchStrategy[object]:
    field = FIELDS[name]
    if field.choices:
        return st.sampled_from(field.choices)
    by_kind = {
        Kind.TEXT: st.text(max_size=20),
        Kind.NUMBER: st.integers(-5, 10**30) | st.floats(allow_nan=False, allow_infinity=False),
        Kind.YES_NO: st.booleans(),
        Kind.LIST: st.text(max_size=5),
    }
    return by_kind[field.kind]


def _comparison(name: str) -> st.SearchStrategy[dict[str, object]]:
    ops = {
        Kind.TEXT: ["eq", "ne", "contains", "startsWith"],
        Kind.CHOICE: ["eq", "ne"],
        Kind.NUMBER: ["eq", "ne", "gt", "gte", "lt", "lte"],
        Kind.YES_NO: ["eq", "ne"],
        Kind.LIST: ["contains"],
    }[FIELDS[name].kind]
    return st.builds(lambda op, value: {op: [name, value]}, st.sampled_from(ops), _values(name))


CONDITIONS = st.recursive(
    st.sampled_from(sorted(FIELDS)).flatmap(_comparison),
    lambda inner: (
        st.builds(lambda c: {"not": c}, inner)
        | st.builds(lambda op, cs: {op: cs}, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3))
    ),
    max_leaves=6,
)
ANY_FACTS = st.dictionaries(
    st.sampled_from(sorted(FIELDS)),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.tuples(st.text(max_size=5)),
)


class TestProperties:
    @given(raw=CONDITIONS, facts=ANY_FACTS)
    @settings(max_examples=150, deadline=None)
    def test_judging_is_total_and_obeys_the_laws_of_logic(self, raw, facts) -> None:
        """AR-02: whatever the facts are, there is an answer; not, and, or mean what they say."""

        def says(condition: object) -> bool:
            return holds(Condition.model_validate(condition), facts)

        held = says(raw)
        other = {"eq": ["priority", "P1"]}
        assert says({"not": raw}) is not held
        assert says({"not": {"and": [raw, other]}}) is says({"or": [{"not": raw}, {"not": other}]})
        assert says({"and": [raw, other]}) is (held and says(other))
        assert says({"or": [raw, other]}) is (held or says(other))

    @given(
        conditions=st.lists(CONDITIONS, min_size=1, max_size=5),
        facts=ANY_FACTS,
        when=st.sampled_from(list(When)),
    )
    @settings(max_examples=60, deadline=None)
    def test_choosing_ends_and_gives_the_same_again(self, conditions, facts, when) -> None:
        rules = [
            Rule.model_validate({"name": f"r{n}", "when": [w for w in When if w != "updated"], "if": c, "then": TAG})
            for n, c in enumerate(conditions)
        ]

        chosen = choose(rules, when, facts, "t")

        assert chosen == choose(rules, when, facts, "t")
        names = [c.rule.name for c in chosen]
        assert names == [r.name for r in rules if when is not When.UPDATED and holds(r.if_, facts)]

    @given(
        setters=st.lists(
            st.tuples(CONDITIONS, st.sampled_from(["P1", "P2", "P3", "P4"]), st.integers(0, 3)), max_size=5
        )
    )
    @settings(max_examples=60, deadline=None)
    def test_the_search_for_loops_ends(self, setters) -> None:
        """AR-10: and what it lets pass comes to an end when the rules are really followed."""
        rules = [
            {
                "name": f"r{n}",
                "when": ["updated"],
                "if": {"and": [c, {"in": ["priority", ["P1", "P2", "P3", "P4"][: k + 1]]}]},
                "then": [{"action": "set", "field": "priority", "value": p}],
            }
            for n, (c, p, k) in enumerate(setters)
        ]
        try:
            book = checked(RULES, {"rules": rules})
        except BookInvalid:
            return
        for start in ("P1", "P2", "P3", "P4"):
            assert _settles(book, start)


def _settles(book: RuleBook, priority: str) -> bool:
    """Follow updates of the priority; tell whether they come to an end, one rule after another."""
    waiting, steps = [(priority, frozenset({"priority"}))], 0
    while waiting:
        steps += 1
        if steps > 2_000:
            return False
        now, changed = waiting.pop()
        for chosen in choose(book.rules, When.UPDATED, {"priority": now}, "t", changed=changed):
            after = chosen.actions[0].value
            if after != now:
                waiting.append((after, frozenset({"priority"})))
    return True
