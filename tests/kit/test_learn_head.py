import json
from pathlib import Path

import numpy as np
import pytest

from kit.learn.calibration import softmax
from kit.learn.features import FeatureRows, NgramSettings, SparseRows, TextFeatures, count_ngrams
from kit.learn.head import HeadUnusable, LinearHead, StoredHead
from kit.learn.training import TrainingOptions, fit_head, out_of_fold, stratified_folds

TEXTS = [
    "漏水了",
    "一直漏水",
    "接口漏水",
    "不制冷",
    "完全不制冷了",
    "冰箱不冷",
    "开不了机",
    "没反应开不了",
    "按开机没反应",
]
TARGETS = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
CLASSES = ("leak", "warm", "dead")
SETTINGS = NgramSettings(buckets=256)


def features_of(texts: list[str]) -> FeatureRows:
    vectors = np.zeros((len(texts), 2), dtype=np.float32)
    counts = count_ngrams(texts, SETTINGS)
    return TextFeatures(np.zeros(2, np.float32), np.ones(256, np.float32), SETTINGS).transform(vectors, counts)


def trained(targets: np.ndarray = TARGETS, classes: tuple[str, ...] = CLASSES) -> LinearHead:
    return fit_head(features_of(TEXTS), targets, classes, SETTINGS.buckets)


class TestLinearHead:
    def test_scores_are_weights_times_features_plus_bias(self) -> None:
        sparse = SparseRows(np.array([0, 2]), np.array([0, 2]), np.array([1, 10], np.float32))
        weights = np.array([[1, 2], [0, 0], [1, 0], [5, 5], [0, 1]], dtype=np.float32)
        head = LinearHead(weights, np.array([0.5, 0], np.float32), ("a", "b"))

        scores = head.scores(FeatureRows(np.array([[3, 7]], np.float32), sparse))

        # dense: 3·(1, 2) + 7·(0, 0); sparse bucket 0: 1·(1, 0), bucket 2: 10·(0, 1); bias (0.5, 0)
        assert scores.tolist() == [[3 + 1 + 0.5, 6 + 10]]

    def test_temperature_flattens_the_probabilities(self) -> None:
        head, rows = trained(), features_of(["漏水"])

        flat = head.with_temperature(10.0).probabilities(rows)

        assert flat.max() < head.probabilities(rows).max()
        assert flat == pytest.approx(softmax(head.scores(rows), 10.0))


class TestFitHead:
    def test_unseen_texts_get_their_class(self) -> None:
        scores = trained().scores(features_of(["洗衣机漏水", "空调不制冷", "按了没反应"]))

        assert scores.argmax(axis=1).tolist() == [0, 1, 2]

    def test_two_classes_give_two_columns_with_the_same_probability_as_scikit_learn(self) -> None:
        targets = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1])

        head = trained(targets, ("leak", "other"))

        chances = head.probabilities(features_of(["漏水", "没反应"]))
        assert chances.sum(axis=1) == pytest.approx([1, 1])
        assert chances[0, 0] > 0.5 > chances[1, 0]
        assert head.weights[:, 0] == pytest.approx(-head.weights[:, 1])

    def test_class_without_rows_never_wins(self) -> None:
        head = trained(TARGETS, (*CLASSES, "absent"))

        assert head.probabilities(features_of(TEXTS))[:, 3].max() < 1e-3

    def test_single_class_is_allowed(self) -> None:
        head = trained(np.zeros(9, dtype=np.int64), ("only",))

        assert head.probabilities(features_of(["漏水"])).tolist() == [[1.0]]

    def test_balancing_lifts_a_rare_class(self) -> None:
        texts = ["漏水"] * 20 + ["漏油"]
        targets = np.array([0] * 20 + [1])
        options = TrainingOptions(class_weight="balanced")

        plain = fit_head(features_of(texts), targets, ("a", "b"), 256).probabilities(features_of(["漏油"]))
        balanced = fit_head(features_of(texts), targets, ("a", "b"), 256, options).probabilities(features_of(["漏油"]))

        assert balanced[0, 1] > plain[0, 1]

    def test_target_outside_the_classes_is_refused(self) -> None:
        with pytest.raises(ValueError, match="targets"):
            trained(TARGETS + 1)


class TestFolds:
    def test_each_class_is_spread_over_the_folds(self) -> None:
        targets = np.repeat([0, 1], [10, 15])

        folds = stratified_folds(targets, range(25), 5)

        for target, per_fold in ((0, 2), (1, 3)):
            assert np.bincount(folds[targets == target]).tolist() == [per_fold] * 5

    def test_rows_of_one_group_stay_together_even_across_classes(self) -> None:
        groups = ["same" if i in {0, 7, 19} else str(i) for i in range(20)]

        folds = stratified_folds(np.repeat([0, 1], 10), groups, 5, seed=4)

        assert len({folds[0], folds[7], folds[19]}) == 1

    def test_out_of_fold_rows_are_never_trained_on(self) -> None:
        folds = np.array([0, 1, 2, 0, 1, 2])

        def fit_and_score(train: np.ndarray, held: np.ndarray) -> np.ndarray:
            assert not set(train) & set(held)
            return held[:, None].astype(np.float32)

        rows, scores = out_of_fold(folds, fit_and_score)

        assert rows.tolist() == scores.ravel().tolist() == [0, 1, 2, 3, 4, 5]

    def test_fewer_rounds_score_fewer_rows(self) -> None:
        rows, _ = out_of_fold(np.array([0, 1, 2, 0]), lambda _train, held: np.zeros((len(held), 1), np.float32), 1)

        assert rows.tolist() == [0, 3]


class TestStoredHead:
    def test_round_trip_keeps_every_score(self, tmp_path: Path) -> None:
        head = trained().with_temperature(0.6)

        head.save(tmp_path / "model", {"centre": np.arange(3.0)}, {"who": "我"})
        stored = StoredHead.load(tmp_path / "model")

        rows = features_of(TEXTS)
        assert (stored.head.probabilities(rows) == head.probabilities(rows)).all()
        assert stored.head.classes == CLASSES
        assert stored.arrays["centre"].tolist() == [0, 1, 2]
        assert stored.notes == {"who": "我"}

    def test_missing_files_are_said_to_be_missing(self, tmp_path: Path) -> None:
        assert self._refusal(tmp_path) == "missing"

    def test_missing_arrays_are_said_to_be_missing(self, tmp_path: Path) -> None:
        trained().save(tmp_path)
        (tmp_path / "head.npz").unlink()

        assert self._refusal(tmp_path) == "missing"

    @pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"schema": 1}', b"\xff\xfe{"])
    def test_broken_description_is_refused(self, tmp_path: Path, content: bytes) -> None:
        trained().save(tmp_path)
        (tmp_path / "head.json").write_bytes(content)

        assert self._refusal(tmp_path) in {"damaged", "other_schema"}

    def test_one_changed_byte_is_noticed(self, tmp_path: Path) -> None:
        trained().save(tmp_path)
        content = bytearray((tmp_path / "head.npz").read_bytes())
        content[len(content) // 2] ^= 1
        (tmp_path / "head.npz").write_bytes(content)

        assert self._refusal(tmp_path) == "damaged"

    def test_files_of_two_trainings_are_not_mixed(self, tmp_path: Path) -> None:
        trained().save(tmp_path / "a")
        trained(np.roll(TARGETS, 3)).save(tmp_path / "b")
        (tmp_path / "a" / "head.npz").replace(tmp_path / "b" / "head.npz")

        assert self._refusal(tmp_path / "b") == "damaged"

    def test_later_schema_is_refused(self, tmp_path: Path) -> None:
        trained().save(tmp_path)
        description = json.loads((tmp_path / "head.json").read_text())
        (tmp_path / "head.json").write_text(json.dumps({**description, "schema": 2}))

        assert self._refusal(tmp_path) == "other_schema"

    def test_pickled_objects_are_never_loaded(self, tmp_path: Path) -> None:
        head = trained()
        LinearHead(head.weights, np.array([{"boom": 1}] * 3, dtype=object), CLASSES).save(tmp_path)

        assert self._refusal(tmp_path) == "damaged"

    def test_nothing_but_the_two_files_is_left(self, tmp_path: Path) -> None:
        trained().save(tmp_path)

        assert sorted(path.name for path in tmp_path.iterdir()) == ["head.json", "head.npz"]

    @staticmethod
    def _refusal(folder: Path) -> str:
        with pytest.raises(HeadUnusable) as caught:
            StoredHead.load(folder)
        return caught.value.code
