"""The words around fault codes, as fixed patterns over flat (upper-case) text; none of them nests a repetition."""

import re
from typing import Final


def _any(words: str) -> str:
    """Join words written with spaces between them into alternatives."""
    return "|".join(words.split())


_TRIGGERS_BEFORE = _any(
    r"""显示 报(?![销价名修备废告表]) 提示 出现 跳 弹出 闪 亮 代码 代号 故障 错误 出错 报错 告警 报警 异常 屏 面板
    数码管 字母 ERROR (?<![A-Z])ERR(?![A-Z]) CODE FAULT SHOW DISPLAY (?<![A-Z])SAYS?(?![A-Z]) (?<![A-Z])READS?(?![A-Z])
    FLASH BLINK GIVES GIVING GETTING (?<![A-Z])(?:GOT|SEE)(?![A-Z]) THROW SCREEN PANEL STUCK ALARM POPS\sUP"""
)
_TRIGGERS_AFTER = _any(
    r"""故障 错误 报错 报警 告警 代码 异常 的意思 报过 解释 教程 含义 是什么 什么意思 啥意思 是啥
    怎么(?![样卖买]) 咋[办弄整回修解] 如何 闪 亮 字样 提示 清除 消除 解除 复位 保护 超时 依旧 依然 还在
    ERROR CODE FAULT WARNING MEAN FLASH BLINK SCREEN DISPLAY PANEL KEEPS APPEAR POPS SHOWS SHOWING COMES\sUP CAME\sUP"""
)
BEFORE: Final = re.compile(_TRIGGERS_BEFORE)
AFTER: Final = re.compile(_TRIGGERS_AFTER)
TIGHT: Final = re.compile(rf"(?:{_TRIGGERS_BEFORE})[^A-Z0-9。！？!?\n]{{0,5}}$")
ANYWHERE: Final = re.compile(rf"{_TRIGGERS_BEFORE}|{_TRIGGERS_AFTER}")
# Too common to count at a distance; right before a token they introduce it: 「一开机就E3」「卡在E3」.
TOUCHING: Final = re.compile(
    rf"(?:{_any('就 又 老 出 说 字 变 卡在 停在 变成 成了 一直 总是 老是 还是 还有 仍是 依然 [有了是又]个')}|"
    rf"{_any('出的是 现在是 这次是 次 偶尔 有时 叫')}|"
    r"(?<![A-Z])(?:GOT|ON))\s?$"
)
# Words of a thing that does not work. Together with a code that the catalogue spells just so they are enough.
TROUBLE: Final = re.compile(
    _any(
        r"""坏 修 毛病 不[转动行通] 不了 脱水 排水 进水 漏 响 味 停(?!车) 重启 重新 复位 断电 通电
        插电 开机 关机 开不 师傅 主板 反应 制冷 制热 解决 查了 没劲 没风 没冷气 没热水
        弱 自己弄 BROKE REPAIR FIX STOP RESTART RESET WORKING
        WON'?T DOESN'?T CAN'?T BEEP LEAK NOISE HELP TURN DRAIN CLEAN"""
    )
)
# A sentence about where something is or goes; a code is not presumed in it.
PLACE: Final = re.compile(_any("送 住 地址 寄 放在 位于 小区 楼 收货 取件 停车 DELIVER ADDRESS LIVE(?![A-Z])"))
SENTENCE_END: Final = re.compile(r"[。！？!?;；\n]|\.(?= )")

# Places, editions, settings and sizes: 「E3栋」「E3柜」「F1赛车」「P2档」 are no faults.
NOT_AFTER: Final = re.compile(
    rf"\s*(?:{_any('栋 座 楼 层 单元 号线 号楼 号门 出?口 格口 门店 停车 车位 柜 区(?!别) 室(?![外内温]) 路(?!由)')}|"
    rf"{_any('排(?=[0-9座第]|$) 系列 户型 页 窗 线(?!路) 油卡 型 款 版 级 类 纸 档 键')}|"
    rf"{_any('赛车 处理器 航站楼 套餐 软件 认证 接口 型号 英?寸 ℃ ° 度 伏 瓦 升(?!级) 公?斤 元 块')}|"
    r"INCH|KG|PLAN|ON THE KEYBOARD|KEY(?![A-Z])|BUTTON|TERMINAL)"
)
NOT_BEFORE: Final = re.compile(
    rf"(?:{_any('型号 机型 楼 栋 出口 航站楼 酷睿 至强 版本 固件 能效 选的?是? 按 键 车位 格口')}|"
    rf"{_any('MODEL INTEL CORE TYPE VERSION BLOCK GATE ROOM EXIT ZONE')})[^A-Z0-9]{{0,3}}$"
)
# After a spelt-out or spaced number these count something: 「报E 3次」「E一个」.
COUNTED: Final = re.compile(
    r"\s*(?:[个次台天年月日点分秒遍回件箱人家下些样直起般定共边会种]|小时|DAY|TIME|HOUR|WEEK|MONTH|YEAR|MIN)"
)
UNIT_LETTERS: Final = frozenset("CVWAKGLPMHFDNST")
"""Letters that follow a number as a unit (3C, 220V, 4K, 1.5P, 2H): such a code needs its word right before it."""

# Longest alternatives first and possessive, so that there is one way to read a text and no search for others.
_FILLER = re.compile(
    rf"(?:{_any('是不是 就是 不是 而是 还是 变成 是什么 是啥 什么意思 啥意思 的?意思 怎么办 怎么回事 怎么解决')}|"
    rf"{_any('咋办 咋弄 咋整 咋回事 故障 错误 求助 好像 应该 可能 看到 看见 看错 打错 说错 写着 上面 后来 然后')}|"
    rf"{_any('还有 不光 不只是? 不仅 为什么 为啥 重启 或者? 有没有 没有')}|"
    rf"{_any('记不清 不清楚 不知道 不确定 不对 才对 烦死 气死 你好 您好 请问 这个 那个 一个')}|"
    r"[是它这那个的了啊呀呢吗嘛吧呗啦哦嗯又和跟老总急有对哈亲烦]|"
    rf"{_any('''IT'?S ISN'?T IT IS THE AN? NOT BUT SORRY MISREAD PLEASE HELP MEANING MEANS? WHAT'?S WHAT''')}|"
    rf"{_any('''DOES DO AND OR I'?M I THINK MAYBE SURE HI HELLO AGAIN NOW''')}|[\W_])*+"
)
_MAX_FILLER: Final = 60


def is_filler(text: str) -> bool:
    """Tell whether what is left of a message without its codes says nothing more: 「是…吗？」."""
    return len(text) <= _MAX_FILLER and _FILLER.fullmatch(text) is not None


# Print of nameplates, parcel labels, order pages and receipts, where a lone short token is no fault code.
DOCUMENT: Final = re.compile(
    _any(
        r"""额定 产品型号 生产日期 出厂 制造 防护等级 净重 执行标准 序列号 收件 寄件 运单 面单 订单 实付 合计 发票
        RATED SERIAL MANUFACTUR MADE\sIN SHIP\sTO INVOICE ORDER\s(?:NO|NUMBER)"""
    )
)

_HAN_DIGITS: Final = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
HAN_NUMBER: Final = "零〇一二两三四五六七八九十"
DASH_WORD: Final = "横杠|杠"


def arabic(writing: str) -> str:
    """Spell a code's number in digits: 「E三」 E3, 「E杠零七」 E-07, 「E十二」 E12.

    Args:
        writing: A flat token; other characters are kept.
    """
    writing = re.sub(DASH_WORD, "-", writing)
    out = ""
    for run in re.split(f"([{HAN_NUMBER}]+)", writing):
        out += _number(run) if run and run[0] in HAN_NUMBER else run
    return out


def _number(run: str) -> str:
    tens, ten, units = run.partition("十")
    if not ten:
        return "".join(str(_HAN_DIGITS[c]) for c in run)
    high = _HAN_DIGITS.get(tens[-1:], 1)
    low = _HAN_DIGITS.get(units[:1], 0)
    return str(high * 10 + low)
