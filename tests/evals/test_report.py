import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from evals.data import optional_rows, rows
from evals.errors import DataInvalid, DataMissing, UnknownSuite
from evals.gates import judge
from evals.registry import suite
from evals.report import write_report
from evals.schemas import Failure, Metric, SuiteResult


def _result(value: float = 0.9, low: float = 0.85, high: float = 0.95) -> SuiteResult:
    failure = Failure("c1", "E3", '=HYPERLINK("x")', "<script>alert(1)</script>")
    return SuiteResult("codes", {"hit_at_1": Metric(value, low, high, 40)}, {"data": "abc"}, (failure,))


def _baseline(folder: Path, value: float) -> Path:
    path = folder / "old.json"
    path.write_text(json.dumps({"metrics": {"hit_at_1": {"value": value}}}), encoding="utf-8")
    return path


def test_the_report_has_its_stable_shape_in_four_formats(tmp_path: Path) -> None:
    """EV-10; ARCHITECTURE §8."""
    write_report(_result(), judge(_result(), _baseline(tmp_path, 0.99)), tmp_path)

    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["schema"] == 1
    assert report["metrics"]["hit_at_1"] == {"value": 0.9, "low": 0.85, "high": 0.95, "n": 40}
    assert ET.parse(tmp_path / "junit.xml").getroot().get("failures") == "1"
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    with (tmp_path / "failures.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1][2].startswith("'=")  # A41


def test_a_figure_falls_below_its_baseline_only_with_its_whole_interval(tmp_path: Path) -> None:
    """EV-09."""
    assert judge(_result(), _baseline(tmp_path, 0.94))[0].holds
    assert not judge(_result(), _baseline(tmp_path, 0.96))[0].holds


def test_missing_and_broken_data_say_what_and_where(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('{"a": 1}\nnot json\n', encoding="utf-8")

    assert optional_rows(tmp_path, "nothing") is None
    with pytest.raises(DataMissing, match="queries"):
        rows(tmp_path, "queries")
    with pytest.raises(DataInvalid, match="line 2"):
        rows(tmp_path, "cases")
    with pytest.raises(UnknownSuite, match="codes"):
        suite("nothing")
