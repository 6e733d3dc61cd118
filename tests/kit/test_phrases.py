"""Folding and multi-pattern phrase matching with positions in the raw text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.phrases import PhraseHit, PhraseMatcher, fold
from kit.text import normalise

_HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("AaＡａ不归我管，。！\u200b\u00ad\ufeff\0\r\n İßﬁ㍿½①②\ud800\udfff’‘🔧e\u0301"),
    ),
    max_size=40,
)


def quotes(matcher: PhraseMatcher, raw: str) -> list[str]:
    return [raw[hit.start : hit.end] for hit in matcher.find(raw)]


class TestFold:
    @settings(deadline=None)
    @given(_HOSTILE)
    def test_any_text_keeps_the_way_back_of_normalise(self, raw):
        folded, reference = fold(raw), normalise(raw)

        assert len(folded.text) == len(reference.text)
        for place in range(len(folded.text)):
            assert folded.raw_span(place, place + 1) == reference.raw_span(place, place + 1)

    @settings(deadline=None)
    @given(_HOSTILE)
    def test_any_text_is_normalised_and_lower_cased(self, raw):
        folded = fold(raw).text

        expected = normalise(raw).text.replace("’", "'").replace("‘", "'")
        assert folded == "".join(c.lower() if len(c.lower()) == 1 else c for c in expected)

    def test_usual_chinese_message_needs_no_way_back(self):
        assert fold("您好，ＡＢＣ").same_places is False
        assert fold("您好，订单号：LT2026（旧）～").same_places is True
        assert fold("您好，订单号：LT2026（旧）～").text == "您好,订单号:lt2026(旧)~"

    def test_letter_that_grows_in_lower_case_is_left_alone(self):
        assert fold("İx").text == "İx"


class TestPhraseMatcher:
    def test_positions_are_code_points_of_the_raw_text(self):
        matcher = PhraseMatcher(["归我管", "shut up"])

        raw = "🔧 不归\u200b我管，ＳＨＵＴ Up!"
        hits = matcher.find(raw)

        assert hits == [PhraseHit(0, 3, 7), PhraseHit(1, 8, 15)]
        assert quotes(matcher, raw) == ["归\u200b我管", "ＳＨＵＴ Up"]

    def test_character_that_unfolds_is_quoted_whole(self):
        assert quotes(PhraseMatcher(["株式会社"]), "在㍿买的") == ["㍿"]

    def test_overlapping_and_repeated_phrases_are_all_found(self):
        matcher = PhraseMatcher(["订单号", "单号", "订单号"])

        assert sorted(hit.phrase for hit in matcher.find("订单号")) == [0, 1, 2]

    def test_latin_phrase_matches_whole_words_only(self):
        matcher = PhraseMatcher(["hi", "id card", "pin"])

        assert quotes(matcher, "This void cards spinning Hip") == []
        assert quotes(matcher, "您好hi，ID card的PIN?") == ["hi", "ID card", "PIN"]

    def test_curly_apostrophe_is_a_plain_one(self):
        assert quotes(PhraseMatcher(["that's your problem"]), "That’s your problem") == ["That’s your problem"]

    def test_nul_and_lone_surrogates_do_no_harm(self):
        assert quotes(PhraseMatcher(["验证码"]), "\ud800验\0证\udfff码") == ["验\0证\udfff码"]

    def test_nothing_to_find(self):
        assert PhraseMatcher([]).find("任何话") == []
        assert PhraseMatcher(["任何"]).find("") == []

    @pytest.mark.parametrize("phrase", ["", " ", "\u200b", "\0"])
    def test_blank_phrase_is_refused(self, phrase):
        with pytest.raises(ValueError, match="empty phrase"):
            PhraseMatcher(["好", phrase])

    @settings(deadline=None)
    @given(
        st.lists(st.text("不归我管aB 1，", min_size=1, max_size=3).filter(str.strip), min_size=1, max_size=6),
        st.text("不归我管aB 1，\u200b", max_size=30),
    )
    def test_finds_what_a_naive_search_finds(self, phrases, raw):
        text = fold(raw).text
        expected = set()
        for number, phrase in enumerate(fold(phrase).text for phrase in phrases):
            for start in range(len(text)):
                end = start + len(phrase)
                joined = (_word(phrase[0]) and start and _word(text[start - 1])) or (
                    _word(phrase[-1]) and end < len(text) and _word(text[end])
                )
                if text.startswith(phrase, start) and not joined:
                    expected.add((number, start, end))

        found = PhraseMatcher(phrases).find_folded(text)

        assert {tuple(hit) for hit in found} == expected
        assert [hit.end for hit in found] == sorted(hit.end for hit in found)


def _word(char: str) -> bool:
    return char.isascii() and char.isalnum()
