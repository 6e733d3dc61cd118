import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.index.ports import SparseVector
from kit.index.sparse import document_vector, query_vector


def _shared(query: str, document: str) -> float:
    weights = dict(zip(*_parts(document_vector(document)), strict=True))
    return sum(weights.get(term, 0.0) for term in query_vector(query).indices)


def _parts(vector: SparseVector) -> tuple[tuple[int, ...], tuple[float, ...]]:
    return vector.indices, vector.values


@given(st.text())
def test_any_text_has_sorted_distinct_terms_of_32_bits(text: str) -> None:
    vector = document_vector(text)

    assert list(vector.indices) == sorted(set(vector.indices))
    assert all(0 <= term < 2**32 for term in vector.indices)
    assert all(value > 0 for value in vector.values)


def test_text_without_letters_is_empty() -> None:
    assert document_vector("，。！ …") == SparseVector()


@pytest.mark.parametrize(
    ("query", "document"),
    [("E07", "显示 E-07"), ("e-07", "显示 Ｅ-07"), ("tv75pro", "TV75-PRO"), ("wx100-hd", "WX100-HD 烘干")],
)
def test_codes_meet_whatever_their_separators(query: str, document: str) -> None:
    assert _shared(query, document) > 0


def test_code_does_not_meet_another_code() -> None:
    assert _shared("E07", "E7 E70 F07") == 0


def test_repeated_word_saturates() -> None:
    once, often = _shared("排水", "排水管"), _shared("排水", "排水" * 50)

    assert once < often < 4 * once


def test_same_word_weighs_less_in_a_longer_text() -> None:
    assert _shared("排水", "排水管堵塞") > _shared("排水", "排水管堵塞" + "请联系客服处理" * 20)
