import pytest

from knowledge.facts import Number, facts_of, fold, negations, opposed


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("签收七天内", [Number(7, "天", "内")]),
        ("十五个工作日", [Number(15, "工作日")]),
        ("一百二十元", [Number(120, "元")]),
        ("两次", [Number(2, "次")]),
        ("1～3 个工作日", [Number(1), Number(3, "工作日")]),
        ("10-15 分钟后", [Number(10), Number(15, "分钟", "后")]),
        ("-18℃", [Number(-18, "℃")]),
        ("2.4G 和 220V", [Number(2.4, "克"), Number(220, "伏")]),
        ("80%", [Number(80, "%")]),
        ("24 hours", [Number(24, "小时")]),
        ("60 升内胆", [Number(60, "升")]),
        ("E-07 和 WX100-HD", []),
        ("一般一直一起", []),
    ],
)
def test_numbers_with_units(text: str, numbers: list[Number]) -> None:
    assert list(facts_of(fold(text)).numbers) == numbers


@pytest.mark.parametrize(
    ("text", "codes"), [("E-07、e07 与 Er05", {"e07", "er05"}), ("WX100-HD 10 公斤", {"wx100hd"}), ("5E", {"5e"})]
)
def test_codes_and_models(text: str, codes: set[str]) -> None:
    assert facts_of(fold(text)).codes == codes


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("可以退", 0),
        ("不可以退", 1),
        ("不能不看", 2),
        ("请勿打开", 1),
        ("不锈钢无线是否特别", 0),
        ("you cannot return it", 1),
        ("a notable note", 0),
        ("don't", 1),
    ],
)
def test_negations(text: str, count: int) -> None:
    assert len(negations(fold(text))) == count


def test_opposites_need_one_without_the_other() -> None:
    assert opposed("打开开关", "关闭开关")
    assert not opposed("打开再关闭", "关闭")
    assert not opposed("打开", "打开")
