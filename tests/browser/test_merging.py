"""Two tickets of one customer are merged on the desk and parted again, by keyboard; a customer urges in the chat."""

import re

from harness_browser import DESK, ORDER, PHONE, Site, Visit
from playwright.sync_api import expect

from api.cli.demo import settle


def _twice(site: Site) -> tuple[int, int]:
    """File two tickets of one customer."""
    numbers = []
    for words in ("洗衣机脱水的时候不转了", "空调室内机一直漏水"):
        talk = site.converse(words, "转人工", user="merge-story")
        with site.services.database.reading() as session:
            numbers += [t.summary.number for t in site.services.tickets.of_conversation(session, talk)]
    return numbers[0], numbers[1]


def test_merge_and_undo_by_keyboard(visit: Visit, site: Site) -> None:
    """DM-05, DM-06, NF-17: previewed, merged with a reason, seen in the thread, undone; the number leads there."""
    into, other = _twice(site)
    page = visit(f"/desk/tickets/{into}", DESK, user="gao.yuan")

    page.keyboard.press("m")
    page.get_by_label("另一工单号").first.fill(str(other))
    page.keyboard.press("Enter")
    menu = page.locator("#merge-menu")
    expect(menu).to_contain_text(f"T-{other} 关闭为「已合并」")
    menu.get_by_label("原因").fill("客户来电确认是同一家")
    menu.get_by_role("button", name="确认合并").press("Enter")
    expect(page.locator("#joined")).to_contain_text(f"T-{other}")
    expect(page.locator("#thread")).to_contain_text("空调室内机一直漏水")
    expect(page.get_by_label("回复到")).to_be_visible()

    page.goto(f"{site.url}/desk/tickets/{other}")
    expect(page.get_by_role("status").filter(has_text=f"T-{other} 已合并到本单")).to_be_visible()

    page.keyboard.press("u")
    page.locator(f"#part-{other}").get_by_label("原因").fill("两台机器")
    page.locator(f"#part-{other}").get_by_role("button", name="撤销合并").press("Enter")
    expect(page.locator("#thread")).not_to_contain_text("空调室内机一直漏水")
    expect(page.locator(".ticket-head h1")).to_contain_text(f"T-{into}")
    page.locator("#timeline summary").click()
    expect(page.locator(".timeline")).to_contain_text("两台机器")
    expect(page.locator("#joined")).to_have_count(0)


def test_a_customer_urges_with_a_tap_and_the_desk_shows_it(visit: Visit, site: Site) -> None:
    """PG-06, PG-07: the button is there while a ticket is open; no second ticket comes of it."""
    chat = visit("/chat", PHONE)
    expect(chat.locator("#urge")).to_be_hidden()
    for text in ("洗衣机脱水的时候不转了，屏幕显示E3", f"订单号 {ORDER}", "对的"):
        chat.get_by_label("输入消息").fill(text)
        before = chat.locator(".bubble.bot").count()
        chat.get_by_label("输入消息").press("Enter")
        expect(chat.locator(".bubble.bot").nth(before)).to_be_visible()
    number = re.sub(r"\D", "", chat.get_by_text(re.compile(r"^工单 T-\d+$")).inner_text())

    chat.get_by_role("button", name="催单").click()
    expect(chat.get_by_text(f"已为工单 T-{number} 记录催单")).to_be_visible()
    settle(site.services)

    desk = visit(f"/desk/tickets/{number}", DESK, user="he.qing")
    expect(desk.locator(".ticket-head")).to_contain_text("催单 1")
