"""A talk cut into sentences that know their turn; the ground on which a summary stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kit.phrases import fold
from tickets.schemas import Message
from tickets.words import Role

_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+|\n|$)")
# Between Han characters a space ends a thought: people type it for a comma, and some sources join messages by one.
_GAP = re.compile(r"(?<=[\u4e00-\u9fff，,。!?！？~～])[ \t\u3000]+(?=[\u4e00-\u9fff])")
_ENGLISH_STOP = re.compile(r"(?<=[a-z0-9)])\.\s+(?=[A-Z])")
_QUESTION = re.compile(
    r"[?？]$|[吗么嘛][ 。~]*$|^(?:请问|是否|有没有|能不能|可不可以|what|which|how|when|could|can|do|did|is|are)\b"
)
_COURTESY = re.compile(
    r"^(?:您好|你好|亲亲?|在的|在吗|好的?|嗯+|哦+|噢|行|可以|是的?|对的?|没有了?|没了|谢谢.{0,4}|不客气.{0,12}|感谢.{0,24}|祝您?.{0,24}|再见|"
    r"辛苦.{0,6}|抱歉.{0,6}|请稍等.{0,10}|(?:还)?请您?稍等.{0,20}|稍等.{0,6}|正在为您.{0,14}|"
    r".{0,6}(?:还有|有)(?:什么|其他|其它|啥).{0,10}(?:帮|处理|解决|效劳|需要).{0,12}|.{0,14}(?:评价|满意度).{0,20}|"
    r"ok(?:ay)?|hello|hi|thanks?.{0,12}|you're welcome|bye|one moment.{0,12})$"
)
_LEADING = " \t,，。.!！~～、:："
_TRAILING = " \t,，。.!！?？;；~～、"
# Emoticons as platforms write them: #E-s17, [微笑].
_EMOTICON = re.compile(r"#?\bE-[a-z]\S{1,6}?(?=#|\s|$)|#E-[a-z]\[[^\]\s]{1,6}\]|\[[\u4e00-\u9fff]{1,3}\]")
_GREETING = re.compile(r"^\s*(?:(?:您好|你好|亲亲?|亲爱的)[,，~～!！\s]+)+")
_MIN_CHARS = 2


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a turn.

    Attributes:
        turn: ``Message.seq``.
        text: As it was said, without the marks at its ends.
        folded: For matching (``kit.phrases.fold``).
        asks: Whether it is a question.
        courtesy: Whether it says nothing of the matter.
    """

    turn: int
    role: Role
    text: str
    folded: str
    asks: bool
    courtesy: bool


def sentences_of(messages: Sequence[Message]) -> list[Sentence]:
    """Cut messages into sentences, in order; what has no words is left out."""
    return [
        sentence
        for message in messages
        for piece in _pieces(message.raw)
        if (sentence := _sentence(message, piece)) is not None
    ]


def _pieces(raw: str) -> list[str]:
    parts = [part for sentence in _SENTENCE.findall(raw) for part in _GAP.split(sentence)]
    return [piece for part in parts for piece in _ENGLISH_STOP.split(part)]


def _sentence(message: Message, piece: str) -> Sentence | None:
    clean = " ".join(_GREETING.sub("", _EMOTICON.sub(" ", piece)).split())
    text = clean.lstrip(_LEADING).rstrip(_TRAILING)
    if sum(char.isalnum() for char in text) < _MIN_CHARS:
        return None
    folded = fold(text).text
    return Sentence(
        turn=message.seq,
        role=message.role,
        text=text,
        folded=folded,
        asks=bool(_QUESTION.search(fold(clean).text)),
        courtesy=bool(_COURTESY.match(folded)),
    )
