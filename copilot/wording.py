"""The copilot's own words in Chinese and English: courtesy, questions, reasons. Facts never stand here."""

from enum import StrEnum

from copilot.schemas import Blocker, BlockerKind
from tickets.words import FieldName


class Phrase(StrEnum):
    """Courtesy of a draft; states nothing."""

    ACKNOWLEDGE = "acknowledge"
    SORRY = "sorry"
    GLAD = "glad"
    MONEY = "money"


class Question(StrEnum):
    """The one question that a draft may end with."""

    OUTCOME = "outcome"
    ANYTHING_ELSE = "anything_else"
    SAFE = "safe"
    WHICH_MODEL = "which_model"
    CODE_AGAIN = "code_again"
    ORDER_NO = "order_no"
    CONFLICT_ORDER_NO = "conflict_order_no"
    CONFLICT_MODEL = "conflict_model"
    CONFLICT_FAULT_CODE = "conflict_fault_code"


class Reason(StrEnum):
    """Why a blocker stands."""

    SAFETY = "safety"
    CONFLICT = "conflict"
    CODE_UNKNOWN = "code_unknown"
    CODE_AMBIGUOUS = "code_ambiguous"
    MODEL_UNKNOWN = "model_unknown"
    NO_RECORDED_STATE = "no_recorded_state"
    MONEY = "money"
    ESCALATION = "escalation"
    STEPS_DONE = "steps_done"
    NOTHING_FOUND = "nothing_found"
    OTHER_LANGUAGE = "other_language"


_PHRASES: dict[Phrase, tuple[str, str]] = {
    Phrase.ACKNOWLEDGE: ("您好，您说的情况我看到了。", "Hello, I have read what you told us."),
    Phrase.SORRY: ("您好，给您带来不便，非常抱歉。", "Hello, I am sorry for the trouble."),
    Phrase.GLAD: ("很高兴能帮到您。", "I am glad that this helped."),
    Phrase.MONEY: (
        "您提到的退换或补偿诉求，需要按规则核对。",
        "What you ask for has to be checked against our rules.",
    ),
}
_QUESTIONS: dict[Question, tuple[str, str]] = {
    Question.OUTCOME: ("请问这样操作后情况怎么样？", "How does it behave after that?"),
    Question.ANYTHING_ELSE: ("请问还有其他可以帮您的吗？", "Is there anything else I can help you with?"),
    Question.SAFE: ("请问您和家人现在都安全吗？", "Are you and everyone with you safe now?"),
    Question.WHICH_MODEL: (
        "请问是哪款产品、什么型号？型号在机身铭牌上。",
        "Which product and model is it? The model is on the rating label.",
    ),
    Question.CODE_AGAIN: (
        "请再看一下屏幕上的故障代码，方便的话拍张照片，可以吗？",
        "Could you check the fault code on the display again, or send a photo of it?",
    ),
    Question.ORDER_NO: ("请问订单号是多少？", "What is your order number?"),
    Question.CONFLICT_ORDER_NO: ("您提到了不止一个订单，请问是哪一个？", "You named more than one order: which is it?"),
    Question.CONFLICT_MODEL: ("您提到了不止一个型号，请问是哪一个？", "You named more than one model: which is it?"),
    Question.CONFLICT_FAULT_CODE: (
        "您提到了不止一个故障代码，请问屏幕上显示的是哪一个？",
        "You named more than one fault code: which one does the display show?",
    ),
}
_REASONS: dict[Reason, tuple[BlockerKind, str, str]] = {
    Reason.SAFETY: (
        BlockerKind.NEEDS_HUMAN,
        "客户提到人身或用电安全，由专人处理，不提供自助步骤",
        "The customer reports a danger: a person must handle it, no self-help steps are offered",
    ),
    Reason.CONFLICT: (
        BlockerKind.CONTRADICTION,
        "「{value}」有互相矛盾的说法，尚未确认",
        "There are contradictory values of {value}, none of them confirmed",
    ),
    Reason.CODE_UNKNOWN: (
        BlockerKind.MISSING_FACT,
        "在用的代码表里没有故障代码 {value}",
        "No code table in force has the fault code {value}",
    ),
    Reason.CODE_AMBIGUOUS: (
        BlockerKind.MISSING_FACT,
        "故障代码 {value} 在不同产品上含义不同，产品未知",
        "The fault code {value} means different things on different products, and the product is not known",
    ),
    Reason.MODEL_UNKNOWN: (
        BlockerKind.MISSING_FACT,
        "找到的内容只适用于特定产品，而客户的产品未知",
        "What was found holds for certain products only, and the customer's product is not known",
    ),
    Reason.NO_RECORDED_STATE: (
        BlockerKind.MISSING_FACT,
        "客户问退换或补偿进度，系统里没有已记录的节点；没有记录就不回答进度",
        "The customer asks about progress, and no node is recorded; progress is told from records only",
    ),
    Reason.MONEY: (
        BlockerKind.POLICY,
        "涉及退款、换货或补偿，须按规则审核，草稿不作承诺",
        "Refund, exchange or compensation is asked for: it goes to review, the draft promises nothing",
    ),
    Reason.ESCALATION: (
        BlockerKind.NEEDS_HUMAN,
        "客户要求上级、投诉或提到外部渠道，由主管决定怎么答复",
        "The customer asks for a superior or threatens to complain: a lead decides how to answer",
    ),
    Reason.STEPS_DONE: (
        BlockerKind.NEEDS_HUMAN,
        "《{value}》的步骤都已做过，问题还在，请按其中的升级条款处理",
        "All steps of {value!r} have been done and the problem remains: escalate as it says",
    ),
    Reason.NOTHING_FOUND: (
        BlockerKind.NO_KNOWLEDGE,
        "在用的知识里没有找到能回答这个问题的内容",
        "Nothing in force answers this question",
    ),
    Reason.OTHER_LANGUAGE: (
        BlockerKind.NO_KNOWLEDGE,
        "找到的内容没有客户所用语言的版本，草稿不作翻译",
        "What was found is not written in the customer's language, and drafts are not translated",
    ),
}
_FIELDS: dict[FieldName, tuple[str, str]] = {
    FieldName.ORDER_NO: ("订单号", "order number"),
    FieldName.MODEL: ("型号", "model"),
    FieldName.FAULT_CODE: ("故障代码", "fault code"),
}


def phrase(name: Phrase, lang: str) -> str:
    """Return a courtesy in the customer's language."""
    return _choose(_PHRASES[name], lang)


def question(name: Question, lang: str) -> str:
    """Return a question in the customer's language."""
    return _choose(_QUESTIONS[name], lang)


def blocker(reason: Reason, lang: str, ask: Question | None = None, value: str = "") -> Blocker:
    """Return a blocker with its reason in both languages and its question in the customer's."""
    kind, zh, en = _REASONS[reason]
    return Blocker(kind, zh.format(value=value), en.format(value=value), question(ask, lang) if ask else "")


def conflict(name: FieldName, lang: str) -> Blocker:
    """Return the blocker for a field with contradictory values."""
    zh, en = _FIELDS[name]
    kind, reason_zh, reason_en = _REASONS[Reason.CONFLICT]
    asked = question(Question(f"conflict_{name}"), lang)
    return Blocker(kind, reason_zh.format(value=zh), reason_en.format(value=en), asked)


def _choose(pair: tuple[str, str], lang: str) -> str:
    return pair[0] if lang.startswith("zh") else pair[1]
