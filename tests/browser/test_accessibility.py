"""axe finds nothing serious on any page, on a phone as on a desk, in light and dark (NF-17)."""

import pytest
from harness_browser import DESK, PHONE, Site, Visit, violations
from playwright.sync_api import expect


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/chat",
        "/desk",
        "ticket",
        "/quality",
        "/reports",
        "/admin/jobs",
        "/admin/webhooks",
        "/admin/import",
        "/api/v1/docs",
        "/desk/tickets/1",
        "/desk/tickets?all=true",
    ],
    ids=lambda p: p.strip("/"),
)
def test_axe_finds_nothing_grave(visit: Visit, site: Site, path: str, size: tuple[int, int], scheme: str) -> None:
    is_ticket = path == "ticket"
    where = f"/desk/tickets/{site.ticket().summary.number}" if is_ticket else path
    page = visit(where, size, user="gao.yuan", bypass_csp=True, expect=("404",))
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of two words
    if is_ticket and size == PHONE:
        assert violations(page) == []
        page.get_by_role("button", name="副驾").click()

    assert violations(page) == []


def test_axe_finds_nothing_grave_in_a_talk_with_a_card(visit: Visit) -> None:
    page = visit("/chat", PHONE, bypass_csp=True)
    for text, answer in (("洗衣机脱水不转，显示E3", ".bubble.bot"), ("订单号LT20261103004821", ".card")):
        page.get_by_label("输入消息").fill(text)
        page.get_by_label("输入消息").press("Enter")
        expect(page.locator(answer).first).to_be_visible()

    assert violations(page) == []
