"""The screen of people's skills and presence, and of trying the rules of routing."""

import pytest
from sqlalchemy import text


@pytest.fixture
def boss(house):
    yield house.client("gao.yuan")
    with house.services.database.transaction() as session:
        session.execute(text("DELETE FROM agent_profiles"))


def _profile(house, username: str):
    with house.services.database.reading() as session:
        return house.services.desk.profiles.profile(session, username)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everybody_is_there_for_who_keeps_the_rules(house, lang: str) -> None:
    shown = house.client("gao.yuan", lang).get("/admin/profiles")

    assert shown.status_code == 200
    assert 'id="of-tang.wei"' in shown.text
    assert house.client("he.qing").get("/admin/profiles").status_code == 403


def test_what_somebody_knows_and_takes_is_changed(house, boss) -> None:
    """RT-01, RT-07, RT-10."""
    data = {
        "line": ["washer"],
        "issues": "quality_issue/malfunction，logistics",
        "regions": "上海、苏州",
        "level": 1,
        "capacity": "8",
        "handle_minutes": "25",
        "newcomer": "true",
        "mentor": "he.qing",
        "on_duty": "true",
    }
    saved = boss.post("/admin/profiles/tang.wei", data=data, follow_redirects=False)

    profile = _profile(house, "tang.wei")
    assert saved.status_code == 303
    assert (profile.lines, profile.regions) == (("washer",), ("上海", "苏州"))
    assert profile.issues == (("quality_issue", "malfunction"), ("logistics",))
    assert (profile.level, profile.capacity, profile.handle_minutes) == (1, 8, 25)
    assert (profile.newcomer, profile.mentor, profile.on_duty) == (True, "he.qing", True)


@pytest.mark.parametrize(
    ("data", "status"), [({"mentor": "tang.wei"}, 422), ({"level": 9}, 422), ({"capacity": "many"}, 422)]
)
def test_what_cannot_be_is_refused_and_nothing_changes(house, boss, data, status: int) -> None:
    before = _profile(house, "tang.wei")

    refused = boss.post("/admin/profiles/tang.wei", data={"on_duty": "true", **data})

    assert refused.status_code == status
    assert _profile(house, "tang.wei") == before


def test_the_rules_are_tried_without_a_ticket(house) -> None:
    """RT-03: which group, by which rule."""
    tried = house.client("gao.yuan").get("/admin/profiles?label=logistics&priority=P3").text

    assert 'id="trial"' in tried
    assert "物流组" in tried.split('id="trial"')[1].split("</p>")[0]
