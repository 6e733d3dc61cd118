"""Values of imports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tickets.entries.priorities import PriorityScheme

Fields = Mapping[str, str]
"""A line: field → what stands there; what is empty is left out."""


class ImportState(StrEnum):
    """How far an import is."""

    CHECKING = "checking"
    REFUSED = "refused"  # the file as a whole cannot be used
    CHECKED = "checked"  # waits for a person's word
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class ImportMode(StrEnum):
    """What bad lines mean for the good ones."""

    ALL = "all"  # one bad line, and nothing is imported
    GOOD = "good"  # the good lines are imported


@dataclass(frozen=True, slots=True)
class BadCell:
    """A place of a file that is wrong.

    Attributes:
        row: As a spreadsheet counts, the head is 1.
        column: Its title in the file.
        value: What stands there, shortened.
    """

    row: int
    column: str
    value: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class GoodLine:
    """A line that can be filed."""

    row: int
    fields: Fields


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file turned out to hold.

    Attributes:
        rows: Lines below the head.
        bad_rows: How many of them are wrong somewhere.
        known: Lines that were filed by an earlier import; they are filed no second time.
    """

    encoding: str
    rows: int
    bad_rows: int
    known: int
    good: tuple[GoodLine, ...]
    bad: tuple[BadCell, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """An import as a screen shows it.

    Attributes:
        refusal: Why the whole file was refused (zh, en).
        done: Lines worked on, of ``rows - bad``.
        filed: Tickets that were made.
    """

    id: str
    file_name: str
    source: str
    scheme: PriorityScheme
    state: ImportState
    encoding: str
    refusal: tuple[str, str]
    rows: int
    bad: int
    known: int
    done: int
    filed: int
    created_by: str
    created_at: datetime

    @property
    def good(self) -> int:
        """How many lines can be filed."""
        return self.rows - self.bad
