"""The audit from the edge: what is recorded, by whom, and the screen that shows it."""

import ast
import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from harness_flows import Talk, route_by_hand

from api.audit_view import actions
from api.rendering import texts
from kit.audit.schemas import SEAL, AuditQuery, AuditRecord
from kit.csv_safe import csv_bytes
from kit.db import DatabaseUnavailable
from kit.jobs.schemas import JobRequest
from tickets import filing, working
from tickets.auditing import AuditAction
from tickets.rights import Right

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
JSON = {"accept": "application/json"}
ORDER = "LT20261103004821"


def _records(house, **wanted: str) -> list[AuditRecord]:
    with house.services.database.reading() as session:
        return list(house.services.audit.page(session, AuditQuery(**wanted), 100))


def _filed(house) -> Talk:
    talk = house.talk()
    for text in ("洗衣机脱水的时候不转了，显示E3", f"订单号{ORDER}", "对的"):
        talk.say(text)
    return talk


class TestRecorded:
    def test_a_tickets_way_with_people_and_machines_under_their_own_names(self, house) -> None:
        """SE-09, SE-10: the customer, the classifier and the agent are told apart."""
        talk = _filed(house)
        (ticket,) = talk.tickets()
        agent = house.client("he.qing")
        agent.post(f"/api/desk/tickets/{ticket.summary.number}/claim", headers=JSON)
        agent.post(f"/api/desk/tickets/{ticket.summary.number}/resolve", json={"action": "给张三换了泵"}, headers=JSON)

        found = list(reversed(_records(house, subject_id=ticket.summary.id)))

        told = [(record.action, record.actor) for record in found]
        assert told == [
            ("ticket.filed", "customer"),
            ("ticket.classified", "ai:classifier"),
            ("ticket.routed", "system:routing"),
            ("ticket.assigned", "he.qing"),
            ("ticket.resolved", "he.qing"),
        ]
        assert found[3].data["changes"] == {"status": ["to_assign", "in_progress"], "assignee": [None, "he.qing"]}
        assert "张三" not in str(found[-1].data)  # what was typed is under the customer's key
        assert found[-1].private == {"action": "给张三换了泵"}

    def test_reading_is_recorded_once_an_hour_for_each_person_and_ticket(self, house) -> None:
        """SE-07."""
        number, ticket = _number(talk := _filed(house)), talk.tickets()[0].summary.id
        for user in ("he.qing", "shen.lu"):
            client = house.client(user)
            for path in (f"/desk/tickets/{number}", f"/desk/tickets/{number}/thread", f"/api/desk/tickets/{number}"):
                assert client.get(path).status_code == 200

        def readers() -> list[str]:
            return sorted(r.actor for r in _records(house, subject_id=ticket, action="read.ticket"))

        assert readers() == ["he.qing", "shen.lu"]
        house.clock.instant += timedelta(hours=1)
        house.client("he.qing").get(f"/desk/tickets/{number}")
        assert readers() == ["he.qing", "he.qing", "shen.lu"]

    def test_without_a_record_nothing_is_shown(self, house, monkeypatch: pytest.MonkeyPatch) -> None:
        """SE-07: it cannot be written, so it is not read."""
        number = _number(_filed(house))

        def away(*_: object) -> None:
            raise DatabaseUnavailable

        monkeypatch.setattr(type(house.services.audit), "record", away)
        answer = house.client("he.qing").get(f"/api/desk/tickets/{number}", headers=JSON)

        assert answer.status_code == 503
        assert "脱水" not in answer.text

    def test_a_ticket_that_is_not_shown_is_not_recorded_as_read(self, house) -> None:
        ticket = route_by_hand(talk := _filed(house), ("quality_issue",)).summary
        house.client("luo.min").get(f"/desk/tickets/{ticket.number}")
        talk.settle()

        assert _records(house, subject_id=ticket.id, action="read.ticket") == []

    def test_signing_in_and_out_and_failing(self, house) -> None:
        """SE-09: a name that nobody has may be a password and is not written down."""
        client = house.client()
        for username, password in (("song.yi", house.password), ("song.yi", "wrong"), ("my-secret-word", "x")):
            client.post("/session", data={"username": username, "password": password})
        client.cookies.clear()
        client.post("/session", data={"username": "song.yi", "password": house.password})
        client.post("/session/end")

        found = [(r.action, r.actor) for r in reversed(_records(house, subject_id="song.yi"))]
        assert found == [
            ("sign_in.done", "song.yi"),
            ("sign_in.failed", "anonymous"),
            ("sign_in.done", "song.yi"),
            ("sign_in.ended", "song.yi"),
        ]
        assert "my-secret-word" not in str(_records(house))

    def test_what_is_done_to_webhooks_is_recorded(self, house) -> None:
        """SE-09."""
        lead = house.client("gao.yuan")
        added = lead.post("/api/admin/webhooks", json={"url": "https://example.com/audit"}, headers=JSON).json()
        for act in ("pause", "resume", "rotate"):
            lead.post(f"/api/admin/webhooks/{added['id']}/{act}", headers=JSON)
        lead.post(f"/api/admin/webhooks/{added['id']}/pause", headers=JSON)

        found = [(r.action, r.actor) for r in reversed(_records(house, subject_id=added["id"]))]
        assert [action for action, _ in found] == [
            "webhook.added",
            "webhook.paused",
            "webhook.resumed",
            "webhook.rotated",
            "webhook.paused",
        ]
        assert {actor for _, actor in found} == {"gao.yuan"}


class TestWords:
    @BOTH
    def test_no_action_is_without_a_word(self, lang: str) -> None:
        known = actions(lang)

        assert [action for action in AuditAction if not known.get(action)] == []
        assert [kind for kind in _kinds() if f"ticket.{kind}" not in known] == []
        assert len(_kinds()) >= 24


def _kinds() -> set[str]:
    """Return the kinds of entries that the ticket store writes, read from its source."""
    folder = Path(filing.__file__).parent
    kinds = [
        call.args[3]  # note(session, row, actor, kind, data)
        for path in folder.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "note"
    ]
    said = {part.value for kind in kinds for part in ast.walk(kind) if isinstance(part, ast.Constant)}
    return {str(kind) for kind in said} | set(working._KINDS.values())


class TestPage:
    @BOTH
    def test_it_shows_who_did_what_and_filters(self, house, lang: str) -> None:
        """SE-09."""
        number = _number(_filed(house))
        house.client("he.qing").post(f"/api/desk/tickets/{number}/claim", headers=JSON)
        admin = house.client("admin", lang)

        all_of_it = admin.get(f"/admin/audit?subject=T-{number}").text
        by_machine = admin.get(f"/admin/audit?subject={number}&actor=ai:classifier").text
        nothing = admin.get("/admin/audit?from=2019-01-01&to=2019-01-02").text

        words = texts(lang)
        assert words["event_assigned"] in all_of_it
        assert "何青" in all_of_it
        assert f'href="/desk/tickets/{number}"' in all_of_it
        assert words["actor_ai:classifier"] in by_machine
        assert f"<h2>{words['event_assigned']}" not in by_machine
        assert words["audit_empty"] in nothing

    def test_pages_follow_each_other(self, house) -> None:
        with house.services.database.transaction() as session:
            for _ in range(60):
                house.services.tokens.issue(session, "admin", "x", {Right.READ_TICKETS}, actor="pager")
        admin = house.client("admin")

        first = admin.get("/admin/audit?actor=pager").text
        (more,) = re.findall(r'href="(/admin/audit\?[^"]*before=[^"]+)"', first)
        second = admin.get(more.replace("&amp;", "&")).text

        ids = [re.findall(r'id="record-([0-9a-f-]+)"', page) for page in (first, second)]
        assert (len(ids[0]), len(ids[1]), set(ids[0]) & set(ids[1])) == (50, 10, set())
        answer = admin.get("/api/admin/audit?actor=pager", headers=JSON).json()
        assert [r["id"] for r in answer["records"]] == ids[0]
        assert answer["more"] == ids[0][-1]

    @BOTH
    def test_it_says_how_far_the_chain_reaches_and_checks_it(self, house, lang: str) -> None:
        """SE-09."""
        _filed(house)
        house.clock.instant += timedelta(minutes=2)
        with house.services.database.transaction() as session:
            assert house.services.sealer.seal(session)
        admin = house.client("admin", lang)

        plain = admin.get("/admin/audit").text
        checked = admin.get("/admin/audit?check=true").text

        state = admin.get("/api/admin/audit/chain", headers=JSON).json()
        assert state["whole"] is True
        assert state["state"]["head"] in checked
        assert str(state["state"]["sealed"]) in plain
        assert texts(lang)["audit_whole"].split("{")[0] in checked
        assert texts(lang)["audit_sealed"].split("{")[0] in plain

    def test_the_job_seals_what_is_old_enough(self, house) -> None:
        """SE-09."""
        _filed(house)
        house.clock.instant += timedelta(minutes=2)
        with house.services.database.transaction() as session:
            house.services.queue.enqueue(session, JobRequest(SEAL, SEAL.name))
        house.talk().settle()

        with house.services.database.reading() as session:
            assert house.services.sealer.state(session).unsealed == 0
            assert house.services.sealer.verify(session).broken is None

    @pytest.mark.parametrize("query", ["from=2026-02-31", "to=9999-12-31", "actor=%00", "subject=%F0%9F%98%80"])
    def test_odd_filters_find_something_or_nothing(self, house, query: str) -> None:
        assert house.client("admin").get(f"/admin/audit?{query}").status_code == 200

    @pytest.mark.parametrize("query", ["from=yesterday", "action=<b>", "before=x", "actor=" + "a" * 99])
    def test_bad_filters_are_refused(self, house, query: str) -> None:
        assert house.client("admin").get(f"/admin/audit?{query}").status_code == 422

    def test_an_export_has_the_filtered_records_and_is_one_itself(self, house) -> None:
        """SE-09."""
        number = _number(_filed(house))
        admin = house.client("admin")

        answer = admin.post("/admin/audit/export", data={"subject": f"T-{number}"})

        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert answer.headers["content-disposition"].startswith('attachment; filename="audit-')
        assert {row["ticket"] for row in rows} == {f"T-{number}"}
        assert [row["action"] for row in rows] == ["ticket.routed", "ticket.classified", "ticket.filed"]
        newest = _records(house, action="export.audit")[0]
        assert (newest.actor, newest.data) == ("admin", {"subject": f"T-{number}"})

    @pytest.mark.parametrize("user", ["he.qing", "shen.lu", "gao.yuan"])
    def test_only_administrators_read_it(self, house, user: str) -> None:
        """SE-01."""
        client = house.client(user)

        assert client.get("/admin/audit").status_code == 403
        assert client.post("/admin/audit/export").status_code == 403


def test_a_csv_holds_no_formula() -> None:
    table = csv_bytes(["a"], [["=1+1"], ["+1"], ["-1"], ["@x"], ["\t=1"], ['say "hi", you'], [None], [3]])

    cells = [row[0] for row in csv.reader(io.StringIO(table.decode("utf-8-sig")))]
    assert cells == ["a", "'=1+1", "'+1", "'-1", "'@x", "'\t=1", 'say "hi", you', "", "3"]


def _number(talk: Talk) -> int:
    (ticket,) = talk.tickets()
    return ticket.summary.number
