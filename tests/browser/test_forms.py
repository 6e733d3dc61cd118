"""A customer hands in a form on a phone; quality and the editor are clean to look at."""

from pathlib import Path

import pytest
from harness_browser import DESK, ORDER, PHONE, Site, Visit, png, violations
from playwright.sync_api import expect


def test_a_form_is_handed_in_on_a_phone(visit: Visit, site: Site, tmp_path: Path) -> None:
    """FM-01, FM-02, FM-03: the chat leads to it, an error stands at its field, what was typed stays, it is taken."""
    page = visit("/chat", PHONE, bypass_csp=True, expect=("422",))
    page.get_by_label("输入消息").fill(f"洗衣机脱水的时候不转了，显示E3，订单号{ORDER}")
    page.get_by_role("button", name="发送", exact=True).click()
    page.get_by_role("button", name="提交").click()
    conversation_id = page.evaluate("localStorage.getItem('jiedai.conversation')")
    expect(page.get_by_text("工单 T-")).to_be_visible()
    with site.services.database.transaction() as session:
        (ticket,) = site.services.tickets.of_conversation(session, conversation_id)
        label = ("quality_issue", "malfunction", "error_code_shown")
        site.services.tickets.set_label(session, ticket.summary.id, label, "gao.yuan")
    page.reload()
    page.get_by_role("link", name="补充资料").click()

    page.get_by_label("复现步骤").fill("开")
    page.get_by_label("故障画面").set_input_files(png(tmp_path))
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("复现步骤")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("复现步骤")).to_have_value("开")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []

    page.get_by_label("复现步骤").fill("开机，选脱水，停在 E3")
    page.get_by_label("故障画面").set_input_files(_large(tmp_path))
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    with site.services.database.reading() as session:
        assert site.services.desk.forms.view(session, ticket.summary.id).state == "complete"


def _large(folder: Path) -> Path:
    from PIL import Image

    path = folder / "screen.png"
    Image.new("RGB", (640, 480), "#c8d2d8").save(path, "PNG")
    return path


@pytest.mark.parametrize(("size", "lang"), [(DESK, "zh-CN"), (PHONE, "en")], ids=["desk-zh", "phone-en"])
def test_the_screens_of_forms_are_clean_and_fit(visit: Visit, site: Site, size: tuple[int, int], lang: str) -> None:
    """NF-17."""
    number = site.ticket().summary.number
    for path in ("/admin/forms?of=returning", f"/desk/tickets/{number}/form", "/quality/forms"):
        page = visit(path, size, user="gao.yuan", lang=lang, bypass_csp=True)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        assert violations(page) == [], path
