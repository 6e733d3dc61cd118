"""The team lead's story with another system that wants to know."""

import re
from collections.abc import Iterator

import pytest
from harness_browser import DESK, PHONE, Site, Visit
from playwright.sync_api import expect
from sqlalchemy import delete

from api.cli.demo import settle
from fakes.language_model import Reply, StubEndpoint
from tickets.webhooks.models import WebhookDeliveryRow, WebhookEndpointRow


@pytest.fixture(autouse=True)
def clean(site: Site) -> Iterator[None]:
    yield
    with site.services.database.transaction() as session:
        session.execute(delete(WebhookDeliveryRow))
        session.execute(delete(WebhookEndpointRow))


def test_an_endpoint_is_added_tested_and_watched_by_keyboard(visit: Visit, site: Site) -> None:
    """WH-01, WH-03, NF-17."""
    with StubEndpoint(Reply(status=200)) as receiver:
        page = visit("/admin/jobs", DESK, user="gao.yuan")
        page.get_by_role("link", name="事件推送").click()
        page.wait_for_load_state()
        page.get_by_label("地址", exact=True).fill(receiver.url)
        page.get_by_label(re.compile("工单已创建")).check()
        page.get_by_role("button", name="添加").press("Enter")

        expect(page.get_by_role("status").filter(has_text="签名密钥")).to_contain_text("whsec_")
        page.get_by_role("button", name="发送测试").press("Enter")
        expect(page.get_by_role("region", name=re.compile("推送记录"))).to_be_visible()
        settle(site.services)
        page.reload()
        expect(page.get_by_role("cell", name="已送达")).to_be_visible()
        assert [body["event"] for body in receiver.requests] == ["test"]


def test_nothing_hangs_over_the_edge_of_a_phone(visit: Visit, site: Site) -> None:
    with site.services.database.transaction() as session:
        endpoint, _ = site.services.webhooks.add(session, "https://example.com/" + "long" * 100, (), "gao.yuan")
        site.services.webhooks.pause(session, endpoint.id)
    page = visit(f"/admin/webhooks?of={endpoint.id}", PHONE, user="gao.yuan")

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.get_by_text("已暂停")).to_be_visible()
