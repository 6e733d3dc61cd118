"""Ticket lists from the outside: the page without script, its JSON twin, views, bulk actions, exports."""

import csv
import io
import re
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, update

from api.list_params import DEFAULT_COLUMNS, ListParams
from kit.audit.schemas import AuditQuery
from tickets.lists.models import DefaultViewRow, SavedViewRow
from tickets.models import TicketRow
from tickets.schemas import Field, TicketDraft
from tickets.words import FieldName, FieldState, Verdict

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
JSON = {"accept": "application/json"}
ORDER = "LT20261103004821"


@pytest.fixture(autouse=True)
def clean(house):
    yield
    with house.services.database.transaction() as session:
        session.execute(delete(DefaultViewRow))
        session.execute(delete(SavedViewRow))


def _filed(house, title: str = "洗衣机漏水", said: str = "厨房地板都湿了", **columns: object) -> int:
    """File a ticket past the dialogue, run its jobs, and return its number."""
    services, talk = house.services, house.talk()
    talk.send(said)
    with services.database.transaction() as session:
        case = services.cases.current(session, talk.id, first_seq=1)
        field = Field(FieldName.ORDER_NO, ORDER, ORDER, Verdict.VALID, 0.99, FieldState.CONFIRMED, ())
        ticket = services.tickets.file(session, TicketDraft(case.id, talk.id, title, title, (field,)), "customer")
    talk.settle()
    with services.database.transaction() as session:
        if columns:
            session.execute(update(TicketRow).where(TicketRow.id == ticket.summary.id).values(**columns))
    return ticket.summary.number


def _listed(house, user: str = "he.qing", **params: object) -> dict:
    answer = house.client(user).get("/api/desk/tickets", params=params, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _numbers(found: dict) -> list[int]:
    return [line["number"] for line in found["tickets"]]


class TestJson:
    def test_pages_follow_each_other_by_cursor_or_by_the_last_id(self, house) -> None:
        """LC-16: the older way to page goes on working."""
        made = [_filed(house) for _ in range(3)]
        first = _listed(house, sort="newest", limit=2)
        by_cursor = _listed(house, sort="newest", limit=2, cursor=first["next"])
        by_id = _listed(house, sort="newest", limit=2, after=first["tickets"][-1]["id"])

        assert _numbers(first) == made[:0:-1]
        assert _numbers(by_cursor)[0] == _numbers(by_id)[0] == made[0]
        assert first["tickets"][0]["submitter"] == "张三"

    def test_words_of_the_customer_are_found_also_those_said_later(self, house) -> None:
        number = _filed(house, said="昨晚冰箱上面结霜了")
        assert number in _numbers(_listed(house, q="冰箱上面结霜"))
        with house.services.database.reading() as session:
            talk_id = house.services.tickets.by_number(session, number).summary.conversation_id
        talk = house.talk()
        talk.id = talk_id
        talk.say("现在灯也不亮了")

        assert number in _numbers(_listed(house, q="灯也不亮"))
        assert number in _numbers(_listed(house, q=ORDER))
        assert _numbers(_listed(house, q="没有人说过的话")) == []

    @BOTH
    def test_a_forged_cursor_is_a_problem_that_names_the_field(self, house, lang: str) -> None:
        answer = house.client("he.qing", lang).get("/api/desk/tickets?cursor=abc", headers=JSON)

        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.json()["kind"], answer.json()["field"]) == ("cursor_foreign", "cursor")

    @pytest.mark.parametrize("query", ["status=nonsense", "sort=by_mood", "created_from=yesterday", "limit=100000"])
    def test_what_no_list_knows_is_refused(self, house, query: str) -> None:
        assert house.client("he.qing").get(f"/api/desk/tickets?{query}", headers=JSON).status_code == 422


class TestAddress:
    def test_blank_fields_of_a_form_narrow_nothing(self, house) -> None:
        blank = "status=&priority=&group=&assignee=&label=&created_from=&created_to=&sort=&col=&q="

        assert (
            _listed(house)["tickets"]
            == house.client("he.qing").get(f"/api/desk/tickets?{blank}", headers=JSON).json()["tickets"]
        )

    def test_days_are_those_of_the_shop_the_last_one_included(self) -> None:
        params = ListParams.model_validate({"created_from": "2026-11-20", "created_to": "2026-11-20"})
        member = _member()

        wanted = params.filter(member)

        assert wanted.created_from == datetime(2026, 11, 19, 16, tzinfo=UTC)
        assert wanted.created_to == datetime(2026, 11, 20, 16, tzinfo=UTC)

    def test_an_address_says_the_whole_state(self) -> None:
        params = ListParams.model_validate({"status": ["new", "closed"], "q": "漏水", "col": ["title"], "cursor": "x"})

        again = ListParams.model_validate(params.state())

        assert again.state() == params.state()
        assert "cursor" not in params.state()
        assert unquote(params.address()) == "/desk/tickets?status=new&status=closed&q=漏水&col=title"

    def test_the_usual_columns_are_not_spelt_out(self) -> None:
        assert ListParams.model_validate({"col": list(DEFAULT_COLUMNS)}).state() == {}


def _member():
    from tickets.schemas import StaffMember
    from tickets.words import StaffRole

    return StaffMember("he.qing", "何青", StaffRole.AGENT, "repair")


class TestPage:
    @BOTH
    def test_it_shows_the_columns_of_the_manual(self, house, lang: str) -> None:
        """LC-16, NF-16."""
        number = _filed(house)
        html = house.client("he.qing", lang).get("/desk/tickets?sort=newest").text
        heads = re.findall(r'<th scope="col">([^<]+)</th>', html)

        zh = [
            "编号",
            "标题",
            "类型",
            "优先级",
            "状态",
            "提交人",
            "处理人",
            "创建时间",
            "更新时间",
            "首次响应时间",
            "解决时间",
        ]
        en = [
            "Number",
            "Title",
            "Type",
            "Priority",
            "Status",
            "Submitter",
            "Owner",
            "Created",
            "Updated",
            "Response time",
            "Resolve time",
        ]
        assert heads == (zh if lang == "zh" else en)
        assert f"T-{number}" in html

    def test_columns_filter_and_next_page_are_in_the_address(self, house) -> None:
        for _ in range(2):
            _filed(house)
        client = house.client("he.qing")
        html = client.get("/desk/tickets?sort=newest&limit=1&col=title&q=漏水").text
        (address,) = re.findall(r'rel="next" href="([^"]+)"', html)

        assert re.findall(r'<th scope="col">([^<]+)</th>', html) == ["编号", "标题"]
        following = client.get(address.replace("&amp;", "&"))
        assert following.status_code == 200
        assert "回到第一页" in following.text

    @BOTH
    def test_an_empty_list_says_what_to_do(self, house, lang: str) -> None:
        html = house.client("he.qing", lang).get("/desk/tickets?q=没有这样的工单").text

        assert ("没有符合条件的工单" if lang == "zh" else "No ticket fits") in html

    def test_a_chip_takes_its_part_of_the_filter_away(self, house) -> None:
        html = house.client("he.qing").get("/desk/tickets?priority=P1&priority=P2&overdue=true&assignee=me").text
        chips = re.findall(r'<a class="chip" href="([^"]+)">', html)

        assert "/desk/tickets?assignee=me&amp;priority=P2&amp;overdue=true" in chips
        assert "/desk/tickets?assignee=me&amp;priority=P1&amp;priority=P2" in chips

    def test_a_forged_cursor_is_a_page_that_says_so(self, house) -> None:
        answer = house.client("he.qing").get("/desk/tickets?cursor=abc")

        assert answer.status_code == 422
        assert "翻页位置无效" in answer.text


class TestViews:
    def test_a_list_is_saved_seen_first_deleted_and_had_back(self, house) -> None:
        client = house.client("he.qing")
        saved = client.post("/desk/views?overdue=true&sort=due", data={"name": "超时的"})
        assert saved.status_code == 200  # after the redirect
        assert "超时的" in client.get("/desk").text
        (view,) = client.get("/api/desk/views", headers=JSON).json()["views"]

        client.post(f"/desk/views/{view['id']}/default")
        first = client.get("/desk/tickets", follow_redirects=False)
        assert (first.status_code, first.headers["location"]) == (303, "/desk/tickets?overdue=true&sort=due")
        client.post(f"/desk/views/{view['id']}/rename", data={"name": "急"})
        deleted = client.post(f"/desk/views/{view['id']}/delete")
        assert "视图已删除" in deleted.text
        assert client.get("/api/desk/views", headers=JSON).json()["views"] == []

        client.post(f"/desk/views/{view['id']}/restore")

        assert [v["name"] for v in client.get("/api/desk/views", headers=JSON).json()["views"]] == ["急"]

    def test_a_lead_shares_and_an_agent_may_not(self, house) -> None:
        body = {"name": "本组", "state": {"group": "repair"}, "group": "repair"}
        refused = house.client("he.qing").post("/api/desk/views", json=body, headers=JSON)
        shared = house.client("gao.yuan").post("/api/desk/views", json=body, headers=JSON)

        assert (refused.status_code, refused.json()["kind"]) == (403, "sharing_refused")
        assert shared.status_code == 201
        assert [v["id"] for v in house.client("he.qing").get("/api/desk/views", headers=JSON).json()["views"]] == [
            shared.json()["id"]
        ]

    def test_a_taken_name_is_said_on_the_page(self, house) -> None:
        client = house.client("he.qing")
        for _ in range(2):
            answer = client.post("/desk/views", data={"name": "a"})

        assert answer.status_code == 422
        assert "已有名为" in answer.text


class TestBulk:
    def test_each_ticket_has_its_own_result(self, house) -> None:
        """One refusal holds nobody else up, and changes nothing of its own ticket."""
        open_one, closed = _filed(house), _filed(house, status="closed")
        body = {"action": "assign", "numbers": [open_one, closed, 999_999], "value": "tang.wei"}
        answer = house.client("gao.yuan").post("/api/desk/tickets/bulk", json=body, headers=JSON)

        results = {r["number"]: (r["done"], r["kind"]) for r in answer.json()["results"]}
        assert results == {
            open_one: (True, None),
            closed: (False, "transition_refused"),
            999_999: (False, "ticket_not_found"),
        }
        assert open_one in _numbers(_listed(house, "gao.yuan", assignee="tang.wei"))

    @pytest.mark.parametrize(("user", "action"), [("he.qing", "assign"), ("shen.lu", "resolve")])
    def test_it_takes_the_right_that_one_ticket_takes(self, house, user: str, action: str) -> None:
        """SE-02: an agent gives no work to others, the quality desk resolves nothing."""
        body = {"action": action, "numbers": [_filed(house)], "value": "tang.wei"}

        assert house.client(user).post("/api/desk/tickets/bulk", json=body, headers=JSON).status_code == 403

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            ({"action": "claim", "numbers": []}, "nothing_chosen"),
            ({"action": "claim", "numbers": list(range(201))}, "too_many_chosen"),
            ({"action": "assign", "numbers": [1]}, "value_required"),
            ({"action": "assign", "numbers": [1], "value": "nobody.here"}, "unknown_person"),
            ({"action": "priority", "numbers": [1]}, "value_required"),
            ({"action": "priority", "numbers": [1], "value": "P9", "reason": "x"}, "unknown_priority"),
        ],
    )
    def test_what_cannot_be_done_is_refused_as_a_whole(self, house, body: dict, kind: str) -> None:
        answer = house.client("gao.yuan").post("/api/desk/tickets/bulk", json=body, headers=JSON)

        assert answer.status_code in {413, 422}
        assert answer.json()["kind"] == kind

    def test_priorities_are_changed_with_a_reason_and_move_the_clocks(self, house) -> None:
        one, two = _filed(house), _filed(house, status="closed")
        due = {
            line["number"]: line["resolve_due_at"]
            for line in _listed(house, "gao.yuan", all=True, sort="newest")["tickets"]
        }
        body = {"action": "priority", "numbers": [one, two], "value": "P1"}
        client = house.client("gao.yuan")

        bare = client.post("/api/desk/tickets/bulk", json=body, headers=JSON).json()["results"]
        told = client.post("/api/desk/tickets/bulk", json={**body, "reason": "停电"}, headers=JSON).json()["results"]
        assert [r["kind"] for r in bare] == ["reason_missing", "ticket_archived"]
        assert [r["kind"] for r in told] == [None, "ticket_archived"]
        after = {line["number"]: line for line in _listed(house, "gao.yuan", all=True, sort="newest")["tickets"]}
        assert (after[one]["priority"], after[two]["priority"]) == ("P1", "P3")
        assert after[one]["resolve_due_at"] < due[one]

    def test_resolved_tickets_close_and_open_ones_need_a_reason(self, house) -> None:
        """LC-08: solved is another ending than not needed."""
        resolved, open_one = _filed(house, status="resolved"), _filed(house)
        client, body = house.client("gao.yuan"), {"action": "close", "numbers": [resolved, open_one]}

        bare = client.post("/api/desk/tickets/bulk", json=body, headers=JSON).json()["results"]
        assert [(r["number"], r["kind"]) for r in bare] == [(resolved, None), (open_one, "step_needs")]
        form = {"action": "close", "number": [str(open_one)], "reason": "重复提交"}
        assert "完成" in client.post("/desk/tickets/bulk", data=form).text
        with house.services.database.reading() as session:
            kinds = [house.services.tickets.by_number(session, n).course.close_kind for n in (resolved, open_one)]
        assert kinds == ["solved", "not_needed"]

    def test_the_form_without_script_labels_claims_and_resolves(self, house) -> None:
        one, two = _filed(house), _filed(house)
        client = house.client("he.qing")
        label = "/".join(min(house.services.shop.taxonomy.paths, key=len))
        for data in ({"action": "label", "label_to": label}, {"action": "claim"}, {"action": "resolve", "fix": "换件"}):
            answer = client.post("/desk/tickets/bulk?sort=newest", data={**data, "number": [one, two]})
            assert answer.status_code == 200
            assert answer.text.count("badge sure") >= 2
        nothing = client.post("/desk/tickets/bulk", data={"action": "claim"})
        assert (nothing.status_code, "请先勾选工单" in nothing.text) == (422, True)

        found = _listed(house, status="resolved", assignee="me", sort="newest", limit=2)
        assert sorted(_numbers(found)) == [one, two]
        assert {"/".join(t["label"]) for t in found["tickets"]} == {label}


class TestExport:
    @BOTH
    def test_csv_is_the_list_in_the_reader_s_language(self, house, lang: str) -> None:
        number = _filed(house, title="=1+1 漏水")
        answer = house.client("gao.yuan", lang).get("/desk/tickets/export?format=csv&sort=newest&q=漏水&col=title")

        assert answer.content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0] == (["编号", "标题"] if lang == "zh" else ["Number", "Title"])
        assert rows[1] == [f"T-{number}", "'=1+1 漏水"]
        name = unquote(answer.headers["content-disposition"])
        assert "漏水" in name
        assert name.endswith(".csv")

    def test_an_export_takes_a_right_and_is_on_record(self, house) -> None:
        """SE-02, SE-09."""
        assert house.client("he.qing").get("/desk/tickets/export?format=csv").status_code == 403
        house.client("gao.yuan").get("/desk/tickets/export?format=csv&priority=P1").raise_for_status()

        with house.services.database.reading() as session:
            [last] = house.services.audit.page(session, AuditQuery(action="export.tickets"), 1)
        assert (last.actor, last.data["filter"]) == ("gao.yuan", {"priority": ["P1"]})

    def test_xlsx_holds_every_page(self, house) -> None:
        made = [_filed(house, title=f"第{place}台漏水") for place in range(3)]
        answer = house.client("gao.yuan").get("/desk/tickets/export?format=xlsx&sort=newest&limit=1&all=true")
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert sheet is not None
        shown = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]

        assert shown[:3] == [f"T-{number}" for number in reversed(made)]
        assert len(shown) == len(set(shown)) > 3
