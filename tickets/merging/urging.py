"""Urging (催单): a short list of wordings by which a customer asks why nothing has happened yet. No model (PG-06)."""

import re

from kit.text import normalise

_MOST_CHARS = 60  # a longer message tells a story; it may hold one of these words and not be urging
_URGING = re.compile(
    r"催(?:单|一下|下|促|办|一催)|再催|来催|"
    r"(?:怎么|为什么|为啥|咋)(?:到现在)?(?:还|都)(?:没|不|未)(?:有)?(?:人|来|处理|解决|回复|联系|动静|消息|结果|进展|修|上门|答复|给我)|"
    r"(?:还|都)没(?:有)?(?:人)?(?:处理|回复|联系我|跟进|答复)|"
    r"(?:等了|都)(?:好久|很久|半天|一天|好?[一二两三四五六七八九十几\d]+(?:个)?(?:天|小时|钟头))(?:了)?(?:还|都|也)?(?:没|不)|"
    r"(?:还要|要|得)(?:等)?多久|什么时候(?:能|才|可以)?(?:处理|解决|好|上门|回复|修|有结果|来)|"
    r"(?:快点|尽快|赶紧|抓紧|赶快|麻烦快)(?:给我|帮我)?(?:处理|解决|安排|回复|联系|上门|修)?(?:一下|啊|吧|了|呀)?$|"
    r"\b(?:any (?:update|news|progress)|still waiting|hurry up|how much longer|chas(?:e|ing) (?:this|up|my)|"
    r"what is taking so long|when will (?:it|this|someone))\b",
    re.IGNORECASE,
)
_NOT_URGING = re.compile(r"(?:不|别|不用|无需|没)(?:再)?(?:着急|急|催)|不是(?:来)?催|no (?:hurry|rush)", re.IGNORECASE)
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")


def is_urging(raw: str) -> bool:
    """Tell whether a message asks for speed about something that is already known.

    Args:
        raw: A customer's message.
    """
    text = _EDGE.sub("", normalise(raw).text.strip())
    if not text or len(text) > _MOST_CHARS:
        return False
    return _URGING.search(text) is not None and _NOT_URGING.search(text) is None
