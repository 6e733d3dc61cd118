"""Short replies with a fixed meaning: yes, no, "I don't have it", "a person, please".

Fixed linear patterns over folded text; anything longer than a short reply is never taken for one.
"""

import re
from enum import StrEnum

from kit.text import normalise

_SHORT_CHARS = 14  # "没有显示什么代码呀" fits; a sentence with a new fact does not
_MEDIUM_CHARS = 40


class Cue(StrEnum):
    """What a short reply means."""

    YES = "yes"
    NO = "no"
    DECLINE = "decline"
    HUMAN = "human"
    SOLVED = "solved"
    FILE = "file"
    GREETING = "greeting"


_HUMAN = re.compile(
    r"转人工|人工客服|找人工|要人工|接人工|真人|活人|人工服务|^人工$|叫.{0,4}(?:客服|经理|主管)|"
    r"\b(?:human|real person|live agent|representative|speak to (?:someone|a person|an agent))\b",
    re.IGNORECASE,
)
_NOT_HUMAN = re.compile(r"(?:不用|不要|别|无需|不想)(?:再)?(?:给我)?(?:转|找|接)?人工|no human", re.IGNORECASE)
_WHOLE: dict[Cue, re.Pattern[str]] = {
    Cue.YES: re.compile(
        r"(?:对|对的|是|是的|嗯+|没错|正确|确认|提交|可以|好的?|行|ok|okay|yes|yep|correct|confirm|submit|right)+",
        re.IGNORECASE,
    ),
    Cue.NO: re.compile(r"(?:不对|不是|错了|不正确|no|nope|wrong|重说|不对,?重说)", re.IGNORECASE),
    Cue.DECLINE: re.compile(
        r".{0,4}(?:没有|没|无|不知道|不清楚|不记得|忘了|忘记了|找不到|找不着|看不清|看不到|不会看|不晓得|没显示|不想说|没留|丢了|"
        r"no|none|not sure|don't know|dont know|can't find|no idea|nothing)(?:.{0,8})",
        re.IGNORECASE,
    ),
    Cue.SOLVED: re.compile(
        r"(?:已解决|解决了|好了|可以了|搞定了?|没问题了|明白了|知道了|清楚了|谢谢.{0,4}|多谢|"
        r"thanks.{0,10}|thank you.{0,6}|solved|it works now)+",
        re.IGNORECASE,
    ),
    Cue.FILE: re.compile(
        r"(?:提交工单|没解决|没有解决|未解决|还是不行|file a ticket|not solved|still not working)", re.IGNORECASE
    ),
    Cue.GREETING: re.compile(
        r"(?:你好|您好|hi|hello|在吗|在么|在不在|有人吗|亲|客服|喂|哈喽|早上好|下午好|晚上好|hey)+", re.IGNORECASE
    ),
}
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")


def cues(raw: str) -> frozenset[Cue]:
    """Return what a message means as a short reply; empty for a message with a story of its own.

    Args:
        raw: A customer's message.

    Returns:
        All meanings that fit; the dialogue picks the one that answers what was asked.
    """
    text = _EDGE.sub("", normalise(raw).text.strip())
    found: set[Cue] = set()
    if len(text) <= _MEDIUM_CHARS and _HUMAN.search(text) and not _NOT_HUMAN.search(text):
        found.add(Cue.HUMAN)
    if len(text) <= _MEDIUM_CHARS and text:
        compact = re.sub(r"[\s,，。.!！~～?？]+", "" if not text.isascii() else " ", text)
        for cue, pattern in _WHOLE.items():
            limit = _MEDIUM_CHARS if text.isascii() else _SHORT_CHARS
            if len(compact) <= limit and pattern.fullmatch(compact):
                found.add(cue)
    return frozenset(found)
