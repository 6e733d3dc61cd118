"""The manager's story: a rule is built, tried on past tickets, saved, and seen to fire on a new ticket."""

import re

import pytest
from harness_browser import DESK, PHONE, Site, Visit, violations
from playwright.sync_api import expect


@pytest.fixture
def no_rules_after(site: Site):
    """Other tests' tickets must not meet this one's rules."""
    yield
    keeper = site.services.automation.keeper
    with site.services.database.transaction() as session:
        keeper.save(session, {}, base_version=keeper.current(session).version, actor="test")


def test_a_rule_is_built_tried_saved_and_fires(visit: Visit, site: Site, no_rules_after) -> None:
    """AR-09, AR-10, NF-17."""
    before = site.ticket().summary.number
    page = visit("/admin/rules", DESK, user="gao.yuan")
    page.get_by_role("link", name="新建规则").press("Enter")
    page.wait_for_load_state()
    page.get_by_label("规则名称").fill("有订单先看")
    page.get_by_label("字段").select_option(label="有订单号")
    page.get_by_label("值", exact=True).fill("是")
    page.get_by_label("添加的标签（逗号分开）").fill("有订单")
    page.get_by_role("button", name="试运行").press("Enter")
    tried = page.get_by_role("status")
    expect(tried).to_contain_text("试运行结果")
    expect(tried).to_contain_text(f"T-{before}")
    expect(page.get_by_label("规则名称")).to_have_value("有订单先看")
    page.get_by_role("button", name="保存为新版本").press("Enter")
    expect(page.get_by_role("heading", name="有订单先看")).to_be_visible()
    expect(page.get_by_text("有订单号 等于 ✓")).to_be_visible()

    after = site.ticket().summary.number

    page.reload()
    trace = page.get_by_role("region", name=re.compile("触发记录")).last
    expect(trace.get_by_role("row", name=re.compile(f"T-{after}"))).to_contain_text("打标签")


@pytest.mark.parametrize(("size", "lang"), [(DESK, "zh-CN"), (PHONE, "en")], ids=["desk-zh", "phone-en"])
@pytest.mark.parametrize("path", ["/admin/rules", "/admin/rules/edit"])
def test_it_is_clean_and_fits_the_screen(visit: Visit, path: str, size: tuple[int, int], lang: str) -> None:
    """NF-17."""
    page = visit(path, size, user="gao.yuan", lang=lang, bypass_csp=True)

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page) == []
