"""CL-15: urgency wording raises priority at intake, whatever the classifier thinks; negated wording does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from growth import assert_linear
from intake.classification.urgency import UrgencyRules, is_urgent, most_urgent, urgency_vote
from intake.classification.urgency_rules import UrgencyRule
from tickets.words import Priority


@pytest.mark.parametrize(
    "text",
    [
        "洗衣机冒烟了",
        "插座没有冒烟但是有糊味",
        "是不是漏电了",
        "一开机就会冒烟",
        "现在不冒烟了，刚才很吓人",
        "摸着会漏电",
        "被电了一下",
        "差点没着火",
        "没用两天就冒烟",
        "不停冒烟",
        "没想到爆炸了",
        "没关电源就起火了",
        "孩子手被划伤",
        "热水把我烫出了个水泡",
        "煤气味好重",
        "漏电保护器一直跳",
        "一插上就跳闸",
        "电池鼓起来了",
        "冒\u200b烟了",
        "ＳＭＯＫＥ everywhere",
        "the plug is smoking",
        "I got a shock from the fridge door",
        "my son burned his hand",
        "it trips the breaker every time",
    ],
)
def test_danger_is_urgent(text: str) -> None:
    assert is_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "没有冒烟",
        "不漏电",
        "并没有起火",
        "未出现漏电现象",
        "没有任何焦味",
        "没人受伤",
        "会不会漏电",
        "会漏电吗",
        "如果冒烟了怎么办",
        "有防触电功能吗",
        "漏电保护器在哪买",
        "热水器打不着火",
        "点不着火",
        "充电到80%就停",
        "带电池吗",
        "机身划伤了",
        "地板被水泡了谁赔",
        "气得冒烟",
        "心态炸了",
        "边刷毛炸了",
        "抽油烟机能用吗",
        "被电商坑了",
        "死活插上电开不了",
        "热水器烧了两个小时水还是凉的",
        "No smoke at all",
        "it didn't catch fire",
        "the Fire TV app crashes",
        "will it catch fire if I leave it on?",
        "",
    ],
)
def test_harmless_negated_or_imagined_wording_is_not(text: str) -> None:
    assert not is_urgent(text)


class TestUrgencyVote:
    def test_evidence_points_into_the_raw_text(self) -> None:
        raw = "你好，洗衣机冒\u200b烟了"

        vote = urgency_vote(raw)

        assert vote is not None
        assert (vote.rule, vote.priority) == ("fire", Priority.P1)
        assert raw[vote.start : vote.end] == vote.words == "冒\u200b烟"

    def test_damage_to_property_raises_but_is_no_danger_to_people(self) -> None:
        vote = urgency_vote("水漫到客厅，木地板泡了")

        assert vote is not None
        assert (vote.rule, vote.priority) == ("property", Priority.P2)
        assert not is_urgent("水漫到客厅，木地板泡了")

    def test_people_come_before_property(self) -> None:
        vote = urgency_vote("地板泡了，我妈滑倒摔伤")

        assert vote is not None
        assert vote.rule == "injury"

    def test_of_several_texts_the_most_urgent_counts(self) -> None:
        vote = most_urgent(["漏到楼下了", "你好", "而且漏电"])

        assert vote is not None
        assert vote.rule == "electricity"
        assert most_urgent(["你好"]) is None

    def test_shop_may_bring_rules_of_its_own(self) -> None:
        rules = UrgencyRules([UrgencyRule("vip", Priority.P2, ("律师函|媒体曝光",), "威胁曝光", "Threat")])

        vote = rules.vote("再不处理就发律师函")

        assert vote is not None
        assert vote.reason_zh == "威胁曝光"
        assert rules.vote("冒烟") is None

    @given(st.text(alphabet=st.characters(codec=None), max_size=80))
    def test_any_text_can_be_judged(self, raw: str) -> None:
        vote = urgency_vote(raw + "冒烟")

        assert vote is None or (raw + "冒烟")[vote.start : vote.end] == vote.words

    def test_hostile_text_takes_linear_time(self) -> None:
        """A35."""
        assert_linear(lambda text: urgency_vote(text + text.replace("手", "被")), "手", chars=100_000)
