from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.clocks import clock_of
from api.desk_view import Segment, confidence_word, segments

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def test_a_text_is_cut_at_the_borders_of_its_evidence() -> None:
    assert segments("显示E3不脱水", [(2, 4, "field-fault_code"), (2, 7, "rule-x")]) == (
        Segment("显示"),
        Segment("E3", ("field-fault_code", "rule-x")),
        Segment("不脱水", ("rule-x",)),
    )


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40), st.just("m")), max_size=6))
def test_no_character_is_lost_or_doubled_whatever_the_evidence(text: str, spans: list[tuple[int, int, str]]) -> None:
    assert "".join(s.text for s in segments(text, spans)) == text


@pytest.mark.parametrize(
    ("due", "met", "state"),
    [
        (None, None, "none"),
        (NOW + timedelta(hours=2), None, "ok"),
        (NOW + timedelta(minutes=10), None, "near"),
        (NOW - timedelta(minutes=1), None, "late"),
        (NOW - timedelta(hours=1), NOW - timedelta(hours=2), "met"),
        (NOW - timedelta(hours=2), NOW - timedelta(hours=1), "late"),
    ],
)
def test_a_clock_says_how_it_stands(due: datetime | None, met: datetime | None, state: str) -> None:
    """SL-09."""
    assert clock_of(due, met, NOW).state == state


@pytest.mark.parametrize(("confidence", "word"), [(0.97, "sure"), (0.9, "sure"), (0.78, "likely"), (0.41, "unsure")])
def test_confidence_is_said_in_words(confidence: float, word: str) -> None:
    assert confidence_word(confidence) == word
