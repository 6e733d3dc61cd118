"""The agent's stories."""

import re

from harness_browser import DESK, LAPTOP, ORDER, PHONE, Site, Visit
from playwright.sync_api import Page, expect

REPLY = "#reply"


def test_signing_in_and_answering_by_keyboard_alone(visit: Visit, site: Site) -> None:
    """CP-03, NF-17: a wrong password gets a sentence; the draft is accepted and sent without a mouse."""
    customer = visit("/chat", PHONE)
    for text in ("洗衣机脱水的时候不转了，屏幕显示E3", f"订单号 {ORDER}", "对的"):
        customer.get_by_label("输入消息").fill(text)
        before = customer.locator(".bubble.bot").count()
        customer.get_by_label("输入消息").press("Enter")
        expect(customer.locator(".bubble.bot").nth(before)).to_be_visible()
    number = re.sub(r"\D", "", customer.get_by_text(re.compile(r"^工单 T-\d+$")).inner_text())

    page = visit("/desk", expect=("401",))
    page.get_by_label("用户名").fill("he.qing")
    page.get_by_label("密码").fill("not it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("密码").fill(site.password)
    page.keyboard.press("Enter")

    expect(page.get_by_role("navigation", name="队列")).to_be_visible()
    page.wait_for_load_state()  # the page is painted before its scripts listen for keys
    line = page.get_by_role("link", name=f"T-{number}")
    for _ in range(40):
        page.keyboard.press("j")
        if line.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"T-{number}")).to_be_visible()
    page.wait_for_load_state()
    draft = page.locator("#draft").get_attribute("data-text") or ""
    assert draft
    page.keyboard.press("a")
    expect(page.locator(REPLY)).to_have_value(draft)
    expect(page.get_by_text("来自 AI 草稿")).to_be_visible()
    page.keyboard.press("Control+Enter")

    expect(page.locator(".turn.agent .said")).to_have_text(draft)
    expect(page.locator(REPLY)).to_have_value("")
    expect(customer.locator(".bubble.agent .body")).to_have_text(draft)  # without a reload
    expect(customer.get_by_text("人工客服 · 何青")).to_be_visible()


def test_a_fact_lights_its_evidence(visit: Visit, site: Site) -> None:
    """TC-02."""
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", user="he.qing")
    mark = page.locator("mark.field-fault_code").first

    page.locator('[data-lights="field-fault_code"]').hover()
    expect(mark).to_have_class(re.compile("lit"))
    expect(mark).to_have_text("E3")
    page.get_by_role("heading", level=1).hover()
    expect(mark).not_to_have_class(re.compile("lit"))
    page.locator('[data-lights="field-fault_code"]').focus()
    expect(mark).to_have_class(re.compile("lit"))


def test_what_the_customer_writes_appears_on_the_open_ticket(visit: Visit, site: Site) -> None:
    ticket = site.ticket()
    page = visit(f"/desk/tickets/{ticket.summary.number}", user="he.qing")
    page.locator(REPLY).fill("正在写")
    customer_says(site, ticket.summary.conversation_id, "补充一下，是昨天开始的")

    expect(page.locator("#thread").get_by_text("补充一下，是昨天开始的")).to_be_visible()
    expect(page.locator(REPLY)).to_have_value("正在写")


def test_an_unsent_reply_outlives_a_reload(visit: Visit, site: Site) -> None:
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", user="he.qing")
    page.locator(REPLY).fill("写到一半")

    page.reload()

    expect(page.locator(REPLY)).to_have_value("写到一半")


def test_the_reply_just_sent_is_in_view(visit: Visit, site: Site) -> None:
    """Although the check of its words and the live parts swap meanwhile."""
    long = "\n".join(f"第 {n} 行：请把衣物摆匀后再试一次单脱水。" for n in range(60))
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", user="he.qing")
    for text in (long, "请问这样操作后情况怎么样？"):
        before = page.locator(".turn.agent").count()
        page.locator(REPLY).fill(text)
        page.get_by_role("button", name="发送").click()
        expect(page.locator(".turn.agent")).to_have_count(before + 1)
        expect(page.locator(REPLY)).to_have_value("")

    page.wait_for_function(
        "() => { const t = document.querySelector('#thread');"
        " return t.scrollHeight - t.scrollTop - t.clientHeight < 40; }"
    )


def test_a_risky_reply_is_warned_of_before_it_is_sent(visit: Visit, site: Site) -> None:
    """QA-12."""
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", user="he.qing")

    page.locator(REPLY).fill("您放心，我保证全额退款，再赔您五百")

    expect(page.locator("#check")).to_contain_text("过度承诺")


def test_a_draft_is_rejected_with_its_reason(visit: Visit, site: Site) -> None:
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", user="he.qing")

    page.keyboard.press("r")
    page.get_by_label("拒绝原因").fill("客户已经试过")
    page.keyboard.press("Enter")

    expect(page.get_by_text("已拒绝")).to_be_visible()


def test_resolving_drafts_a_summary_that_the_agent_confirms(visit: Visit, site: Site) -> None:
    """SU-01, SU-02."""
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", user="he.qing")
    page.locator(REPLY).fill("请把衣物摆匀后再试单脱水。")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".turn.agent")).to_have_count(1)

    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.get_by_label("处理结果").fill("指导客户摆匀衣物")
    page.get_by_role("button", name="解决", exact=True).click()
    confirm = page.get_by_role("button", name="确认小结")
    expect(confirm).to_be_visible()
    confirm.click()

    expect(page.get_by_text("已确认 何青")).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("指导客户摆匀衣物")


def test_help_is_a_dialog_that_escape_closes(visit: Visit) -> None:
    page = visit("/desk", user="he.qing")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_hidden()


def test_on_a_laptop_the_copilot_slides_over(visit: Visit, site: Site) -> None:
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", LAPTOP, user="he.qing")
    copilot = page.get_by_role("complementary", name="副驾")
    expect(copilot).to_be_hidden()

    page.get_by_role("button", name="副驾").click()
    expect(copilot).to_be_visible()
    page.keyboard.press("Escape")
    expect(copilot).to_be_hidden()


def test_an_ended_session_loses_nothing_that_was_typed(visit: Visit, site: Site) -> None:
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", user="he.qing", expect=("401",))
    page.locator(REPLY).fill("这句话不能丢")
    page.context.clear_cookies()

    page.get_by_role("button", name="发送").click()

    expect(page.get_by_role("alert").get_by_text("登录已过期")).to_be_visible()
    expect(page.locator(REPLY)).to_have_value("这句话不能丢")


def test_no_page_scrolls_sideways(visit: Visit, site: Site) -> None:
    number = site.ticket().summary.number
    for size in (PHONE, LAPTOP, DESK):
        for path in ("/desk", f"/desk/tickets/{number}", "/quality", "/reports", "/sign-in", "/chat"):
            page = visit(path, size, user="gao.yuan")
            assert _overflow(page) == 0, (path, size)
            page.context.close()


def _overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def customer_says(site: Site, conversation_id: str, text: str) -> None:
    from tickets.schemas import IncomingMessage

    with site.services.database.transaction() as session:
        site.services.conversations.receive(session, conversation_id, IncomingMessage(f"late-{text}", text))
