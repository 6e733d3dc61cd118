"""Forms over the interface and on pages: the customer's, the desk's, quality's and the administrator's."""

import io
import re
from html import escape, unescape
from itertools import count
from typing import Any

import pytest
from harness_flows import route_by_hand
from PIL import Image

from kit.audit.schemas import AuditQuery

JSON = {"accept": "application/json"}
ORDER = "LT20261103004821"
REPAIR = ("repair_service", "service_booking", "book_repair")
REFUND = ("refund_return", "return_request", "refund_only")
ACCOUNT = "6222021234567890128"
_ids = count(1)


def _png() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (300, 300), "#c8d2d8").save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def own(house):
    """A customer's browser with a ticket of its own conversation, of a category."""

    def make(label: tuple[str, ...], lang: str = "zh") -> tuple[Any, str, int]:
        client = house.client(lang=lang)
        body = {"visitor": f"visitor-of-form-{next(_ids)}"}
        conversation_id = client.post("/api/chat/conversations", json=body, headers=JSON).json()["conversation_id"]
        talk = house.talk()
        talk.id = conversation_id
        talk.say(f"洗衣机的事，订单号{ORDER}")
        talk.say("转人工")
        return client, conversation_id, route_by_hand(talk, label).summary.number

    return make


class TestCustomer:
    def test_the_schema_tells_a_program_what_to_ask_for(self, own) -> None:
        """FM-01, FM-07."""
        client, conversation_id, number = own(REPAIR)

        answer = client.get(f"/api/chat/conversations/{conversation_id}/forms/{number}", headers=JSON).json()

        assert answer["schema"]["required"] == ["order_no", "serial_no", "purchase_proof"]
        assert answer["missing"] == ["serial_no", "purchase_proof"]
        assert answer["values"]["order_no"] == ORDER
        assert answer["schema"]["properties"]["serial_no"]["x-ui"]["help"] == "在机身铭牌上"

    def test_a_page_without_script_names_each_place_keeps_what_was_typed_and_takes_it(self, own) -> None:
        """FM-02, FM-03."""
        client, conversation_id, number = own(REPAIR)
        address = f"/chat/{conversation_id}/forms/{number}"
        assert "机身序列号" in client.get(address).text

        bad = client.post(
            address,
            data={"f.order_no": ORDER, "f.serial_no": "!?<b>"},
            files={"f.purchase_proof": ("proof.png", _png(), "image/png")},
        )
        kept = re.search(r'name="f.purchase_proof" value="([^"]+)" checked', bad.text)
        assert bad.status_code == 422
        assert 'id="e-serial_no"' in bad.text
        assert 'id="e-purchase_proof"' not in bad.text
        assert "!?&lt;b&gt;" in bad.text
        assert kept

        good = client.post(
            address,
            data={"f.order_no": ORDER, "f.serial_no": "SN-123456", "f.purchase_proof": kept[1]},
            follow_redirects=False,
        )
        assert (good.status_code, good.headers["location"]) == (303, f"{address}?saved=true")
        assert "已提交" in client.get(good.headers["location"]).text
        assert client.get(f"{address}/files/{kept[1]}").headers["content-type"] == "image/png"

    def test_a_file_of_the_wrong_kind_is_refused_at_its_place_and_nothing_is_taken(self, own) -> None:
        """FM-02."""
        client, conversation_id, number = own(REPAIR)
        address = f"/chat/{conversation_id}/forms/{number}"
        files = {"f.purchase_proof": ("proof.png", b"<script>", "image/png")}
        answer = client.post(address, data={"f.serial_no": "SN-123456"}, files=files)

        assert answer.status_code == 422
        assert "PDF" in answer.text
        assert 'id="e-purchase_proof"' in answer.text
        assert "SN-123456" in answer.text
        stored = client.get(f"/api/chat/conversations/{conversation_id}/forms/{number}", headers=JSON).json()
        assert stored["version"] == 0

    def test_json_is_refused_with_every_place_and_unknown_fields_are_named(self, own) -> None:
        """Bad input: missing required field, unknown field."""
        client, conversation_id, number = own(REFUND)
        address = f"/api/chat/conversations/{conversation_id}/forms/{number}"

        answer = client.post(address, json={"values": {"wish": 1, "refund_way": "bank"}}, headers=JSON)

        assert answer.status_code == 422
        assert answer.json()["kind"] == "form_incomplete"
        assert [e["field"] for e in answer.json()["errors"]] == ["wish", "amount", "bank_account", "account_holder"]

    def test_anothers_ticket_is_not_found(self, own) -> None:
        client, conversation_id, _ = own(REPAIR)
        _, _, other = own(REFUND)

        for address in (
            f"/api/chat/conversations/{conversation_id}/forms/{other}",
            f"/chat/{conversation_id}/forms/{other}",
        ):
            assert client.get(address, headers=JSON).status_code == 404

    def test_in_english(self, own) -> None:
        """NF-16."""
        client, conversation_id, number = own(REPAIR, "en")
        page = client.get(f"/chat/{conversation_id}/forms/{number}").text

        assert "Serial number" in page
        assert re.findall(r"[\u4e00-\u9fff]+", page) == []


def _hand_in_refund(own) -> tuple[Any, str, int]:
    client, conversation_id, number = own(REFUND)
    values = {"amount": "12.50", "refund_way": "bank", "bank_account": ACCOUNT, "account_holder": "张三"}
    address = f"/api/chat/conversations/{conversation_id}/forms/{number}"
    answer = client.post(address, json={"values": values}, headers=JSON)
    assert answer.status_code == 200, answer.text
    assert ACCOUNT not in answer.text
    return client, conversation_id, number


class TestSecure:
    def test_it_is_masked_everywhere_and_shown_whole_on_the_record(self, house, own) -> None:
        """FM-08: not in the ticket, the desk, the talk, the export, the timeline or what the copilot reads."""
        _, _, number = _hand_in_refund(own)
        agent = house.client("gao.yuan")
        for address in (
            f"/desk/tickets/{number}",
            f"/desk/tickets/{number}/form",
            f"/api/desk/tickets/{number}",
            f"/api/forms/{number}",
        ):
            shown = agent.get(address).text
            assert ACCOUNT not in shown
            assert "0128" in shown or "/api/desk" in address

        revealed = agent.post(f"/desk/tickets/{number}/form/reveal", data={"field": "bank_account"})
        by_json = agent.post(f"/api/forms/{number}/fields/bank_account/reveal", headers=JSON).json()

        assert ACCOUNT in revealed.text
        assert by_json == {"field": "bank_account", "value": ACCOUNT}
        with house.services.database.reading() as session:
            records = house.services.audit.page(session, AuditQuery(action="read.form_field"), 10)
        assert [(r.actor, r.data) for r in records][:2] == [("gao.yuan", {"field": "bank_account"})] * 2

    def test_who_may_not_read_personal_data_sees_no_form(self, house, own) -> None:
        _, _, number = _hand_in_refund(own)
        outsider = house.client("he.qing")  # an agent of another group: the ticket is out of sight

        assert outsider.post(f"/api/forms/{number}/fields/bank_account/reveal", headers=JSON).status_code == 404


class TestQuality:
    def test_an_incomplete_form_is_decided_and_the_customer_told_why(self, house, own) -> None:
        """FM-03, FM-09."""
        client, conversation_id, number = own(REPAIR)
        address = f"/chat/{conversation_id}/forms/{number}"
        first = client.post(address, data={"f.serial_no": "SN-123456"})
        assert 'name="as_is"' in first.text
        client.post(address, data={"f.serial_no": "SN-123456", "as_is": "true"})
        quality = house.client("shen.lu")
        assert f"T-{number}" in quality.get("/quality/forms").text

        without = quality.post(f"/quality/forms/{number}", data={"decision": "return"})
        assert 'role="alert"' in without.text
        quality.post(f"/quality/forms/{number}", data={"decision": "return", "reason": "缺少购买凭证"})

        assert f"T-{number}" not in quality.get("/quality/forms").text
        assert "缺少购买凭证" in client.get(address).text
        with house.services.database.reading() as session:
            said = house.services.conversations.messages(session, conversation_id)[-1]
        assert "缺少购买凭证" in said.raw
        assert said.data["kind"] == "form"
        again = quality.post(f"/api/quality/forms/{number}", json={"accept": True}, headers=JSON)
        assert (again.status_code, again.json()["kind"]) == (409, "form_not_waiting")
        assert 'id="compliance"' in house.client("gao.yuan").get("/reports").text

    def test_an_agent_decides_nothing(self, house, own) -> None:
        _, _, number = own(REPAIR)

        assert house.client("he.qing").get("/quality/forms").status_code == 403
        answer = house.client("he.qing").post(f"/api/quality/forms/{number}", json={"accept": True}, headers=JSON)
        assert answer.status_code == 403


class TestDesk:
    def test_an_agent_sees_what_is_missing_and_fills_it_in(self, house, own) -> None:
        """FM-03, TC-07."""
        _, _, number = own(REPAIR)
        agent = house.client("gao.yuan")
        assert "机身序列号" in agent.get(f"/desk/tickets/{number}").text

        files = {"f.purchase_proof": ("proof.pdf", b"%PDF-1.7 proof", "application/pdf")}
        answer = agent.post(
            f"/desk/tickets/{number}/form", data={"f.serial_no": "SN-123456"}, files=files, follow_redirects=False
        )

        assert answer.status_code == 303
        assert "资料齐全" in agent.get(f"/desk/tickets/{number}").text


class TestEditor:
    """FM-07: templates edited without code, and everything put back afterwards: the house is everybody's."""

    @pytest.fixture
    def lead(self, house):
        client = house.client("gao.yuan")
        before = client.get("/api/admin/forms", headers=JSON).json()
        yield client
        now = client.get("/api/admin/forms", headers=JSON).json()
        if now["templates"] != before["templates"]:
            body = {"templates": before["templates"], "base_version": now["version"]}
            client.post("/api/admin/forms", json=body, headers=JSON)

    def _typed(self, html: str) -> dict[str, str]:
        """Return the editor's fields as a browser would send them."""
        form = html.split('id="editor"')[1].split("</form>", maxsplit=1)[0]
        found = dict(re.findall(r'<input (?:type="hidden" )?name="([^"]+)" value="([^"]*)"', form))
        found |= dict.fromkeys(re.findall(r'type="checkbox" name="([^"]+)" value="true" checked', form), "true")
        found |= dict(re.findall(r'<textarea name="([^"]+)" rows="2">([^<]*)</textarea>', form))
        for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', form):
            chosen = re.search(r'value="([^"]+)" selected', options) or re.search(r'value="([^"]+)"', options)
            assert chosen
            found[name] = chosen[1]
        return {name: unescape(value) for name, value in found.items()}

    def test_what_the_page_sends_is_the_template_it_showed(self, lead) -> None:
        ids = [t["id"] for t in lead.get("/api/admin/forms", headers=JSON).json()["templates"]]
        assert len(ids) > 10
        for template_id in ("returning", "repair_booking", "general"):
            typed = self._typed(lead.get(f"/admin/forms?of={template_id}").text)
            saved = lead.post("/admin/forms", data={**typed, "do": "save"}, follow_redirects=False)
            assert saved.status_code == 303, saved.text
        after = lead.get("/api/admin/forms", headers=JSON).json()["templates"]
        with_rules = next(t for t in after if t["id"] == "returning")
        assert [t["id"] for t in after] == ids
        assert with_rules["rules"][0]["require"] == ["bank_account", "account_holder"]
        assert with_rules["rules"][2]["second"] == "sent_back_on"
        assert with_rules["fields"][6]["choices"][1] == {"value": "bank", "zh": "银行卡", "en": "Bank account"}

    def test_a_field_is_added_moved_tried_saved_and_taken_back(self, lead, own) -> None:
        _, _, number = own(REPAIR)
        typed = self._typed(lead.get("/admin/forms?of=repair_booking").text)
        added = self._typed(lead.post("/admin/forms", data={**typed, "do": "add_field"}).text)
        new = "field.6."
        assert added[f"{new}kind"] == "text"
        wanted = {**added, f"{new}name": "floor", f"{new}zh": "楼层", f"{new}en": "Floor", f"{new}required": "true"}
        moved = self._typed(lead.post("/admin/forms", data={**wanted, "do": "up:6"}).text)
        assert moved["field.5.name"] == "floor"

        tried = lead.post("/admin/forms", data={**moved, "do": "try"}).text
        assert 'id="effects"' in tried
        assert "楼层" in tried.split('id="preview"')[1]
        before = lead.get("/api/admin/forms", headers=JSON).json()["version"]
        lead.post("/admin/forms", data={**moved, "do": "save", "note": "要楼层"})

        assert "floor" in lead.get(f"/api/forms/{number}", headers=JSON).json()["missing"]
        page = lead.get("/admin/forms").text
        assert "要楼层" in page
        lead.post("/admin/forms/restore", data={"version": str(before), "base_version": str(before + 1)})
        assert "floor" not in lead.get(f"/api/forms/{number}", headers=JSON).json()["missing"]

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"field.3.pattern": "(?<=a)b"}, "字段 4 pattern 这个正则无法在线性时间内运行"),
            ({"field.3.name": "order_no"}, "出现两次"),
            ({"label": "repair_service/gone"}, "不存在"),
            ({"field.5.kind": "bank_account"}, "必须设为安全字段"),
            ({"base_version": "0"}, "已有更新的版本"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(self, lead, change, words: str) -> None:
        """Bad input: a pattern that would backtrack, a stale edition."""
        typed = self._typed(lead.get("/admin/forms?of=repair_booking").text)

        answer = lead.post("/admin/forms", data={**typed, **change, "do": "save"})

        assert answer.status_code == 422
        assert words in answer.text
        assert all(escape(value) in answer.text for value in change.values())

    @pytest.mark.parametrize(
        "text", ["[]", "{", '{"fields": 3}', '{"id": "x", "fields": [{"name": []}], "rules": [1]}']
    )
    def test_json_that_is_no_template_is_refused_and_stays(self, lead, text: str) -> None:
        for do in ("try", "save"):
            answer = lead.post("/admin/forms", data={"of": "", "base_version": "1", "do": do, "json": text})
            assert answer.status_code == 422
            assert 'role="alert"' in answer.text

    def test_only_who_keeps_the_rules_gets_in(self, house) -> None:
        for user in ("he.qing", "shen.lu"):
            assert house.client(user).get("/admin/forms").status_code == 403
            assert house.client(user).get("/api/admin/forms", headers=JSON).status_code == 403
