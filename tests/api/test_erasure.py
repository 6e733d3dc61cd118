"""Erasing over the screens: applied for on a ticket, decided by somebody else, and the ticket still opens."""

import re

import pytest
from harness_flows import Talk

from tickets.lifecycle.schemas import Given
from tickets.service import Doer, Part, TicketAction

STORY = "洗衣机脱水的时候不转了，显示E3，我叫王小明"


@pytest.fixture
def talk(house) -> Talk:
    talk = house.talk()
    for text in (STORY, "转人工"):
        talk.say(text)
    return talk


def test_from_the_ticket_to_the_second_person(house, talk: Talk) -> None:
    """SE-04, SE-05: also while the customer's tickets are open it can be applied for, not carried out."""
    number = talk.tickets()[0].summary.number
    lead, admin = house.client("gao.yuan"), house.client("admin")
    applied = lead.post(f"/desk/tickets/{number}/erasure", data={"ground": "request"})
    assert applied.status_code == 200
    shown = admin.get("/admin/erasure").text
    erasure = re.search(r"erasure/([0-9a-f-]{36})/refuse(?:(?!erasure-).)*", shown, re.DOTALL)
    assert erasure is not None
    address = f"/admin/erasure/{erasure[1]}"
    assert f"T-{number}" in shown

    assert lead.post(f"{address}/approve").status_code == 403  # not a lead's right
    assert f"T-{number}" in admin.post(f"{address}/approve").text  # the ticket is open
    with house.services.database.transaction() as session:
        ticket = house.services.tickets.by_number(session, number)
        house.services.work.take(
            session, ticket.summary.id, TicketAction.CANCEL, Doer("gao.yuan", Part.LEAD), Given(reason="客户撤回")
        )
    done = admin.post(f"{address}/approve")
    assert done.status_code == 200
    assert "已删除" in done.text

    page = lead.get(f"/desk/tickets/{number}")
    assert page.status_code == 200
    assert "客户信息已按要求删除" in page.text
    assert "王小明" not in page.text
    api = lead.get(f"/api/desk/tickets/{number}", headers={"accept": "application/json"})
    assert api.json()["ticket"]["description"] == ""
    talk.settle()  # what was still to be done about the talk fails nowhere
    assert admin.post(f"{address}/approve").status_code == 409


def test_what_a_customer_was_shown_is_kept(house) -> None:
    """SE-11."""
    page = house.client().get("/chat").text
    edition = re.search(r'data-consent="([^"]+)"', page)
    assert edition is not None
    body = {"visitor": "visitor-consent", "lang": "zh", "consent": edition[1]}
    answer = house.client().post("/api/chat/conversations", json=body)

    assert answer.status_code == 201
    with house.services.database.reading() as session:
        kept = house.services.desk.erasing.consent_of(session, answer.json()["conversation_id"])
    assert kept is not None
    assert kept[0] == edition[1]
