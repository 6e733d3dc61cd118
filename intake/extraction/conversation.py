"""What the turns before a message tell about it: what was asked, which appliance, what was said already."""

import re
from collections.abc import Sequence

from intake.extraction.catalogue import Catalogue
from intake.extraction.neighbourhood import correction_in
from intake.extraction.passages import passage_of
from intake.extraction.products import find_models
from tickets.schemas import Message
from tickets.words import FieldName, Role, Verdict

_WINDOW = 30  # turns looked back; what was said before that is another matter
# What a person or a bot without structured data asks for. The noun alone is no question.
_QUESTION = re.compile(r"[?？]|请|提供|麻烦|发一?下|告诉|多少|是什么|WHAT|WHICH|COULD|PLEASE|CAN YOU|MAY I")
_NOUNS = {
    FieldName.ORDER_NO: re.compile(r"订单|单号|ORDER"),
    FieldName.MODEL: re.compile(r"型号|哪一?款|MODEL"),
    FieldName.FAULT_CODE: re.compile(r"故障码|错误码|代码|显示(?:的是)?什么|ERROR|FAULT|CODE"),
}


def asked_for(history: Sequence[Message]) -> frozenset[FieldName]:
    """Return the facts our last message asked for; it stays asked while only the customer speaks."""
    ours = next((m for m in reversed(history[-_WINDOW:]) if m.role in {Role.BOT, Role.AGENT}), None)
    if ours is None:
        return frozenset()
    asks = ours.data.get("asks")
    if asks is not None:
        return frozenset(name for name in FieldName if name == asks)
    flat = passage_of(ours).flat
    if ours.data or not _QUESTION.search(flat):
        return frozenset()
    return frozenset(name for name, noun in _NOUNS.items() if noun.search(flat))


def families_before(history: Sequence[Message], catalogue: Catalogue) -> frozenset[str]:
    """Return the families of the appliance last spoken of; a model outweighs a family's name in one message."""
    for message in reversed(history[-_WINDOW:]):
        if message.role is Role.SYSTEM:
            continue
        passage = passage_of(message)
        models = find_models(passage, catalogue.models, ())
        families = {f.family for f in models if f.verdict is Verdict.VALID and f.family}
        families = families or {family for _, _, family in catalogue.family_words.find(passage.flat)}
        if families:
            return frozenset(families)
    return frozenset()


def correction_announced(history: Sequence[Message]) -> bool:
    """Tell whether the customer's last message took something back without saying the right value: 「刚才打错了」."""
    last = history[-1] if history else None
    if last is None or last.role is not Role.CUSTOMER:
        last = next((m for m in reversed(history[-3:]) if m.role is Role.CUSTOMER), None)
    if last is None:
        return False
    flat = passage_of(last).flat
    return correction_in(flat) is not None and not re.search("[0-9]", flat)
