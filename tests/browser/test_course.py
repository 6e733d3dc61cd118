"""A ticket's way on the desk by keyboard, and the customer's last word in the chat."""

import re

from harness_browser import DESK, ORDER, PHONE, Site, Visit
from playwright.sync_api import expect

from api.cli.demo import settle


def test_a_ticket_is_escalated_and_written_about_by_keyboard(visit: Visit, site: Site) -> None:
    """LC-03, LC-12, LC-14, NF-17."""
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", DESK, user="he.qing")

    page.keyboard.press("t")
    escalate = page.locator("#step-escalate")
    escalate.locator("summary").press("Enter")
    escalate.get_by_label("升级到").select_option("厂家")
    escalate.get_by_label("原因").fill("疑似主板问题")
    escalate.get_by_role("button", name="升级").press("Enter")
    expect(page.locator(".ticket-head .badge").first).to_contain_text("已升级 · 厂家")

    page.keyboard.press("i")
    page.get_by_label("记录类型").select_option("根本原因")
    page.get_by_label("写给同事").fill("主板电容鼓包")
    page.get_by_role("button", name="保存记录").press("Enter")
    expect(page.locator("#records .records")).to_contain_text("主板电容鼓包")
    page.locator("#timeline summary").click()
    expect(page.locator(".timeline")).to_contain_text("疑似主板问题")


def test_a_customer_says_that_it_is_not_solved_and_then_that_it_is(visit: Visit, site: Site) -> None:
    """LC-06, LC-07, LC-13: asked in the chat, answered with a tap, seen on the desk."""
    chat = visit("/chat", PHONE)
    for text in ("洗衣机脱水的时候不转了，屏幕显示E3", f"订单号 {ORDER}", "对的"):
        chat.get_by_label("输入消息").fill(text)
        before = chat.locator(".bubble.bot").count()
        chat.get_by_label("输入消息").press("Enter")
        expect(chat.locator(".bubble.bot").nth(before)).to_be_visible()
    number = re.sub(r"\D", "", chat.get_by_text(re.compile(r"^工单 T-\d+$")).inner_text())
    desk = visit(f"/desk/tickets/{number}", DESK, user="he.qing")

    def resolve(words: str) -> None:
        desk.locator("#resolve-menu > summary").click()
        desk.get_by_label("处理结果").fill(words)
        desk.get_by_role("button", name="解决", exact=True).click()
        expect(desk.locator(".ticket-head .badge").first).to_contain_text("已解决")
        settle(site.services)

    resolve("指导客户摆匀衣物")
    chat.get_by_role("button", name="还没解决").click()
    expect(chat.get_by_text("已重新打开")).to_be_visible()
    expect(chat.get_by_role("button", name="还没解决")).to_have_count(0)
    desk.reload()
    expect(desk.get_by_text("重开次数 1")).to_be_visible()

    resolve("换了排水泵")
    chat.get_by_role("button", name="已解决").click()
    expect(chat.get_by_text("谢谢您的确认")).to_be_visible()
    desk.reload()
    expect(desk.locator(".ticket-head .badge").first).to_contain_text("客户已确认")
    desk.get_by_role("button", name="新建关联工单").click()
    expect(desk.get_by_role("link", name=f"接续 T-{number}")).to_be_visible()


def test_the_menu_and_the_records_fit_a_phone(visit: Visit, site: Site) -> None:
    page = visit(f"/desk/tickets/{site.ticket().summary.number}", PHONE, user="he.qing", lang="en")
    page.locator("#steps-menu > summary").click()
    page.locator("#step-hold > summary").click()

    expect(page.locator("#step-hold").get_by_label("Reason")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
