"""The team lead's stories with stuck work."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from harness_browser import DESK, LAPTOP, PHONE, Site, Visit
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from kit.db import Session
from kit.jobs.models import JobRow
from kit.jobs.queue import JobQueue
from kit.jobs.schemas import JobState, QueueHealth

ERROR = "RuntimeError: <script>window.hit=1</script>\n" + "no space at all " * 3 + "y" * 400
_subjects = count(1)

Plant = Callable[..., str]


@pytest.fixture
def plant(site: Site) -> Iterator[Plant]:
    """Set a job aside, as five failed tries would; what is left of them goes with the test."""
    planted: list[str] = []

    def put(state: JobState = JobState.DEAD, **values: str) -> str:
        now = site.services.clock.now()
        filled = {"kind": "quality.scan", "queue": "fast", "subject_id": f"subject-{next(_subjects)}", **values}
        row = JobRow(attempts=5, next_at=now, first_due_at=now, created_at=now, state=state, **filled)
        with site.services.database.transaction() as session:
            session.add(row)
            session.flush()
            planted.append(row.id)
        return planted[-1]

    yield put

    with site.services.database.transaction() as session:
        session.execute(delete(JobRow).where(JobRow.id.in_(planted)))


def _state(site: Site, job_id: str) -> str:
    with site.services.database.reading() as session:
        row = session.get(JobRow, job_id)
        assert row is not None
        return row.state


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_a_job_is_retried_by_keyboard_and_runs(visit: Visit, site: Site, plant: Plant) -> None:
    """NF-17: move, open, write why, send; what happened is announced and the focus is on the next job."""
    conversation_id = site.ticket().summary.conversation_id
    below, job = plant(last_error=ERROR), plant(subject_id=conversation_id)
    page = visit("/desk", user="gao.yuan")
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/admin/jobs")
    page.wait_for_load_state()

    page.keyboard.press("j")
    assert _focused(page) == f"job-{job}"
    page.keyboard.press("r")
    expect(page.locator(f"#why-retry-{job}")).to_be_focused()
    page.keyboard.type("模型已恢复")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="已重新排队")).to_be_visible()
    expect(page.locator(f"#job-{job}")).to_have_count(0)
    assert _focused(page) == f"job-{below}"
    page.get_by_role("link", name="已完成").click()
    expect(page.locator(f"#job-{job}")).to_contain_text("gao.yuan: 模型已恢复")  # the worker did run it
    assert _state(site, job) == JobState.DONE


def test_a_job_is_dropped_with_tab_and_enter_alone(visit: Visit, site: Site, plant: Plant) -> None:
    job = plant()
    page = visit("/admin/jobs", user="admin")
    page.wait_for_load_state()

    page.locator(f"#drop-{job} summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#why-drop-{job}")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(f"#drop-{job} summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#why-drop-{job}")).to_be_focused()
    page.keyboard.type("重复的任务")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#outcome")).to_have_text("已放弃")
    assert _state(site, job) == JobState.CANCELLED


def test_a_refused_decision_says_why_and_keeps_what_was_typed(visit: Visit, plant: Plant) -> None:
    job = plant()
    page = visit("/admin/jobs", user="gao.yuan")
    page.wait_for_load_state()

    page.locator(f"#drop-{job} summary").click()
    page.locator(f"#why-drop-{job}").fill("   ")  # the browser takes it for a reason, the service does not
    page.keyboard.press("Enter")

    expect(page.locator("#outcome")).to_have_text("请填写原因")
    expect(page.locator(f"#why-drop-{job}")).to_have_value("   ")
    expect(page.locator(f"#why-drop-{job}")).to_be_visible()


def test_all_shown_are_retried_with_one_reason(visit: Visit, site: Site, plant: Plant) -> None:
    jobs = [plant(kind="nobody.knows") for _ in range(3)]  # they fail again at once: no handler has that name
    page = visit("/admin/jobs", user="gao.yuan")
    page.wait_for_load_state()

    page.get_by_text(re.compile(r"^全部重试（\d+）…$")).click()
    expect(page.locator("input[name=reason]:focus")).to_have_count(1)
    page.keyboard.type("断网恢复")
    page.keyboard.press("Enter")

    expect(page.locator("#outcome")).to_have_text("已重新排队 3 个")
    for job in jobs:  # without a reload
        expect(page.locator(f"#job-{job}")).to_contain_text("UnknownJobKind")
        expect(page.locator(f"#job-{job}")).to_contain_text("断网恢复")


def test_news_appear_by_themselves_but_not_under_a_hand_that_writes(visit: Visit, plant: Plant) -> None:
    job = plant()
    page = visit("/admin/jobs", user="gao.yuan")
    page.wait_for_load_state()
    page.locator(f"#retry-{job} summary").click()
    expect(page.locator(f"#why-retry-{job}")).to_be_focused()
    page.keyboard.type("还没写完")

    with page.expect_response("**/admin/jobs/queues"):
        new = plant()
    with page.expect_response("**/admin/jobs/queues"):
        pass  # a whole round later the list still stands as it was, though the sentence counts the new one
    expect(page.locator(".headline")).to_contain_text("2 个任务等您决定")
    expect(page.locator(f"#job-{new}")).to_have_count(0)
    expect(page.locator(f"#why-retry-{job}")).to_have_value("还没写完")
    page.keyboard.press("Escape")

    expect(page.locator(f"#job-{new}")).to_be_visible()


def test_a_page_that_is_cut_off_says_so_until_it_is_back(visit: Visit) -> None:
    page = visit("/admin/jobs", user="gao.yuan", expect=("ERR_INTERNET_DISCONNECTED",))
    page.wait_for_load_state()

    page.context.set_offline(True)
    expect(page.locator("#stale")).to_be_visible()

    page.context.set_offline(False)
    expect(page.locator("#stale")).to_be_hidden()


@pytest.fixture
def stalled(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage of days, with figures as wide as they get."""
    whole = JobQueue.health

    def health(self: JobQueue, session: Session) -> list[QueueHealth]:
        days = 3 * 86_400.0
        wide = {"due": 12_345, "leased": 32, "aside": 1_234, "overdue_seconds": days, "stalled": True}
        return [replace(queue, **wide) for queue in whole(self, session)]

    monkeypatch.setattr(JobQueue, "health", health)


@pytest.mark.usefixtures("stalled")
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP, DESK], ids=["phone", "laptop", "desk"])
def test_nothing_scrolls_sideways_and_axe_is_content(
    visit: Visit, plant: Plant, size: tuple[int, int], lang: str
) -> None:
    """NF-17."""
    plant(last_error=ERROR, subject_id="x" * 64)
    plant(kind="w" * 64, note="gao.yuan: " + "z" * 300)
    unclear = plant(JobState.DELIVERY_UNKNOWN, queue="model", last_error=ERROR)
    page = visit("/admin/jobs", size, user="gao.yuan", lang=lang, bypass_csp=True)
    page.wait_for_load_state()

    page.locator(f"#more-{unclear} summary").click()
    for what in ("retry", "delivered", "drop"):
        page.locator(f"#{what}-{unclear} summary").click()
        box = page.locator(f"#{what}-{unclear} .pop").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]

    wide = "[...document.querySelectorAll('html, .panel, main')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert page.evaluate(wide) == 0
    assert page.evaluate("window.hit") is None
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of two words
        found = Axe().run(page).response["violations"]
        assert [(v["id"], node["target"]) for v in found for node in v["nodes"]] == []
