"""Which target a ticket gets: the presets' figures, the most specific policy, and what an edition may not be."""

from itertools import permutations
from typing import Any

import pytest

from tickets.books.errors import BookInvalid
from tickets.books.service import checked
from tickets.sla.announcing import raised
from tickets.sla.calendars import CALENDARS
from tickets.sla.policies import SERVICE_LEVELS, Facts, ServiceLevels, presets
from tickets.sla.words import AROUND_THE_CLOCK, ClockKind, Promise
from tickets.words import Priority

P, K = Priority, ClockKind
DAY = 24 * 60
ALWAYS, WORKING = AROUND_THE_CLOCK, "standard"


@pytest.mark.parametrize(
    ("preset", "rank", "key", "first", "resolve", "promise"),
    [
        ("s0", P.P1, "P1", (10, ALWAYS), (480, ALWAYS), Promise.SOLVE),
        ("s0", P.P2, "P2", (120, ALWAYS), (DAY, ALWAYS), Promise.SOLVE),
        ("s0", P.P3, "P3", (480, WORKING), (3 * 480, WORKING), Promise.SOLVE),
        ("s0", P.P4, "P4", (DAY, WORKING), (7 * 480, WORKING), Promise.SOLVE),
        ("s2", P.P1, "urgent", (15, ALWAYS), (240, ALWAYS), Promise.SOLVE),
        ("s2", P.P2, "high", (120, ALWAYS), (DAY, ALWAYS), Promise.SOLVE),
        ("s2", P.P3, "normal", (DAY, ALWAYS), (3 * DAY, ALWAYS), Promise.SOLVE),
        ("s2", P.P4, "low", (3 * DAY, ALWAYS), (7 * DAY, ALWAYS), Promise.SOLVE),
        ("s4", P.P1, "P0", (15, ALWAYS), (240, ALWAYS), Promise.RESTORE),
        ("s4", P.P2, "P1", (60, ALWAYS), (DAY, ALWAYS), Promise.OFFER),
        ("s4", P.P3, "P2", (240, WORKING), (3 * 480, WORKING), Promise.SOLVE),
        ("s4", P.P4, "P3", (480, WORKING), None, None),
    ],
)
def test_the_sources_figures(
    preset: str,
    rank: Priority,
    *,
    key: str,
    first: tuple[int, str],
    resolve: tuple[int, str] | None,
    promise: Promise | None,
) -> None:
    """SL-02, SL-03, SL-04, SL-05, CL-11, CL-12, CL-13, CL-14: each scheme's own word for one internal rank."""
    levels = presets()[preset]
    facts = Facts(rank)

    response, solved = levels.choose(K.FIRST_RESPONSE, "", facts), levels.choose(K.RESOLVE, "", facts)

    assert response is not None
    assert (response.target.minutes, response.target.calendar) == first
    assert (solved and (solved.target.minutes, solved.target.calendar)) == resolve
    assert (solved and solved.target.promise) == promise
    named = next(s for s in levels.schemes if s.name == preset)
    assert next(r.key for r in named.ranks if r.rank is rank) == key


def _levels(*policies: dict[str, Any], **more: Any) -> dict[str, Any]:
    raw = presets()["s0"].model_dump(mode="json", exclude_defaults=True)
    return {**raw, "policies": list(policies), **more}


GENERAL = [
    {"name": "any", "resolve": {"minutes": 1}, "first_response": {"minutes": 100}},
    {"name": "p", "priority": "P2", "resolve": {"minutes": 2}},
    {"name": "g", "group": "repair", "resolve": {"minutes": 3}},
    {"name": "l", "level": "vip", "resolve": {"minutes": 4}},
    {"name": "gp", "group": "repair", "priority": "P2", "resolve": {"minutes": 5}},
    {"name": "lp", "level": "vip", "priority": "P2", "resolve": {"minutes": 6}},
    {"name": "lg", "level": "vip", "group": "repair", "resolve": {"minutes": 7}},
    {"name": "lgp", "level": "vip", "group": "repair", "priority": "P2", "ai_answer_counts": True},
]


@pytest.mark.parametrize(
    ("facts", "policy"),
    [
        (Facts(P.P3), "any"),
        (Facts(P.P2), "p"),
        (Facts(P.P3, group="repair"), "g"),
        (Facts(P.P3, level="vip"), "l"),
        (Facts(P.P2, group="repair"), "gp"),
        (Facts(P.P2, level="vip"), "lp"),
        (Facts(P.P3, level="vip", group="repair"), "lg"),
        (Facts(P.P2, level="vip", group="repair"), "lg"),  # the most specific one has no such target
        (Facts(P.P2, level="gold", group="logistics"), "p"),
    ],
)
def test_the_most_specific_policy_gives_the_target(facts: Facts, policy: str) -> None:
    """SL-01: by priority, entitlement and group, whatever the order they are written in."""
    for order in (GENERAL, GENERAL[::-1], GENERAL[3:] + GENERAL[:3]):
        levels = checked(SERVICE_LEVELS, _levels(*order))
        chosen = levels.choose(K.RESOLVE, "", facts)
        response = levels.choose(K.FIRST_RESPONSE, "", facts)

        assert chosen is not None
        assert chosen.policy == policy
        assert response is not None
        assert response.policy == "any"
        assert levels.ai_answer_counts(facts) is (facts == Facts(P.P2, "vip", "repair"))


def test_the_order_of_policies_never_matters() -> None:
    some = GENERAL[3:7]
    facts = Facts(P.P2, level="vip", group="repair")
    found = {checked(SERVICE_LEVELS, _levels(*order)).choose(K.RESOLVE, "", facts) for order in permutations(some)}

    assert len(found) == 1


def test_nothing_promised_is_no_target() -> None:
    levels: ServiceLevels = presets()["s4"]

    assert levels.choose(K.RESOLVE, "", Facts(P.P4)) is None
    assert levels.choose(K.STAGE, "diagnosing", Facts(P.P1)) is None
    assert levels.choose(K.TIMER, "unknown", Facts(P.P1)) is None


@pytest.mark.parametrize(
    ("raw", "place", "said"),
    [
        (_levels({"name": "a"}, {"name": "b"}), ".", "两条规则的条件相同：*"),
        (_levels({"name": "a"}, {"name": "a", "priority": "P1"}), ".", "policies 中「a」重复"),
        (_levels({"name": "a", "stages": {"x": {"minutes": 5}}}), "policies.0", "没有「x」这个环节"),
        (_levels({"name": "a", "resolve": {"minutes": 0}}), "policies.0.resolve.minutes", ""),
        (_levels({"name": "a", "priority": "P9"}), "policies.0.priority", "不是允许的取值"),
        (_levels({"name": "a", "colour": "red"}), "policies.0.colour", "不认识这一项"),
        (_levels({"name": "a"}, scheme="s9"), ".", "没有「s9」这套等级"),
        (_levels({"name": "a"}, warn_percent=100), "warn_percent", ""),
        (
            _levels({"name": "a"}, escalation={"dwell_lead_minutes": 50, "dwell_supervisor_minutes": 50}),
            "escalation",
            "通知主管必须晚于提醒组长",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_at_its_place(raw: dict[str, Any], place: str, said: str) -> None:
    with pytest.raises(BookInvalid) as refused:
        checked(SERVICE_LEVELS, raw)

    found = refused.value.issues[0]
    assert found.field == place
    assert said in found.reason_zh


NINE_TO_FIVE = [{"opens": "09:00", "closes": "17:00"}]


def _calendar(**more: Any) -> dict[str, Any]:
    return {"calendars": [{"name": "standard", "zh": "x", "en": "x", "week": {"mon": NINE_TO_FIVE}, **more}]}


@pytest.mark.parametrize(
    ("raw", "place", "said"),
    [
        (_calendar(week={}), "calendars.0.week", "没有任何工作时间"),
        (_calendar(week={"tue": []}), "calendars.0.week", "没有任何工作时间"),
        (
            _calendar(week={"mon": [*NINE_TO_FIVE, {"opens": "16:59", "closes": "20:00"}]}),
            "calendars.0.week.mon",
            "时段 09:00–17:00 与 16:59–20:00 重叠",
        ),
        (
            _calendar(week={"sun": [{"opens": "18:00", "closes": "09:00"}]}),
            "calendars.0.week.sun.0",
            "必须晚于开始时间",
        ),
        (_calendar(week={"sun": [{"opens": "9", "closes": "24:00"}]}), "calendars.0.week.sun.0.opens", ""),
        (_calendar(zone="Asia/Nowhere"), "calendars.0.zone", "不认识时区"),
        (_calendar(holidays="XX"), "calendars.0.holidays", "没有「XX」的节假日数据"),
        (_calendar(days=[{"day": "2026-10-01"}, {"day": "2026-10-01"}]), "calendars.0", "2026-10-01 写了两次"),
        (_calendar(days=[{"day": "2026-02-30"}]), "calendars.0.days.0.day", ""),
        (_calendar(name="24x7"), ".", "「24x7」是内置日历"),
        ({**_calendar(), "standard": "x"}, ".", "默认日历「x」不存在"),
    ],
)
def test_a_calendar_that_cannot_count_is_refused_at_its_place(raw: dict[str, Any], place: str, said: str) -> None:
    """SL-06: among them one without any working time, on which a clock would stand for ever."""
    with pytest.raises(BookInvalid) as refused:
        checked(CALENDARS, raw)

    found = refused.value.issues[0]
    assert found.field == place
    assert said in found.reason_zh


def test_touching_spans_and_a_day_to_its_end_are_fine() -> None:
    spans = [{"opens": "12:00", "closes": "24:00"}, {"opens": "00:00", "closes": "12:00"}]
    week = checked(CALENDARS, _calendar(week={"sat": spans})).calendars[0].week

    assert [span.opens for span in week.sat] == ["00:00", "12:00"]


@pytest.mark.parametrize(("before", "after"), [(P.P4, P.P3), (P.P3, P.P2), (P.P2, P.P2), (P.P1, P.P1)])
def test_dwelling_raises_by_one_rank_but_to_no_emergency(before: Priority, after: Priority) -> None:
    """SL-11."""
    assert raised(before) is after
