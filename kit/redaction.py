"""Finds and masks personal data of Chinese customers: rules and checksums, no model, no network.

Masking replaces characters one by one, so a masked text is as long as the original and every offset stays right.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kit.addresses import find_addresses
from kit.personal_numbers import Hit, PersonalKind, find_numbers
from kit.text import normalise

__all__ = ["PersonalKind", "PersonalSpan", "find_personal", "mask"]

_MASK: Final = "*"
_RANK: Final = {kind: rank for rank, kind in enumerate(PersonalKind)}
# ASCII only, so that the Chinese word before an address is no part of it.
_EMAIL = re.compile(
    r"(?<![A-Z0-9._%+-])[A-Z0-9][A-Z0-9._%+-]{0,63}@(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.){1,4}[A-Z]{2,18}(?![A-Z0-9])"
)
_SHOWN_OF_EMAIL: Final = 2
_BESIDE: Final = 8  # characters between a name and its phone: 「，手机号：」
_NUMBERS = re.compile("[0-9零〇一二三四五六七八九十]")
# Common surnames; a rarer one counts where a label and punctuation enclose the name.
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方"
    "邹熊白孟秦邱侯江尹薛闫段雷龙史黎贺陶顾毛郝龚邵万覃武钱戴严莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左"
    "柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤穆司卓古吉缪简项芦麦褚娄窦戚岑景党宫费"
    "卜冷晏席卫柏宗瞿桂佟应臧闵苟邬卞姬仇栾隋商刁巫寇桑郎甄丛仲虞敖池查麻苑迟邝匡鞠惠荆冀胥储栗楚谌奚冼蔺楼阙葛柏水"
)
_LONG_SURNAMES: Final = "欧阳|上官|司马|诸葛|司徒|东方|夏侯|皇甫|尉迟|公孙|慕容|令狐|端木|独孤|南宫|宇文|长孙"
_NAME = rf"(?:(?:{_LONG_SURNAMES})[\u4e00-\u9fff]{{1,2}}?|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)"
_END = r"(?=$|[^\u4e00-\u9fff]|电话|手机|联系|地址|住址|身份证|先生|女士|小姐|住在|收(?![^\s,，。]))"
_LABEL = r"(?:收[件货]人|姓名|联系人|寄件人|客户名称?|户名|持卡人|真名|名字(?:是|叫)?|我叫|本人叫?)"
_LABELLED_NAME = re.compile(
    rf"{_LABEL}(?:\s?[:是为]?\s?(?P<name>{_NAME}{_END}|{_NAME})|\s?[:\s]\s?(?P<rare>[\u4e00-\u9fff]{{2,4}})(?=$|[\s,，。;；/1]))"
)
_NAME_BEFORE_PHONE = re.compile(
    rf"(?<![\u4e00-\u9fff])(?P<name>{_NAME})[\s,，、:/]{{0,2}}"
    r"(?=(?:电话|手机号?)?[:\s]?(?:\+?86[-\s]?)?1[3-9][0-9][-\s]?[0-9]{4}[-\s]?[0-9]{4}(?![0-9]))"
)
# Words that begin with a surname's character and stand before phones.
_NO_NAMES = re.compile(
    r"电话|手机|联系|方[便式]|麻烦|常用|师傅|安[装排全]|万[能一]|时[间候]|高[级层]|金额|马上|何时|于是|关于|单[位元号]|商[家品城]|应[该急]|"
    r"查[询看]|管[家理]|解决|路[上边]|房[间东]|简单|费用|古代|包[裹装]|华[东南北中]|文员|左右|向上|司机|项目|水[管电]|楼[下上层]|党员|储物|柜机"
)
_ENGLISH_NAME = re.compile(
    r"(?:[Mm]y name is|[Nn]ame:|[Rr]ecipient:|[Cc]onsignee:|[Aa]ttn:)\s?"
    r"(?P<name>[A-Z][a-z]{1,20}(?:[ '-][A-Z][a-z]{1,20}){0,2})"
)


@dataclass(frozen=True, slots=True)
class PersonalSpan:
    """A place of a raw text that holds personal data.

    Attributes:
        start: First code point.
        end: Just past the last.
        hidden: The code points that ``mask`` replaces; the others may be shown.
    """

    kind: PersonalKind
    start: int
    end: int
    hidden: tuple[int, ...] = ()


def find_personal(text: str) -> list[PersonalSpan]:
    """Return the personal data in a text, from left to right, not overlapping.

    Found in spite of full-width digits, zero-width characters and usual separators. Names count only after a label or
    right before a phone; a city or district alone is no address.

    Args:
        text: Raw text; offsets count its code points.
    """
    folded = normalise(text)
    upper = folded.text.upper()
    if len(upper) != len(folded.text):  # 「ß」 and its like grow; such a text keeps its case
        upper = folded.text
    kept: list[Hit] = []
    for hit in sorted(_hits(folded.text, upper), key=lambda h: (_RANK[h.kind], h.start, -h.end)):
        if all(hit.end <= other.start or other.end <= hit.start for other in kept):
            kept.append(hit)
    return [
        PersonalSpan(h.kind, *folded.raw_span(h.start, h.end), tuple(folded.starts[place] for place in h.hidden))
        for h in sorted(kept, key=lambda h: h.start)
    ]


def mask(text: str) -> str:
    """Hide personal data: 138****8000, 110105********002X, 622202******0123, zh***@qq.com, 王**, districts shown.

    Args:
        text: Raw text.

    Returns:
        A text of the same length; masking it again changes nothing.
    """
    while spans := [place for span in find_personal(text) for place in span.hidden]:
        chars = list(text)
        for place in spans:
            chars[place] = _MASK
        text = "".join(chars)
    return text


def _hits(text: str, upper: str) -> Iterator[Hit]:
    phones: list[int] = []
    if _NUMBERS.search(text):
        for hit in find_numbers(upper):
            if hit.kind is PersonalKind.PHONE:
                phones.append(hit.start)
            yield hit
        for address in find_addresses(upper):
            hidden = tuple(place for place in range(address.door, address.end) if not text[place].isspace())
            yield Hit(PersonalKind.ADDRESS, address.start, address.end, hidden)
    if "@" in text:
        for match in _EMAIL.finditer(upper):
            local = match.group().index("@")
            shown = min(_SHOWN_OF_EMAIL, local - 1)
            yield Hit(PersonalKind.EMAIL, *match.span(), tuple(range(match.start() + shown, match.start() + local)))
    yield from _names(text, phones)


def _names(text: str, phones: list[int]) -> Iterator[Hit]:
    for pattern in (_LABELLED_NAME, _NAME_BEFORE_PHONE, _ENGLISH_NAME):
        for match in pattern.finditer(text):
            start, end = match.span(match.lastgroup or "name")
            if _NO_NAMES.match(text, start):
                continue
            if pattern is _NAME_BEFORE_PHONE and not any(0 <= phone - end <= _BESIDE for phone in phones):
                continue
            yield Hit(PersonalKind.NAME, start, end, tuple(p for p in range(start + 1, end) if text[p] != " "))
