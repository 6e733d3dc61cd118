"""What is read from a talk: steps done already, what is asked for, the language."""

import pytest

from copilot.cues import Ask
from copilot.service import SummaryService
from copilot.thread import Thread
from fakes.copilot_desk import ARTICLES, NOW, ScriptedQuality, talk
from growth import assert_linear
from kit.crypto import Vault
from knowledge.parsing import steps_of

STEPS = steps_of(ARTICLES[0])


class StandingClock:
    def now(self):
        return NOW


def thread(*lines: str) -> Thread:
    return Thread(tuple(talk(*lines)))


class TestDone:
    """CP-10: a step the customer reports is done; doubt leaves it open."""

    @pytest.mark.parametrize(
        ("said", "number"),
        [
            ("衣服我已经抖散过了", 1),
            ("排水管也检查过了，没打折", 2),
            ("过滤器清理过了", 3),
            ("重启过好几次", 4),
            ("昨天断电重开了", 4),
            ("拔掉插头再插上也试过了", 4),
        ],
    )
    def test_a_report_marks_the_step_with_its_turn(self, said: str, number: int) -> None:
        done = thread("c: 洗衣机不排水", f"c: {said}").done(STEPS)

        assert {n: d.seq for n, d in done.items()} == {number: 2}

    @pytest.mark.parametrize(
        "said",
        [
            "过滤器怎么清理",
            "过滤器还没清理",
            "我等会清理过滤器",
            "要不要断电重启",
            "没有重启过",
            "不会拆过滤器",
            "过滤器在哪里",
            "过滤器看过了",
            "已经不排水了",
            "已经三天了",
            "试过了",
            "检查过了",
        ],
    )
    def test_plans_questions_and_other_deeds_mark_nothing(self, said: str) -> None:
        assert thread(f"c: {said}").done(STEPS) == {}

    def test_an_agent_s_words_are_no_report(self) -> None:
        assert thread("a: 过滤器清理过了吧").done(STEPS) == {}

    @pytest.mark.parametrize("answer", ["试了，还是不行", "没用", "好了", "照做了还是报E2"])
    def test_a_proposed_step_is_done_once_the_outcome_is_told(self, answer: str) -> None:
        done = thread("c: 不排水", "a: 请先检查排水管有没有打折或被压扁。", f"c: {answer}").done(STEPS)

        assert {n: d.seq for n, d in done.items()} == {2: 3}

    @pytest.mark.parametrize("answer", ["好的我等会试试", "怎么检查？", "谢谢", "还没试"])
    def test_a_proposed_step_stays_open_without_an_outcome(self, answer: str) -> None:
        assert thread("c: 不排水", "a: 请先检查排水管有没有打折或被压扁。", f"c: {answer}").done(STEPS) == {}

    def test_english_reports_count_for_the_power_cycle(self) -> None:
        assert thread("c: I already restarted it twice").done(STEPS).keys() == {4}


class TestAsks:
    """RM-17, RM-18: what no draft may decide is seen."""

    @pytest.mark.parametrize(
        ("said", "ask"),
        [
            ("我要退货退款", Ask.MONEY),
            ("给我换一台新的", Ask.MONEY),
            ("必须赔偿我的损失", Ask.MONEY),
            ("可以价保吗", Ask.MONEY),
            ("I want my money back", Ask.MONEY),
            ("退款怎么还没到账", Ask.PROGRESS),
            ("什么时候退款给我", Ask.PROGRESS),
            ("换货进度到哪了", Ask.PROGRESS),
            ("where is my refund", Ask.PROGRESS),
            ("插头冒烟了", Ask.SAFETY),
            ("摸上去麻手，漏电", Ask.SAFETY),
            ("there is smoke coming out", Ask.SAFETY),
            ("叫你们主管来", Ask.ESCALATION),
            ("我要打12315", Ask.ESCALATION),
        ],
    )
    def test_is_recognised(self, said: str, ask: Ask) -> None:
        assert ask in thread(f"c: {said}").asks()

    @pytest.mark.parametrize(
        "said",
        [
            "我不想退货，修好就行",
            "没有冒烟",
            "我不是要投诉",
            "洗衣机不排水",
            "滤网怎么换个位置",
            "I don't want a refund",
            "电话13812345678",
        ],
    )
    def test_a_denied_wish_is_none(self, said: str) -> None:
        assert thread(f"c: {said}").asks() == {}

    def test_only_messages_since_the_last_answer_count(self) -> None:
        asks = thread("c: 我要退款", "a: 已为您登记", "c: 那洗衣机先不动可以吗").asks()

        assert asks == {}


class TestState:
    def test_waits_for_the_customer_after_an_agent_s_answer(self) -> None:
        assert thread("c: 不排水", "a: 请检查排水管").awaits_customer
        assert not thread("c: 不排水", "a: 请检查排水管", "c: 好").awaits_customer
        assert not thread("c: 不排水", "b: 请提供型号").awaits_customer

    @pytest.mark.parametrize(
        ("said", "solved"), [("好了", True), ("可以了谢谢", True), ("好了吗", False), ("还没好", False)]
    )
    def test_solved_is_the_customer_s_word(self, said: str, solved: bool) -> None:
        assert thread("c: 不排水", "a: 清一下过滤器", f"c: {said}").solved() is solved

    def test_language_is_that_of_the_open_messages(self) -> None:
        assert thread("c: 你好", "a: 您好", "c: Can you speak English please").lang == "en"
        assert thread().lang == "zh"


@pytest.mark.parametrize(
    "unit",
    [
        "吗 ",
        "?",
        "，",
        "退",
        "退款",
        "洗了",
        "没",
        "#E-s",
        "您好，",
        "因为",
        "[数字x]元",
        "a",
        "已经",
        "\u200b",
        "关机",
        "断电",
        "1",
        "1.",
        " ",
    ],
)
def test_hostile_length_takes_linear_time(unit: str) -> None:
    """A35: twice the longest message accepted, of one piece repeated, and a tail that makes a pattern start over."""
    summaries = SummaryService(ScriptedQuality(), StandingClock(), Vault(b"k" * 32))

    def read(text: str) -> None:
        messages = talk(f"c: {text}x", f"a: {text}x")
        Thread((messages[0],)).asks()
        Thread((messages[0],)).done(STEPS)
        summaries.summarise(None, messages)

    assert_linear(read, unit, chars=16_000)
