"""Merging over HTTP and on the desk: numbers that resolve, talks that go on, refusals in words, urging in the chat."""

import pytest
from harness_flows import Talk

from api.rendering import texts

JSON = {"accept": "application/json"}
ORDER = "LT20261103004821"
STORY = "洗衣机脱水的时候不转了，显示E3"


def one_customer(house) -> tuple[Talk, Talk]:
    """Two conversations of one customer."""
    talks = (house.talk(), house.talk())
    user = talks[0].id
    with house.services.database.transaction() as session:
        for talk in talks:
            talk.id, _ = house.services.conversations.open(
                session, channel="web", account="default", external_user=user, name="张三", lang="zh"
            )
    return talks


@pytest.fixture
def twice(house) -> tuple[Talk, Talk]:
    """One customer who came by two conversations, about two matters as far as a rule can see."""
    talks = one_customer(house)
    for talk, words in zip(talks, (STORY, "空调室内机一直漏水"), strict=True):
        talk.say(words)
        talk.say("转人工")
    return talks


def _number(talk: Talk) -> int:
    with talk.services.database.reading() as session:
        found = talk.services.tickets.of_conversation(session, talk.id)
    return next(t.summary.number for t in found if t.summary.conversation_id == talk.id)


def _post(client, number: int, what: str, **body: object):
    return client.post(f"/api/desk/tickets/{number}/{what}", json=body, headers=JSON)


class TestApi:
    def test_a_merged_number_still_resolves_and_the_talk_goes_on(self, house, twice) -> None:
        """DM-05, DM-06."""
        first, second = twice
        lead, into, other = house.client("gao.yuan"), _number(first), _number(second)
        candidates = lead.get(f"/api/desk/tickets/{into}/duplicates", headers=JSON).json()["candidates"]

        merged = _post(lead, into, "merge", other=other, reason="客户确认是同一件事")
        assert merged.status_code == 200, merged.text
        second.say("空调那边也麻烦看看")

        assert all(not c["sure"] for c in candidates)
        shown = lead.get(f"/api/desk/tickets/{other}", headers=JSON).json()
        assert (shown["ticket"]["number"], shown["asked_for"]) == (into, other)
        assert [m["number"] for m in shown["merged"]] == [other]
        texts_shown = [m["text"] for m in shown["messages"]]
        assert STORY in texts_shown
        assert "空调那边也麻烦看看" in texts_shown
        assert any(f"T-{into}" in m.raw for m in second.settle())
        answered = _post(lead, into, "reply", text="好的，一起处理")
        assert answered.status_code == 200, answered.text
        assert second.settle()[-1].raw == "好的，一起处理"  # where they wrote last
        found = lead.get("/api/desk/tickets", params={"q": str(other)}, headers=JSON).json()["tickets"]
        assert into in [t["number"] for t in found]

        parted = _post(lead, into, "unmerge", other=other, reason="不是一件事")
        assert parted.status_code == 200, parted.text
        alone = lead.get(f"/api/desk/tickets/{other}", headers=JSON).json()
        assert (alone["ticket"]["number"], alone["ticket"]["status"], alone["merged"]) == (other, "to_assign", [])

    def test_refusals_say_why(self, house, twice) -> None:
        first, second = twice
        lead, into, other = house.client("gao.yuan"), _number(first), _number(second)
        told = [
            _post(lead, into, "merge", other=into, reason="x"),
            _post(lead, into, "merge", other=other, reason=" "),
            _post(lead, into, "merge", other=9_999_999, reason="x"),
            _post(lead, into, "unmerge", other=other, reason="x"),
            _post(lead, into, "unlink", other=other, reason="x"),
            _post(lead, into, "merge", other=other, reason="x", force=True),
        ]

        assert [(a.status_code, a.json()["kind"]) for a in told] == [
            (422, "merge_with_itself"), (422, "step_needs"), (404, "ticket_not_found"), (409, "not_merged"),
            (404, "ticket_not_found"), (422, "invalid"),
        ]  # fmt: skip

    def test_what_is_done_to_a_merged_number_is_refused_not_done_to_another(self, house, twice) -> None:
        first, second = twice
        lead, into, other = house.client("gao.yuan"), _number(first), _number(second)
        _post(lead, into, "merge", other=other, reason="同一件事")

        assert _post(lead, other, "reply", text="您好").status_code == 409
        assert _post(lead, into, "merge", other=other, reason="再来一次").json()["kind"] == "already_merged"
        assert _post(lead, into, "reply", text="您好", talk="01a20130-0000-7000-8000-000000000000").status_code == 404

    def test_links(self, house, twice) -> None:
        """DM-06."""
        lead, one, two = house.client("gao.yuan"), _number(twice[0]), _number(twice[1])

        assert _post(lead, one, "link", other=two, kind="same_cause", reason="同一家").status_code == 200
        seen = lead.get(f"/api/desk/tickets/{two}/duplicates", headers=JSON).json()["links"]
        assert [(x["number"], x["kind"]) for x in seen] == [(one, "same_cause")]
        assert _post(lead, two, "unlink", other=one, reason="搞错").status_code == 200


def test_a_merge_by_rule_after_routing(house) -> None:
    """DM-03, AR-08: the customer begins anew with the same order; no second ticket is worked on."""
    talks = one_customer(house)
    for talk in talks:
        for words in (STORY, f"订单号{ORDER}", "对的"):
            talk.say(words)
        with house.services.database.transaction() as session:
            ticket = house.services.tickets.by_number(session, _number(talk))
            house.services.tickets.set_label(
                session, ticket.summary.id, ("quality_issue", "malfunction", "error_code_shown"), "gao.yuan"
            )
        talk.settle()

    with house.services.database.reading() as session:
        merged = house.services.tickets.by_number(session, _number(talks[1]))
        assert merged.course.close_kind == "merged"
        assert merged.timeline[-1].actor == "system:duplicates"


class TestUrging:
    def test_in_the_chat_it_joins_the_ticket_and_shows_on_the_desk(self, house) -> None:
        """PG-06, PG-07: also while a person answers, where the bot is silent."""
        talk = house.talk()
        for words in (STORY, f"订单号{ORDER}", "对的"):
            talk.say(words)
        number = _number(talk)

        (answer,) = talk.say("怎么还没人联系我")

        assert f"T-{number}" in answer.raw
        assert "催单" in answer.raw
        lead = house.client("gao.yuan")
        shown = lead.get(f"/api/desk/tickets/{number}", headers=JSON).json()
        assert shown["follow_ups"] == {"urge": 1}
        assert len(talk.tickets()) == 1


def test_words_are_there_for_all_that_a_timeline_can_say() -> None:
    for lang in ("zh", "en"):
        known = texts(lang)
        for kind in ("merged", "absorbed", "unmerged", "released", "linked", "unlinked", "urged", "repeated"):
            assert known[f"event_{kind}"]
