"""The built-in safety wording: data, so that a shop can read it, and replace it by its own."""

from dataclasses import dataclass

from tickets.words import Priority


@dataclass(frozen=True, slots=True)
class UrgencyRule:
    """Words that make a case urgent.

    Attributes:
        name: Of the rule.
        priority: What it proposes.
        patterns: RE2 expressions over folded, lower-case text; one match is enough.
        reason_zh: One sentence for a person.
        reason_en: The same in English.
        not_after: An RE2 expression for what stands right before harmless uses ("打不" before "着火").
        not_before: The same for what follows ("保护" after "漏电").
    """

    name: str
    priority: Priority
    patterns: tuple[str, ...]
    reason_zh: str
    reason_en: str
    not_after: str = ""
    not_before: str = ""


_GAP = r"[^,。;!?、\n]"  # a character within one clause
_BODY = (
    "(?:手|脚|腿|胳膊|脸|头|眼睛|肩|肚子|背|皮肤|人|孩子|小孩|宝宝|老人|大爷|大妈|儿子|女儿|爸|妈|老婆|老公|孕妇|虎口)"
)
_PERSON = "(?:我|人|他|她|老人|孩子|家人|宝宝|小孩|儿子|女儿)"
_OURS = r"(?:my|his|her|our|their|someone's|the \w+'s)"

_BODY_EN = "(?:hand|finger|arm|leg|foot|face|skin|toe|head|eye|son|daughter|child)"

INJURY = UrgencyRule(
    "injury",
    Priority.P1,
    (
        r"(?:烫|烧|炸|电|割|砸|夹|摔|撞|压|打|崩|扎|扭|刮)伤|受伤|骨折|流血|流了.{0,2}血|出血了|送医|急诊|救护车|电晕|青紫",
        rf"缝了?.{{0,2}}针|{_BODY}{_GAP}{{0,8}}(?:划伤|划破|割破|割开|割了|烫到|砸到|夹到|夹住|夹断|压到|咬到)",
        rf"(?:划伤|划破|割破|割开|烫到|砸到|夹到|夹住|压到|绞到|撞到|弹到|溅进|溅到|砸){_GAP}{{0,8}}{_BODY}",
        rf"烫{_GAP}{{0,4}}泡|[起出个俩两满]了?水泡|[割划]了{_GAP}{{0,6}}口子|滑倒|绊倒|摔倒|摔了(?:一跤|胯|骨|头|腿)",
        r"\b(?:scald|injur|bleed|stitches|fractur)\w*",
        r"\b(?:was|were|got|been|is) (?:badly |severely )?(?:burn(?:t|ed)|hurt|cut)\b",
        rf"\b(?:burn(?:t|ed)?|cut|hurt|crushed|broke|fell on) {_OURS} (?:\w+ )?{_BODY_EN}",
    ),
    "提到有人受伤，按最高优先级处理",
    "Somebody was hurt: highest priority",
)

FIRE = UrgencyRule(
    "fire",
    Priority.P1,
    (
        r"冒(?:出|起|了|着)*(?:一股|一阵|一缕|好多|点|些|股)*(?:青|黑|白|浓|大)?烟|浓烟|黑烟|青烟|股烟|烟味|呛人的烟",
        r"起火|失火|自燃|着火|火苗|明火|冒火[花星光]?|火花|火星|烧起来|烧着了|电弧",
        r"烧焦|焦[糊煳黑]|焦味|点焦|[糊煳]味|[烧烤][糊煳黑]|烧[化熔]|熔化|胶皮味|烧(?:塑料|橡胶)|塑料烧|烧了?的味",
        rf"爆炸|炸裂|炸开|炸了|爆了|电池{_GAP}{{0,8}}[鼓胀]|鼓包{_GAP}{{0,6}}电池",
        r"\b(?:smoke|smoking|smoky|fire|flames?|sparks?|sparking|explod\w*|explosion|scorch\w*)\b",
        r"\bburn(?:ing|t)\b.{0,12}\b(?:smell|plastic|odou?r|wire|plug)|\bsmell\w*\b.{0,14}\bburn",
        r"\b(?:swollen|bulging) battery|\bbattery\b.{0,14}\b(?:swollen|swelling|bulging)",
    ),
    "提到冒烟、起火、烧焦或爆炸，按最高优先级处理",
    "Smoke, fire, burning or an explosion: highest priority",
    not_after=(
        r"(?:打不|点不|打|点|气得|急得|嗓子|心态|要气|快气|肺都?气?|气|脑袋?|人都?|群里|抽|吸|毛|刷|油|大|"
        r"non-|amazon )$"
    ),
    not_before=r"^(?:性|盐|机$|慢| ?tv| ?stick| ?hd|-free| alarm| detector|报警)",
)

ELECTRICITY = UrgencyRule(
    "electricity",
    Priority.P1,
    (
        r"漏电|触电|电击|电死|就过电|会过电|过电了|麻手|手麻|发麻|麻了?一下|一麻|酥麻|酥酥|电人|电手",
        rf"(?:被|给|让|把){_PERSON}?(?:电(?:到|了|着|击|麻|的|一下)|麻了)|电到{_PERSON}|电到手|电了我",
        rf"(?:手|身上|全身|胳膊|淋浴|洗澡|摸|碰){_GAP}{{0,8}}麻|(?:试|验|测)电笔{_GAP}{{0,8}}亮",
        rf"(?:外壳|机身|机器|水|水管|龙头|把手|面板|门){_GAP}{{0,3}}(?:带电|会电)|(?:水里?|龙头|外壳|把手|门)有电",
        rf"(?:一插|插上|一开|开机|通电|一用|一接|每次|老是|老|一直|总是|总|反复|全屋){_GAP}{{0,8}}(?:跳闸|闸就掉)",
        rf"(?:漏保|空开|漏电保护|漏电开关){_GAP}{{0,6}}跳",
        r"electric(?:al)? shock|electrocut\w*|\bshock\w* when|\btingl\w+",
        r"\bshocks? (?:me|my|us|him|her)|\bshocked (?:me|my|by (?:the|my|it))|\bgot (?:a )?(?:\w+ )?shock",
        r"\btrip\w*\b.{0,14}\b(?:breaker|fuse|rcd)|\b(?:breaker|fuse|rcd)\b.{0,14}\btrip",
    ),
    "提到漏电、触电或一用就跳闸，按最高优先级处理",
    "Electric shock, leakage or tripping breakers: highest priority",
    not_before=r"^(?:活|池|商|话|保护[^跳]*$|开关[^跳]*$|断路器|by the price)",
)

GAS = UrgencyRule(
    "gas",
    Priority.P1,
    (
        r"漏(?:煤|燃|天然)气|(?:煤|燃|天然)气(?:味|泄漏|泄露|漏)|一氧化碳|煤气中毒|中毒",
        r"\bgas leak|\bleak\w* gas|\bsmell\w*\b.{0,8}\bgas\b|carbon monoxide",
    ),
    "提到燃气泄漏或中毒，按最高优先级处理",
    "Leaking gas or poisoning: highest priority",
)

PROPERTY = UrgencyRule(
    "property",
    Priority.P2,
    (
        rf"水漫|淹了|漏到楼下|楼下{_GAP}{{0,6}}(?:漏|淹|泡)|(?:地板|家具|柜子|墙|天花板){_GAP}{{0,4}}泡",
        r"\bflood\w*|\bwater damage\b|\bdownstairs\b.{0,20}\bleak",
        r"ruined (?:my|the|our) (?:floor|furniture|ceiling)",
    ),
    "提到财产正在受损，提高优先级",
    "Property is being damaged: raised priority",
)

DATA = UrgencyRule(
    "data",
    Priority.P2,
    (
        rf"(?:数据|照片|资料){_GAP}{{0,4}}(?:丢失|全没|泄露)|(?:隐私|信息|地址|电话){_GAP}{{0,4}}(?:泄露|泄漏)|偷拍|偷窥",
        r"\bdata (?:loss|leak|breach)|\bprivacy (?:leak|breach)|\bleaked my\b",
    ),
    "提到数据丢失或个人信息泄露，提高优先级",
    "Lost data or leaked personal data: raised priority",
)

DEFAULT_RULES = (INJURY, FIRE, ELECTRICITY, GAS, PROPERTY, DATA)
