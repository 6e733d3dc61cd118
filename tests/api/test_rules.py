"""The screen of rules and its JSON twin: built, tried, saved, fired on a new ticket (AR-09, AR-10, AR-11, AR-12)."""

import re
from collections.abc import Iterator

import pytest
from harness_flows import build_worker

from api.rendering import texts
from api.shop import DEMO_SHOP, load_shop
from kit.jobs.schemas import JobState
from tickets.words import Priority

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
JSON = {"accept": "application/json"}
API = "/api/admin/rules"
TAG = [{"action": "tag", "add": ["rma"]}]


@pytest.fixture
def keeper(house) -> Iterator:
    """The rules' keeper; afterwards no rule is left that other tests' tickets could meet."""
    yield house.services.automation.keeper
    _save(house)


def _save(house, *rules: dict, expect: int = 200) -> dict:
    client = house.client("gao.yuan")
    base = client.get(API, headers=JSON).json()["version"]
    answer = client.put(API, json={"book": {"rules": list(rules)}, "base_version": base}, headers=JSON)
    assert answer.status_code == expect, answer.text
    return answer.json()


def _filed(house):
    talk = house.talk()
    for text in ("洗衣机脱水的时候不转了，显示E3", "订单号LT20261103004821", "对的"):
        talk.say(text)
    talk.settle()
    (ticket,) = talk.tickets()
    return ticket


def _fields(**more: object) -> dict[str, object]:
    return {
        "name": "屏幕上建的规则",
        "when": ["routed"],
        "enabled": "true",
        "group_join": ["and"],
        "row_group": ["0", "0"],
        "field": ["orderPresent", "status"],
        "op": ["eq", "ne"],
        "value": ["是", "closed"],
        "action": ["tag"],
        "p1": ["rma, 优先"],
        "p2": [""],
        **more,
    }


class TestFiring:
    def test_rules_fire_as_a_ticket_goes_its_way(self, house, keeper) -> None:
        """AR-03, AR-11: filed, routed, a suggestion made, changed: each asks the rules that wait for it."""
        _save(
            house,
            {"name": "建单", "when": ["filed"], "if": {"eq": ["orderPresent", True]}, "then": TAG},
            {"name": "分派", "if": {"eq": ["customerTier", "SILVER"]}, "then": [{"action": "raise", "until": "P2"}]},
            {"name": "升级后", "when": ["updated"], "if": {"eq": ["priority", "P2"]}, "then": [{"action": "escalate"}]},
            {
                "name": "有建议",
                "when": ["suggestion_made"],
                "if": {"ne": ["suggestion", ""]},
                "then": [{"action": "reply", "text": "工单 {number} 正在处理"}],
            },
            {"name": "没人等", "when": ["suggestion_decided"], "then": TAG},
        )

        ticket = _filed(house)

        with house.services.database.reading() as session:
            trace = keeper.trace(session, 20, ticket_id=ticket.summary.id)
            messages = house.services.conversations.messages(session, ticket.summary.conversation_id)
        fired = {f.rule: f for f in trace}
        assert {"建单", "分派", "升级后", "有建议"} <= fired.keys()
        assert fired["升级后"].chain == ("分派",)
        assert (ticket.summary.priority, ticket.summary.status) == ("P2", "escalated")
        assert "没人等" not in fired
        said = [m.raw for m in messages if m.data.get("kind") == "auto_reply"]
        assert set(said) == {f"工单 T-{ticket.summary.number} 正在处理"}
        shown = house.client("admin").get("/desk/tickets/" + str(ticket.summary.number)).text
        assert "自动回复" in shown

    def test_without_rules_no_job_is_planted(self, house, keeper) -> None:
        _save(house, {"name": "off", "enabled": False, "then": TAG})

        ticket = _filed(house)

        with house.services.database.reading() as session:
            done = house.services.queue.listing(session, [JobState.DONE], 50)
            assert keeper.trace(session, 1, ticket_id=ticket.summary.id) == []
        since = next(n for n, job in enumerate(done) if job.kind == "intake.classify")
        assert not [job.kind for job in done[:since] if job.kind.startswith("rules.")]

    def test_the_demo_shops_rules_can_be_saved_here(self, house, keeper) -> None:
        """AR-06: urgent and repeated tickets go up by rules that the shop starts with."""
        _save(house, *load_shop(DEMO_SHOP).rules["rules"])

        ticket = _filed(house)
        with house.services.database.transaction() as session:
            house.services.desk.amend.set_priority(session, ticket.summary.id, Priority.P1, "gao.yuan", reason="冒烟")
        build_worker(house.services).drain()

        with house.services.database.reading() as session:
            after = house.services.tickets.get(session, ticket.summary.id)
            (firing,) = keeper.trace(session, 5, ticket_id=ticket.summary.id)
        assert (after.summary.group_id, firing.rule) == ("complaint", "紧急工单交投诉与安全组并通知主管")
        assert [item["action"] for item in firing.done] == ["assign", "notify"]
        assert firing.done[1]["notices"] == 1


class TestApi:
    def test_what_is_wrong_is_named_and_nothing_is_saved(self, house, keeper) -> None:
        """AR-10."""
        wrong = {"name": "r", "if": {"and": [{"eq": ["colour", "red"]}]}, "then": TAG}

        answer = _save(house, wrong, expect=422)

        assert answer["errors"][0]["field"] == "rules.0.if.and.0.eq"
        assert house.client("admin").get(API, headers=JSON).json()["book"] == {}

    def test_the_second_editor_is_told(self, house, keeper) -> None:
        version = _save(house, {"name": "r", "then": TAG})["version"]
        body = {"book": {}, "base_version": version - 1}

        assert house.client("admin").put(API, json=body, headers=JSON).status_code == 409

    def test_a_draft_is_tried_and_firings_are_told(self, house, keeper) -> None:
        ticket = _filed(house)
        book = {"rules": [{"name": "r", "if": {"eq": ["orderPresent", True]}, "then": TAG}]}

        tried = house.client("admin").post(f"{API}/try", json={"book": book}, headers=JSON).json()

        (rule,) = tried["rules"]
        assert ticket.summary.number in rule["examples"]
        assert rule["hits"] == rule["gained"] >= 1
        firings = house.client("admin").get(f"{API}/firings?rule=r", headers=JSON).json()["firings"]
        assert firings == []

    def test_an_agent_may_not(self, house) -> None:
        assert house.client("he.qing").get(API, headers=JSON).status_code == 403


class TestScreen:
    @BOTH
    def test_a_rule_is_built_tried_saved_and_fires(self, house, keeper, lang: str) -> None:
        """AR-09: by plain forms, row by row."""
        t, client = texts(lang), house.client("gao.yuan", lang)
        base = keeper_version(house)
        ticket = _filed(house)

        more = client.post("/admin/rules/edit", data=_fields(base=base, act="add_row:0")).text
        assert len(re.findall(r'name="field"', more)) == 3
        tried = client.post("/admin/rules/edit", data=_fields(base=base, act="try", tickets="100"))
        assert t["rule_try_looked"] in tried.text
        assert f"T-{ticket.summary.number}" in tried.text
        assert keeper_version(house) == base
        saved = client.post("/admin/rules/edit", data=_fields(base=base, act="save"), follow_redirects=False)
        assert saved.status_code == 303

        after = _filed(house)
        page = client.get("/admin/rules").text
        assert f"T-{after.summary.number}" in page
        assert t["fact_orderPresent"] in page
        edited = client.get("/admin/rules/edit?of=屏幕上建的规则").text
        assert 'value="rma, 优先"' in edited
        with house.services.database.reading() as session:
            assert keeper.tags(session, after.summary.id) == ("rma", "优先")
            assert keeper.tags(session, ticket.summary.id) == ()
        _save(house)

    def test_what_cannot_be_saved_is_said_in_place(self, house, keeper) -> None:
        fields = _fields(base=keeper_version(house), act="save", value=["也许", "closed"])

        answer = house.client("gao.yuan").post("/admin/rules/edit", data=fields)

        assert answer.status_code == 422
        assert "if.and.0.eq: 字段「orderPresent」不能取值" in answer.text
        assert 'value="也许"' in answer.text

    def test_changed_json_wins_and_broken_json_is_named(self, house, keeper) -> None:
        client, base = house.client("gao.yuan"), keeper_version(house)
        changed = '{"name": "j", "branches": [{"name": "a", "then": [{"action": "tag", "add": ["x"]}]}]}'

        shown = client.post("/admin/rules/edit", data=_fields(base=base, json_text=changed, json_was="{}"))
        broken = client.post("/admin/rules/edit", data=_fields(base=base, json_text="{", json_was="{}"))

        assert texts("zh")["rule_json_only"] in shown.text
        assert (broken.status_code, "JSON 格式有误" in broken.text) == (422, True)
        assert "屏幕上建的规则" in broken.text

    def test_rules_are_moved_switched_deleted_and_brought_back(self, house, keeper) -> None:
        """AR-12."""
        version = _save(house, {"name": "a", "then": TAG}, {"name": "b", "then": TAG})["version"]
        client = house.client("gao.yuan")

        for act, of in (("down", "a"), ("off", "b"), ("delete", "a")):
            base = keeper_version(house)
            client.post(f"/admin/rules/{act}", data={"of": of, "base": base})
        book = client.get(API, headers=JSON).json()["book"]
        assert [(r["name"], r.get("enabled", True)) for r in book["rules"]] == [("b", False)]
        client.post("/admin/rules/restore", data={"version": version, "base": keeper_version(house)})
        book = client.get(API, headers=JSON).json()["book"]
        assert [r["name"] for r in book["rules"]] == ["a", "b"]
        stale = client.post("/admin/rules/off", data={"of": "a", "base": version})
        assert stale.status_code == 422
        assert "已有更新的版本" in stale.text

    @BOTH
    def test_hostile_words_are_shown_as_words(self, house, keeper, lang: str) -> None:
        bad = "<script>x</script>"
        _save(house, {"name": bad, "if": {"contains": ["title", bad]}, "then": [{"action": "reply", "text": bad}]})

        for path in ("/admin/rules", "/admin/rules/edit?of=%3Cscript%3Ex%3C%2Fscript%3E"):
            page = house.client("gao.yuan", lang).get(path).text
            assert bad not in page
            assert "&lt;script&gt;" in page


def keeper_version(house) -> int:
    with house.services.database.reading() as session:
        return house.services.automation.keeper.current(session).version
