"""The checker: a table of what each kind takes, what rules ask for, and that nothing makes it fail."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.json_schema import _CHECKS, ANNOTATIONS, fits, keywords
from tickets.forms.checking import check, cleaned
from tickets.forms.json_schema import schema_of
from tickets.forms.schemas import Template
from tickets.forms.values import GRAVE, Fault, StoredFile

TODAY = date(2026, 11, 20)
FILES = {
    "p1": StoredFile("p1", "photo", "a.png", "image/png", 5_000, 800, 600),
    "small": StoredFile("small", "photo", "b.png", "image/png", 5_000, 100, 600),
    "light": StoredFile("light", "photo", "c.png", "image/png", 10, 800, 600),
    "other": StoredFile("other", "elsewhere", "d.png", "image/png", 5_000, 800, 600),
}
WAYS = [{"value": "bank", "zh": "银行卡", "en": "Bank"}, {"value": "cash", "zh": "现金", "en": "Cash"}]


def _field(name: str, kind: str, **more: object) -> dict[str, Any]:
    return {"name": name, "kind": kind, "zh": name, "en": name, **more}


TEMPLATE = Template.model_validate(
    {
        "id": "all",
        "zh": "表单",
        "en": "Form",
        "fields": [
            _field("name", "text", required=True, most=10),
            _field("story", "long_text", least=3),
            _field("waybill", "text", pattern="[A-Z]{2}[0-9]{4}"),
            _field("way", "choice", choices=WAYS),
            _field("parts", "multi_choice", choices=WAYS, most=1),
            _field("from", "date", latest="today"),
            _field("to", "date", earliest="2026-01-01"),
            _field("count", "number", least=1, most=9),
            _field("sum", "money", least=1),
            _field("limit", "number"),
            _field("phone", "phone"),
            _field("order_no", "order_no"),
            _field("photo", "picture", min_pixels=300, min_bytes=100, most=2),
            _field("identity", "identity_no", secure=True),
            _field("account", "bank_account", secure=True),
        ],
        "rules": [
            {"kind": "dependency", "when": {"field": "way", "one_of": ["bank"]}, "require": ["account"]},
            {"kind": "dependency", "when": {"field": "way", "one_of": ["cash"]}, "forbid": ["account"]},
            {"kind": "dependency", "when": {"field": "parts", "one_of": ["bank"]}, "require": ["story"]},
            {"kind": "dependency", "when": {"field": "phone", "present": False}, "forbid": ["to"]},
            {"kind": "dependency", "when": {"field": "waybill"}, "require": ["from"]},
            {"kind": "order", "first": "from", "second": "to"},
            {"kind": "order", "first": "count", "second": "limit"},
        ],
    }
)


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("name", "张三", None),
        ("name", "  ", Fault.MISSING),
        ("name", "x" * 11, Fault.UNFIT),
        ("name", 3, Fault.WRONG_TYPE),
        ("story", "ab", Fault.UNFIT),
        ("story", "我的卡号是6222021234567890128，请退到这里", Fault.OPEN_NUMBER),
        ("story", "身份证110101199003070011", Fault.OPEN_NUMBER),
        ("way", "gold", Fault.UNFIT),
        ("way", ["cash"], Fault.WRONG_TYPE),
        ("parts", ["cash"], None),
        ("parts", ["cash", "bank"], Fault.UNFIT),
        ("parts", "cash", Fault.WRONG_TYPE),
        ("from", "2026-11-20", None),
        ("from", "2026-11-21", Fault.UNFIT),  # tomorrow
        ("from", "2026-02-30", Fault.UNFIT),
        ("from", "20.11.2026", Fault.UNFIT),
        ("from", "２０２６-11-20", Fault.UNFIT),
        ("count", 1, None),
        ("count", 0, Fault.UNFIT),
        ("count", 9.5, Fault.UNFIT),
        ("count", "3", Fault.WRONG_TYPE),
        ("count", True, Fault.WRONG_TYPE),
        ("count", float("nan"), Fault.WRONG_TYPE),
        ("count", 10**400, Fault.WRONG_TYPE),
        ("sum", "12.50", None),
        ("sum", "0.50", Fault.UNFIT),
        ("sum", "1,000", Fault.UNFIT),
        ("sum", "-3", Fault.UNFIT),
        ("phone", "+86 138-0013-8000", None),
        ("phone", "call me", Fault.UNFIT),
        ("photo", ["p1"], None),
        ("photo", ["small"], Fault.UNFIT),
        ("photo", ["light"], Fault.UNFIT),
        ("photo", ["other"], Fault.WRONG_TYPE),  # a file of another place
        ("photo", ["gone"], Fault.WRONG_TYPE),
        ("photo", "p1", Fault.WRONG_TYPE),
        ("identity", "11010119900307001X", Fault.UNFIT),
        ("identity", "110101199003070012", Fault.UNFIT),
        ("identity", "11010519491231002x", None),
        ("account", "6222 0212 3456 7890 128", None),
        ("account", "abc", Fault.UNFIT),
        ("wish", "a unicorn", Fault.UNKNOWN),
        ("wish", None, None),
    ],
)
def test_each_kind_takes_its_values(name: str, value: object, fault: Fault | None) -> None:
    """FM-02: pattern, range, choice, size of pictures; and bad input names its place."""
    found = check(TEMPLATE, {"name": "张三", name: value}, FILES, TODAY).findings

    assert [f.fault for f in found if f.field == name] == ([fault] if fault else [])


def test_a_pattern_must_fit_the_whole_value() -> None:
    for value, right in (("AB1234", True), ("xAB1234", False), ("AB12345", False), ("ab1234", False)):
        found = check(TEMPLATE, {"name": "x", "from": "2026-11-01", "waybill": value}, FILES, TODAY).findings
        assert ("waybill" not in {f.field for f in found}) is right


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"way": "bank"}, {"account": Fault.MISSING}),
        ({"way": "bank", "account": "6222021234567890128"}, {}),
        ({"way": "cash", "account": "6222021234567890128"}, {"account": Fault.NOT_ALLOWED}),
        ({"account": "6222021234567890128"}, {}),
        ({"parts": ["bank"]}, {"story": Fault.MISSING}),
        ({"parts": ["cash"]}, {}),
        ({"to": "2026-05-01"}, {"to": Fault.NOT_ALLOWED}),
        ({"phone": "13800138000", "to": "2026-05-01"}, {}),
        ({"waybill": "AB1234"}, {"from": Fault.MISSING}),
        ({"waybill": "AB1234", "from": "2026-05-01"}, {}),
        ({"phone": "13800138000", "from": "2026-05-02", "to": "2026-05-01"}, {"to": Fault.UNFIT}),
        ({"phone": "13800138000", "from": "2026-05-01", "to": "2026-05-01"}, {}),
        ({"count": 5, "limit": 4}, {"limit": Fault.UNFIT}),
        ({"count": 5, "limit": 5}, {}),
        ({"count": 0, "limit": -1}, {"count": Fault.UNFIT}),  # what is wrong by itself is not compared
    ],
)
def test_rules_between_fields(values: dict[str, object], wrong: dict[str, Fault]) -> None:
    """FM-02: cross-field dependency."""
    found = check(TEMPLATE, {"name": "张三", **values}, FILES, TODAY).findings

    assert {f.field: f.fault for f in found} == wrong


def test_all_places_are_named_at_once_and_the_score_counts_what_is_needed() -> None:
    """FM-03, FM-09."""
    checked = check(TEMPLATE, {"way": "bank", "story": "ok"}, FILES, TODAY)

    assert [f.field for f in checked.findings] == ["name", "story", "account"]
    assert (checked.needed, checked.met, checked.score) == (("name", "account"), (), 0.0)
    half = check(TEMPLATE, {"way": "bank", "name": "张三"}, FILES, TODAY)
    assert (half.score, half.missing) == (0.5, ("account",))


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([f.name for f in TEMPLATE.fields]) | st.text(max_size=5)
LIKELY = st.sampled_from(
    [
        "张三",
        "ab",
        "bank",
        "cash",
        "AB1234",
        "2026-05-01",
        "2026-11-20",
        "12.50",
        "0",
        "13800138000",
        "11010519491231002X",
        "6222021234567890128",
        5,
        9,
        10,
        ["bank"],
        ["cash"],
        ["bank", "cash"],
        ["p1"],
        "",
        [],
        None,
    ]
)
FORMS = st.dictionaries(NAMES, LIKELY | ANY, max_size=8)


@given(FORMS)
@settings(max_examples=300)
def test_nothing_makes_the_checker_fail_and_what_is_right_stays_right(values: dict[str, object]) -> None:
    """FM-02: any JSON whatsoever; and what was found right is right again after it was stored and read."""
    checked = check(TEMPLATE, values, FILES, TODAY)

    if not checked.findings:
        again = check(TEMPLATE, json.loads(json.dumps(checked.values)), FILES, TODAY)
        assert (again.values, again.findings) == (checked.values, ())


STATED = {"name", "story", "waybill", "way", "parts", "account"}
IN_THE_SCHEMA = TEMPLATE.model_copy(
    update={
        "fields": tuple(
            f for f in TEMPLATE.fields if f.name in {"name", "story", "waybill", "way", "parts", "account"}
        ),
        "rules": tuple(r for r in TEMPLATE.rules[:3]),
    }
)
_TEXTS = st.sampled_from(
    ["张三", "ab", "bank", "cash", "AB1234", "6222021234567890128", 5, ["bank"], ["cash", "bank"], []]
)
_NAMED = st.sampled_from([f.name for f in IN_THE_SCHEMA.fields] + ["wish"])


@given(st.dictionaries(_NAMED, _TEXTS, max_size=7))
@settings(max_examples=300)
def test_checker_and_schema_agree_on_all_that_the_schema_can_state(values: dict[str, object]) -> None:
    """FM-07: a program that reads the schema is told the same."""
    given_ = cleaned(values)

    assert fits(schema_of(IN_THE_SCHEMA, "zh"), given_) is not bool(check(IN_THE_SCHEMA, given_, {}, TODAY).findings)


@given(FORMS)
@settings(max_examples=200)
def test_what_the_schema_refuses_the_checker_refuses_too(values: dict[str, object]) -> None:
    checked = check(TEMPLATE, values, FILES, TODAY)

    if not checked.findings:
        assert fits(schema_of(TEMPLATE, "en"), checked.values)


def test_our_reading_of_the_schema_knows_every_word_that_is_written() -> None:
    schema = schema_of(TEMPLATE, "zh")

    assert keywords(schema) - set(_CHECKS) <= ANNOTATIONS
    assert schema["properties"]["account"]["writeOnly"] is True
    assert schema["properties"]["photo"]["x-ui"]["min_pixels"] == 300
    assert [p["x-ui"]["order"] for p in schema["properties"].values()] == list(range(len(TEMPLATE.fields)))


def test_grave_faults_are_never_kept() -> None:
    assert {Fault.UNKNOWN, Fault.WRONG_TYPE, Fault.OPEN_NUMBER} == GRAVE
