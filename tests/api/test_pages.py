"""The screens in Chinese and English, with data, without, and when something is wrong."""

import hashlib
import io
import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from harness_flows import Talk
from PIL import Image

from api.rendering import render, texts
from factories import agent
from tickets.lists.schemas import Filter, ListQuery, Sort
from tickets.schemas import IncomingFile
from tickets.words import Role

WEB = Path(__file__).parents[2] / "api" / "web"
ORDER = "LT20261103004821"
BOTH = pytest.mark.parametrize("lang", ["zh", "en"])


def _picture() -> IncomingFile:
    data = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(data, "PNG")
    return IncomingFile("label.png", "image/png", data.getvalue())


def _filed(house) -> Talk:
    talk = house.talk()
    for text in ("洗衣机脱水的时候不转了，显示E3", f"订单号{ORDER}", "对的"):
        talk.say(text)
    return talk


def _number(talk: Talk) -> int:
    (ticket,) = talk.tickets()
    return ticket.summary.number


def _resolved(house) -> Talk:
    talk = _filed(house)
    (ticket,) = talk.tickets()
    with house.services.database.transaction() as session:
        house.services.conversations.say(session, talk.id, Role.AGENT, "我这边尽快给您处理", author="何青")
        house.services.work.resolve(session, ticket.summary.id, agent("he.qing"), "清理了滤网")
        house.services.conversations.end(session, talk.id)
    talk.settle()
    return talk


@BOTH
def test_a_ticket_shows_evidence_suggestion_and_sources(house, lang: str) -> None:
    """TC-02, CP-01, CP-04."""
    number = _number(_filed(house))

    html = house.client("he.qing", lang).get(f"/desk/tickets/{number}").text

    assert '<mark class="field-fault_code" data-marks="field-fault_code">E3</mark>' in html
    assert 'data-lights="field-order_no"' in html
    assert 'id="draft"' in html
    assert 'aria-current="step"' in html
    assert 'hx-get="/desk/passages/' in html
    assert texts(lang)["next_steps"] in html


@BOTH
def test_a_resolved_ticket_shows_its_summary_and_findings(house, lang: str) -> None:
    """SU-01, QA-10."""
    number = _number(_resolved(house))

    html = house.client("he.qing", lang).get(f"/desk/tickets/{number}").text

    assert "清理了滤网" in html
    assert texts(lang)["summary_confirm"] in html
    assert texts(lang)["rule_promise_without_due_time"] in html
    assert 'id="resolve-menu"' not in html


@BOTH
def test_what_cannot_be_answered_shows_the_blocker(house, lang: str) -> None:
    """CP-11."""
    talk = house.talk()
    talk.say("转人工")

    html = house.client("he.qing", lang).get(f"/desk/tickets/{_number(talk)}").text

    assert 'class="blocker"' in html
    assert texts(lang)["draft_none"] in html or 'id="draft"' in html


def test_a_picture_shows_the_box_where_a_fact_was_read(house) -> None:
    """TC-05."""
    talk = house.talk()
    talk.say("洗衣机不转了", _picture())
    talk.say("转人工")

    html = house.client("he.qing").get(f"/desk/tickets/{_number(talk)}").text

    assert re.search(r'<rect class="field-model" data-marks="field-model" x="[\d.]+"', html)


@BOTH
@pytest.mark.parametrize("part", ["thread", "copilot"])
def test_a_part_is_no_whole_page(house, lang: str, part: str) -> None:
    html = house.client("he.qing", lang).get(f"/desk/tickets/{_number(_filed(house))}/{part}").text

    assert "<html" not in html
    assert ("turn-1" if part == "thread" else 'id="suggestion"') in html


@BOTH
def test_an_empty_queue_says_what_will_happen(house, lang: str) -> None:
    html = house.client("cao.ning", lang).get("/desk?view=mine").text

    assert texts(lang)["queue_empty"] in html
    assert texts(lang)["nothing_open"] in html


@BOTH
def test_an_unknown_ticket_is_a_clear_page(house, lang: str) -> None:
    answer = house.client("he.qing", lang).get("/desk/tickets/999999")

    assert answer.status_code == 404
    assert texts(lang)["back_to_desk"] in answer.text


def test_an_unknown_ticket_is_a_problem_document_for_a_program(house) -> None:
    answer = house.client("he.qing").get("/desk/tickets/999999", headers={"accept": "application/json"})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_refused_action_says_why_and_changes_nothing(house) -> None:
    talk = _resolved(house)

    html = house.client("he.qing").post(f"/desk/tickets/{_number(talk)}/resolve", data={"action": "第二次处理"}).text

    assert 'role="alert"' in html
    assert "第二次处理" not in html


def test_a_reply_without_script_is_sent_once(house) -> None:
    talk = _filed(house)
    client = house.client("he.qing")

    answer = client.post(f"/desk/tickets/{_number(talk)}/reply", data={"text": "请摆匀衣物"}, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/tickets/{_number(talk)}")
    assert [m.raw for m in talk.settle() if m.role is Role.AGENT] == ["请摆匀衣物"]


@BOTH
def test_findings_are_explained_with_their_evidence(house, lang: str) -> None:
    """QA-10."""
    _resolved(house)
    client = house.client("shen.lu", lang)

    html = client.get("/quality").text

    assert "turn agent proof" in html or "turn bot proof" in html or "turn customer proof" in html
    assert texts(lang)["agree"] in html
    assert texts(lang)["score_off"] in html


def test_a_review_goes_on_to_the_following_finding(house) -> None:
    _resolved(house)
    client = house.client("shen.lu")
    page = client.get("/quality").text
    action = re.search(r'action="(/quality/findings/[^"]+)"', page)
    following = re.search(r'name="following" value="([^"]*)"', page)
    assert action
    assert following

    answer = client.post(action[1], data={"verdict": "agree", "following": following[1]}, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/quality?finding={following[1]}")


def test_a_second_review_of_a_finding_is_refused_in_words(house) -> None:
    _resolved(house)
    client = house.client("shen.lu")
    action = re.search(r'action="(/quality/findings/[^"]+)"', client.get("/quality").text)
    assert action
    client.post(action[1], data={"verdict": "agree"})

    again = client.post(action[1], data={"verdict": "reject"})

    assert 'role="alert"' in again.text


@BOTH
def test_reports_say_the_headline_in_words(house, lang: str) -> None:
    _filed(house)

    html = house.client("gao.yuan", lang).get("/reports").text

    assert ("自动分派" if lang == "zh" else "routed automatically") in html
    assert "<svg" in html


@BOTH
def test_a_wrong_password_gets_a_sentence_and_keeps_the_name(house, lang: str) -> None:
    answer = house.client("", lang).post("/session", data={"username": "he.qing", "password": "no"})

    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert 'value="he.qing"' in answer.text


def test_the_desk_speaks_one_language_at_a_time(house) -> None:
    """NF-16: no Chinese in the words of an English page; what people and the shop wrote stays as it is."""
    html = house.client("he.qing", "en").get("/desk").text
    chrome = re.sub(r'<ol class="queue">.*?</ol>', "", html, flags=re.DOTALL).replace("何青", "").replace("何", "")

    assert re.findall(r"[\u4e00-\u9fff]+", chrome) == ["中文"]  # the switch to the other language


def test_untrusted_words_are_escaped_wherever_they_show(house) -> None:
    """A01."""
    talk = house.talk()
    talk.say("<script>alert(1)</script>洗衣机坏了")
    talk.say("转人工")
    client = house.client("he.qing")

    number = _number(talk)
    lists, database = house.services.desk.lists, house.services.database
    wanted = ListQuery(Filter(open_only=True))
    queue = [line.ticket for found in lists.pages(database, wanted) for line in found.lines]
    before = [ticket.number for ticket in queue].index(number) - 1  # other tests' tickets may fill the first page
    with database.reading() as session:
        cursor = lists.after_ticket(session, queue[before].id, Sort.URGENCY) if before >= 0 else ""
    after = f"?after={quote(cursor)}"

    for path in (f"/desk{after}", f"/desk/tickets/{number}"):
        html = client.get(path).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


def test_no_template_holds_inline_script_or_style() -> None:
    """The content security policy would refuse it."""
    found = [
        path.name
        for path in (WEB / "templates").rglob("*.html")
        if re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"(?!queue|ticket)", path.read_text("utf-8"))
    ]

    assert found == []


def test_every_key_has_both_languages_and_one_place() -> None:
    """NF-16."""
    keys: Counter[str] = Counter()
    for path in (WEB / "i18n").glob("*.yaml"):
        for key, pair in yaml.safe_load(path.read_text("utf-8")).items():
            keys[key] += 1
            assert isinstance(pair, list), (path.name, key)
            assert len(pair) == 2, (path.name, key)
            assert all(isinstance(words, str) and words for words in pair), (path.name, key)

    assert [key for key, n in keys.items() if n > 1] == []


def test_every_word_that_a_template_names_exists() -> None:
    """NF-16: a missing word would be an error at the moment somebody looks."""
    known = set(texts("zh"))
    named = {
        key
        for path in (WEB / "templates").rglob("*.html")
        for key in re.findall(r"\bt\.(?!get\b)(\w+)", path.read_text("utf-8"))
    }

    assert len(named) > 80
    assert named - known == set()


def test_vendored_files_are_the_ones_that_were_checked() -> None:
    """A72."""
    folder = WEB / "static" / "vendor"
    lock = json.loads((folder / "vendor.lock").read_text("utf-8"))

    assert {p.name for p in folder.iterdir()} == {*(e["file"] for e in lock["files"]), "vendor.lock"}
    for entry in lock["files"]:
        assert hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]


def test_an_unknown_name_in_a_template_is_an_error_and_no_blank() -> None:
    with pytest.raises(Exception, match="undefined"):
        render("sign_in.html", "zh")
