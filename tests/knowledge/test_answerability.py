import json
from pathlib import Path

import numpy as np
import pytest

from fakes.articles import make_article
from knowledge.answerability import FEATURES, AnswerModel, features, fit
from knowledge.parsing import passages_of
from knowledge.retrieval import Candidate

RNG = np.random.default_rng(5)


def _fitted() -> AnswerModel:
    rows = RNG.normal(size=(400, len(FEATURES)))
    answers = rows[:, 0] + 0.1 * RNG.normal(size=400) > 0
    return fit(rows, answers, 0.5, {"data": "made up"})


class TestFit:
    def test_learns_which_feature_decides(self) -> None:
        model = _fitted()

        assert np.argmax(np.abs(model.coefficients)) == 0
        high, low = np.zeros(len(FEATURES)), np.zeros(len(FEATURES))
        high[0], low[0] = 2, -2
        assert model.probability(high) > 0.9
        assert model.probability(low) < 0.1

    def test_probability_is_calibrated(self) -> None:
        """Of what is judged 70 to 80 % likely, about that share is so (n = 4000, drawn from the very model)."""
        rows = RNG.normal(size=(4000, len(FEATURES)))
        answers = RNG.random(4000) < 1 / (1 + np.exp(-2 * rows[:, 1]))
        model = fit(rows, answers, 0.5, {})

        judged = np.array([model.probability(row) for row in rows])

        band = (judged > 0.7) & (judged < 0.8)
        assert answers[band].mean() == pytest.approx(0.75, abs=0.06)

    def test_separable_rows_do_not_run_away(self) -> None:
        rows = np.vstack([np.ones((5, len(FEATURES))), -np.ones((5, len(FEATURES)))])

        model = fit(rows, rows[:, 0] > 0, 0.5, {})

        assert np.all(np.isfinite(model.coefficients))
        assert 0.5 < model.probability(rows[0]) < 1


class TestStore:
    def test_comes_back_as_it_was(self, tmp_path: Path) -> None:
        model = _fitted()

        model.save(tmp_path / "m.json")

        again = AnswerModel.load(tmp_path / "m.json")
        row = RNG.normal(size=len(FEATURES))
        assert again.probability(row) == pytest.approx(model.probability(row), abs=1e-4)
        assert again.provenance == {"data": "made up"}

    def test_other_features_are_refused(self, tmp_path: Path) -> None:
        _fitted().save(tmp_path / "m.json")
        data = json.loads((tmp_path / "m.json").read_text())
        data["features"][0] = "moon"
        (tmp_path / "m.json").write_text(json.dumps(data))

        with pytest.raises(ValueError, match="other features"):
            AnswerModel.load(tmp_path / "m.json")

    def test_shipped_one_says_where_it_comes_from_and_is_careful(self) -> None:
        model = AnswerModel.load()

        held_out = model.provenance["held_out"]
        assert isinstance(held_out, dict)
        assert model.provenance["encoder"]
        assert held_out["answerable"] >= 60
        assert held_out["unanswerable"] >= 30
        assert held_out["precision"] >= 0.9
        assert held_out["refusal"] >= 0.9


class TestFeatures:
    def test_stand_for_what_they_are_called(self) -> None:
        passages = {f"p{n}": passages_of(make_article(f"a{n}", title="题", body=f"第{n}段。"))[0] for n in range(5)}
        passages["p0"] = passages_of(make_article("a0", title="发票", body="电子发票怎么开。"))[0]
        found = [Candidate(f"p{n}", 5.0 - n, 0.9 - n / 100, 4.0 - n) for n in range(5)]

        row = dict(zip(FEATURES, features("电子发票", found, passages), strict=True))

        assert row["cosine"] == 0.9
        assert row["margin"] == 3.0  # before the third other article
        assert row["coverage"] == 1.0
        assert row["agreement"] == 1.0
        assert row["dense_z"] == pytest.approx(1.4142, abs=1e-3)

    def test_single_candidate_without_dense_score_is_described_too(self) -> None:
        passages = {"p": passages_of(make_article())[0]}

        row = features("发票", [Candidate("p", 0.0, None, 1.0)], passages)

        assert np.all(np.isfinite(row))
