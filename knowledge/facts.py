"""The hard facts of a sentence: numbers with units, codes, and which way it is meant. Deterministic, no model."""

import re
from dataclasses import dataclass

from kit.text import normalise

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_DIGITS |= {"六": 6, "七": 7, "八": 8, "九": 9}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
# Longest first, so that 个工作日 is not read as 个. The first word of a group stands for all of it.
_UNIT_GROUPS = (
    "工作日 个工作日", "自然日 个自然日", "小时 个小时 钟头 个钟头 工作小时 个工作小时 hour hours h",
    "分钟 分 min minute minutes", "秒 秒钟 s second seconds", "月 个月 month months",
    "周 星期 个星期 礼拜 个礼拜 week weeks", "年 year years", "天 日 号 day days", "元 块 块钱 yuan rmb",
    "厘米 公分 cm", "毫米 mm", "米 m metre metres", "公里 千米 km", "公斤 千克 kg", "克 g", "升 l", "毫升 ml",
    "℃ °c 摄氏度 度 degrees", "% percent", "次 回 times", "英寸 寸 inch inches", "平方米 平米 平 ㎡", "伏 v", "安 a",
    "瓦 w", "hz", "k", "p", "兆帕", *"折台件只个套对片条位步版点倍成匹转",
)  # fmt: skip
_UNITS = {spelling: group.split()[0] for group in _UNIT_GROUPS for spelling in group.split()}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_HAN_NUMBER = re.compile(rf"[零〇一二两三四五六七八九十百千万]{{1,9}}(?=(?:{_UNIT}))")
_TOKEN = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_BOUND = r"(?:之|以|及以)?(内|里|后|前|上|下|外|起)(?![机胆筒部容存门面壳衣])"
# A hyphen is a minus sign only where nothing stands before it: 10-15 is a range, e-07 a code.
_NUMBER_UNIT = re.compile(rf"(?<![a-z0-9.])(?<![a-z]-)((?:(?<![a-z0-9])-)?\d+(?:\.\d+)?)\s*({_UNIT})?\s*(?:{_BOUND})?")
_LATIN_UNIT = re.compile(r"(\d+(?:\.\d+)?)([a-z]{1,7})$")

# Words that hold a negating character, negate nothing, and come and go when a sentence is reworded.
_NOT_NEGATIONS = re.compile(
    "不锈钢|不但|不仅|无线|无论|无理由|非常|别人|别的|特别|区别|分别|级别|类别|识别|是否|否则|能否|可否|差不多|不客气|不好意思"
)
_NEGATION = re.compile(
    r"不|没|未|无|勿|别|非|禁|拒|免|否|\b(?:not|no|never|without|cannot|neither|nor|unable|none)\b|n't"
)
_OPPOSITES = (
    ("以内", "以外"), ("之内", "之外"), ("以前", "以后"), ("之前", "之后"), ("以上", "以下"), ("打开", "关闭"),
    ("接通", "断开"), ("最多", "最少"), ("最多", "至少"), ("增加", "减少"), ("调高", "调低"), ("提前", "推迟"),
    ("收费", "免费"), ("买家", "本店"), ("买家", "我们"), ("客户", "我们"), ("自付", "免费"), ("顺时针", "逆时针"),
    ("上门", "寄修"), ("热水", "冷水"), ("正常", "异常"), ("允许", "禁止"), ("工作日", "自然日"), ("before", "after"),
    ("free", "paid"), ("open", "close"), ("include", "exclude"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit (canonical spelling) and the word that bounds it (内, 后 …); empty where not written."""

    value: float
    unit: str = ""
    bound: str = ""

    def agrees(self, other: "Number") -> bool:
        """Tell whether two numbers are the same as far as both are written out (``1～3 天``: the 1 has no unit)."""
        return (
            self.value == other.value
            and (self.unit == other.unit or not self.unit or not other.unit)
            and (self.bound == other.bound or not self.bound or not other.bound)
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """The hard facts of a text.

    Attributes:
        numbers: In order of appearance.
        codes: Codes and model names, lower case, without separators.
    """

    numbers: tuple[Number, ...]
    codes: frozenset[str]


def fold(text: str) -> str:
    """Fold a text for comparison: NFKC, lower case, Chinese numerals before a unit as digits."""
    return _HAN_NUMBER.sub(_as_digits, normalise(text).text.lower())


def facts_of(folded: str) -> Facts:
    """Collect the numbers and codes of a folded text.

    >>> facts_of(fold("七天内，E-07")).numbers
    (Number(value=7.0, unit='天', bound='内'),)
    """
    codes: set[str] = set()
    rest = folded
    for match in _TOKEN.finditer(folded):
        token = match[0]
        latin = _LATIN_UNIT.match(token)
        if token.isalpha() or not any(map(str.isalpha, token)) or (latin and latin[2] in _UNITS):
            continue
        codes.add(joined(token))
        rest = rest[: match.start()] + " " * len(token) + rest[match.end() :]
    found = _NUMBER_UNIT.findall(rest)
    numbers = (Number(float(n), _UNITS.get(unit, ""), "内" if bound == "里" else bound) for n, unit, bound in found)
    return Facts(tuple(numbers), frozenset(codes))


def joined(token: str) -> str:
    """Drop the separators of a code or word: ``e-07`` and ``e07`` are one."""
    return token.replace("-", "").replace("_", "").replace(".", "")


def without_numbers(folded: str) -> str:
    """Blank a folded text's numbers with their units and bounds, place by place, so that only words are compared."""
    return _NUMBER_UNIT.sub(lambda match: " " * len(match[0]), folded)


def negations(folded: str) -> list[tuple[int, int]]:
    """Find the negating words of a folded text as half-open spans."""
    masked = _NOT_NEGATIONS.sub(lambda m: " " * len(m[0]), folded)
    return [match.span() for match in _NEGATION.finditer(masked)]


def opposed(one: str, other: str) -> bool:
    """Tell whether one folded clause says a word and the other, instead of it, its opposite."""
    return any(
        (a in one and a not in other and b in other and b not in one)
        or (b in one and b not in other and a in other and a not in one)
        for a, b in _OPPOSITES
    )


def _as_digits(match: re.Match[str]) -> str:
    total = section = digit = 0
    for char in match[0]:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char == "万":
            total, section, digit = (total + section + digit) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _POWERS[char], 0
    return str(total + section + digit)
