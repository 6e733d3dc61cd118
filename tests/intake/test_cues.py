import pytest

from intake.cues import Cue, cues


@pytest.mark.parametrize(
    ("raw", "cue"),
    [
        ("对的", Cue.YES),
        ("嗯嗯，是的", Cue.YES),
        ("提交", Cue.YES),
        ("ＯＫ", Cue.YES),
        ("没有", Cue.DECLINE),
        ("找不到了", Cue.DECLINE),
        ("不知道在哪看", Cue.DECLINE),
        ("I don't know", Cue.DECLINE),
        ("转人工", Cue.HUMAN),
        ("我要人工客服！！", Cue.HUMAN),
        ("can I speak to a person please", Cue.HUMAN),
        ("解决了，谢谢", Cue.SOLVED),
        ("还是不行", Cue.FILE),
        ("您好", Cue.GREETING),
        ("在吗？", Cue.GREETING),
    ],
)
def test_a_short_reply_has_its_meaning(raw: str, cue: Cue) -> None:
    assert cue in cues(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "洗衣机不脱水，显示E3",
        "没有按时送到，都三天了也没人联系我",
        "对方师傅说要换主板你们看看怎么处理",
        "好的东西刚买就坏了你们什么质量",
        "LT20261103004821",
        "😡😡😡",
        "",
    ],
)
def test_a_story_is_no_short_reply(raw: str) -> None:
    assert cues(raw) == frozenset()


def test_refusing_a_person_is_no_wish_for_one() -> None:
    assert Cue.HUMAN not in cues("不用转人工")
