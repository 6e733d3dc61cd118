import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text import bigrams, displayable, has_words, is_blank, language_of, normalise


def test_full_width_and_zero_width_fold_away_and_offsets_lead_back() -> None:
    """TC-02: evidence counts in the raw text, whatever was folded for matching (A56)."""
    raw = "单号ＬＴ２０\u200b２６1103"

    folded = normalise(raw)

    assert folded.text == "单号LT20261103"
    start, end = folded.raw_span(2, 12)
    assert raw[start:end] == "ＬＴ２０\u200b２６1103"


@given(st.text(alphabet=st.characters(codec=None)))
def test_offsets_stay_inside_the_raw_text_in_order(raw: str) -> None:
    folded = normalise(raw)

    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= s < e <= len(raw) for s, e in zip(folded.starts, folded.ends, strict=True))


@given(st.text(alphabet=st.characters(codec=None)))
def test_displayable_text_can_always_be_stored(raw: str) -> None:
    shown = displayable(raw)

    assert "\0" not in shown
    shown.encode("utf-8")
    assert len(shown) == len(raw)  # evidence offsets fit the shown text too


@pytest.mark.parametrize(
    ("raw", "blank", "words"),
    [("", True, False), ("\u200b \n", True, False), ("😡😡", False, False), ("E3", False, True), ("？", False, False)],
)
def test_blank_and_wordless_messages_are_told_apart(raw: str, blank: bool, words: bool) -> None:
    assert is_blank(raw) is blank
    assert has_words(raw) is words


def test_bigrams_keep_codes_whole_and_split_han() -> None:
    assert bigrams("报E-07不制冷") == ["报", "e-07", "不", "制", "不制", "冷", "制冷"]


@pytest.mark.parametrize(("text", "lang"), [("洗衣机 not working", "zh"), ("it leaks", "en"), ("123", "zh")])
def test_language_follows_the_letters(text: str, lang: str) -> None:
    assert language_of(text) == lang
