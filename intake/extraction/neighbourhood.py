"""What the words around a value say about it: denied, corrected, past, or one of two that exclude each other.

All patterns are fixed, run over flat (upper-case) text and look at a bounded stretch of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from intake.extraction.passages import Found
from tickets.words import FieldName

_REACH = 24  # characters before a value in which a denial of it may stand
_SPAN = r"(?:这个|那个|什么|任何|的|出|过|了|A|AN|THE|ANY)?"
_VERB = r"(?:显示|报|出现|出|提示|跳|闪|亮)"
_NOUN = r"(?:订单号?|型号|单号|故障码?|错误码?|代码|ERROR|CODE|MODEL|ORDER|NUMBER)?"
_DENIED_BEFORE = re.compile(
    rf"(?:(?<!是)(?:不是|并非)在?{_VERB}?|(?<![有还])(?:并?没有?|未|从未)(?:再|曾)?{_VERB}?|"
    r"(?<!会)不(?:会|可能|像)是|不再?(?:显示|报|出现|提示|跳|闪)|除了|"
    r"(?:(?<![A-Z])(?:IS|WAS|IT'?S)? ?NOT|(?:IS|WAS|DOES|DID|HAS)N'?T|(?<![A-Z])NO|NEVER|INSTEAD OF|RATHER THAN)"
    r"(?: (?:SHOW|SAY|DISPLAY|READ|SEE)(?:ING|N)?| BEEN)?) ?"
    rf"{_SPAN} ?{_SPAN} ?{_NOUN} ?{_NOUN}[\s:'\"“”「]*$"
)
_MANUAL = re.compile(r"说明书|手册|网上|教程|官网|MANUAL")  # 「说明书上没有E3」 denies nothing
_WRONG_AFTER = re.compile(
    r"[\s'\"”」]*(?:这个|那个|那条|单号)?(?:不对(?![劲头称])|错了|是错的|[打写发填记]错(?![货件])|不是(?=[，,。.!！\s]|$)|作废|"
    r"(?:IS|WAS) (?:WRONG|A TYPO|A MISTAKE|INCORRECT)|IS NOT (?:RIGHT|CORRECT))"
)
_GONE_AFTER = re.compile(
    r"[\s'\"”」]*(?:已经|现在|又)?(?:(?:没|不|没有|未)再|(?:解决|清除|修好)了(?!吗|么)|没有了|没了|消失|不见了|不报了|不显示了|不闪了|好了|解除了|"
    r"(?:IS|WAS) (?:GONE|FIXED|CLEARED)|WENT AWAY|DISAPPEARED)"
)
# Wrong goods (发错货) are a complaint, not a slip of the pen.
_CORRECTION = re.compile(
    r"(?<!你们)(?:[打写说看填记搞弄输]|发(?!错(?:货|件|了?型号|了?颜色|了?商品|款|东西)))错|更正|纠正|才[对是]|"
    r"(?:那个|上面|刚才|刚刚|之前)[^，。,.\n]{0,8}(?:不是|不对|错)|"
    r"(?:^|[\s，,。.!！?？;；、~…])[啊哦噢额呃诶哎唉]?(?:不对(?![劲头称路])|不是(?=[，,。!！\s]|$)|错了)|"
    r"(?P<ahead>应该是|应为|改[成为]|SHOULD (?:BE|HAVE BEEN)|I MEANT?(?![A-Z])|INSTEAD)|"
    r"(?:NO|OH),? WAIT|WAIT,? NO|SCRATCH THAT|TYPO|CORRECTION|MISTYPED|MISREAD|OOPS|MY MISTAKE|ACTUALLY|"
    r"WRONG (?:ORDER|NUMBER|MODEL|CODE|ONE)|(?:^|[.,!] )(?:SORRY|NO),? (?:IT|THE|THAT|I)"
)
_PAST = re.compile(
    r"(?:上次|上回|之前|以前|原来|原先|早先|旧的|老的|PREVIOUSLY|BEFORE|LAST TIME|USED TO|EARLIER)"
    r"[^，。,.!！?？;；\n]{0,14}$"
)
_PRESENT = re.compile(r"(?:现在|这次|这回|今天|目前|如今|NOW|THIS TIME|TODAY|CURRENTLY)")
_ALTERNATIVE = re.compile(r"还是|或|要么|要不|不确定|(?<![A-Z])OR(?![A-Z])|EITHER")
_TOGETHER = re.compile(
    r"[和与跟及、&+]|还有|加上|而且|同时|另|各|都|也|再|(?<![A-Z])(?:AND|ALSO|PLUS|ANOTHER|BOTH)(?![A-Z])"
)
# Wrong goods, exchanges and accessories speak of two articles: 「订的TV65Q，送来的是TV43E」.
_TWO_ARTICLES = re.compile(
    r"发|送|寄|收到|来的|换|改|升级|箱|包装|兼容|通用|能用|适用|(?<![A-Z])(?:FIT|SENT|SEND|RECEIVE|DELIVER|UPGRADE|CLEARLY)"
)
_SENTENCE_END = re.compile(r"[。！？!?;；\n]|\.(?= )")
_YES = re.compile(
    r"\W*(?:对|对的|是|是的|嗯+|恩|没错|正确|就是(?:它|这个|这台|这单)?|确认|可以|好的?|"
    r"YES|YEP|YEAH|CORRECT|RIGHT|THAT'?S (?:IT|RIGHT))"
    r"(?:[，,。.!！~\s]*(?:对|对的|是|是的|嗯|没错|的|呢|啊|谢谢|PLEASE|THANKS))?\W*"
)


def denied(flat: str, found: Found) -> bool:
    """Tell whether the customer says that a value is not it, or is gone."""
    before, after = flat[max(0, found.start - _REACH) : found.start], flat[found.end : found.end + _REACH]
    clause = _last_clause(before)
    if _DENIED_BEFORE.search(clause) and not _MANUAL.search(clause):
        # 「不是E3吗？」 asks for agreement, 「不是E3就是E5」 and 「除了E3还有E5」 name both.
        return not re.match(r"\s*(?:吗|么|嘛|就是|吧|(?:之外|以外)?[，,]?[还也])", after)
    if _WRONG_AFTER.match(after):
        return True
    return found.name is FieldName.FAULT_CODE and _GONE_AFTER.match(after) is not None


@dataclass(frozen=True, slots=True)
class Correction:
    """A sign that something said before was wrong.

    Attributes:
        end: Where the sign ends; what follows replaces what was said.
        ahead: It announces the right value (应该是), so that a value before it is no correction.
    """

    end: int
    ahead: bool


def correction_in(flat: str) -> Correction | None:
    """Return the first sign of a correction."""
    match = _CORRECTION.search(flat)
    return Correction(match.end(), match["ahead"] is not None) if match else None


def without_past(flat: str, found: Sequence[Found]) -> list[Found]:
    """Drop models and codes of former times where the same message names one of today: 「之前报E3，现在报E5」."""
    past = [f for f in found if f.name is not FieldName.ORDER_NO and _PAST.search(flat[max(0, f.start - 30) : f.start])]
    if not past or not _PRESENT.search(flat):
        return list(found)
    of_today = {f.name for f in found if f not in past}
    return [f for f in found if f not in past or f.name not in of_today]


def contradictory(flat: str, found: Sequence[Found]) -> set[int]:
    """Return the indices of values that exclude each other.

    「E3 还是 E8」 does so for any fact; two models of one family in one sentence do so unless joined by "and".
    """
    chosen: set[int] = set()
    for i, first in enumerate(found):
        for j in range(i + 1, len(found)):
            second = found[j]
            if first.name is not second.name or first.normal == second.normal:
                continue
            between = flat[first.end : second.start]
            if _SENTENCE_END.search(between):
                continue
            if _ALTERNATIVE.search(between) or (_one_family(first, second) and not _two_things(flat, first, second)):
                chosen |= {i, j}
    return chosen


def _one_family(first: Found, second: Found) -> bool:
    return first.name is FieldName.MODEL and first.family == second.family


def _two_things(flat: str, first: Found, second: Found) -> bool:
    """Tell whether two models of a family are named side by side, or in a tale of two articles."""
    between = flat[first.end : second.start]
    around = flat[max(0, first.start - _REACH) : second.end + _REACH]
    return _TOGETHER.search(between) is not None or _TWO_ARTICLES.search(around) is not None


def is_yes(flat: str) -> bool:
    """Tell whether a message says yes and nothing else."""
    return len(flat) <= _REACH and _YES.fullmatch(flat) is not None


def _last_clause(before: str) -> str:
    """Return what stands before a value since the last comma or full stop."""
    return re.split(r"[，,。！？!?；;\n]", before)[-1]
