"""SE-06: personal data is masked on display, in storage and before any model call."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.redaction import PersonalKind, find_personal, mask

CASES: list[str] = yaml.safe_load((Path(__file__).parent / "personal_cases.yaml").read_text(encoding="utf-8"))
_MARK = re.compile(r"\[(\w+)\|([^\]]*)\]")

# Pieces that make interesting texts far more often than plain random text does.
_PIECES = st.sampled_from(
    [
        *(
            "13912345678",
            "１３９",
            "一三九一二三四五六七八",
            "11010519491231002X",
            "622202123456789012",
            "zhang@qq.com",
        ),
        *(
            "京A12345",
            "收件人：王若溪",
            "上海市浦东新区云帆路8号",
            "\u200b",
            "\ud800",
            "\0",
            "😀",
            "👨\u200d👩\u200d👧",
        ),
        *("e\u0301", "ß", "ǰ", "ﬁ", "-", " ", "元", "*"),
    ]
)
_TEXTS = st.lists(st.one_of(_PIECES, st.text(max_size=6)), max_size=12).map("".join)


def labelled(case: str) -> tuple[str, list[tuple[str, str]]]:
    """Split a marked text into the text and its (kind, value) pairs."""
    return _MARK.sub(r"\2", case), [(m[1], m[2]) for m in _MARK.finditer(case)]


def found_in(text: str) -> list[tuple[str, str]]:
    return [(str(s.kind), text[s.start : s.end]) for s in find_personal(text)]


class TestLabelledList:
    """SE-06: measured on our own labelled list with a negative corpus of orders, parcels and serial numbers."""

    def test_each_kind_reaches_the_target(self) -> None:
        right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
        for case in CASES:
            text, expected = labelled(case)
            found = found_in(text)
            right.update(kind for kind, _ in set(found) & set(expected))
            wrong.update(kind for kind, _ in set(found) - set(expected))
            missed.update(kind for kind, _ in set(expected) - set(found))

        f1 = {kind: 2 * right[kind] / (2 * right[kind] + wrong[kind] + missed[kind]) for kind in PersonalKind}

        assert min(f1.values()) >= 0.95, (f1, wrong, missed)

    @pytest.mark.parametrize("text", [c for c in CASES if not _MARK.search(c)])
    def test_negative_corpus_stays_as_it_is(self, text: str) -> None:
        assert mask(text) == text

    @pytest.mark.parametrize("case", [c for c in CASES if "[phone|" in c or "[id_card|" in c or "[bank_card|" in c])
    def test_no_number_leaks(self, case: str) -> None:
        text, expected = labelled(case)

        masked = mask(text)

        assert not [value for kind, value in expected if kind != "name" and value in masked]


class TestMask:
    @pytest.mark.parametrize(
        ("raw", "masked"),
        [
            ("13800138000", "138****8000"),
            ("+86 138 0013 8000", "+86 138 **** 8000"),
            ("１３８００１３８０００", "１３８****８０００"),
            ("11010519491231002X", "110105********002X"),
            ("卡号622202123456789012", "卡号622202********9012"),
            ("邮箱zhangsan@qq.com", "邮箱zh******@qq.com"),
            ("a@b.cn", "*@b.cn"),
            ("京A12345", "京A***45"),
            ("021-68881234", "021-6888****"),
            ("收件人：王若溪", "收件人：王**"),
            ("南京市江宁区竹影路315号27栋", "南京市江宁区**********"),
            ("我叫欧阳修远", "我叫欧***"),
            ("My name is John Smith", "My name is J*** *****"),
        ],
    )
    def test_hides_the_middle_and_keeps_what_people_recognise(self, raw: str, masked: str) -> None:
        assert mask(raw) == masked

    def test_zero_width_space_inside_a_number_does_not_save_it(self) -> None:
        assert mask("138\u200b0013\u200b8000") == "138\u200b****\u200b8000"

    def test_identity_card_with_wrong_check_digit_and_no_label_is_a_number_like_any_other(self) -> None:
        assert mask("编码110105194912310021") == "编码110105194912310021"

    def test_identity_card_with_wrong_check_digit_behind_its_label_is_hidden(self) -> None:
        assert mask("身份证110105194912310021") == "身份证110105********0021"

    def test_bank_card_that_fails_luhn_is_a_number_like_any_other(self) -> None:
        assert mask("6222021234567890123") == "6222021234567890123"

    def test_chinese_word_before_an_email_is_not_eaten(self) -> None:
        (span,) = find_personal("邮箱zhangsan@qq.com")

        assert (span.start, span.end) == (2, 17)

    @given(_TEXTS)
    @settings(max_examples=300, deadline=None)
    def test_keeps_the_length_and_every_other_character(self, text: str) -> None:
        masked = mask(text)

        assert len(masked) == len(text)
        assert all(new in (old, "*") for new, old in zip(masked, text, strict=True))

    @given(_TEXTS)
    @settings(max_examples=300, deadline=None)
    def test_twice_is_once(self, text: str) -> None:
        once = mask(text)

        assert mask(once) == once


class TestFindPersonal:
    @given(_TEXTS)
    @settings(max_examples=300, deadline=None)
    def test_spans_lie_inside_the_text_in_order_and_apart(self, text: str) -> None:
        spans = find_personal(text)

        edges = [edge for span in spans for edge in (span.start, span.end)]
        assert edges == sorted(edges)
        assert all(0 <= s.start < s.end <= len(text) for s in spans)
        assert all(s.start <= place < s.end for s in spans for place in s.hidden)

    def test_empty_and_blank_texts_hold_nothing(self) -> None:
        assert find_personal("") == []
        assert find_personal(" \u200b\0") == []

    def test_hostile_text_takes_linear_time(self) -> None:
        """ReDoS: 20,000 characters that almost match each pattern are read in a second, not in hours."""
        for piece in ("1", "1 3 ", "a@", "市", "上海市路", "收件人王", "(", "零", "a.", "6222-", "新A1"):
            text = piece * (20_000 // len(piece))

            assert all(0 <= span.start < span.end <= len(text) for span in find_personal(text))
