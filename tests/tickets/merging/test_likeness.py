"""When two tickets are one matter: the whole table, and the wordings of urging."""

from itertools import product

import pytest

from tickets.merging.likeness import Matter, judge, likeness
from tickets.merging.schemas import Likeness
from tickets.merging.urging import is_urging

SPIN, LEAK = "洗衣机脱水的时候不转，显示E3", "空调室内机一直漏水"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (SPIN, SPIN, True),
        ("洗衣机不转，E3", SPIN, True),
        (SPIN, LEAK, False),
        ("E3", SPIN, True),
        ("", SPIN, False),
        ("!!", "??", False),
        ("The washer does not spin", "washer does not spin at all", True),
    ],
)
def test_alike_words(one: str, other: str, alike: bool) -> None:
    """DM-02."""
    assert (likeness(one, other) >= 0.5) == alike
    assert likeness(one, other) == likeness(other, one)


@pytest.mark.parametrize(
    ("order", "model", "label", "words"),
    list(product(("same", "other", "none"), (True, False), (True, False), (True, False))),
)
def test_the_whole_table(order: str, model: bool, label: bool, words: bool) -> None:
    """DM-03, and the last section's point 5: sure only with everything; without an order a person decides."""
    mine = Matter("LT1" if order != "none" else "", "WX75G", "quality", SPIN)
    theirs = Matter(
        {"same": "LT1", "other": "LT2", "none": ""}[order],
        "WX75G" if model else "KF35",
        "quality" if label else "logistics",
        SPIN if words else LEAK,
    )

    verdict = judge(mine, theirs, 0.5)

    if order == "other" or not (label or words or (model and order == "none")):
        assert verdict is None
        return
    assert verdict is not None
    assert verdict.sure == (order == "same" and label and words)
    assert (Likeness.SAME_ORDER in verdict.why) == (order == "same")
    assert (Likeness.SAME_WORDS in verdict.why) == words


def test_nothing_known_is_nothing_in_common() -> None:
    empty = Matter("", "", "", "")
    assert judge(empty, empty, 0.5) is None


@pytest.mark.parametrize(
    "words",
    [
        "催单", "催一下", "麻烦催一下进度", "我来催催催单的", "怎么还没人联系我", "怎么还没处理", "为什么还没有人回复",
        "等了三天了还没消息", "都好几天了还不来修" , "还要多久", "还要等多久啊", "什么时候能修好", "什么时候可以上门",
        "麻烦尽快处理一下", "快点", "赶紧给我解决", "到底什么时候有结果", "any update?", "Any news on this?",
        "still waiting!!", "Hurry up please", "how much longer", "还没人处理吗？", "再催一下，谢谢",
    ],
)  # fmt: skip
def test_urging_is_recognised(words: str) -> None:
    """PG-06: by wording, no model."""
    assert is_urging(words)


@pytest.mark.parametrize(
    "words",
    [
        "", "好的", "谢谢", "洗衣机不转了", "订单号LT20261103004821", "不急，慢慢来", "不用催了",
        "我不是来催的，就是问下型号",
        "还没收到发票", "照片发您了", "E3还在", "显示E3怎么办", "怎么清洗滤网", "多久清洗一次滤网", "保修多久",
        "周三可以上门", "已经修好了", "no rush, thanks", "where is the filter", "快递到了", "催化剂滤芯多少钱",
        "我的洗衣机上个月刚买，用了三次就开始漏水，昨天又响得厉害，师傅说要换排水泵，我想问问这种情况是不是保修范围内，什么时候能修好呢大概，我平时白天都不在家里的",
    ],
)  # fmt: skip
def test_other_words_are_no_urging(words: str) -> None:
    assert not is_urging(words)
