from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from intake.dialogue import decide
from intake.forms import Forms
from intake.schemas import (
    Answered,
    Ask,
    Decline,
    FileDraft,
    GroundedAnswer,
    HandOver,
    PictureResult,
    Present,
    Say,
    Turn,
    Understanding,
)
from tickets.forms.schemas import FormBook
from tickets.schemas import Case, Conversation, Field, Message, Observation, Prediction, TextSpan
from tickets.words import (
    AttachmentId,
    CaseId,
    CaseStatus,
    ConversationId,
    CustomerId,
    FieldName,
    FieldState,
    Handler,
    MessageId,
    Priority,
    Role,
    Verdict,
    Zone,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ORDER_FIELD = {"name": "order_no", "kind": "order_no", "zh": "订单号", "en": "Order number", "required": True}
FORMS = Forms(
    FormBook.model_validate(
        {
            "templates": [
                {"id": "all", "zh": "一般", "en": "All", "fields": [ORDER_FIELD]},
                {
                    "id": "quality",
                    "label": ["quality"],
                    "zh": "质量",
                    "en": "Quality",
                    "fields": [
                        ORDER_FIELD,
                        {"name": "fault_code", "kind": "fault_code", "zh": "代码", "en": "Code"},
                        {"name": "model", "kind": "model", "zh": "型号", "en": "Model", "required": True},
                        {"name": "photo", "kind": "picture", "zh": "照片", "en": "Photo", "required": True},
                    ],
                },
                {"id": "usage", "label": ["usage"], "zh": "使用", "en": "Usage"},
            ]
        }
    ),
    "web",
)
ANSWER = GroundedAnswer("滤网在底部。[1]", ({"article_id": "faq-filter", "version": 1},))


def _field(name: FieldName, normal: str, **over: object) -> Field:
    return replace(Field(name, normal, normal, Verdict.VALID, 0.9, FieldState.PROPOSED, ()), **over)


ORDER = _field(FieldName.ORDER_NO, "LT20261103004821")
MODEL = _field(FieldName.MODEL, "WX75G")
CODE = _field(FieldName.FAULT_CODE, "E3")


def _understood(
    text: str = "洗衣机不脱水了",
    *,
    fields: tuple[Field, ...] = (),
    label: tuple[str, ...] = ("quality", "spin"),
    zone: Zone = Zone.AUTO,
    case: Case | None = None,
    handler: Handler = Handler.BOT,
    greeted: bool = True,
    ticket: int | None = None,
    **over: object,
) -> Understanding:
    conversation = Conversation(
        ConversationId("c"), CustomerId("p"), "张三", "web", "zh", handler, "", 1, 1, 0, NOW, NOW, None
    )
    message = Message(MessageId("m"), ConversationId("c"), 1, Role.CUSTOMER, "", text, (), NOW)
    turn = Turn(conversation, case, (), (), (message,), {}, ticket, greeted)
    prediction = Prediction(label, 0.9, (), zone, "v", "because")
    understood = Understanding(turn, {}, (), {f.name: f for f in fields}, (), prediction, False, text, "zh")
    return replace(understood, **over)


def _case(status: CaseStatus = CaseStatus.COLLECTING, asking: str = "", **over: object) -> Case:
    return replace(Case(CaseId("k"), ConversationId("c"), 1, status, 1, {}, (), asking), **over)


def _seen(name: FieldName, value: str, verdict: Verdict) -> Mapping[str, tuple[Observation, ...]]:
    evidence = TextSpan(MessageId("m"), 0, len(value))
    return {"m": (Observation(name, value, value, verdict, 0.5, evidence, "pattern"),)}


def test_one_missing_fact_is_asked_for_at_a_time() -> None:
    """FM-06."""
    assert [a.name for a in decide(_understood(), FORMS, None)] == [FieldName.ORDER_NO]
    assert [a.name for a in decide(_understood(fields=(ORDER,)), FORMS, None)] == [FieldName.MODEL]


def test_what_is_known_is_not_asked_for() -> None:
    """CH-28: everything there, so the card comes at once (TC-06)."""
    (act,) = decide(_understood(fields=(ORDER, MODEL, CODE)), FORMS, None)

    assert isinstance(act, Present)
    assert [f.name for f in act.draft.fields] == list(FieldName)
    assert act.draft.title == "WX75G · E3 · 洗衣机不脱水了"


def test_nothing_is_asked_for_without_end() -> None:
    """Never a loop: a required fact twice, an optional one once."""
    asked = {FieldName.ORDER_NO: 2, FieldName.MODEL: 2, FieldName.FAULT_CODE: 1}

    (act,) = decide(_understood(case=_case(asked=asked)), FORMS, None)

    assert isinstance(act, Present)


def test_a_declined_fact_is_noted_and_the_next_one_asked_for() -> None:
    decline, ask = decide(_understood("没有", case=_case(asking=FieldName.ORDER_NO)), FORMS, None)

    assert decline == Decline(FieldName.ORDER_NO)
    assert isinstance(ask, Ask)
    assert ask.name is FieldName.MODEL


def test_an_unsure_label_falls_back_to_the_plain_form() -> None:
    acts = decide(_understood(fields=(ORDER,), zone=Zone.HUMAN), FORMS, None)

    assert [type(a) for a in acts] == [Present]


def test_yes_to_the_card_files_it() -> None:
    (act,) = decide(_understood("对的", fields=(ORDER,), case=_case(CaseStatus.PRESENTED)), FORMS, None)

    assert act == FileDraft(act.draft, "customer")
    assert act.draft.case_id == "k"


def test_a_new_fact_after_the_card_shows_a_new_card() -> None:
    understood = _understood(
        "不对，是WX75G",
        fields=(ORDER, MODEL, CODE),
        case=_case(CaseStatus.PRESENTED),
        sightings=_seen(FieldName.MODEL, "WX75G", Verdict.VALID),
    )

    assert [type(a) for a in decide(understood, FORMS, None)] == [Present]


def test_safety_comes_first_and_is_filed_without_asking() -> None:
    """CL-15, SL-13."""
    greeting, warning, filed, over = decide(_understood("冒烟了", urgent=True, greeted=False), FORMS, None)

    assert isinstance(greeting, Say)
    assert isinstance(warning, Say)
    assert "断开电源" in warning.text
    assert isinstance(filed, FileDraft)
    assert filed.draft.priority is Priority.P1
    assert isinstance(over, HandOver)


def test_a_wish_for_a_person_is_met_from_the_first_turn() -> None:
    """CH-24."""
    acts = decide(_understood("转人工", greeted=False), FORMS, None)

    assert [type(a) for a in acts] == [Say, Say, FileDraft, HandOver]


def test_the_bot_is_silent_where_a_person_answers() -> None:
    assert decide(_understood(handler=Handler.AGENT, urgent=True), FORMS, ANSWER) == []


def test_an_answer_ends_a_question_that_needs_no_ticket() -> None:
    """CH-27."""
    (act,) = decide(_understood("滤网怎么洗", label=("usage", "care")), FORMS, ANSWER)

    assert isinstance(act, Say)
    assert act.data["citations"] == list(ANSWER.citations)
    assert act.data["quick_replies"]


def test_an_answer_comes_with_the_next_question_where_a_ticket_is_needed() -> None:
    say, ask = decide(_understood(), FORMS, ANSWER)

    assert isinstance(say, Say)
    assert "quick_replies" not in say.data
    assert isinstance(ask, Ask)


def test_an_answer_is_offered_once() -> None:
    acts = decide(_understood(case=_case(asked={"answer": 1})), FORMS, ANSWER)

    assert [type(a) for a in acts] == [Ask]


def test_thanks_after_an_answer_close_the_case_without_a_ticket() -> None:
    """CH-27."""
    acts = decide(_understood("解决了，谢谢", case=_case(asked={"answer": 1})), FORMS, ANSWER)

    assert [type(a) for a in acts] == [Answered, Say]


@pytest.mark.parametrize("text", ["你好", "😡", "？？"])
def test_words_without_a_matter_get_a_hint_not_a_ticket(text: str) -> None:
    (act,) = decide(_understood(text, zone=Zone.HUMAN, prediction=None), FORMS, None)

    assert isinstance(act, Say)
    assert "拍" in act.text


def test_a_greeting_beside_a_story_does_not_hide_the_story() -> None:
    understood = _understood("洗衣机不脱水")
    hello = replace(understood.turn.fresh[0], raw="你好")
    burst = replace(understood, turn=replace(understood.turn, fresh=(hello, *understood.turn.fresh)))

    assert [type(a) for a in decide(burst, FORMS, None)] == [Ask]


def test_an_unknown_order_and_a_code_nobody_has_are_said_not_swallowed() -> None:
    order = decide(_understood(sightings=_seen(FieldName.ORDER_NO, "LT2026", Verdict.UNKNOWN)), FORMS, None)[0]
    code = decide(_understood(sightings=_seen(FieldName.FAULT_CODE, "Q99", Verdict.INVALID)), FORMS, None)[0]

    assert "LT2026" in order.text
    assert "Q99" in code.text


def test_contradictory_models_are_asked_about_once() -> None:
    conflict = replace(MODEL, state=FieldState.CONFLICT, candidates=("WX75G", "WX100-HD"))

    first = decide(_understood(fields=(ORDER, conflict)), FORMS, None)
    second = decide(_understood(fields=(ORDER, conflict, CODE), case=_case(asked={"model": 1})), FORMS, None)

    assert isinstance(first[0], Ask)
    assert "WX75G、WX100-HD" in first[0].text
    assert [type(a) for a in second] == [Present]


def test_an_unreadable_picture_gets_its_reason_and_the_talk_goes_on() -> None:
    refused = PictureResult(AttachmentId("a"), None, "heic", "暂不支持 HEIC", "HEIC is not supported")

    say, ask = decide(_understood(pictures=(refused,)), FORMS, None)

    assert say == Say("暂不支持 HEIC")
    assert isinstance(ask, Ask)


def test_a_message_after_filing_joins_the_ticket() -> None:
    """DM-07 (first form): no second ticket for a follow-up."""
    (act,) = decide(_understood("什么时候来修", ticket=1042), FORMS, None)

    assert isinstance(act, Say)
    assert "T-1042" in act.text


def test_urging_an_open_ticket_is_answered_as_urging() -> None:
    """PG-06: with the ticket's number; a message with a new fact, and urging without a ticket, go their usual way."""
    (act,) = decide(_understood("怎么还没人联系我", ticket=1042), FORMS, None)
    assert isinstance(act, Say)
    assert "T-1042" in act.text
    assert "催单" in act.text
    (also,) = decide(_understood("催一下", ticket=1042, case=_case()), FORMS, None)
    assert also == Say(act.text)

    assert "催单" not in str(decide(_understood("怎么还没人联系我"), FORMS, None))
    seen = _seen(FieldName.ORDER_NO, "LT20261103004821", Verdict.VALID)
    new = _understood("催一下 LT20261103004821", ticket=1042, case=_case(), sightings=seen, fields=(ORDER,))
    assert "催单" not in str(decide(new, FORMS, None))
