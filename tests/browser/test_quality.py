"""The QA lead's stories."""

import re

from harness_browser import Site, Visit
from playwright.sync_api import expect

from api.cli.demo import settle
from factories import agent
from tickets.words import Role


def _judged(site: Site) -> None:
    """Let an agent promise without a time and end the talk, which is scanned."""
    ticket = site.ticket()
    with site.services.database.transaction() as session:
        site.services.conversations.say(
            session, ticket.summary.conversation_id, Role.AGENT, "我这边尽快给您处理", author="何青"
        )
        site.services.work.resolve(session, ticket.summary.id, agent("he.qing"), "已处理")
        site.services.conversations.end(session, ticket.summary.conversation_id)
    settle(site.services)


def test_a_finding_is_agreed_with_by_key(visit: Visit, site: Site) -> None:
    """QA-08: the evidence is lit, ``y`` records the verdict and goes on."""
    _judged(site)
    page = visit("/quality", user="gao.yuan")
    expect(page.locator("mark.lit, .turn.proof").first).to_be_visible()
    rule = page.locator("aside h1").inner_text()

    page.keyboard.press("y")

    page.wait_for_url(re.compile(r"/quality(\?finding=.*)?$"))
    page.get_by_role("link", name="已认可").click()
    expect(page.locator(".queue")).to_contain_text(rule.split()[-1])


def test_space_goes_to_the_next_finding(visit: Visit, site: Site) -> None:
    _judged(site)
    page = visit("/quality", user="gao.yuan")
    expect(page.locator(".queue .line.current")).to_have_count(1)
    second = page.locator(".queue .line").nth(1).get_attribute("href")

    page.keyboard.press("Space")

    page.wait_for_url(f"**{second}")


def test_reports_say_the_headline_in_words(visit: Visit, site: Site) -> None:
    _judged(site)
    page = visit("/reports", user="gao.yuan")

    expect(page.get_by_text(re.compile(r"自动分派 \d+ %"))).to_be_visible()
    expect(page.get_by_role("heading", name="质检发现")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/quality")
