"""The list of tickets: by keyboard on a desk, by thumb on a phone."""

from collections.abc import Iterator

import pytest
from harness_browser import DESK, PHONE, Site, Visit
from playwright.sync_api import expect
from sqlalchemy import delete

from tickets.lists.models import DefaultViewRow, SavedViewRow


@pytest.fixture(autouse=True)
def clean(site: Site) -> Iterator[None]:
    yield
    with site.services.database.transaction() as session:
        session.execute(delete(DefaultViewRow))
        session.execute(delete(SavedViewRow))


def test_tickets_are_ticked_claimed_searched_and_saved_by_keyboard(visit: Visit, site: Site) -> None:
    """LC-16, NF-17."""
    numbers = [site.ticket().summary.number for _ in range(3)]
    page = visit("/desk/tickets?sort=newest", DESK, user="he.qing")

    page.keyboard.press("j")
    expect(page.get_by_role("link", name=f"T-{numbers[2]}")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#chosen")).to_have_text("已选 3")
    expect(page.get_by_label("同事")).to_be_hidden()
    page.get_by_role("button", name="执行").press("Enter")
    expect(page.get_by_role("status").filter(has_text="批量处理结果")).to_contain_text("3 完成")

    page.keyboard.press("/")
    page.keyboard.type("洗衣机脱水")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=f"T-{numbers[0]}")).to_be_visible()
    page.get_by_text("保存当前列表…").click()
    page.get_by_label("名称", exact=True).fill("脱水的")
    page.get_by_role("button", name="保存", exact=True).press("Enter")
    expect(page.get_by_role("complementary").get_by_role("link", name="脱水的", exact=True)).to_be_visible()

    page.goto("/desk")
    page.get_by_role("link", name="脱水的", exact=True).click()
    expect(page.get_by_role("searchbox")).to_have_value("洗衣机脱水")
    page.locator(".row-link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/tickets/*")


def test_nothing_hangs_over_the_edge_of_a_phone(visit: Visit, site: Site) -> None:
    """NF-16."""
    ticket = site.ticket()
    page = visit("/desk/tickets?sort=newest&all=true", PHONE, user="he.qing", lang="en-GB")

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.get_by_role("link", name=f"T-{ticket.summary.number}")).to_be_visible()
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Overdue", exact=True).check()
    page.get_by_role("button", name="Apply").first.click()
    expect(page.get_by_role("list", name="Filter in force")).to_contain_text("Overdue")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
