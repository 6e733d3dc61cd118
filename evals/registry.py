"""The suites by name."""

from collections.abc import Callable, Mapping
from pathlib import Path

from evals.errors import UnknownSuite
from evals.schemas import Options, SuiteResult, System
from evals.suites import codes, extraction, intent, ocr, retrieval

Suite = Callable[[Path, System, Options], SuiteResult]

SUITES: Mapping[str, Suite] = {
    "codes": codes.run,
    "extraction": extraction.run,
    "intent": intent.run,
    "ocr": ocr.run,
    "retrieval": retrieval.run,
}


def suite(name: str) -> Suite:
    """Return a suite.

    Raises:
        UnknownSuite: There is none of that name.
    """
    try:
        return SUITES[name]
    except KeyError:
        raise UnknownSuite(name, ", ".join(SUITES)) from None
