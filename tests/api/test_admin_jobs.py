"""What a person sees of stuck work, and what they may decide about it."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import delete

from api.admin_view import PAGE
from api.pipeline import handlers
from api.rendering import texts
from kit.jobs.errors import NotSent
from kit.jobs.models import JobRow
from kit.jobs.queue import JobQueue
from kit.jobs.schemas import JobState, QueueName

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
JSON = {"accept": "application/json"}
HTMX = {"hx-request": "true"}
UNKNOWN = "01a20130-0000-7000-8000-00000000dead"
HOSTILE = "<script>alert(1)</script>\n<img src=x onerror=alert(2)>\u202ereversed" + "x" * 300
_subjects = count(1)

Plant = Callable[..., str]


@pytest.fixture
def plant(house: Any) -> Iterator[Plant]:
    """Put a job into the table; the whole house is shared, so it is empty again afterwards."""

    def put(state: JobState = JobState.DEAD, **values: Any) -> str:
        now = house.clock.now()
        filled = {"kind": "quality.scan", "queue": "fast", "subject_id": f"subject-{next(_subjects)}", "attempts": 5}
        row = JobRow(**{**filled, "next_at": now, "first_due_at": now, "created_at": now, "state": state, **values})
        with house.services.database.transaction() as session:
            session.add(row)
            session.flush()
            return row.id

    def clear() -> None:
        with house.services.database.transaction() as session:
            session.execute(delete(JobRow))

    clear()
    yield put
    clear()


def _job(house: Any, job_id: str) -> JobRow:
    with house.services.database.reading() as session:
        row = session.get(JobRow, job_id)
        assert row is not None
        session.expunge(row)
    return row


def _listed(client: Any, query: str = "") -> list[str]:
    return [job["job_id"] for job in client.get(f"/api/admin/jobs{query}", headers=JSON).json()["jobs"]]


def _shown(html: str) -> list[str]:
    return re.findall(r'<li class="job [a-z_]+" id="job-([0-9a-f-]+)"', html)


@BOTH
def test_the_page_shows_each_queue_and_what_waits_for_a_person(house, plant: Plant, lang: str) -> None:
    dead = plant(last_error="RuntimeError: model down")
    unclear = plant(JobState.DELIVERY_UNKNOWN, queue="model")

    html = house.client("gao.yuan", lang).get("/admin/jobs").text

    words = texts(lang)
    assert _shown(html) == [unclear, dead]
    assert all(words[f"queue_short_{queue}"] in html for queue in QueueName)
    assert words["kind_quality.scan"] in html
    assert "RuntimeError: model down" in html
    assert f'action="/admin/jobs/{unclear}/delivered?state=aside"' in html
    assert f"/admin/jobs/{dead}/delivered" not in html


def test_the_page_speaks_one_language_at_a_time(house, plant: Plant) -> None:
    """NF-16."""
    plant(JobState.DELIVERY_UNKNOWN, last_error="Timeout", note="gao.yuan: seen")
    plant()
    plant()

    html = house.client("gao.yuan", "en").get("/admin/jobs").text

    assert re.findall(r"[\u4e00-\u9fff]+", html.replace("高远", "").replace("高", "")) == ["中文"]


@pytest.mark.parametrize(("user", "status"), [("he.qing", 403), ("shen.lu", 403), ("gao.yuan", 200), ("admin", 200)])
def test_only_team_leads_and_administrators_get_in(house, plant: Plant, user: str, status: int) -> None:
    """A08."""
    job = plant()
    client = house.client(user)

    assert client.get("/admin/jobs").status_code == status
    assert client.get("/admin/jobs/queues").status_code == status
    assert client.get("/admin/jobs/list").status_code == status
    assert client.get("/api/admin/jobs", headers=JSON).status_code == status
    assert client.post(f"/api/admin/jobs/{job}/retry", json={"reason": "ok"}, headers=JSON).status_code == status
    assert ('href="/admin/jobs"' in client.get("/desk").text) is (status == 200)
    assert _job(house, job).state == (JobState.DUE if status == 200 else JobState.DEAD)


@pytest.mark.parametrize(
    ("decision", "state"),
    [("retry", JobState.DUE), ("drop", JobState.CANCELLED), ("delivered", JobState.DONE)],
)
@pytest.mark.parametrize("way", ["json", "form"])
def test_a_decision_is_done_and_stands_on_the_job_with_its_reason(
    house, plant: Plant, decision: str, state: JobState, way: str
) -> None:
    job = plant(JobState.DELIVERY_UNKNOWN)
    client = house.client("gao.yuan")

    if way == "json":
        path = f"/api/admin/jobs/{job}/{decision}"
        answer = client.post(path, json={"reason": "模型已恢复"}, headers=JSON)
        assert answer.json() == {"job_id": job, "decision": decision}
    else:
        path = f"/admin/jobs/{job}/{decision}?state=aside&queue=fast"
        answer = client.post(path, data={"reason": "模型已恢复"}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin/jobs?state=aside&queue=fast")

    assert (_job(house, job).state, _job(house, job).note) == (state, "gao.yuan: 模型已恢复")


@pytest.mark.parametrize("reason", ["", "  \n", "\u200b\u2060"])
@pytest.mark.parametrize("decision", ["retry", "drop", "delivered"])
def test_without_a_reason_nothing_is_decided(house, plant: Plant, decision: str, reason: str) -> None:
    job = plant(JobState.DELIVERY_UNKNOWN)
    client = house.client("gao.yuan")

    answer = client.post(f"/api/admin/jobs/{job}/{decision}", json={"reason": reason}, headers=JSON)
    html = client.post(f"/admin/jobs/{job}/{decision}", data={"reason": reason}).text

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert (answer.json()["kind"], answer.json()["field"]) == ("reason_required", "reason")
    assert "请填写原因" in html
    assert _job(house, job).state == JobState.DELIVERY_UNKNOWN


def test_a_reason_that_would_break_the_row_is_refused_or_made_safe(house, plant: Plant) -> None:
    job, other = plant(), plant()
    client = house.client("gao.yuan")

    too_long = client.post(f"/api/admin/jobs/{job}/drop", json={"reason": "长" * 301}, headers=JSON)
    raw = client.post(f"/api/admin/jobs/{other}/drop", json={"reason": "a\0b"}, headers=JSON)

    assert (too_long.status_code, too_long.json()["field"]) == (422, "reason")
    assert raw.status_code == 200
    assert _job(house, other).note == "gao.yuan: a\ufffdb"
    assert _job(house, job).state == JobState.DEAD


@pytest.mark.parametrize("decision", ["retry", "drop", "delivered"])
def test_a_job_that_no_longer_waits_is_a_clear_answer(house, plant: Plant, decision: str) -> None:
    done = plant(JobState.DONE)
    client = house.client("gao.yuan")

    for job in (UNKNOWN, done):
        answer = client.post(f"/api/admin/jobs/{job}/{decision}", json={"reason": "x"}, headers=JSON)
        assert (answer.status_code, answer.json()["kind"]) == (404, "job_not_found")
        part = client.post(f"/admin/jobs/{job}/{decision}", data={"reason": "x"}, headers=HTMX)
        assert part.status_code == 200
        assert '<p class="problem">任务不存在，或已不需要处理</p>' in part.text
        assert "<html" not in part.text
    assert _job(house, done).state == JobState.DONE


@pytest.mark.parametrize("path", ["?state=nonsense", "?queue=nonsense", "?before=%00", "?before=x"])
def test_an_address_that_makes_no_sense_is_refused(house, path: str) -> None:
    client = house.client("gao.yuan")

    assert client.get(f"/api/admin/jobs{path}", headers=JSON).status_code == 422
    assert client.get(f"/admin/jobs{path}").status_code == 422


def test_an_unheard_of_decision_or_id_is_refused(house, plant: Plant) -> None:
    client = house.client("gao.yuan")

    for path in (f"{plant()}/explode", "%00/retry", "1/retry"):
        assert client.post(f"/api/admin/jobs/{path}", json={"reason": "x"}, headers=JSON).status_code == 422


def test_a_decision_by_htmx_returns_the_list_and_says_what_happened(house, plant: Plant) -> None:
    job, other = plant(), plant()

    html = house.client("gao.yuan").post(f"/admin/jobs/{job}/drop", data={"reason": "x"}, headers=HTMX).text

    assert _shown(html) == [other]
    assert re.search(r'<div id="outcome" hx-swap-oob="innerHTML"><p class="told">已放弃</p>', html)


def test_all_that_failed_is_retried_at_once_but_no_unclear_delivery(house, plant: Plant) -> None:
    unclear, first, second = plant(JobState.DELIVERY_UNKNOWN), plant(), plant()
    client = house.client("gao.yuan")
    offered = re.findall(r'name="job_id" value="([^"]+)"', client.get("/admin/jobs").text)
    client.post(f"/api/admin/jobs/{second}/drop", json={"reason": "by somebody else"}, headers=JSON)

    html = client.post("/admin/jobs/retry", data={"job_id": offered, "reason": "断网恢复"}, headers=HTMX).text

    assert offered == [second, first]
    assert "已重新排队 1 个，1 个已由别人处理" in html
    states = [_job(house, job).state for job in (unclear, first, second)]
    assert states == [JobState.DELIVERY_UNKNOWN, JobState.DUE, JobState.CANCELLED]
    assert _job(house, first).note == "gao.yuan: 断网恢复"


def test_retrying_all_needs_a_reason_too(house, plant: Plant) -> None:
    jobs = [plant(), plant()]

    html = house.client("gao.yuan").post("/admin/jobs/retry", data={"job_id": jobs, "reason": " "}, headers=HTMX).text

    assert "请填写原因" in html
    assert {_job(house, job).state for job in jobs} == {JobState.DEAD}


def test_pages_follow_each_other_without_a_gap_or_a_double(house, plant: Plant) -> None:
    planted = [plant() for _ in range(2 * PAGE + 1)]
    client = house.client("gao.yuan")

    seen, more = [], ""
    for size in (PAGE, PAGE, 1):
        answer = client.get(f"/api/admin/jobs{f'?before={more}' if more else ''}", headers=JSON).json()
        assert len(answer["jobs"]) == size
        seen += [job["job_id"] for job in answer["jobs"]]
        plant()  # what comes meanwhile is newer and moves nothing
        more = answer["more"]

    assert more is None
    assert seen == planted[::-1]


def test_a_full_last_page_promises_no_other(house, plant: Plant) -> None:
    for _ in range(PAGE):
        plant()

    assert house.client("gao.yuan").get("/api/admin/jobs", headers=JSON).json()["more"] is None


def test_the_pages_link_goes_on_within_state_and_queue(house, plant: Plant) -> None:
    jobs = [plant(queue="picture") for _ in range(PAGE + 1)]
    client = house.client("gao.yuan")

    html = client.get("/admin/jobs?queue=picture").text
    link = re.search(r'class="more"><a href="([^"]+)"', html)
    assert link
    assert link[1] == f"/admin/jobs?state=aside&amp;queue=picture&amp;before={jobs[1]}"

    following = client.get(link[1].replace("&amp;", "&")).text
    assert _shown(following) == jobs[:1]
    assert texts("zh")["jobs_newest"] in following


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("aside", {JobState.DEAD, JobState.DELIVERY_UNKNOWN}),
        ("waiting", {JobState.DUE}),
        ("running", {JobState.LEASED}),
        ("done", {JobState.DONE}),
        ("cancelled", {JobState.CANCELLED}),
    ],
)
def test_a_list_holds_its_states_of_its_queue(house, plant: Plant, name: str, states: set[JobState]) -> None:
    wanted = {plant(state, queue="bulk") for state in JobState if state in states}
    for state in JobState:
        plant(state, queue="fast")
        if state not in states:
            plant(state, queue="bulk")

    client = house.client("gao.yuan")

    assert set(_listed(client, f"?state={name}&queue=bulk")) == wanted
    assert set(_shown(client.get(f"/admin/jobs?state={name}&queue=bulk").text)) == wanted
    assert len(_listed(client, f"?state={name}")) == 2 * len(states)


def test_heartbeats_do_not_bury_the_work_that_was_done(house, plant: Plant) -> None:
    done = plant(JobState.DONE)
    plant(JobState.DONE, kind="jobs.heartbeat")
    stuck = plant(kind="jobs.heartbeat")
    client = house.client("gao.yuan")

    assert _listed(client, "?state=done") == [done]
    assert _listed(client) == [stuck]


@BOTH
@pytest.mark.parametrize("name", ["aside", "waiting", "running", "done", "cancelled"])
def test_an_empty_list_says_what_that_means(house, plant: Plant, lang: str, name: str) -> None:
    html = house.client("gao.yuan", lang).get(f"/admin/jobs?state={name}").text

    assert texts(lang)[f"jobs_empty_{name}"] in html


def test_a_hostile_error_stays_text(house, plant: Plant) -> None:
    """A01."""
    plant(last_error=HOSTILE, kind="<b>x</b>", subject_id='"><script>', note="gao.yuan: <i>x</i>")
    client = house.client("gao.yuan")

    html = client.get("/admin/jobs").text

    assert not re.search(r"<script>|<img src=x|<b>x|<i>x", html)
    assert "<pre>&lt;script&gt;alert(1)&lt;/script&gt;\n&lt;img src=x onerror=alert(2)&gt;" in html
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>" in html  # the first line alone, whole on demand
    (job,) = client.get("/api/admin/jobs", headers=JSON).json()["jobs"]
    assert job["last_error"] == HOSTILE


def test_a_long_error_is_shortened_and_whole_on_demand(house, plant: Plant) -> None:
    plant(last_error="RuntimeError: " + "y" * 500)

    html = house.client("gao.yuan").get("/admin/jobs").text

    short = re.search(r"<bdi>(.*)</bdi>", html)
    assert short
    assert (len(short[1]), short[1][-1]) == (140, "…")
    assert "<pre>RuntimeError: " + "y" * 500 + "</pre>" in html


def test_a_job_about_a_ticket_or_its_conversation_links_there(house, plant: Plant) -> None:
    talk = house.talk()
    for text in ("洗衣机脱水不转，显示E3", "订单号LT20261103004821", "对的"):
        talk.say(text)
    (ticket,) = talk.tickets()
    plant(subject_id=ticket.summary.id)
    plant(subject_id=talk.id)
    plant(subject_id=UNKNOWN)
    client = house.client("gao.yuan")

    number = ticket.summary.number
    jobs = client.get("/api/admin/jobs", headers=JSON).json()["jobs"]
    assert [job["ticket"] for job in jobs] == [None, number, number]
    html = client.get("/admin/jobs").text
    assert html.count(f'<a href="/desk/tickets/{number}">T-{number}</a>') == 2
    assert f'title="{UNKNOWN}">…0000dead<' in html


@BOTH
def test_every_kind_of_job_has_its_words(house, lang: str) -> None:
    kinds = [kind.name for kind in handlers(house.services)]

    assert len(kinds) > 5
    assert [kind for kind in [*kinds, "jobs.heartbeat"] if f"kind_{kind}" not in texts(lang)] == []


def test_an_unknown_kind_is_shown_by_its_name(house, plant: Plant) -> None:
    plant(kind="future.work")

    assert "<h2>future.work</h2>" in house.client("gao.yuan").get("/admin/jobs").text


def _beat(house: Any, plant: Plant, queues: Any = QueueName) -> None:
    for queue in queues:
        plant(JobState.DONE, kind="jobs.heartbeat", queue=queue, done_at=house.clock.now())


def _sentence(house: Any, lang: str) -> str:
    html = house.client("gao.yuan", lang).get("/admin/jobs/queues").text
    found = re.search(r'<p class="headline[^>]*>(.*?)</p>', html, re.DOTALL)
    assert found
    return found[1].strip()


@pytest.mark.parametrize(
    ("lang", "aside", "expected"),
    [
        ("zh", 0, "一切正常：4 个队列都有人处理。"),
        ("zh", 1, "4 个队列都有人处理，1 个任务等您决定。"),
        ("en", 0, "All is well: each of the 4 queues is being worked on."),
        ("en", 1, "Each of the 4 queues is being worked on, and 1 job waits for your decision."),
        ("en", 2, "Each of the 4 queues is being worked on, and 2 jobs wait for your decision."),
    ],
)
def test_the_sentence_says_that_all_is_well(house, plant: Plant, lang: str, aside: int, expected: str) -> None:
    _beat(house, plant)
    for _ in range(aside):
        plant()

    assert _sentence(house, lang) == expected


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("zh", "图片队列 2 分钟没有人处理。"),
        ("en", "Nobody has worked on the picture queue for 2 min."),
    ],
)
def test_the_sentence_names_the_queue_that_nobody_works_on(house, plant: Plant, lang: str, expected: str) -> None:
    _beat(house, plant)
    plant(JobState.DUE, queue="picture", next_at=house.clock.now() - timedelta(seconds=130), attempts=0)
    row = {"kind": "jobs.heartbeat", "queue": "picture"}
    with house.services.database.transaction() as session:
        session.execute(delete(JobRow).filter_by(**row))
    plant(JobState.DUE, **row)

    assert _sentence(house, lang) == expected
    html = house.client("gao.yuan", lang).get("/admin/jobs/queues").text
    assert html.count('class="stalled"') == 1
    assert texts(lang)["queue_state_stalled"] in html  # in words, not by colour alone
    (stalled,) = [
        queue
        for queue in house.client("gao.yuan").get("/api/admin/jobs", headers=JSON).json()["queues"]
        if queue["stalled"]
    ]
    assert (stalled["queue"], stalled["due"], stalled["silent_seconds"]) == ("picture", 2, 130.0)


def test_the_sentence_names_every_queue_that_stands_still(house, plant: Plant) -> None:
    _beat(house, plant, (QueueName.FAST, QueueName.MODEL))
    plant(JobState.DUE, queue="picture", next_at=house.clock.now() - timedelta(seconds=40))

    assert _sentence(house, "zh") == "图片队列 40 秒没有人处理；批量队列从来没有人处理。"
    assert (
        _sentence(house, "en")
        == "Nobody has worked on the picture queue for 40 s; nobody ever worked on the bulk queue."
    )


@pytest.mark.parametrize(("lang", "word"), [("zh", "还没有启动过"), ("en", "no worker was ever started")])
def test_the_sentence_says_where_no_worker_ever_ran(house, plant: Plant, lang: str, word: str) -> None:
    assert word in _sentence(house, lang)


def test_a_worker_that_went_away_is_told_by_its_last_heartbeat(house, plant: Plant) -> None:
    old = house.clock.now() - timedelta(hours=3)
    for queue in QueueName:
        plant(JobState.DONE, kind="jobs.heartbeat", queue=queue, done_at=old, created_at=old)

    assert _sentence(house, "zh") == "4 个队列都没有人处理，已 3 小时。"


def test_the_reports_know_every_state_of_a_job(house, plant: Plant) -> None:
    for state in JobState:
        plant(state)

    html = house.client("gao.yuan").get("/reports").text

    assert all(texts("zh")[f"job_{state}"] in html for state in JobState)


def test_a_refusal_in_the_middle_retries_none_of_them(house, plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person asks for at once is one unit of work."""
    jobs = [plant(), plant()]
    whole = JobQueue.retry

    def refuse_second(self: Any, session: Any, job_id: str, by: str, reason: str) -> None:
        if job_id == jobs[1]:
            raise NotSent(reason)
        whole(self, session, job_id, by, reason)

    monkeypatch.setattr(JobQueue, "retry", refuse_second)

    html = house.client("gao.yuan").post("/admin/jobs/retry", data={"job_id": jobs, "reason": "x"}, headers=HTMX).text

    assert "未能发送" in html
    assert {_job(house, job).state for job in jobs} == {JobState.DEAD}
