"""The check that stands before every answer and every draft: supported or silent (EV-04)."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.grounding import supports
from knowledge.markdown import sentences
from knowledge.parsing import passages_of, read_article
from knowledge.retrieval import passage_text
from knowledge.schemas import Passage, Support

DEMO = Path(__file__).parents[2] / "api" / "demo" / "shop" / "articles"
FEE = "无理由退货的取件费由买家承担：洗衣机、冰箱每台 100 元，电视每台 80 元，扫地机器人每台 15 元，从退款中扣除。"
TERM = "期限：自签收次日零时起 7 天内可申请无理由退货，以提交申请的时间为准。"
AREA = "KF35GW 适合 15～22 平方米，KF72LW 适合 30～45 平方米。"
EN = "Pickup costs 100 yuan for a washer or fridge, 80 yuan for a TV. You do not need a paper invoice."
COLD = "冷藏 4℃、冷冻 -18℃；门未关提示音不能关闭。"


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        (TERM, TERM),
        ("您好，自签收次日零时起七天内可申请无理由退货哦。", TERM),
        ("签收后 7 天内可以申请无理由退货", TERM),
        ("电视取件费每台 80 元", FEE),
        ("扫地机器人的取件费 15 块钱", FEE),
        ("1. 取件费由买家承担，从退款中扣除。", FEE),
        ("KF72LW 适合 30～45 平米", AREA),
        ("kf35gw适合15～22平方米", AREA),
        ("Pickup costs 100 yuan for a washer.", EN),
        ("You do not need a paper invoice, thank you.", EN),
        ("冷冻 -18℃", COLD),
        ("门未关提示音不能关闭", COLD),
    ],
)
def test_same_words_are_supported(sentence: str, passage: str) -> None:
    assert supports(sentence, passage).supported


@pytest.mark.parametrize(
    ("sentence", "passage", "reason"),
    [
        ("自签收次日零时起 15 天内可申请无理由退货", TERM, "number"),
        ("自签收次日零时起十五天内可申请无理由退货", TERM, "number"),
        ("自签收次日零时起 7 个工作日内可申请无理由退货", TERM, "number"),
        ("自签收次日零时起 7 天后可申请无理由退货", TERM, "number"),
        ("自签收次日零时起 7 天内不可申请无理由退货", TERM, "negation"),
        ("洗衣机每台 80 元", FEE, "number"),
        ("取件费不从退款中扣除", FEE, "negation"),
        ("KF72LW 适合 15～22 平方米", AREA, "number"),
        ("KF99GW 适合 15～22 平方米", AREA, "code"),
        ("Pickup costs 80 yuan for a washer.", EN, "number"),
        ("You need a paper invoice.", EN, "negation"),
        ("冷冻 -20℃", COLD, "number"),
        ("门未关提示音能关闭", COLD, "negation"),
    ],
)
def test_other_number_or_lost_not_is_a_contradiction(sentence: str, passage: str, reason: str) -> None:
    verdict = supports(sentence, passage)

    assert (verdict.support, verdict.reason) == (Support.CONTRADICTED, reason)


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("我们明天给您打电话", FEE),
        ("退货包邮", FEE),
        ("Pickup is free for a washer", EN),
        ("您好，请稍等哦", TERM),
        ("", TERM),
        ("！！！", TERM),
        ("100", FEE),
        (TERM, ""),
    ],
)
def test_what_the_passage_does_not_say_is_unsupported(sentence: str, passage: str) -> None:
    assert supports(sentence, passage).support is Support.UNSUPPORTED


def test_payer_is_not_turned_round() -> None:
    assert not supports("取件费由本店承担", FEE).supported


def test_opposite_word_is_a_contradiction() -> None:
    verdict = supports("签收 7 天以内打开包装检查不影响退货", "签收 7 天以内关闭包装检查不影响退货。")

    assert verdict.reason == "opposite"


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_texts_get_a_verdict(sentence: str, passage: str) -> None:
    verdict = supports(sentence, passage)

    assert 0 <= verdict.score <= 1
    assert verdict == supports(sentence, passage)


def test_long_hostile_texts_take_no_long_time() -> None:
    verdict = supports("不" * 20_000, "一" * 20_000 + "1" * 20_000 + "-." * 10_000)

    assert not verdict.supported


@pytest.fixture(scope="module")
def said() -> list[tuple[str, Passage]]:
    """Every sentence of the demo shop with its passage."""
    articles = (read_article(p.read_text(encoding="utf-8"), p.name) for p in sorted(DEMO.glob("*.md")))
    passages = [passage for article in articles for passage in passages_of(article)]
    found = [(s, p) for p in passages for s in sentences(p.text) if len(s) >= 8]
    assert len(found) > 1_000
    return found


def _share(pairs: list[tuple[str, Passage]], wanted: Callable[[Support], bool]) -> float:
    verdicts = [supports(sentence, passage_text(passage)).support for sentence, passage in pairs]
    return sum(map(wanted, verdicts)) / len(verdicts)


class TestOnTheDemoShop:
    """Figures of the thresholds in ``knowledge.grounding``; a change of either shows here."""

    def test_every_sentence_is_supported_by_its_own_passage(self, said: list[tuple[str, Passage]]) -> None:
        assert _share(said, lambda s: s is Support.SUPPORTED) == 1.0

    def test_courtesy_and_a_dropped_clause_do_no_harm(self, said: list[tuple[str, Passage]]) -> None:
        dice = random.Random(1)
        pairs = [(_reworded(s, dice), p) for s, p in dice.sample(said, 600)]

        assert _share(pairs, lambda s: s is Support.SUPPORTED) >= 0.99

    def test_sentences_of_other_passages_are_refused(self, said: list[tuple[str, Passage]]) -> None:
        dice = random.Random(2)
        pairs = [(s, dice.choice(said)[1]) for s, _ in dice.sample(said, 600)]
        others = [(s, p) for s, p in pairs if s not in p.text]

        assert _share(others, lambda s: s is not Support.SUPPORTED) >= 0.995

    def test_changed_numbers_are_refused(self, said: list[tuple[str, Passage]]) -> None:
        dice = random.Random(3)
        pairs = [(changed, p) for s, p in said if (changed := _other_number(s, dice))][:600]

        assert len(pairs) > 400
        assert _share(pairs, lambda s: s is not Support.SUPPORTED) >= 0.99

    def test_turned_meanings_are_refused(self, said: list[tuple[str, Passage]]) -> None:
        pairs = [(turned, p) for s, p in said if (turned := _turned(s))][:600]

        assert len(pairs) > 250
        assert _share(pairs, lambda s: s is not Support.SUPPORTED) >= 0.99


def _reworded(sentence: str, dice: random.Random) -> str:
    clauses = sentence.rstrip("。；").split("，")
    if len(clauses) > 2:
        clauses.pop(dice.randrange(len(clauses)))
    return dice.choice(["您好，", "亲，", "请您", ""]) + "，".join(clauses) + dice.choice(["哦。", "。", "呢", " 谢谢"])


def _other_number(sentence: str, dice: random.Random) -> str | None:
    found = list(re.finditer(r"\d+", sentence))
    if not found:
        return None
    match = dice.choice(found)
    return f"{sentence[: match.start()]}{int(match[0]) + dice.choice([1, 2, 5, 10])}{sentence[match.end() :]}"


def _turned(sentence: str) -> str | None:
    pairs = [("不能", "能"), ("可以", "不可以"), ("不支持", "支持"), ("不要", "要"), ("需要", "不需要"), ("会", "不会")]
    return next((sentence.replace(a, b, 1) for a, b in pairs if a in sentence), None)
