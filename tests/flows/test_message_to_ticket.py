"""The main job, end to end: a customer's words and pictures become a filled, routed ticket with help beside it."""

import io

import pytest
from harness_flows import Talk
from PIL import Image

from api.wiring import Services
from factories import agent
from tickets.schemas import IncomingFile, TextSpan
from tickets.words import FieldName, FieldState, Handler, Priority, Role, Verdict

ORDER = "LT20261103004821"


def _picture() -> IncomingFile:
    data = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(data, "PNG")
    return IncomingFile("label.png", "image/png", data.getvalue())


def test_a_described_fault_is_collected_confirmed_filed_and_helped(house: Services, talk: Talk) -> None:
    """CH-02, TC-02, TC-06, TC-17, CP-01: from the first message to the agent's desk."""
    answers = talk.say("洗衣机脱水的时候不转了，屏幕显示E3")
    assert answers[0].role is Role.BOT
    assert "AI" in answers[0].raw
    assert answers[-1].data.get("asks") == FieldName.ORDER_NO

    answers = talk.say(f"订单号是 {ORDER}")
    assert answers[-1].data["kind"] == "card"

    talk.say("对的")
    (ticket,) = talk.tickets()
    order = ticket.field(FieldName.ORDER_NO)
    assert order is not None
    assert (order.normal, order.verdict, order.confirmed_by) == (ORDER, Verdict.VALID, "customer")
    assert ticket.summary.group_id
    assert ticket.summary.first_response_due_at is not None
    with house.database.reading() as session:
        assert house.suggestions.newest(session, ticket.summary.id) is not None


def test_evidence_points_at_the_very_words(talk: Talk) -> None:
    """TC-02: offsets count in the raw text, full-width and zero-width characters included (A56)."""
    talk.say("我的订单ＬＴ２０２６１１０３\u200b００４８２１一直没发货")
    talk.say("转人工")
    (ticket,) = talk.tickets()

    order = ticket.field(FieldName.ORDER_NO)
    assert order is not None
    assert order.normal == ORDER
    span = next(e for e in order.evidence if isinstance(e, TextSpan))
    message = next(m for m in talk.seen if m.id == span.message_id)
    assert message.raw[span.start : span.end] == "ＬＴ２０２６１１０３\u200b００４８２１"


def test_the_order_book_tells_the_model_so_nobody_asks_for_it(talk: Talk) -> None:
    """CH-28, TC-08."""
    talk.say(f"订单{ORDER}的洗衣机漏水了")

    asked = {m.data.get("asks") for m in talk.seen}
    assert FieldName.MODEL not in asked


def test_a_burst_of_messages_is_one_turn(talk: Talk) -> None:
    """A burst is one turn: one greeting and one question come back."""
    for text in ("你好", "洗衣机坏了", "一脱水就响", f"{ORDER}"):
        talk.send(text)

    answers = [m for m in talk.settle() if m.role is Role.BOT]
    assert sum("AI" in m.raw for m in answers) == 1
    assert sum(bool(m.data.get("asks")) or m.data.get("kind") == "card" for m in answers) <= 1


def test_a_newer_message_supersedes_an_unsent_answer(house: Services, talk: Talk) -> None:
    sent = talk.send("洗衣机坏了")
    with house.database.reading() as session:
        turn = house.intake.load(session, talk.id)
    understood = house.intake.understand(turn)
    talk.send(f"订单号{ORDER}")
    with pytest.raises(Exception, match="changed meanwhile"), house.database.transaction() as session:
        house.intake.respond(session, understood, house.intake.decide(understood, None))

    answers = [m for m in talk.settle() if m.seq > sent.seq and m.role is Role.BOT]
    assert FieldName.ORDER_NO not in [m.data.get("asks") for m in answers]


def test_a_passage_in_another_language_is_no_answer(talk: Talk) -> None:
    """CP-01: the code table is in Chinese; an English customer is not sent it, and the case goes on."""
    talk.say("My washing machine shows E3 and does not spin")
    answers = talk.say(f"It is a WX100-HD, order {ORDER}")

    said = [m.raw for m in talk.seen if m.role is Role.BOT]
    assert said
    assert not [text for text in said if "脱水" in text]
    assert any(m.data.get("kind") == "card" for m in answers)


def test_a_picture_fills_the_fields_and_says_where(talk: Talk) -> None:
    """TC-05."""
    talk.say("冰箱不制冷，铭牌在图里", _picture())
    talk.say("转人工")
    (ticket,) = talk.tickets()

    assert {f.name for f in ticket.fields} >= {FieldName.ORDER_NO, FieldName.MODEL}


def test_two_customers_never_share_a_fact(house: Services, clock, talk: Talk) -> None:
    other = Talk(house, talk.worker, clock)
    talk.say(f"订单{ORDER}没收到")
    other.say("订单没收到")
    other.say("转人工")

    assert all(f.normal != ORDER for t in other.tickets() for f in t.fields)


def test_safety_is_filed_first_and_a_person_is_called(house: Services, talk: Talk) -> None:
    """CL-15, SL-13."""
    answers = talk.say("热水器冒烟了！！")

    assert any("断开电源" in m.raw for m in answers)
    (ticket,) = talk.tickets()
    assert ticket.summary.priority is Priority.P1
    with house.database.reading() as session:
        assert house.conversations.get(session, talk.id).handler is Handler.AGENT


def test_after_hand_over_the_bot_keeps_silent_and_facts_still_arrive(house: Services, talk: Talk) -> None:
    """CH-24."""
    talk.say("转人工")
    (ticket,) = talk.tickets()
    with house.database.transaction() as session:
        house.conversations.say(session, talk.id, Role.AGENT, "您好，请说", author="何青")

    answers = talk.say("洗衣机E3")

    assert [m for m in answers if m.role is Role.BOT] == []
    assert ticket.summary.conversation_id == talk.id


def test_a_resolved_ticket_gets_a_summary_and_its_talk_is_judged(house: Services, talk: Talk) -> None:
    """SU-01, QA-10."""
    talk.say("洗衣机不脱水，转人工")
    talk.say("转人工")
    (ticket,) = talk.tickets()
    with house.database.transaction() as session:
        house.conversations.say(session, talk.id, Role.AGENT, "我这边尽快给您处理", author="何青")
        house.work.resolve(session, ticket.summary.id, agent("he.qing"), "清理了排水泵滤网")
        house.conversations.end(session, talk.id)
    talk.settle()

    with house.database.reading() as session:
        summary = house.summaries.newest(session, ticket.summary.id)
        rules = {f.finding.rule for f in house.quality.of_conversation(session, talk.id)}
    assert summary is not None
    assert "清理了排水泵滤网" in (summary.summary.value("action") or "")
    assert {"no_greeting", "promise_without_due_time"} <= rules


def test_correcting_the_card_files_what_the_customer_typed(house: Services, talk: Talk) -> None:
    """TC-06, TC-07."""
    talk.say(f"订单{ORDER}，洗衣机响得厉害，没有代码")
    talk.say("没有")
    with house.database.transaction() as session:
        case_id = str(talk.card()["case_id"])
        house.intake.confirm(session, talk.id, case_id, {FieldName.MODEL: "wx 75g"})
        again = house.intake.confirm(session, talk.id, case_id, {})

    (ticket,) = talk.tickets()
    model = ticket.field(FieldName.MODEL)
    assert model is not None
    assert (model.normal, model.state, model.confirmed_by) == ("WX75G", FieldState.CORRECTED, "customer")
    assert again.summary.number == ticket.summary.number
