"""What a book of forms must be; what could only fail later is refused when it is saved."""

from typing import Any

import pytest
import yaml

from api.shop import DEMO_SHOP
from factories import Store
from tickets.books.errors import BookInvalid
from tickets.books.service import checked
from tickets.forms.choosing import choose
from tickets.forms.schemas import FORMS, FormBook


def field(name: str, kind: str = "text", **more: object) -> dict[str, Any]:
    return {"name": name, "kind": kind, "zh": f"字段{name}", "en": f"Field {name}", **more}


def form(template_id: str = "all", **more: object) -> dict[str, Any]:
    return {"id": template_id, "zh": "表单", "en": "Form", **more}


def book(*templates: dict[str, Any]) -> dict[str, Any]:
    return {"templates": list(templates)}


def of_fields(*fields: dict[str, Any], **more: object) -> dict[str, Any]:
    return book(form(fields=list(fields), **more))


def need(name: str, *, require: Any = (), forbid: Any = (), **when: object) -> dict[str, Any]:
    return {"kind": "dependency", "when": {"field": name, **when}, "require": list(require), "forbid": list(forbid)}


def rules(*found: dict[str, Any]) -> dict[str, Any]:
    fields = [field("a"), field("b"), field("day", "date"), field("way", "choice", choices=WAYS)]
    return book(form(fields=fields, rules=list(found)))


WAYS = [{"value": "bank", "zh": "银行", "en": "Bank"}, {"value": "cash", "zh": "现金", "en": "Cash"}]


@pytest.mark.parametrize(
    ("raw", "place", "words"),
    [
        (of_fields(field("a", pattern="(?<=x)y")), "templates.0.fields.0.pattern", "invalid perl operator"),
        (of_fields(field("a", pattern=r"(a+)\1")), "templates.0.fields.0.pattern", "invalid escape sequence"),
        (of_fields(field("a", pattern="(")), "templates.0.fields.0.pattern", "missing )"),
        (of_fields(field("a", pattern="((a{900}){900}){9}")), "templates.0.fields.0.pattern", "repetition"),
        (of_fields(field("a", "identity_no")), "templates.0.fields.0", "secure"),
        (of_fields(field("a", "bank_account", secure=False)), "templates.0.fields.0", "secure"),
        (of_fields(field("a", "choice")), "templates.0.fields.0", "choices"),
        (of_fields(field("a", "choice", choices=[WAYS[0], WAYS[0]])), "templates.0.fields.0", "twice"),
        (of_fields(field("a", "number", pattern="x")), "templates.0.fields.0", "no pattern"),
        (of_fields(field("a", min_pixels=9)), "templates.0.fields.0", "no such size"),
        (of_fields(field("a", latest="today")), "templates.0.fields.0", "only a date"),
        (of_fields(field("a", least=3, most=2)), "templates.0.fields.0", "above the upper"),
        (of_fields(field("a", "video", min_bytes=9, max_bytes=8)), "templates.0.fields.0", "above the largest"),
        (of_fields(field("A b")), "templates.0.fields.0.name", "pattern"),
        (of_fields(field("a"), field("a")), "templates.0", "twice"),
        (of_fields(field("a", "model"), field("b", "model")), "templates.0", "one field of kind model"),
        (of_fields(field("a", wish=1)), "templates.0.fields.0.wish", "not permitted"),
        (rules({"kind": "dependency", "when": {"field": "gone"}, "require": ["a"]}), "templates.0", "no field gone"),
        (rules({"kind": "dependency", "when": {"field": "a"}, "require": ["gone"]}), "templates.0", "no field gone"),
        (rules({"kind": "order", "first": "day", "second": "gone"}), "templates.0", "no field gone"),
        (rules({"kind": "order", "first": "day", "second": "a"}), "templates.0", "cannot be compared"),
        (rules({"kind": "order", "first": "day", "second": "day"}), "templates.0", "cannot be compared"),
        (
            rules(need("a", require=["b"], forbid=["b"])),
            "templates.0",
            "contradicts",
        ),
        (rules({"kind": "dependency", "when": {"field": "a"}, "forbid": ["a"]}), "templates.0", "contradicts"),
        (
            rules(need("a", present=False, require=["a"])),
            "templates.0",
            "contradicts",
        ),
        (rules({"kind": "dependency", "when": {"field": "a"}}), "templates.0", "asks for nothing"),
        (
            rules(need("way", one_of=["gold"], require=["a"])),
            "templates.0",
            "has no gold",
        ),
        (
            rules(
                {"kind": "dependency", "when": {"field": "a"}, "require": ["b"]},
                {"kind": "dependency", "when": {"field": "a"}, "forbid": ["b"]},
            ),
            "templates.0",
            "opposite",
        ),
        (
            of_fields(
                field("a", required=True),
                field("b"),
                rules=[need("b", forbid=["a"])],
            ),
            "templates.0",
            "contradicts",
        ),
        (book(form(label=["quality"])), ".", "every category"),
        (book(form(), form()), ".", "twice"),
        (book(form(), form("x", label=["q"]), form("y", label=["q"])), ".", "twice"),
        (book(form(), form("x", channels=["web", "app"]), form("y", channels=["app"])), ".", "twice"),
    ],
)
def test_what_could_only_fail_later_is_refused_with_its_place(raw: dict[str, Any], place: str, words: str) -> None:
    """FM-02, FM-07: a pattern that could backtrack, a rule about nothing, an identity number that would lie open."""
    with pytest.raises(BookInvalid) as refused:
        checked(FORMS, raw)

    (issue, *_) = refused.value.issues
    assert issue.field == place
    assert words in issue.reason_en
    assert issue.reason_zh


CHOICES = checked(
    FORMS,
    book(
        form("all"),
        form("all_app", channels=["app"]),
        form("q", label=["q"]),
        form("q_app", label=["q"], channels=["app", "phone"]),
        form("qm", label=["q", "m"]),
        form("qx_app", label=["q", "x"], channels=["app"]),
    ),
)


@pytest.mark.parametrize(
    ("label", "channel", "expected"),
    [
        ((), "web", "all"),
        ((), "app", "all_app"),
        (("z",), "web", "all"),
        (("z", "y"), "app", "all_app"),
        (("q",), "web", "q"),
        (("q",), "app", "q_app"),
        (("q",), "phone", "q_app"),
        (("q", "z"), "web", "q"),
        (("q", "m"), "web", "qm"),
        (("q", "m"), "app", "qm"),  # the category is longer, though q has one for the app
        (("q", "m", "d"), "phone", "qm"),
        (("q", "x"), "app", "qx_app"),
        (("q", "x"), "web", "q"),
        (("q", "x", "d"), "phone", "q_app"),
    ],
)
def test_the_longest_category_wins_then_the_channel(label: tuple[str, ...], channel: str, expected: str) -> None:
    """FM-01, FM-04."""
    assert choose(CHOICES, label, channel).id == expected


def test_a_category_that_the_shop_does_not_have_is_refused(store: Store) -> None:
    raw = book(form(), form("x", label=["quality", "gone"]))
    with store.database.transaction() as session, pytest.raises(BookInvalid) as refused:
        store.form_overview.save(session, raw, base_version=0, actor="gao")
    assert refused.value.issues[0].field == "templates.1.label"


def _demo() -> FormBook:
    return checked(FORMS, yaml.safe_load((DEMO_SHOP / "forms.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("label", "names"),
    [
        (("refund_return", "return_request", "return_refund"), {"invoice", "waybill", "unboxing_video", "refund_way"}),
        (("repair_service", "service_booking", "book_repair"), {"serial_no", "purchase_proof"}),
        (("quality_issue", "malfunction", "no_power"), {"steps", "error_screen"}),
        (("refund_return", "return_request", "refund_only"), {"refund_way", "amount"}),
    ],
)
def test_the_demo_shops_forms_ask_for_what_each_kind_needs(label: tuple[str, ...], names: set[str]) -> None:
    """FM-01, FM-04, FM-05."""
    required = {f.name for f in choose(_demo(), label, "web").fields if f.required}

    assert names <= required


def test_every_bank_and_identity_field_of_the_demo_shop_is_secure() -> None:
    """FM-08."""
    kinds = {f.kind: f.secure for t in _demo().templates for f in t.fields if f.kind in {"bank_account", "identity_no"}}

    assert kinds == {"bank_account": True}
