"""Reading a transcript: phrases of all groups at once, sentences and clauses of a turn."""

import pytest

from quality.reading import TalkReader, ending_between, merge, overlaps
from quality.schemas import TurnEvidence
from tickets.words import Role


@pytest.fixture
def read(transcript):
    def read_lines(groups: dict[str, list[str]], *lines: str):
        return TalkReader(groups).read(transcript(*lines))

    return read_lines


class TestTalkReader:
    def test_hits_are_found_in_their_own_turn(self, read):
        talk = read({"a": ["订单", "单号"], "b": ["订单"]}, "c: 订", "a: 单号呢，订单", "c: 无")

        assert [turn.hits for turn in talk.turns] == [{}, {"a": [(0, 2), (4, 6)], "b": [(4, 6)]}, {}]
        assert talk.groups == {"a", "b"}

    def test_phrase_is_never_found_across_two_turns(self, read):
        talk = read({"a": ["订单号"]}, "c: 订单", "c: 号")

        assert talk.groups == frozenset()

    def test_turns_of_the_system_are_left_out(self, read):
        talk = read({"a": ["订单"]}, "s: 订单", "c: 订单")

        assert [turn.role for turn in talk.turns] == [Role.CUSTOMER]
        assert talk.turns[0].turn.index == 1

    def test_evidence_is_of_the_raw_text(self, read):
        [turn] = read({"a": ["ab"]}, "c: 。Ａ\u200bＢ").turns

        assert turn.evidence(*turn.spans("a")[0]) == TurnEvidence(0, 1, 4, "Ａ\u200bＢ")


class TestSentence:
    @pytest.mark.parametrize(
        ("text", "word", "sentence"),
        [
            ("您好。尽快处理！再见", "尽快", "尽快处理!"),
            ("尽快处理", "尽快", "尽快处理"),
            ("好的 尽快处理哦 谢谢", "尽快", "尽快处理哦 "),
            ("we call you. bye", "call", "we call you."),
            ("at 3.5 we call", "call", "at 3.5 we call"),
            ("好，尽快，谢", "尽快", "好,尽快,谢"),
            ("一\n二尽快\n三", "尽快", "二尽快\n"),
        ],
    )
    def test_ends_at_stops_and_at_spaces_after_han(self, read, text, word, sentence):
        [turn] = read({"w": [word]}, f"a: {text}").turns

        start, end = turn.sentence(*turn.spans("w")[0])

        assert turn.text[start:end] == sentence

    def test_span_over_two_sentences_has_both(self, read):
        [turn] = read({"w": ["好。尽快"]}, "a: 一。您好。尽快处理。二").turns

        start, end = turn.sentence(*turn.spans("w")[0])

        assert turn.text[start:end] == "您好。尽快处理。"


class TestClauseBefore:
    @pytest.mark.parametrize(
        ("text", "before"),
        [("您不用提供", "您不用"), ("不用，请提供", "请"), ("不用 提供", ""), ("no need to 提供", "eed to ")],
    )
    def test_stops_at_punctuation_and_reach(self, read, text, before):
        [turn] = read({"w": ["提供"]}, f"a: {text}").turns
        [(start, _)] = turn.spans("w")

        assert turn.text[slice(*turn.clause_before(start, 7))] == before


class TestSpans:
    def test_ending_between_takes_both_bounds(self):
        spans = [(0, 1), (0, 2), (1, 2), (2, 4)]

        assert list(ending_between(spans, 2, 3)) == [(0, 2), (1, 2)]
        assert list(ending_between(spans, 5, 9)) == []

    def test_merge_joins_what_overlaps_and_not_what_touches(self):
        assert merge([(0, 3), (1, 2), (2, 5), (5, 6)]) == [(0, 5), (5, 6)]

    @pytest.mark.parametrize(("span", "expected"), [((0, 2), False), ((1, 3), True), ((4, 5), False), ((5, 9), True)])
    def test_overlaps(self, span, expected):
        assert overlaps([(2, 4), (6, 7)], span) is expected
