"""Running a suite: the production services on a folder of data."""

from pathlib import Path

from evals.gates import Verdict, judge
from evals.registry import SUITES, suite
from evals.report import write_report
from evals.schemas import Options, SuiteResult, System

__all__ = ["SUITES", "run_suite"]


def run_suite(
    name: str, data: Path, system: System, options: Options, *, out: Path | None, baseline: Path | None
) -> tuple[SuiteResult, list[Verdict]]:
    """Run a suite, judge it by its gates and write the report.

    Args:
        name: The suite.
        data: Folder with the suite's files.
        system: Engines.
        options: Shots, seeds, progress.
        out: Folder for the report; ``None``: none is written.
        baseline: An accepted ``report.json`` to compare with.

    Raises:
        UnknownSuite, DataMissing, DataInvalid: As they say.
    """
    result = suite(name)(data, system, options)
    verdicts = judge(result, baseline)
    if out is not None:
        write_report(result, verdicts, out)
    return result, verdicts
