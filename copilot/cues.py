"""What customers ask for and report, by fixed linear patterns over folded text; deliberately narrow.

Every pattern has its counter-pattern: a word that is denied, asked about or only planned is no report.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kit.phrases import fold

_CLAUSE = re.compile(r"[,;。!?~\n]+|\.(?=\s|$)|、")


class Ask(StrEnum):
    """What a customer wants that a procedure alone cannot give."""

    SAFETY = "safety"
    PROGRESS = "progress"
    MONEY = "money"
    ESCALATION = "escalation"


RULED = frozenset({Ask.MONEY, Ask.PROGRESS})
"""What the shop's rules and records decide, never a draft."""


@dataclass(frozen=True, slots=True)
class _Cue:
    """A pattern and what makes a clause that matches it count for nothing."""

    found: re.Pattern[str]
    barred: re.Pattern[str]

    def hits(self, clause: str) -> bool:
        return bool(self.found.search(clause)) and not self.barred.search(clause)


_ASKS: dict[Ask, _Cue] = {
    Ask.SAFETY: _Cue(
        re.compile(
            r"冒烟|起火|着火|失火|烧焦|烧起来|焦味|焦糊|糊味|触电|电到|电了一下|漏电|麻手|爆炸|炸了|鼓包|受伤|烫伤|中毒|煤气味|"
            r"\bsmok(?:e|ing)\b|\bon fire\b|burning smell|electric shock|exploded|injured"
        ),
        re.compile(r"(?:没|不是|不会|无|未).{0,4}(?:冒烟|起火|着火|焦|触电|漏电|受伤)|\bno smoke|not (?:on fire|smok)"),
    ),
    Ask.PROGRESS: _Cue(
        re.compile(
            r"(?:退款|退货|退钱|换货|补发|赔偿|补偿|钱).{0,10}(?:进度|到哪|到账|到没|到了[吗没]|什么时候|啥时候|几时|多久|还没|怎么还|没到|没收到)|"
            r"(?:什么时候|啥时候|几时|多久|怎么还(?:没|不)|还没(?:有)?).{0,8}(?:退款|退钱|退给|退到|到账|换货|补发|赔)|"
            r"(?:refund|exchange|replacement|compensation).{0,24}(?:status|progress|yet|arrive|when|where)|"
            r"(?:when|where|still).{0,24}(?:refund|money back|replacement)"
        ),
        re.compile(r"(?:如果|要是|假如|万一).{0,12}(?:退|换|赔)|\bif i (?:return|exchange)"),
    ),
    Ask.MONEY: _Cue(
        re.compile(
            r"退款|退钱|退货|退掉|退了吧|[给帮]我退|[想要能]退|申请退|可以退|换货|换一台|换新|换台新|换个新|[给帮]我换|赔偿|赔付|赔钱|赔我|"
            r"补偿|补差价|退差价|价保|保价|价格保护|精神损失|"
            r"\brefund|\bmoney back|\breturn (?:it|this|the)|\bexchange\b|\breplacement\b|compensat|reimburse"
        ),
        re.compile(
            r"(?:不|别|没)(?:是)?(?:要|想|用|需要|打算|准备)?(?:你们?)?(?:申请|办理?)?(?:退|换货|换新|赔|补偿)|"
            r"(?:don't|do not|no need|not).{0,12}(?:refund|return|exchange|replacement)"
        ),
    ),
    Ask.ESCALATION: _Cue(
        re.compile(
            r"主管|经理|领导|负责人|投诉|(?<!\d)123[14]5(?!\d)|律师|起诉|法院|曝光|媒体|记者|消协|消费者协会|工商局|市场监管|"
            r"\bsupervisor\b|\bmanager\b|\blawyer\b|\bsue\b|\bcomplain"
        ),
        re.compile(r"(?:不|别|没)(?:是)?(?:要|想|用|打算)?(?:去)?(?:投诉|曝光|起诉)|not (?:a )?complain"),
    ),
}

_DOING = (
    r"(?:试|弄|做|搞|查|检查|看|洗|清|清理|清洗|冲洗|重启|断电|断|拔|插|换|调|关|开|设|设置|按|拆|擦|装|等|重装|重置|复位|"
    r"理|理直|拧|抖|抖散|摆|更新|升级|配网|联网|连)"
)
_TRIED = _Cue(
    re.compile(
        rf"{_DOING}(?:过|了|完)|{_DOING}.{{0,3}}(?:好几|几|两|三|多)[次遍回]|已经.{{0,8}}{_DOING}|都.{{0,6}}{_DOING}.{{0,4}}[过了]|"
        r"\b(?:i|we)(?:'ve| have)? (?:already |just )?(?:tried|restarted|rebooted|unplugged|cleaned|checked|reset|"
        r"turned|replaced|did)\b|\balready (?:tried|restarted|unplugged|cleaned|checked|reset|did)"
    ),
    re.compile(
        r"没(?:有)?(?:试|弄|做|查|检查|看|洗|清|重启|断|拔|换|调|关|按|拆|擦|装|等)|还没|不会|不敢|不想|不知道|怎么|如何|要不要|是不是|"
        r"需要|准备|打算|明天|等会|等下|一会|待会|能不能|可不可以|可以.{0,8}吗|吗$|吗\?|"
        r"\b(?:haven't|have not|didn't|did not|will|should|how|can|could|going to)\b"
    ),
)
_OUTCOME = _Cue(
    re.compile(
        r"试了|试过|做了|做完|弄了|弄完|弄好|照做|按你说|还是(?:不|没|一样|老样|报|显示|这样)|没用|没效果|不管用|没反应|不行|"
        r"好了|可以了|正常了|解决了|搞定|完成了|"
        r"\b(?:tried|done|did (?:it|that)|still|no (?:luck|change|difference)|didn't (?:work|help)|works now|fixed)\b"
    ),
    re.compile(r"还没试|没试|没有试|怎么|如何|等会|等下|一会|待会|明天|[吗么]\??$|\b(?:haven't|will|how)\b"),
)
_SOLVED = _Cue(
    re.compile(
        r"解决了|(?:可以|能用|正常|修好|弄好)了|^好了$|没问题了|不报(?:错|警|代码)?了|恢复了|"
        r"\b(?:it works|works now|fixed|solved|resolved)\b"
    ),
    re.compile(
        r"没(?:有)?(?:解决|好|修|正常|恢复)|未|不(?:可以|能|正常)|吗|么|什么时候|何时|才|要是|如果|就(?:可以|好)了|"
        r"\b(?:not|never|when|if)\b|n't"
    ),
)
# On 4,676 rated turns of JDDC (development split): "pleased" meets a satisfied rating in 287 of 290 turns, "upset" a
# dissatisfied one in 34 of 47, before "??" was taken out.
_UPSET = re.compile(
    r"生气|气死|太差|垃圾|差评|失望|无语|受不了|烦死|坑人|骗人|骗子|忽悠|敷衍|推卸|不满意|没人管|没人理|等了(?:几|好几|这么|很|半)|"
    r"什么破|投诉|到底.{0,8}[!?]|快点|[!?]{3}|"
    r"\b(?:angry|terrible|awful|unacceptable|disappointed|ridiculous|useless|worst|fed up)\b"
)
_PLEASED = re.compile(
    r"谢谢|感谢|多谢|辛苦了|满意|给力|太好了|好评|\b(?:thanks|thank you|great|perfect|appreciate)\b",
)
_NOT_PLEASED = re.compile(r"不满意|不太满意|谢谢你?[,!]?(?:我)?不")

# A customer's power cycle is often one word; a step's must name both halves, or "unplug it before you open the flap"
# would count as one.
_CYCLED = re.compile(
    r"重启|重开|重新(?:启动|开机|通电|上电)|断.{0,2}电|拔.{0,4}(?:电源|插头)|关机.{0,6}开|"
    r"\brestart|\breboot|\bunplug|off and on"
)
_CYCLE_STEP = re.compile(
    r"重启|重新(?:启动|开机|通电|上电)|(?:断电|关机|拔(?:下|掉)?(?:电源|插头)).{0,14}(?:再|重新?|后)(?:开|通电|插|启动|上电)|"
    r"\brestart|\breboot|off.{0,30}\bon again|unplug.{0,40}plug"
)
# Kinds of deeds, so that a filter that was looked at does not count as one that was cleaned.
_DEEDS = {
    "clean": re.compile(r"清|洗|冲|擦|刷|\bclean|\bwash|\brins|\bwip"),
    "look": re.compile(r"检查|查|看|观察|核对|\bcheck|\blook|\binspect"),
    "switch": re.compile(r"断电|拔|插|重启|重开|关机|开机|复位|重置|\bunplug|\brestart|\bswitch|\bturn|\breset"),
    "arrange": re.compile(r"抖|摆|理直|理顺|调平|调整|调[过了]|挪|垫|拧|\badjust|\blevel|\bmove|\btighten"),
    "set": re.compile(r"设|选|切换|切回|更新|升级|配网|\bset\b|\bselect|\bupdate|\bpair"),
    "replace": re.compile(r"更换|换[了过]|换新|\breplac"),
}
# Two-character words that name no thing: shared by many steps whatever they are about.
_BARE = re.compile(
    r"已经|过了|检查|清洗|清理|冲洗|重启|断电|更换|设置|调整|重新|一下|没有|还是|不行|这个|那个|可以|机器|分钟|以后|"
    r"之后|然后|一次|几次|打开|关闭|开机|关机|看看|看过|试过|试了|就是|我们|你们|什么|现在|一直|出现|显示|代码|故障"
)


def clauses(raw: str) -> Iterator[str]:
    """Yield a message's clauses, folded (``kit.phrases.fold``); empty ones are left out."""
    for clause in _CLAUSE.split(fold(raw).text):
        if stripped := clause.strip():
            yield stripped


def asks_of(raw: str) -> frozenset[Ask]:
    """Return what a message asks for beyond a procedure."""
    parts = list(clauses(raw))
    return frozenset(ask for ask, cue in _ASKS.items() if any(cue.hits(part) for part in parts))


def tried_clauses(raw: str) -> list[str]:
    """Return the clauses that report something done already; planned, denied and asked-about deeds are left out."""
    return [clause for clause in clauses(raw) if _TRIED.hits(clause)]


def reports_outcome(raw: str) -> bool:
    """Tell whether a message says how something that was proposed turned out."""
    return any(_OUTCOME.hits(clause) for clause in clauses(raw))


def says_solved(raw: str) -> bool:
    """Tell whether a message says that the matter is settled."""
    return any(_SOLVED.hits(clause) for clause in clauses(raw))


def mood_of(raw: str) -> str:
    """Return ``upset``, ``pleased`` or an empty string for a message that shows neither."""
    text = fold(raw).text
    if _UPSET.search(text):
        return "upset"
    return "pleased" if _PLEASED.search(text) and not _NOT_PLEASED.search(text) else ""


def deeds_of(text: str) -> frozenset[str]:
    """Return the kinds of deeds that a clause or a step names."""
    folded = fold(text).text
    return frozenset(kind for kind, pattern in _DEEDS.items() if pattern.search(folded))


def is_bare(word: str) -> bool:
    """Tell whether a word is a deed or a filler that names no thing."""
    return bool(_BARE.fullmatch(word))


def cycled_power(clause: str) -> bool:
    """Tell whether a clause reports switching off and on."""
    return bool(_CYCLED.search(clause))


def is_power_cycle(action: str) -> bool:
    """Tell whether a step's action is to switch off and on again."""
    return bool(_CYCLE_STEP.search(fold(action).text))
