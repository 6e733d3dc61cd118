"""Webhooks from a customer's words to another system's ears, and the screen that keeps them."""

import re
from collections.abc import Iterator

import pytest
from harness_flows import Talk
from sqlalchemy import delete, func, select

from api.rendering import texts
from fakes.language_model import Reply, StubEndpoint
from kit.jobs.models import JobRow
from tickets.webhooks.models import WebhookDeliveryRow, WebhookEndpointRow

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
JSON = {"accept": "application/json"}
NOWHERE = "01a20130-0000-7000-8000-00000000dead"
ORDER = "LT20261103004821"
TELL_JOBS = select(func.count()).select_from(JobRow).where(JobRow.kind.startswith("webhooks.tell"))


@pytest.fixture(autouse=True)
def clean(house) -> Iterator[None]:
    """Begin and end without endpoints: other tests of the shared house leave some behind."""
    _forget_endpoints(house)
    yield
    _forget_endpoints(house)


def _forget_endpoints(house) -> None:
    with house.services.database.transaction() as session:
        session.execute(delete(WebhookDeliveryRow))
        session.execute(delete(WebhookEndpointRow))


@pytest.fixture
def receiver() -> Iterator[StubEndpoint]:
    with StubEndpoint(Reply(status=200)) as listening:
        yield listening


def _lead(house, lang: str = "zh"):
    return house.client("gao.yuan", lang)


def _add(house, url: str, *events: str) -> dict[str, str]:
    answer = _lead(house).post("/api/admin/webhooks", json={"url": url, "events": events}, headers=JSON)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _filed(house) -> Talk:
    talk = house.talk()
    for text in ("我叫张三，洗衣机脱水的时候不转了，显示E3", f"订单号{ORDER}", "对的"):
        talk.say(text)
    return talk


def _told(receiver: StubEndpoint, event: str) -> list[dict]:
    return [body for body in receiver.requests if body["event"] == event]


class TestWhatIsTold:
    def test_a_ticket_s_way_is_told_step_by_step_without_the_customer_s_words(self, house, receiver) -> None:
        """WH-01, WH-04, A52: the source's sample, its signature in the standard's headers."""
        _add(house, receiver.url)
        talk = _filed(house)
        (ticket,) = talk.tickets()
        number = ticket.summary.number
        agent = house.client("he.qing")
        agent.post(f"/api/desk/tickets/{number}/claim", headers=JSON)
        talk.settle()

        [created] = _told(receiver, "ticket.created")
        assert (created["ticketId"], created["number"]) == (ticket.summary.id, number)
        assert created["orderId"] == ORDER
        assert created["customerId"] == ticket.customer_id
        updates = _told(receiver, "ticket.updated")
        assert all(set(u["changes"]["from"]) == set(u["changes"]["to"]) != set() for u in updates)
        changes = [u["changes"] for u in updates if "status" in u["changes"]["to"]]
        statuses = [(change["from"]["status"], change["to"]["status"]) for change in changes]
        assert statuses == [("new", "to_assign"), ("to_assign", "in_progress")]
        assert updates[-1]["assignee"] == {"id": "he.qing", "name": "何青"}
        assert updates[-1]["actor"] == "he.qing"
        assert all(h["webhook-signature"].startswith("v1,") for h in receiver.headers)
        everything = b"".join(receiver.bodies).decode()
        assert "脱水" not in everything
        assert "张三" not in everything

    @pytest.mark.parametrize("state", ["none", "off", "active"])
    def test_where_nobody_listens_no_job_is_added(self, house, receiver, state: str) -> None:
        """A ticket's way is a dozen facts; a house without receivers pays nothing for them."""
        if state != "none":
            added = _add(house, receiver.url)
        if state == "off":
            _lead(house).post(f"/api/admin/webhooks/{added['id']}/pause", headers=JSON).raise_for_status()
        with house.services.database.reading() as session:
            before = session.scalar(TELL_JOBS)

        _filed(house)

        with house.services.database.reading() as session:
            assert (session.scalar(TELL_JOBS) > before) == (state == "active")

    def test_a_label_that_a_person_writes_is_told(self, house, receiver) -> None:
        """WH-04."""
        talk = _filed(house)
        (ticket,) = talk.tickets()
        _add(house, receiver.url, "label.written")
        label = min(house.services.shop.taxonomy.paths - {tuple(ticket.summary.label)})

        house.client("he.qing").post(
            f"/api/desk/tickets/{ticket.summary.number}/label", json={"label": list(label)}, headers=JSON
        )
        talk.settle()

        [told] = receiver.requests
        assert (told["label"], told["source"], told["tags"]) == (list(label), "person", list(label))

    def test_what_became_of_a_suggestion_is_told(self, house, receiver) -> None:
        """WH-04."""
        talk = _filed(house)
        (ticket,) = talk.tickets()
        _add(house, receiver.url, "suggestion.decided")
        with house.services.database.reading() as session:
            suggestion = house.services.suggestions.newest(session, ticket.summary.id)

        house.client("he.qing").post(
            f"/desk/tickets/{ticket.summary.number}/reject",
            data={"suggestion_id": suggestion.id, "reason": "不适用"},
        )
        talk.settle()

        [told] = receiver.requests
        assert (told["suggestionId"], told["outcome"], told["decidedBy"]) == (suggestion.id, "rejected", "he.qing")
        assert "不适用" not in receiver.bodies[0].decode()

    def test_a_confirmed_summary_and_findings_are_told_once(self, house, receiver) -> None:
        """WH-04."""
        talk = _filed(house)
        (ticket,) = talk.tickets()
        number = ticket.summary.number
        _add(house, receiver.url, "summary.confirmed", "quality.flagged")
        agent = house.client("he.qing")
        agent.post(f"/api/desk/tickets/{number}/reply", json={"text": "随便你，保证全额退款"}, headers=JSON)
        agent.post(f"/api/desk/tickets/{number}/resolve", json={"action": "清理滤网"}, headers=JSON)
        talk.settle()
        with house.services.database.reading() as session:
            summary = house.services.summaries.newest(session, ticket.summary.id)
        agent.post(f"/desk/tickets/{number}/summary", data={"summary_id": summary.id})
        talk.settle()

        [confirmed] = _told(receiver, "summary.confirmed")
        assert (confirmed["summaryId"], confirmed["confirmedBy"]) == (summary.id, "he.qing")
        flagged = _told(receiver, "quality.flagged")
        assert "banned_word" in {f["rule"] for f in flagged}
        assert len({f["findingId"] for f in flagged}) == len(flagged)
        assert all(f["turns"] and f["conversationId"] == talk.id for f in flagged)


class TestApi:
    def test_the_secret_is_in_one_answer_and_in_no_other(self, house, receiver) -> None:
        """A49."""
        added = _add(house, receiver.url, "ticket.created")

        listed = _lead(house).get("/api/admin/webhooks", headers=JSON)
        rotated = _lead(house).post(f"/api/admin/webhooks/{added['id']}/rotate", headers=JSON).json()

        assert added["secret"].startswith("whsec_") != rotated["secret"]
        assert "whsec_" not in listed.text
        assert listed.json()["endpoints"][0]["events"] == ["ticket.created"]

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"url": "http://10.0.0.1/"}, 422),
            ({"url": "https://u:p@example.com/"}, 422),
            ({"url": "https://example.com/", "events": ["nothing"]}, 422),
            ({"url": "https://example.com/", "more": 1}, 422),
            ({}, 422),
        ],
    )
    def test_bad_input_is_a_problem_that_names_the_field(self, house, body, status) -> None:
        answer = _lead(house).post("/api/admin/webhooks", json=body, headers=JSON)

        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("application/problem+json")

    @pytest.mark.parametrize("act", ["rotate", "pause", "resume", "test"])
    def test_an_endpoint_that_does_not_exist_is_not_found(self, house, act) -> None:
        assert _lead(house).post(f"/api/admin/webhooks/{NOWHERE}/{act}", headers=JSON).status_code == 404

    def test_agents_have_no_business_here(self, house) -> None:
        """SE-01."""
        assert house.client("he.qing").get("/api/admin/webhooks", headers=JSON).status_code == 403

    def test_deliveries_are_listed_and_sent_again(self, house, receiver) -> None:
        added = _add(house, receiver.url)
        lead = _lead(house)
        lead.post(f"/api/admin/webhooks/{added['id']}/test", headers=JSON)
        house.talk().settle()

        [delivery] = lead.get(f"/api/admin/webhooks/{added['id']}/deliveries", headers=JSON).json()["deliveries"]
        lead.post(f"/api/admin/webhooks/deliveries/{delivery['id']}/resend", headers=JSON)
        house.talk().settle()

        assert delivery["state"] == "delivered"
        assert len(receiver.requests) == 2
        assert len({h["webhook-id"] for h in receiver.headers}) == 1


class TestPage:
    @BOTH
    def test_it_says_that_there_is_nothing_yet(self, house, lang: str) -> None:
        assert texts(lang)["webhooks_empty"] in _lead(house, lang).get("/admin/webhooks").text

    @BOTH
    def test_adding_shows_the_secret_once(self, house, receiver, lang: str) -> None:
        lead = _lead(house, lang)

        shown = lead.post("/admin/webhooks", data={"url": receiver.url, "event": ["ticket.created"]}).text

        assert len(re.findall(r"whsec_[A-Za-z0-9+/=]{40,}", shown)) == 1
        assert receiver.url in shown
        assert texts(lang)["webhook_ticket.created"] in shown
        assert "whsec_" not in lead.get("/admin/webhooks").text

    @BOTH
    def test_a_refused_address_is_said_and_what_was_typed_stays(self, house, lang: str) -> None:
        typed = 'http://10.0.0.1/"><script>'

        answer = _lead(house, lang).post("/admin/webhooks", data={"url": typed, "event": ["ticket.created"]})

        assert answer.status_code == 422
        assert "<script>" not in answer.text.split("<main", 1)[1]
        assert "10.0.0.1" in answer.text
        assert re.search(r'value="ticket.created" checked', answer.text)

    def test_what_is_done_on_the_page_is_done(self, house, receiver) -> None:
        added = _add(house, receiver.url)
        lead = _lead(house)
        here = f"/admin/webhooks?of={added['id']}"

        lead.post(f"/admin/webhooks/{added['id']}/test")
        house.talk().settle()
        shown = lead.get(here).text
        assert texts("zh")["delivery_delivered"] in shown
        [delivery] = re.findall(r"/deliveries/([0-9a-f-]{36})/resend", shown)
        lead.post(f"/admin/webhooks/deliveries/{delivery}/resend?of={added['id']}")
        house.talk().settle()
        lead.post(f"/admin/webhooks/{added['id']}/pause")
        paused = lead.get(here).text
        lead.post(f"/admin/webhooks/{added['id']}/resume")

        assert len(receiver.requests) == 2
        assert texts("zh")["endpoint_paused"] in paused
        assert "/resend" not in paused  # nothing can be sent to an endpoint that is switched off
        assert texts("zh")["endpoint_active"] in lead.get(here).text

    def test_a_failing_endpoint_says_why_and_when_it_is_tried_again(self, house) -> None:
        with StubEndpoint(Reply(status=503)) as receiver:
            added = _add(house, receiver.url)
            lead = _lead(house)
            lead.post(f"/admin/webhooks/{added['id']}/test")
            house.talk().settle()

            shown = lead.get(f"/admin/webhooks?of={added['id']}").text

        assert "HTTP 503" in shown
        assert texts("zh")["webhook_next"] in shown
