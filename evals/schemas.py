"""What a measurement is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kit.ai.ports import Encoder, Reader
from kit.db import Database
from kit.index.ports import VectorIndex


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure with its 95 % interval and the number of cases it comes from.

    Attributes:
        low: Lower end; equal to ``value`` where no interval makes sense (a speed, a size).
        high: Upper end.
    """

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that went wrong, for a person to read."""

    case: str
    expected: str
    got: str
    text: str


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """A suite's outcome.

    Attributes:
        versions: What was measured: encoder, heads, rules, data hash.
        slices: Slice name → metric name → metric.
        curves: Named lists of points for the report's plots.
    """

    suite: str
    metrics: Mapping[str, Metric]
    versions: Mapping[str, str]
    failures: tuple[Failure, ...] = ()
    slices: Mapping[str, Mapping[str, Metric]] = field(default_factory=dict)
    curves: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class System:
    """The engines that suites run the production services on, from the composition root.

    Attributes:
        work_dir: A folder that the run may fill and that is thrown away.
        make_database: Makes an empty, migrated database in a folder.
        make_index: Makes an empty vector index in a folder.
    """

    encoder: Encoder
    reader: Reader
    work_dir: Path
    make_database: Callable[[Path], Database]
    make_index: Callable[[Path], VectorIndex]


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a run.

    Attributes:
        shots: Examples a class to enrol (``intent``); 0: all of them.
        seeds: Repeats with other draws.
        progress: Called with ``(what, done, total)``.
    """

    progress: Callable[[str, int, int], None]
    shots: int = 0
    seeds: int = 1
