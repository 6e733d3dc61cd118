import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text import normalise
from knowledge.codes import lookup, mentions
from knowledge.schemas import ArticleKind, CodeVerdict, Passage


def _rows(*codes: str) -> list[Passage]:
    return [
        Passage(f"t@1#{n}", "t", 1, "代码表", code, code, ArticleKind.CODE_TABLE, n, code=code, family="washer")
        for n, code in enumerate(codes)
    ]


WASHER = _rows("E1", "E3", "5E", "E-07", "F12", "Er05", "H6")


def _found(asked: str, *codes: str) -> str | None:
    answer = lookup(asked, _rows(*codes) if codes else WASHER)
    return answer.passage.code if answer.passage else None


class TestLookup:
    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ("E-07", "E-07"),
            ("e-07", "E-07"),
            ("E07", "E-07"),
            ("E 07", "E-07"),
            ("Ｅ－０７", "E-07"),
            ("E–07", "E-07"),
            ("EO7", "E-07"),
            ("E7", "E-07"),
            ("er05", "Er05"),
            ("ER-5", "Er05"),
            ("5e", "5E"),
            (" f12 ", "F12"),
        ],
    )
    def test_spellings_of_one_code(self, asked: str, code: str) -> None:
        assert _found(asked) == code

    @pytest.mark.parametrize("asked", ["E2", "E5", "E70", "E-70", "F1", "F21", "H60", "7", "", "---", "Er50", "E1E3"])
    def test_code_that_is_not_there_is_never_the_nearest(self, asked: str) -> None:
        answer = lookup(asked, WASHER)

        assert (answer.verdict, answer.passage) == (CodeVerdict.NO_SUCH_CODE, None)

    def test_two_codes_that_differ_by_a_zero_are_two(self) -> None:
        assert _found("E7", "E7", "E-07") == "E7"
        assert _found("E07", "E7", "E-07") == "E-07"
        assert _found("e-07", "E7", "E-07") == "E-07"

    def test_zero_is_not_dropped_where_that_fits_two(self) -> None:
        answer = lookup("E7", _rows("E07", "E007"))

        assert answer.verdict is CodeVerdict.AMBIGUOUS
        assert [row.code for row in answer.candidates] == ["E07", "E007"]

    def test_same_code_of_two_products_is_ambiguous(self) -> None:
        assert lookup("E1", _rows("E1", "E1")).verdict is CodeVerdict.AMBIGUOUS

    def test_folding_is_told(self) -> None:
        assert not lookup("e-07", WASHER).folded
        assert lookup("E07", WASHER).folded

    def test_no_table_is_not_no_code(self) -> None:
        assert lookup("E1", []).verdict is CodeVerdict.NO_TABLE

    @given(st.text(alphabet="EeFHr0157-O ８", max_size=6))
    def test_digits_of_a_found_code_were_asked_for(self, asked: str) -> None:
        answer = lookup(asked, WASHER)

        if answer.passage is not None:
            assert _digits(answer.passage.code) == _digits(asked)


def _digits(code: str) -> str:
    """Return the digits without leading zeros; a letter O is a zero."""
    folded = normalise(code).text.upper().replace("O", "0")
    return "".join(c for c in folded if c.isdigit()).lstrip("0")


class TestMentions:
    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ("洗衣机报E3了", ["E3"]),
            ("屏幕显示 E-07，后来又 5E", ["E-07", "5E"]),
            ("报错e 07怎么办", ["e 07"]),
            ("E3", ["E3"]),
            ("一直跳E99", ["E99"]),
            ("What does error code F12 mean?", ["F12"]),
            ("错误代码47", ["47"]),
            ("error code: 47", ["47"]),
            ("47", ["47"]),
            ("E1 E1 E1", ["E1"]),
        ],
    )
    def test_codes_are_found(self, text: str, codes: list[str]) -> None:
        assert mentions(text, WASHER) == codes

    @pytest.mark.parametrize(
        "text",
        [
            "WX100-HD 不脱水",
            "我的 KF35GW 显示不了温度",
            "KF35 报警",
            "订单 LT20261103004821 显示已发货",
            "SN 是 A1B2C3D4E5F6G7",
            "手机连的是5G不是2.4G",
            "A4纸打印的发票显示不清",
            "显示 24 度，出现 3 次",
            "今天跳闸 2 次",
            "",
            "\0\ud83d",
        ],
    )
    def test_what_only_looks_like_a_code_is_left(self, text: str) -> None:
        assert mentions(text, WASHER) == []

    def test_unknown_code_needs_a_word_that_says_code(self) -> None:
        assert mentions("想买个新的 E99 的配件可以吗谢谢", WASHER) == []

    def test_long_text_takes_no_long_time(self) -> None:
        assert mentions("E" * 100_000 + "报E3", WASHER) == []
