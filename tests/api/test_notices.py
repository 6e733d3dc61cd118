"""Notices from a change of a ticket to the reader, the inbox, the customer's page, and the screen that keeps them."""

import re
from collections.abc import Iterator

import pytest
from harness_flows import Talk, route_by_hand
from sqlalchemy import delete

from api.rendering import texts
from tickets.books.models import EditionRow
from tickets.csat.models import SurveyRow
from tickets.notices.models import NoticeAddressRow, NoticeMuteRow, NoticePlaceRow, NoticeRow

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
JSON = {"accept": "application/json"}
NOWHERE = "01a20130-0000-7000-8000-00000000dead"
WORDS = {
    "event": "filed",
    "audience": "customer",
    "channel": "mail",
    "target": "",
    "on": "true",
    "zh_subject": "工单 {ticket}",
    "zh_body": "{customer}，{ticket}：{link}",
    "en_subject": "Ticket {ticket}",
    "en_body": "{customer}, {ticket}: {link}",
}


@pytest.fixture(autouse=True)
def clean(house) -> Iterator[None]:
    yield
    with house.services.database.transaction() as session:
        for table in (SurveyRow, NoticeRow, NoticeAddressRow, NoticeMuteRow, NoticePlaceRow):
            session.execute(delete(table))
        session.execute(delete(EditionRow).where(EditionRow.book == "notices"))
    house.services.desk.books._parsed.clear()  # editions are never deleted but here


@pytest.fixture
def talk(house) -> Talk:
    talk = house.talk()
    for text in ("我叫张三，洗衣机脱水的时候不转了，显示E3", "订单号LT20261103004821", "对的"):
        talk.say(text)
    return talk


def _lead(house, lang: str = "zh"):
    return house.client("gao.yuan", lang)


def _number(talk: Talk) -> int:
    return talk.tickets()[0].summary.number


def _save(client, key: str = "", what: str = "save", version: int = 0, **over: object):
    form = {**WORDS, "key": key, "base_version": version, "what": what, **over}
    return client.post("/admin/notices/template", data=form, follow_redirects=False)


class TestInbox:
    @BOTH
    def test_an_approval_reaches_the_lead_s_inbox_and_is_read_there(self, house, talk, lang: str) -> None:
        """NT-07: through the whole house, in both languages."""
        ticket = route_by_hand(talk, ("quality_issue",))
        number = ticket.summary.number
        agent = house.client("he.qing")
        agent.post(f"/api/desk/tickets/{number}/claim", headers=JSON)
        step = {"action": "submit", "fix": "更换排水泵", "reason": "需要审核"}
        assert agent.post(f"/api/desk/tickets/{number}/steps", json=step, headers=JSON).status_code == 200
        talk.settle()
        lead = _lead(house, lang)
        page = lead.get("/inbox").text
        title = {"zh": f"T-{number} 等待审核", "en": f"T-{number} waits for review"}[lang]

        assert title in page
        assert texts(lang)["inbox_unread"] in lead.get("/inbox/count").text
        assert f"T-{number}" not in house.client("he.qing").get("/inbox").text
        lead.post("/inbox/read")
        assert lead.get("/inbox/count").text.strip() == ""

    def test_an_address_is_kept_and_a_bad_one_named(self, house) -> None:
        client = house.client("he.qing")
        assert client.post("/inbox/addresses", data={"mail": "he@shop.example"}).status_code == 200
        refused = client.post("/inbox/addresses", data={"mail": "nonsense"})

        assert refused.status_code == 422
        assert "这不是有效的邮箱地址" in refused.text
        assert 'value="he@shop.example"' in client.get("/inbox").text

    def test_what_is_not_ticked_is_switched_off_but_never_an_escalation(self, house) -> None:
        """NT-10."""
        client = house.client("he.qing")
        client.post("/inbox/switches", data={"told": ["approved:inbox"]})
        page = client.get("/inbox").text
        ticked = re.findall(r'name="told" value="([a-z_:]+)" checked', page)

        assert ticked == ["approved:inbox"]
        assert "sla_escalated:inbox" not in page


class TestProgress:
    def _link(self, house, talk) -> str:
        return house.services.desk.notices.links.token("progress", talk.tickets()[0].summary.id)

    @BOTH
    def test_the_link_of_a_notice_shows_how_far_it_is_and_nothing_personal(self, house, talk, lang: str) -> None:
        """NT-03: the self-service entry."""
        page = house.client(lang=lang).get(f"/progress/{self._link(house, talk)}")

        assert page.status_code == 200
        assert f"T-{_number(talk)}" in page.text
        assert "张三" not in page.text
        assert "脱水" not in page.text

    def test_the_customer_s_address_gets_the_next_notice(self, house, talk) -> None:
        """NT-01, NT-02."""
        token = self._link(house, talk)
        saved = house.client().post(f"/progress/{token}", data={"mail": "zhang@x.example"})
        assert "已保存" in saved.text
        house.client("he.qing").post(f"/api/desk/tickets/{_number(talk)}/claim", headers=JSON)
        talk.settle()
        sent = _lead(house).get("/admin/notices?state=failed").text

        assert "mail_off" in sent  # there is no mail server: said, not swallowed
        assert "zhang@x.example" not in sent

    @pytest.mark.parametrize("token", ["0" * 40, "01a2013000007000800000000000001000123456789abcdefABCDEF", "ü" * 40])
    def test_a_foreign_token_finds_nothing(self, house, token: str) -> None:
        assert house.client().get(f"/progress/{token}").status_code in {404, 422}

    def test_a_token_for_something_else_finds_nothing(self, house, talk) -> None:
        token = house.services.desk.notices.links.token("csat", talk.tickets()[0].summary.id)

        assert house.client().get(f"/progress/{token}").status_code == 404
        assert house.client().post(f"/progress/{token}", data={"mail": "a@b.example"}).status_code == 404


class TestScreen:
    @BOTH
    def test_it_shows_templates_hours_places_and_what_was_sent(self, house, talk, lang: str) -> None:
        page = _lead(house, lang).get("/admin/notices").text

        for words in ("notices_templates", "notices_general", "notices_places", "notices_sent"):
            assert texts(lang)[words] in page

    def test_an_agent_may_not(self, house) -> None:
        assert house.client("he.qing").get("/admin/notices").status_code == 403

    def test_a_template_is_changed_and_the_history_kept(self, house) -> None:
        """NT-03: templates in one place."""
        lead = _lead(house)
        key = "filed:customer:mail:"
        assert _save(lead, key).status_code == 303
        page = lead.get(f"/admin/notices?edit={key}").text

        assert "{customer}，{ticket}：{link}" in page
        assert _save(lead, key, version=0, zh_body="{ticket} {link}").status_code == 422  # somebody else was faster
        assert _save(lead, key, version=1, what="remove").status_code == 303
        assert lead.get(f"/admin/notices?edit={key}").status_code == 404

    @pytest.mark.parametrize(
        ("field", "words", "problem"),
        [
            ("zh_body", "{ticket}", "{link}"),
            ("en_body", "{ticket} {link} {password}", "en.body"),
            ("channel", "wecom", "不能发给客户"),
            ("event", "party", "event"),
        ],
    )
    def test_a_bad_template_is_refused_with_its_place_and_what_was_typed_stays(
        self, house, field: str, words: str, problem: str
    ) -> None:
        refused = _save(_lead(house), key="filed:customer:mail:", **{field: words})

        assert refused.status_code == 422
        assert problem in re.search(r'id="notice-error">(.*?)</div>', refused.text, re.DOTALL)[1]
        assert "{customer}，" in refused.text or field == "zh_body"
        with house.services.database.reading() as session:
            assert session.get(EditionRow, ("notices", 1)) is None

    def test_a_preview_reads_like_the_real_ticket_and_a_test_comes_to_oneself(self, house, talk) -> None:
        lead, number = _lead(house), _number(talk)
        shown = _save(lead, what="preview", number=number)
        assert f"张三，T-{number}：http" in shown.text
        refused = _save(lead, what="test", number=number)
        assert "您还没有填写" in refused.text
        staff = {"audience": "owner", "channel": "inbox"}
        assert "测试通知已发出" in _save(lead, what="test", number=number, **staff).text

        assert f"[测试] 工单 T-{number}" in lead.get("/inbox").text
        assert _save(lead, what="preview", number=999_999).status_code == 422

    def test_hours_without_an_end_are_refused(self, house) -> None:
        refused = _lead(house).post("/admin/notices/general", data={"customer_start": "22:00"})

        assert refused.status_code == 422
        assert "quiet.0.end" in refused.text

    def test_general_rules_are_saved_without_losing_the_templates(self, house) -> None:
        lead = _lead(house)
        data = {"lead_start": "23:00", "lead_end": "07:00", "owner_start": "", "urgent": ["filed"]}
        assert lead.post("/admin/notices/general", data=data, follow_redirects=False).status_code == 303
        page = lead.get("/admin/notices").text

        assert 'name="lead_start" value="23:00"' in page
        assert "filed:customer:mail:" in page.replace("%3A", ":")

    def test_a_robot_s_address_is_never_shown_again(self, house) -> None:
        lead = _lead(house)
        place = {
            "name": "repair-robot",
            "channel": "dingtalk",
            "secret": "SEC123",
            "url": "https://oapi.dingtalk.com/robot/send?access_token=tok",
        }
        assert "请填写机器人的加签密钥" in lead.post("/admin/notices/places", data={**place, "secret": ""}).text
        inside = lead.post("/admin/notices/places", data={**place, "url": "http://10.0.0.1/x"})
        page = lead.post("/admin/notices/places", data=place).text

        assert inside.status_code == 422
        assert "repair-robot" in page
        assert "oapi.dingtalk.com" in page
        assert "SEC123" not in page
        assert "access_token" not in page
        assert "repair-robot" not in lead.post("/admin/notices/places/remove", data={"name": "repair-robot"}).text

    def test_a_webhook_s_secret_is_shown_once(self, house) -> None:
        lead = _lead(house)
        place = {"name": "crm", "channel": "webhook", "url": "https://crm.example/in"}
        assert "whsec_" in lead.post("/admin/notices/places", data=place).text
        assert "whsec_" not in lead.get("/admin/notices").text

    @pytest.mark.parametrize("act", ["resend", "confirm"])
    def test_what_does_not_exist_cannot_be_sent_again(self, house, act: str) -> None:
        assert _lead(house).post(f"/admin/notices/{act}", data={"notice": NOWHERE}).status_code == 422

    def test_a_failed_notice_is_sent_again_from_the_screen(self, house, talk) -> None:
        token = house.services.desk.notices.links.token("progress", talk.tickets()[0].summary.id)
        house.client().post(f"/progress/{token}", data={"mail": "zhang@x.example"})
        house.client("he.qing").post(f"/api/desk/tickets/{_number(talk)}/claim", headers=JSON)
        talk.settle()
        lead = _lead(house)
        [notice] = set(re.findall(r'name="notice" value="([0-9a-f-]+)"', lead.get("/admin/notices?state=failed").text))
        lead.post("/admin/notices/resend", data={"notice": notice})

        assert "mail_off" not in lead.get("/admin/notices?state=pending").text
        assert notice not in lead.get("/admin/notices?state=failed").text


class TestSurvey:
    @pytest.fixture
    def solved(self, house, talk) -> Talk:
        agent, number = house.client("he.qing"), _number(talk)
        agent.post(f"/api/desk/tickets/{number}/claim", headers=JSON)
        agent.post(f"/api/desk/tickets/{number}/resolve", json={"action": "换了排水泵"}, headers=JSON)
        talk.settle()
        return talk

    def _survey_id(self, talk: Talk) -> str:
        return next(m.data["survey_id"] for m in talk.seen if m.data.get("kind") == "survey")

    @BOTH
    def test_the_link_of_a_mail_takes_an_answer_without_signing_in(self, house, solved, lang: str) -> None:
        """NT-08."""
        token = house.services.desk.notices.links.token("csat", self._survey_id(solved))
        client = house.client(lang=lang)
        assert f"T-{_number(solved)}" in client.get(f"/csat/{token}").text
        refused = client.post(f"/csat/{token}", data={"words": "没有分数"})
        assert refused.status_code == 422
        assert texts(lang)["csat_saved"] in client.post(f"/csat/{token}", data={"score": "2", "words": "慢"}).text

        desk = _lead(house, lang).get(f"/desk/tickets/{_number(solved)}").text
        assert "2 / 5" in desk
        assert "慢" in desk
        report = _lead(house, lang).get("/reports").text
        assert texts(lang)["csat_report"] in report
        assert "[" in report.partition(texts(lang)["csat_report"])[2]

    def test_a_foreign_link_finds_nothing(self, house, solved) -> None:
        token = house.services.desk.notices.links.token("progress", self._survey_id(solved))

        assert house.client().get(f"/csat/{token}").status_code == 404
        assert house.client().post(f"/csat/{token}", data={"score": "5"}).status_code == 404

    def test_the_chat_answers_only_for_its_own_tickets(self, house, solved) -> None:
        other = house.client()
        opened = other.post("/api/chat/conversations", json={"visitor": "a-visitor-of-ours"}).json()
        body = {"survey_id": self._survey_id(solved), "score": 5}
        address = f"/api/chat/conversations/{opened['conversation_id']}/survey"
        bearer = {**JSON, "authorization": f"Bearer {opened['token']}"}

        assert other.post(address, json=body, headers=bearer).status_code == 404
        assert other.post(address, json={**body, "score": None}, headers=bearer).status_code == 404
