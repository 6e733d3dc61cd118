"""The table's truth table: which rule wins (RT-01, RT-02, RT-03, RT-04, RT-05)."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.routing.book import Routing
from tickets.routing.rules import decide, rank_of
from tickets.routing.schemas import Facts, Rank, Standing
from tickets.words import TRIAGE, Priority, Zone

RULES = (
    {"label": ["quality"], "group": "repair"},
    {"label": ["quality"], "line": "aircon", "group": "aircon_repair"},
    {"label": ["quality", "leak"], "group": "service"},
    {"label": ["logistics"], "group": "logistics"},
    {"label": ["quality"], "region": "华东", "group": "east"},
    {"label": ["quality"], "line": "aircon", "region": "华东", "group": "aircon_east"},
    {"customer_level": "vip", "group": "vip", "precedence": 1},
    {"channel": "wecom", "group": "wecom"},
    {"urgent": True, "group": "safety", "precedence": 9},
    {"priority": "P1", "label": ["logistics"], "group": "rush"},
)
Q, WATER = ("quality", "malfunction", "no_power"), ("quality", "leak", "water")


@pytest.mark.parametrize(
    ("facts", "group"),
    [
        (Facts(Q, line="washer"), "repair"),
        (Facts(Q, line="aircon"), "aircon_repair"),
        (Facts(WATER, line="aircon"), "service"),  # the longer category wins over the product line
        (Facts(Q, region="华东"), "east"),
        (Facts(Q, line="aircon", region="华东"), "aircon_east"),  # two conditions win over one
        (Facts(Q, line="aircon", region="华南"), "aircon_repair"),
        (Facts(("logistics",)), "logistics"),
        (Facts(("logistics",), priority=Priority.P1), "rush"),
        (Facts(Q, customer_level="vip"), "vip"),  # precedence before the category
        (Facts(Q, channel="wecom"), "repair"),  # a category says more than a channel
        (Facts(("other",), channel="wecom"), "wecom"),
        (Facts(Q, customer_level="vip", urgent=True), "safety"),
        (Facts(("logistics",), zone=Zone.SUGGEST), TRIAGE),
        (Facts(("logistics",), zone=Zone.HUMAN), TRIAGE),
        (Facts(Q, customer_level="vip", zone=Zone.SUGGEST), TRIAGE),
        (Facts((), urgent=True, zone=Zone.HUMAN), "safety"),  # safety wording is no guess
        (Facts(("unknown",)), TRIAGE),
        (Facts(), TRIAGE),
    ],
)
def test_the_most_specific_rule_wins_and_only_when_sure(facts: Facts, group: str) -> None:
    """RT-03, RT-15: in whatever order the table is written."""
    for rules in (RULES, RULES[::-1]):
        assert decide(Routing.model_validate({"rules": rules}), 3, facts).group_id == group


def test_among_equals_the_earlier_one_wins() -> None:
    rules = [{"line": "washer", "group": "a"}, {"region": "east", "group": "b"}, {"channel": "web", "group": "c"}]
    facts = Facts(("x",), line="washer", region="east", channel="web")

    found = {decide(Routing.model_validate({"rules": list(r)}), 1, facts).group_id for r in permutations(rules)}

    assert found == {"a"}  # product line before region before channel, whatever the order


@given(
    st.lists(st.sampled_from(["quality", "leak", "logistics", "x"]), max_size=3).map(tuple),
    st.sampled_from(["", "aircon", "washer"]),
    st.sampled_from(["", "vip"]),
    st.booleans(),
    st.sampled_from(list(Zone)),
)
def test_routing_is_total(label, line, level, urgent, zone) -> None:
    facts = Facts(label, line=line, customer_level=level, urgent=urgent, zone=zone)

    decision = decide(Routing.model_validate({"rules": RULES}), 7, facts)

    assert decision.group_id in {TRIAGE, *(rule["group"] for rule in RULES)}
    assert decision.reason
    assert decision.why.zh
    assert decision.why.en
    assert (decision.place > 0) == (decision.rule is not None)


TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("level", "standing", "rank"),
    [
        ("vip", Standing(warranty_ends_on=TODAY), Rank.VIP),
        ("silver", Standing(renews_on=TODAY + timedelta(days=30)), Rank.RENEWING),
        ("silver", Standing(renews_on=TODAY + timedelta(days=31)), Rank.USUAL),
        ("", Standing(renews_on=TODAY - timedelta(days=1)), Rank.USUAL),
        ("", Standing(warranty_ends_on=TODAY + timedelta(days=14)), Rank.WARRANTY_ENDING),
        ("", Standing(renews_on=TODAY, warranty_ends_on=TODAY), Rank.RENEWING),
        ("", Standing(), Rank.USUAL),
    ],
)
def test_who_comes_first_in_the_pool(level: str, standing: Standing, rank: Rank) -> None:
    """RT-06."""
    assert rank_of(Routing(), level, standing, TODAY) is rank
