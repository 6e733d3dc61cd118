"""The administrator's stories: people and tokens, and what the audit tells of them."""

import re

import pytest
from harness_browser import DESK, PHONE, Site, Visit, violations
from playwright.sync_api import expect


def test_somebody_is_added_by_keyboard_and_stands_in_the_audit(visit: Visit, site: Site) -> None:
    """SE-01, SE-09, NF-17."""
    page = visit("/admin/jobs", DESK, user="admin")
    page.get_by_role("link", name="人员与令牌").press("Enter")
    page.wait_for_load_state()
    form = page.get_by_role("region", name="添加人员")
    form.get_by_label("用户名").fill("new.person")
    form.get_by_label("姓名").fill("新同事")
    form.get_by_label("角色").select_option(label="财务")
    form.get_by_role("button", name="添加").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("new.person")

    page.get_by_label("停用 · 新同事").press("Enter")
    page.locator("#deactivate-new\\.person").get_by_role("button", name="停用").press("Enter")
    expect(page.locator("#person-new\\.person")).to_contain_text("已停用")

    page.get_by_role("link", name="审计", exact=True).press("Enter")
    page.wait_for_load_state()
    page.get_by_label("工单号或编号").fill("new.person")
    page.get_by_role("button", name="筛选").press("Enter")
    expect(page.get_by_role("heading", name=re.compile("停用人员"))).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("添加人员"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 CSV").click()
    assert download.value.suggested_filename.startswith("audit-")


@pytest.mark.parametrize(("size", "lang"), [(DESK, "zh-CN"), (PHONE, "en")], ids=["desk-zh", "phone-en"])
@pytest.mark.parametrize("path", ["/admin/people?of=he.qing", "/admin/audit?check=true", "/account"])
def test_it_is_clean_and_fits_the_screen(visit: Visit, site: Site, path: str, size: tuple[int, int], lang: str) -> None:
    """NF-17."""
    site.ticket()
    page = visit(path, size, user="admin", lang=lang, bypass_csp=True)

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page) == []


def test_it_works_without_script(chromium, site: Site) -> None:
    with site.services.database.transaction() as session:
        token = site.services.staff.sign_in(session, "admin", site.password)
    context = chromium.new_context(base_url=site.url, java_script_enabled=False, locale="en")
    context.add_cookies([{"name": "jiedai_staff", "value": token, "url": site.url}])
    page = context.new_page()

    page.goto("/admin/people")
    page.get_by_label("What it is for").or_(page.get_by_label("Purpose")).fill("Reports robot")
    page.get_by_label("For whom").select_option("gao.yuan")
    page.get_by_label("See reports").check()
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("status")).to_contain_text("jd_")
    page.get_by_role("button", name="Revoke · Reports robot").click()
    expect(page.get_by_text("No tokens yet")).to_be_visible()
    page.goto("/admin/audit")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status")).to_be_visible()
    context.close()
