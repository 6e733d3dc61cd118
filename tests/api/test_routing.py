"""Who works on a ticket, over HTTP and on the desk: the pool, transfers, groups that take part, sub-tasks."""

import pytest
from harness_flows import Talk, route_by_hand

from api.rendering import texts

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
JSON = {"accept": "application/json"}
QUALITY = ("quality_issue", "malfunction", "error_code_shown")


@pytest.fixture
def number(house) -> int:
    """A ticket of the repair group."""
    talk: Talk = house.talk()
    for text in ("我叫张三，洗衣机脱水的时候不转了，显示E3", "订单号LT20261103004821", "对的"):
        talk.say(text)
    return route_by_hand(talk, QUALITY).summary.number


def _ticket(client, number: int) -> dict:
    return client.get(f"/api/desk/tickets/{number}", headers=JSON).json()["ticket"]


def _drain(client) -> None:
    """Take everything out of the pool, whatever other tests left there."""
    while client.post("/api/desk/next", headers=JSON).status_code == 200:
        pass


class TestApi:
    def test_the_next_ticket_is_taken_and_leaves_the_pool(self, house, number: int) -> None:
        """RT-09, RT-13, RT-14."""
        agent = house.client("tang.wei")
        before = agent.get("/api/desk/pool", headers=JSON).json()

        taken = agent.post("/api/desk/next", headers=JSON).json()

        after = agent.get("/api/desk/pool", headers=JSON).json()
        assert taken["assignee"] == "tang.wei"
        assert (after["count"], after["mine"]) == (before["count"] - 1, before["mine"] + 1)
        _drain(agent)
        nothing = agent.post("/api/desk/next", headers=JSON)
        assert (nothing.status_code, nothing.json()["kind"]) == (404, "nothing_to_take")
        assert _ticket(agent, number)["assignee"] == "tang.wei"

    def test_a_transfer_needs_words_and_hides_the_ticket_from_who_gave_it(self, house, number: int) -> None:
        """RT-09."""
        agent, path = house.client("he.qing"), f"/api/desk/tickets/{number}/transfer"
        refused = agent.post(path, json={"group": "logistics", "words": " "}, headers=JSON)

        moved = agent.post(path, json={"group": "logistics", "words": "请查物流"}, headers=JSON).json()

        assert (refused.status_code, refused.json()["kind"]) == (422, "transfer_needs_words")
        assert (moved["group_id"], moved["assignee"]) == ("logistics", None)
        assert agent.get(f"/api/desk/tickets/{number}", headers=JSON).status_code == 404
        assert _ticket(house.client("luo.min"), number)["group_id"] == "logistics"

    def test_assigning_is_a_leads_right_and_dispatching_another(self, house, number: int) -> None:
        """RT-09: separate rights."""
        agent, lead = house.client("he.qing"), house.client("gao.yuan")
        body = {"person": "tang.wei", "reason": "擅长洗衣机"}
        due = {"ask": "上门检修", "due_at": "2030-01-01T09:00:00+08:00", "group": "service"}
        base = f"/api/desk/tickets/{number}"

        assert agent.post(f"{base}/assign", json=body, headers=JSON).status_code == 403
        assert agent.post(f"{base}/dispatch", json=due, headers=JSON).status_code == 403
        assert lead.post(f"{base}/assign", json=body, headers=JSON).json()["assignee"] == "tang.wei"
        assert lead.post(f"{base}/dispatch", json=due, headers=JSON).status_code == 201
        assert lead.post(f"{base}/assign", json={"person": "shen.lu"}, headers=JSON).status_code == 422

    def test_another_department_is_asked_and_answers(self, house, number: int) -> None:
        """RT-12, RT-16."""
        agent, other = house.client("he.qing"), house.client("song.yi")
        base = f"/api/desk/tickets/{number}"
        assert other.get(base, headers=JSON).status_code == 404
        ask = {"ask": "请向承运商索赔", "due_at": "2030-01-01T09:00:00+08:00", "group": "refund"}

        made = agent.post(f"{base}/subtasks", json=ask, headers=JSON).json()
        seen = other.get(base, headers=JSON)
        answer = other.post(f"{base}/subtasks/{made['id']}", json={"words": "已理赔"}, headers=JSON)

        assert (seen.status_code, answer.json()) == (200, {"status": "done"})
        (task,) = agent.get(f"{base}/subtasks", headers=JSON).json()["subtasks"]
        assert (task["answer"], task["done_by"]) == ("已理赔", "song.yi")

    def test_a_bulk_assignment_goes_the_same_way(self, house, number: int) -> None:
        """AR-04, NT-07."""
        lead = house.client("gao.yuan")

        lead.post("/api/desk/tickets/bulk", json={"action": "assign", "numbers": [number], "value": "tang.wei"})

        with house.services.database.reading() as session:
            ticket = house.services.tickets.by_number(session, number)
            state = house.services.desk.routing.state(session, ticket.summary.id)
        assert ticket.summary.assignee == "tang.wei"
        assert state is not None
        assert state.person_why.en == "given by gao.yuan"


class TestDesk:
    @BOTH
    def test_the_pane_says_how_the_ticket_came_here_and_offers_what_can_be_done(
        self, house, number: int, lang: str
    ) -> None:
        """RT-12, RT-14, RT-16."""
        words, lead = texts(lang), house.client("gao.yuan", lang)
        lead.post(f"/desk/tickets/{number}/share", data={"group": "refund"})
        lead.post(
            f"/desk/tickets/{number}/ask",
            data={"to": "person:song.yi", "due_at": "2030-01-01T09:00", "words": "<b>请索赔</b>"},
        )

        shown = lead.get(f"/desk/tickets/{number}").text

        for key in ("team", "team_groups", "transfer", "task_visit", "customer_standing", "take_next", "presence_on"):
            assert words[key] in shown, key
        assert "&lt;b&gt;请索赔&lt;/b&gt;" in shown
        assert "routing rule" in shown.lower() if lang == "en" else "分派规则第" in shown
        mine = house.client("song.yi", lang).get("/desk/tasks").text
        assert f"T-{number}" in mine
        assert words["event_task_asked"] in shown

    def test_a_transfer_by_form_ends_at_the_queue(self, house, number: int) -> None:
        """RT-09: without script."""
        agent = house.client("he.qing")

        refused = agent.post(f"/desk/tickets/{number}/transfer", data={"to": "group:logistics", "words": " "})
        done = agent.post(f"/desk/tickets/{number}/transfer", data={"to": "group:logistics", "words": "请查物流"})

        assert 'role="alert"' in refused.text
        assert done.url.path == "/desk"

    def test_off_duty_nothing_can_be_taken(self, house) -> None:
        """RT-07: the switch is on the desk."""
        agent = house.client("cao.ning")
        try:
            off = agent.post("/desk/presence", data={"on_duty": "false"}).text
            refused = agent.post("/desk/next")
        finally:
            on = agent.post("/desk/presence", data={"on_duty": "true"}).text

        assert texts("zh")["presence_off"] in off
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
        assert texts("zh")["presence_on"] in on

    def test_a_success_manager_is_kept_for_the_customer(self, house, number: int) -> None:
        """RT-05, RT-06."""
        lead = house.client("gao.yuan")
        known = {"level": "vip", "region": "华东", "manager": "song.yi", "renews_on": "2026-12-01"}

        lead.post(f"/desk/tickets/{number}/customer", data=known)

        with house.services.database.reading() as session:
            ticket = house.services.tickets.by_number(session, number)
            standing = house.services.desk.profiles.standing(session, ticket.customer_id)
        assert (standing.level, standing.region, standing.success_manager) == ("vip", "华东", "song.yi")
        assert str(standing.renews_on) == "2026-12-01"
