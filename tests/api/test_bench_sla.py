"""The sweep's benchmark: what it measures, and that it finds what is due. No speed is asserted."""

from pathlib import Path

import pytest

from api.bench.sla import SlaOptions, run_sla


@pytest.mark.slow
def test_the_sweep_is_measured_with_nothing_due_and_with_something(tmp_path: Path) -> None:
    figures = run_sla(SlaOptions(tickets=200, sweeps=5), tmp_path, lambda *_: None, lambda _: None)

    assert set(figures) == {"sqlite_sweep_nothing_due", "sqlite_sweep_50_due"}
    assert {(figure.unit, figure.n) for figure in figures.values()} == {("ms", 5)}
    assert figures["sqlite_sweep_nothing_due"].peer is not None
