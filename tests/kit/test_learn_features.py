import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.learn.features import (
    FeatureRows,
    NgramSettings,
    SparseRows,
    TextFeatures,
    count_ngrams,
    join_rows,
    ngram_tokens,
)

SETTINGS = NgramSettings(buckets=64, weight=0.5)


def dense(rows: SparseRows, buckets: int = 64) -> np.ndarray:
    return rows.dot(np.eye(buckets, dtype=np.float32))


class TestNgramTokens:
    def test_han_characters_and_latin_words_are_tokens_and_neighbours_pair_up(self) -> None:
        assert ngram_tokens("漏水 e3") == ["漏", "水", "e", "3", "^ 漏", "漏 水", "水 e", "e 3", "3 $"]

    def test_latin_words_also_give_inner_grams(self) -> None:
        assert set(ngram_tokens("leak")) == {
            "leak",
            "^ leak",
            "leak $",
            "<le",
            "lea",
            "eak",
            "ak>",
            "<lea",
            "eak>",
        }

    def test_empty_text_still_has_its_borders(self) -> None:
        assert ngram_tokens("") == ["^ $"]


class TestCountNgrams:
    def test_repeats_are_counted(self) -> None:
        rows = count_ngrams(["水水"], NgramSettings(buckets=2**20))

        # 水 twice; "^ 水", "水 水", "水 $" once each.
        assert sorted(rows.values) == [1, 1, 1, 2]

    def test_hashing_is_the_same_on_every_machine(self) -> None:
        rows = count_ngrams(["水"], SETTINGS)

        assert rows.indices.tolist() == [7, 45, 54]

    @given(st.text(alphabet=st.characters(codec=None), max_size=40))
    def test_any_text_counts(self, text: str) -> None:
        assert len(count_ngrams([text], SETTINGS)) == 1


class TestTextFeatures:
    def test_vectors_are_centred_and_grams_weighed(self) -> None:
        vectors = np.array([[1, 0], [0, 1]], dtype=np.float32)
        counts = count_ngrams(["漏水", "漏电"], SETTINGS)

        rows = TextFeatures.fit(vectors, counts, SETTINGS).transform(vectors, counts)

        assert rows.dense == pytest.approx(np.array([[1, -1], [-1, 1]]) / np.sqrt(2))
        assert np.linalg.norm(dense(rows.sparse), axis=1) == pytest.approx([0.5, 0.5])

    def test_rare_grams_weigh_more_than_common_ones(self) -> None:
        settings = NgramSettings(buckets=2**16, weight=1.0)
        counts = count_ngrams(["水冷", "水电", "水火"], settings)
        vectors = np.eye(3, dtype=np.float32)

        features = TextFeatures.fit(vectors, counts, settings)

        common = features.idf[count_ngrams(["水"], settings).indices].min()
        assert common == pytest.approx(1.0)  # in all three texts: ln(4 / 4) + 1
        assert features.idf.max() == pytest.approx(np.log(4) + 1)

    def test_vector_that_equals_the_mean_gives_zeros_not_nan(self) -> None:
        vectors = np.ones((2, 3), dtype=np.float32)
        counts = count_ngrams(["甲", "乙"], SETTINGS)

        rows = TextFeatures.fit(vectors, counts, SETTINGS).transform(vectors, counts)

        assert np.isfinite(rows.dense).all()


class TestSparseRows:
    def test_taken_rows_keep_their_order(self) -> None:
        rows = count_ngrams(["甲", "乙乙", "丙"], SETTINGS)

        assert (dense(rows.take(np.array([2, 0]))) == dense(rows)[[2, 0]]).all()

    def test_no_row_is_possible(self) -> None:
        rows = count_ngrams(["甲"], SETTINGS).take(np.array([], dtype=np.int64))

        assert dense(rows).shape == (0, 64)

    def test_joined_parts_lie_below_one_another(self) -> None:
        parts = [
            FeatureRows(np.full((2, 1), i, np.float32), count_ngrams(["甲乙", f"丙{i}"], SETTINGS)) for i in (1, 2)
        ]

        joined = join_rows(parts)

        assert joined.dense.ravel().tolist() == [1, 1, 2, 2]
        assert (dense(joined.sparse) == np.vstack([dense(part.sparse) for part in parts])).all()
