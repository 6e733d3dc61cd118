"""The builder's form and the JSON beside it say the same (AR-09)."""

import pytest

from api.rules_form import ActionRow, Group, Row, RuleForm, form_of
from tickets.automation.book import RULES
from tickets.books.service import checked

EQ, VIP = {"eq": ["priority", "P1"]}, {"in": ["customerTier", ["vip", "gold"]]}
TAG = [{"action": "tag", "add": ["a", "b"]}]


@pytest.mark.parametrize(
    "rule",
    [
        {"name": "r", "then": TAG},
        {"name": "r", "if": EQ, "then": TAG},
        {"name": "r", "if": {"and": [EQ, VIP]}, "then": TAG},
        {"name": "r", "if": {"or": [{"and": [EQ, VIP]}, {"not": {"contains": ["tags", "x"]}}]}, "then": TAG},
        {"name": "r", "if": {"gte": ["confidence", 0.5]}, "then": [{"action": "raise", "steps": 2}]},
        {"name": "r", "if": {"eq": ["orderPresent", False]}, "then": [{"action": "merge"}], "stop": True},
        {"name": "r", "when": ["filed", "routed"], "then": [{"action": "close", "reason": "x"}], "enabled": False},
    ],
)
def test_a_rule_goes_into_the_form_and_comes_out_the_same(rule) -> None:
    form = form_of(rule)

    assert form.raw is None
    assert form.as_rule() == rule
    checked(RULES, {"rules": [rule]})


@pytest.mark.parametrize(
    "rule",
    [
        {"name": "r", "if": {"and": [{"or": [EQ, {"and": [EQ, VIP]}]}, EQ]}, "then": TAG},
        {"name": "r", "if": {"not": {"and": [EQ, VIP]}}, "then": TAG},
        {"name": "r", "branches": [{"name": "a", "then": TAG}]},
        {"name": "r", "if": {"and": [EQ]}, "then": TAG},
        {"name": "r", "if": {"eq": ["channel", "a "]}, "then": TAG},
        {"name": "r", "then": [{"action": "fly"}]},
        {"name": "r", "if": "nonsense", "then": "nonsense"},
    ],
)
def test_what_the_form_cannot_say_stays_json(rule) -> None:
    assert form_of(rule).as_rule() == rule
    assert form_of(rule).raw == rule


def test_typed_values_become_what_the_field_holds() -> None:
    rows = (Row("hoursOpen", "gt", "24"), Row("orderPresent", "eq", "是"), Row("group", "not_in", "a，b"))
    form = RuleForm("r", groups=(Group("or", rows),), actions=(ActionRow("tag", ("甲，乙", "")),))

    assert form.as_rule() == {
        "name": "r",
        "if": {
            "or": [{"gt": ["hoursOpen", 24]}, {"eq": ["orderPresent", True]}, {"not": {"in": ["group", ["a", "b"]]}}]
        },
        "then": [{"action": "tag", "add": ["甲", "乙"]}],
    }


def test_a_value_that_cannot_be_read_is_left_for_checking_to_name() -> None:
    form = RuleForm("r", groups=(Group("and", (Row("hoursOpen", "gt", "many"),)),))

    assert form.as_rule()["if"] == {"gt": ["hoursOpen", "many"]}
