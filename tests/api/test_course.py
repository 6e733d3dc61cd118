"""The steps of a ticket over HTTP and on the desk, and the customer's word on whether it is solved."""

import re

import pytest
from harness_flows import Talk

from api.rendering import texts
from kit.jobs.schemas import JobState
from tickets.words import RecordKind

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
JSON = {"accept": "application/json"}
ORDER = "LT20261103004821"


@pytest.fixture
def talk(house) -> Talk:
    talk = house.talk()
    for text in ("我叫张三，洗衣机脱水的时候不转了，显示E3", f"订单号{ORDER}", "对的"):
        talk.say(text)
    return talk


def _number(talk: Talk) -> int:
    return talk.tickets()[0].summary.number


def _step(client, number: int, **body: str):
    return client.post(f"/api/desk/tickets/{number}/steps", json=body, headers=JSON)


def _as_quality(agent, number: int, talk: Talk) -> None:
    """Give a ticket the label whose procedure the demo shop has."""
    label = {"label": ["quality_issue", "malfunction", "error_code_shown"]}
    agent.post(f"/api/desk/tickets/{number}/label", json=label, headers=JSON).raise_for_status()
    talk.settle()


class TestApi:
    def test_a_ticket_goes_its_way_by_steps(self, house, talk: Talk) -> None:
        """LC-01, LC-02, LC-03, LC-07, LC-08."""
        agent, number = house.client("he.qing"), _number(talk)
        agent.post(f"/api/desk/tickets/{number}/claim", headers=JSON).raise_for_status()
        told = []
        for body in (
            {"action": "set_stage", "stage": "awaiting_parts"},
            {"action": "hold", "reason": "等厂家", "pause": "vendor", "proof": "报修单 88"},
            {"action": "escalate", "stage": "l2", "reason": "疑难"},
            {"action": "resume"},
            {"action": "resolve", "fix": "换了排水泵"},
            {"action": "reopen", "reason": "客户来电说没好"},
            {"action": "resolve", "fix": "换了主板"},
            {"action": "close"},
        ):
            answer = _step(agent, number, **body)
            assert answer.status_code == 200, answer.text
            told.append((answer.json()["status"], answer.json()["stage"]))

        assert told == [
            ("in_progress", "awaiting_parts"), ("on_hold", None), ("escalated", "l2"), ("in_progress", None),
            ("resolved", None), ("reopened", None), ("resolved", None), ("closed", None),
        ]  # fmt: skip
        course = agent.get(f"/api/desk/tickets/{number}", headers=JSON).json()["ticket"]["course"]
        assert (course["reopened_count"], course["close_kind"]) == (1, "solved")

    @pytest.mark.parametrize(
        ("body", "refusal"),
        [
            ({"action": "settle"}, (409, "transition_refused", None)),
            ({"action": "route"}, (409, "transition_refused", None)),
            ({"action": "hold"}, (422, "step_needs", "reason")),
            ({"action": "hold", "reason": "等"}, (422, "pause_needs", "pause")),
            ({"action": "hold", "reason": "等", "pause": "vendor"}, (422, "pause_needs", "proof")),
            ({"action": "resolve", "fix": "   "}, (422, "step_needs", "fix")),
            ({"action": "escalate", "reason": "疑难", "stage": "called"}, (422, "step_needs", "stage")),
            ({"action": "dance"}, (422, "invalid", "action")),
            ({"action": "close", "speed": "fast"}, (422, "invalid", "speed")),
        ],
    )
    def test_a_refused_step_says_why_and_changes_nothing(self, house, talk: Talk, body, refusal) -> None:
        """LC-10."""
        agent, number = house.client("he.qing"), _number(talk)
        before = agent.get(f"/api/desk/tickets/{number}", headers=JSON).json()["ticket"]

        answer = _step(agent, number, **body)

        told = answer.json()
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert (answer.status_code, told["kind"], told.get("field")) == refusal
        assert agent.get(f"/api/desk/tickets/{number}", headers=JSON).json()["ticket"] == before

    def test_only_a_lead_approves(self, house, talk: Talk) -> None:
        """LC-01, LC-10, SE-04."""
        agent, lead, number = house.client("he.qing"), house.client("gao.yuan"), _number(talk)
        agent.post(f"/api/desk/tickets/{number}/claim", headers=JSON)
        assert _step(agent, number, action="submit", fix="退款 200 元").json()["status"] == "to_review"

        assert _step(agent, number, action="approve").status_code == 403
        assert _step(lead, number, action="approve").json()["status"] == "to_settle"
        assert _step(lead, number, action="settle").json()["status"] == "resolved"

    def test_the_second_who_claims_hears_who_was_faster(self, house, talk: Talk) -> None:
        first, second, number = house.client("he.qing"), house.client("gao.yuan"), _number(talk)
        claim = f"/api/desk/tickets/{number}/claim"
        assert first.post(claim, headers=JSON).status_code == 200

        late = second.post(claim, headers=JSON)

        assert (late.status_code, late.json()["kind"]) == (409, "ticket_taken")
        assert second.post(claim, json={"holder": "he.qing"}, headers=JSON).json()["assignee"] == "gao.yuan"

    def test_records_and_procedure(self, house, talk: Talk) -> None:
        """LC-11, LC-12, LC-15, LC-18: and the customer sees none of it."""
        agent, number = house.client("he.qing"), _number(talk)
        _as_quality(agent, number, talk)
        for kind in RecordKind:
            answer = agent.post(
                f"/api/desk/tickets/{number}/records", json={"kind": kind, "text": f"内部-{kind}"}, headers=JSON
            )
            assert answer.status_code == 201
        whole = agent.get(f"/api/desk/tickets/{number}", headers=JSON).json()
        node = whole["nodes"][0]
        agent.post(f"/api/desk/tickets/{number}/nodes/{node['id']}", json={"done": True}, headers=JSON)

        after = agent.get(f"/api/desk/tickets/{number}", headers=JSON).json()
        assert [r["text"] for r in after["records"]] == [f"内部-{kind}" for kind in RecordKind]
        assert after["nodes"][0]["done_by"] == "he.qing"
        assert "内部" not in str(after["messages"])

    def test_a_closed_ticket_goes_on_in_a_linked_one(self, house, talk: Talk) -> None:
        """LC-06."""
        agent, number = house.client("he.qing"), _number(talk)
        assert agent.post(f"/api/desk/tickets/{number}/follow-up", headers=JSON).status_code == 409
        _step(agent, number, action="cancel", reason="重复")

        new = agent.post(f"/api/desk/tickets/{number}/follow-up", headers=JSON)

        assert new.status_code == 201
        assert new.json()["course"]["follows"] == number


class TestCustomer:
    def _resolved(self, house, talk: Talk) -> int:
        number = _number(talk)
        _step(house.client("he.qing"), number, action="resolve", fix="换了排水泵").raise_for_status()
        talk.settle()
        return number

    def _verify(self, house, talk: Talk, **body):
        client = house.client()
        with house.services.database.transaction() as session:
            conversation = house.services.conversations.get(session, talk.id)
            token = _token_of(house, session, talk.id)
        assert conversation.id == talk.id
        return client.post(
            f"/api/chat/conversations/{talk.id}/verify",
            json=body,
            headers={**JSON, "authorization": f"Bearer {token}"},
        )

    @pytest.mark.parametrize(("solved", "status"), [(True, "closed"), (False, "reopened")])
    def test_is_asked_once_and_their_word_counts(self, house, talk: Talk, solved: bool, status: str) -> None:
        """LC-06, LC-13."""
        number = self._resolved(house, talk)
        asked = [m for m in talk.seen if m.data.get("kind") == "verify"]

        answer = self._verify(house, talk, ticket_number=number, solved=solved)
        again = self._verify(house, talk, ticket_number=number, solved=solved)

        assert [m.data["ticket_number"] for m in asked] == [number]
        assert answer.json() == {"ticket_number": number, "status": status}
        assert again.status_code == 409

    def test_another_s_ticket_does_not_exist_for_them(self, house, talk: Talk) -> None:
        number = self._resolved(house, talk)

        assert self._verify(house, house.talk(), ticket_number=number, solved=True).status_code == 404

    def test_a_silent_customer_is_reminded_by_the_routine(self, house, talk: Talk) -> None:
        """LC-05: from the beat to the customer's chat."""
        agent, number = house.client("he.qing"), _number(talk)
        agent.post(f"/api/desk/tickets/{number}/reply", json={"text": "请发一下发票照片", "asks": True}, headers=JSON)
        talk.settle()
        house.clock.instant += house.services.settings.tickets.remind_after

        talk.worker.sweep()
        talk.settle()
        talk.settle()

        assert talk.seen[-1].data["kind"] == "remind"
        with house.services.database.reading() as session:
            assert not house.services.queue.listing(session, {JobState.DEAD}, 5)


def _token_of(house, session, conversation_id: str) -> str:
    """Give the conversation a token that the test knows; only the hash of the first one is kept."""
    from tickets.models import ConversationRow
    from tickets.repository.conversations import token_hash

    session.get_one(ConversationRow, conversation_id).access_hash = token_hash("known to the test")
    return "known to the test"


class TestDesk:
    def test_the_report_says_how_many_solved_tickets_were_reopened(self, house, talk: Talk) -> None:
        """LC-07."""
        lead, number = house.client("gao.yuan"), _number(talk)
        for body in ({"action": "resolve", "fix": "换泵"}, {"action": "reopen", "reason": "没好"}):
            _step(lead, number, **body).raise_for_status()

        tile = re.search(r"<dt>重开率</dt><dd>(\d+) %<small> (\d+) / (\d+)</small>", lead.get("/reports").text)

        assert tile
        share, reopened, solved = map(int, tile.groups())
        assert 1 <= reopened <= solved
        assert share == round(100 * reopened / solved)

    @BOTH
    def test_the_page_offers_the_steps_of_the_status_in_words(self, house, talk: Talk, lang: str) -> None:
        number = _number(talk)
        html = house.client("he.qing", lang).get(f"/desk/tickets/{number}").text

        words = texts(lang)
        menu = html[html.index('id="steps-menu"') : html.index('id="resolve-menu"')]
        for action in ("hold", "escalate", "cancel"):
            assert words[f"step_{action}"] in menu
        assert words["step_approve"] not in menu
        assert words["record_root_cause"] in html

    @pytest.mark.parametrize("scheme", ["full", "simple"])
    @BOTH
    def test_every_word_of_a_scheme_has_its_translation(self, lang: str, scheme: str) -> None:
        from tickets.lifecycle.loading import bundled
        from tickets.words import CloseKind, Stage
        from tickets.working import _KINDS, STEPS

        words = texts(lang)
        assert {f"status_{s}" for s in bundled()[scheme].statuses} <= words.keys()
        assert {f"step_{s}" for s in STEPS - {"resolve", "confirm", "expire"}} <= words.keys()
        assert {f"event_{kind}" for kind in _KINDS.values()} <= words.keys()
        assert {f"stage_{s}" for s in Stage} | {f"close_{k}" for k in CloseKind} <= words.keys()
        assert {f"record_{k}" for k in RecordKind} <= words.keys()

    def test_a_step_record_and_node_by_form(self, house, talk: Talk) -> None:
        agent, number = house.client("he.qing"), _number(talk)
        _as_quality(agent, number, talk)
        here = f"/desk/tickets/{number}"
        node = re.search(rf'action="{here}/nodes/([0-9a-f-]+)"', agent.get(here).text)
        assert node

        agent.post(f"{here}/step", data={"action": "escalate", "stage": "vendor", "reason": "<b>疑难</b>"})
        agent.post(f"{here}/record", data={"kind": "root_cause", "text": "<script>alert(1)</script>"})
        agent.post(f"{here}/nodes/{node.group(1)}", data={"done": "true"})
        html = agent.get(here).text

        assert texts("zh")["stage_vendor"] in html
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert(1)" not in html
        assert "&lt;b&gt;疑难" in html
        assert 'aria-pressed="true"' in html

    def test_a_refused_step_is_shown_on_the_page(self, house, talk: Talk) -> None:
        html = house.client("he.qing").post(f"/desk/tickets/{_number(talk)}/step", data={"action": "hold"}).text

        assert "请填写原因" in html

    def test_a_closed_ticket_offers_a_linked_one_and_nothing_else(self, house, talk: Talk) -> None:
        """LC-06."""
        agent, number = house.client("he.qing"), _number(talk)
        agent.post(f"/desk/tickets/{number}/step", data={"action": "cancel", "reason": "重复"})
        html = agent.get(f"/desk/tickets/{number}").text

        assert f'action="/desk/tickets/{number}/follow-up"' in html
        assert texts("zh")["close_not_needed"] in html
        assert 'id="steps-menu"' not in html
        assert 'id="record-text"' not in html
        new = agent.post(f"/desk/tickets/{number}/follow-up")
        assert f"T-{number}" in new.text

    def test_talk_steps_and_records_are_one_timeline(self, house, talk: Talk) -> None:
        """LC-14."""
        agent, number = house.client("he.qing"), _number(talk)
        agent.post(f"/desk/tickets/{number}/record", data={"kind": "note", "text": "备注一"})
        agent.post(
            f"/desk/tickets/{number}/step",
            data={"action": "hold", "reason": "等厂家", "pause": "vendor", "proof": "报修单 88"},
        )
        html = agent.get(f"/desk/tickets/{number}").text

        timeline = html[html.index('<ol class="timeline">') :]
        order = [timeline.index(words) for words in ("洗衣机脱水", "建单", "备注一", "等厂家")]
        assert order == sorted(order)
