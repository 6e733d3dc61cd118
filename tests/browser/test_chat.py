"""The customer's stories, on a phone."""

import re
from pathlib import Path

from harness_browser import ORDER, PHONE, Site, Visit, png
from playwright.sync_api import Page, expect


def _say(page: Page, text: str) -> None:
    page.get_by_label("输入消息").fill(text)
    page.get_by_role("button", name="发送", exact=True).click()


def _describe(page: Page) -> None:
    _say(page, "洗衣机脱水的时候不转了，屏幕显示E3")
    expect(page.get_by_text("请提供一下订单号")).to_be_visible()
    _say(page, f"订单号是 {ORDER}")
    expect(page.get_by_role("heading", name="请核对")).to_be_visible()


def test_a_fault_is_described_checked_corrected_and_filed(visit: Visit, site: Site) -> None:
    """CH-02, CH-28, TC-06, TC-07: the question comes, the card is corrected, the ticket's number is told."""
    page = visit("/chat", PHONE)

    _describe(page)
    expect(page.get_by_label("订单号")).to_have_value(ORDER)
    code = page.get_by_label("故障代码")
    code.fill("E4")
    expect(page.get_by_text("您填写")).to_be_visible()
    page.get_by_role("button", name="提交").click()

    receipt = page.get_by_text(re.compile(r"^工单 T-\d+$"))
    expect(receipt).to_be_visible()
    expect(page.get_by_role("button", name="提交")).to_be_hidden()
    number = int(re.sub(r"\D", "", receipt.inner_text()))
    with site.services.database.reading() as session:
        ticket = site.services.tickets.by_number(session, number)
    assert {str(f.name): f.normal for f in ticket.fields}["fault_code"] == "E4"


def test_a_reload_brings_the_conversation_back(visit: Visit) -> None:
    """CH-27: and what was typed but not sent."""
    page = visit("/chat", PHONE)
    _describe(page)
    page.get_by_label("输入消息").fill("还没写完")

    page.reload()

    expect(page.get_by_text("洗衣机脱水的时候不转了，屏幕显示E3")).to_have_count(1)
    expect(page.get_by_role("heading", name="请核对")).to_be_visible()
    expect(page.get_by_label("输入消息")).to_have_value("还没写完")


def test_a_picture_is_shown_where_it_was_sent(visit: Visit, tmp_path: Path) -> None:
    page = visit("/chat", PHONE)

    page.get_by_label("发送图片").set_input_files(png(tmp_path))

    picture = page.get_by_role("img", name="label.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320


def test_what_is_typed_offline_goes_out_later(visit: Visit) -> None:
    """CH-17: nothing typed is lost."""
    page = visit("/chat", PHONE, expect=("ERR_INTERNET_DISCONNECTED",))
    _say(page, "你好")
    expect(page.locator(".bubble.bot").first).to_be_visible()
    page.context.set_offline(True)
    _say(page, "洗衣机漏水")
    expect(page.get_by_text("网络断开")).to_be_visible()

    page.context.set_offline(False)

    expect(page.locator(".bubble.pending")).to_have_count(0)
    expect(page.get_by_text("洗衣机漏水")).to_have_count(1)


def test_the_page_speaks_english(visit: Visit) -> None:
    page = visit("/chat", PHONE, lang="en-GB")

    page.get_by_label("Message").fill("My washer shows E3 and does not spin")
    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.get_by_text(re.compile("order number", re.IGNORECASE)).first).to_be_visible()


def test_markup_in_a_message_stays_text_in_the_chat_and_on_the_desk(visit: Visit, site: Site) -> None:
    """A01."""
    attack = "<script>window.hit=1</script><img src=x onerror=window.hit=1>洗衣机坏了"
    page = visit("/chat", PHONE)
    _say(page, attack)
    expect(page.locator(".bubble.bot").first).to_be_visible()
    _say(page, "转人工")
    expect(page.get_by_text(re.compile("已为您转接人工"))).to_be_visible()

    expect(page.get_by_text(attack)).to_be_visible()
    assert page.evaluate("window.hit") is None

    conversation_id = page.evaluate("localStorage.getItem('jiedai.conversation')")
    with site.services.database.reading() as session:
        (ticket,) = site.services.tickets.of_conversation(session, conversation_id)
    desk = visit(f"/desk/tickets/{ticket.summary.number}", user="he.qing")
    expect(desk.get_by_text(attack).first).to_be_visible()
    assert desk.evaluate("window.hit") is None
