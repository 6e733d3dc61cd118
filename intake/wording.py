"""What the bot says, in Chinese and English. Facts never stand here: they come from records and passages."""

from enum import StrEnum

from tickets.words import FieldName


class Phrase(StrEnum):
    """The bot's sentences."""

    GREETING = "greeting"
    DESCRIBE = "describe"
    CONFIRM = "confirm"
    FILED = "filed"
    HAND_OVER = "hand_over"
    SAFETY = "safety"
    ANSWER_HELPED = "answer_helped"
    GLAD = "glad"
    CODE_UNKNOWN = "code_unknown"
    ORDER_UNKNOWN = "order_unknown"
    CONFLICT = "conflict"
    ALREADY_FILED = "already_filed"
    URGED = "urged"


_TEXTS: dict[Phrase, tuple[str, str]] = {
    Phrase.GREETING: (
        "您好，我是售后助手（AI）。",
        "Hello, this is the after-sales assistant (AI).",
    ),
    Phrase.DESCRIBE: (
        "请描述遇到的问题，也可以拍下铭牌、屏幕或订单页发给我。",
        "Please describe the problem, or send a photo of the rating label, the display or the order page.",
    ),
    Phrase.CONFIRM: (
        "请核对以下内容，确认后为您提交工单：",
        "Please check the following; once you confirm, your ticket is filed:",
    ),
    Phrase.FILED: (
        "已提交，工单号 T-{number}。客服会在 {due} 前在这里回复您。",
        "Filed: your ticket is T-{number}. An agent will answer you here by {due}.",
    ),
    Phrase.HAND_OVER: (
        "已为您转接人工客服，您说过的内容都已一并转交，请稍候。",
        "You are being handed over to a person, together with everything you have told us.",
    ),
    Phrase.SAFETY: (
        "请先确保人身安全：立即停止使用，在安全的前提下断开电源，并远离设备。已为您加急转接人工。",
        (
            "Safety first: stop using the appliance, cut its power if it is safe to do so, and keep away from it. "
            "A person is being called with priority."
        ),
    ),
    Phrase.ANSWER_HELPED: (
        "以上内容解决您的问题了吗？",
        "Did this solve your problem?",
    ),
    Phrase.GLAD: (
        "很高兴能帮到您，有问题随时联系我们。",
        "Glad to help. Write to us whenever you need us.",
    ),
    Phrase.CODE_UNKNOWN: (
        "没有查到故障代码「{value}」，请再核对一下屏幕上的显示，或拍照发给我。",
        "There is no fault code {value!r}; please check the display again or send a photo of it.",
    ),
    Phrase.ORDER_UNKNOWN: (
        "没有查到订单 {value}，请核对订单号（LT 开头，共 16 位）。",
        "There is no order {value}; please check the number (LT and 14 digits).",
    ),
    Phrase.CONFLICT: (
        "您提到了 {candidates}，请问是哪一个？",
        "You mentioned {candidates}: which one is it?",
    ),
    Phrase.ALREADY_FILED: (
        "您的补充已记到工单 T-{number}。",
        "Your message has been added to ticket T-{number}.",
    ),
    Phrase.URGED: (
        "已为工单 T-{number} 记录催单，处理人会看到。",
        "It has been noted on ticket T-{number} that you are waiting; whoever works on it sees that.",
    ),
}

_QUESTIONS: dict[FieldName, tuple[str, str]] = {
    FieldName.ORDER_NO: (
        "请提供一下订单号（LT 开头），在订单页可以看到，也可以直接发订单截图。",
        "What is your order number? It begins with LT; a screenshot of the order page will do.",
    ),
    FieldName.MODEL: (
        "请问是哪个型号？型号在机身铭牌上，拍照发给我也可以。",
        "Which model is it? It is on the rating label; a photo will do.",
    ),
    FieldName.FAULT_CODE: (
        "请问屏幕上显示的故障代码是什么？没有的话回复“没有”即可。",
        "Which fault code does the display show? If there is none, just say so.",
    ),
}

_FIELD_NAMES: dict[FieldName, tuple[str, str]] = {
    FieldName.ORDER_NO: ("订单号", "Order number"),
    FieldName.MODEL: ("型号", "Model"),
    FieldName.FAULT_CODE: ("故障代码", "Fault code"),
}


def say(phrase: Phrase, lang: str, **values: object) -> str:
    """Return a sentence in the customer's language."""
    return _choose(_TEXTS[phrase], lang).format(**values)


def question(name: FieldName, lang: str) -> str:
    """Return the question that asks for a field."""
    return _choose(_QUESTIONS[name], lang)


def field_name(name: FieldName, lang: str) -> str:
    """Return a field's name for a person."""
    return _choose(_FIELD_NAMES[name], lang)


def _choose(pair: tuple[str, str], lang: str) -> str:
    return pair[0] if lang.startswith("zh") else pair[1]
