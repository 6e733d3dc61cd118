"""Plain values of forms: what is handed in, what is found wrong with it, how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kit.errors import Issue
from tickets.forms.schemas import Template

Values = Mapping[str, object]
"""Field → text, number, or list of texts; for pictures, videos and files the ids of stored files."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a ticket's form, without its content.

    Attributes:
        width, height: Of a picture, in pixels as its header declares; else 0.
    """

    id: str
    field: str
    file_name: str
    media_type: str
    size_bytes: int
    width: int = 0
    height: int = 0


class Fault(StrEnum):
    """What is wrong with a place."""

    UNKNOWN = "unknown"
    WRONG_TYPE = "wrong_type"
    MISSING = "missing"
    NOT_ALLOWED = "not_allowed"
    UNFIT = "unfit"
    OPEN_NUMBER = "open_number"  # a bank card or identity number where it would lie open


GRAVE = frozenset({Fault.UNKNOWN, Fault.WRONG_TYPE, Fault.OPEN_NUMBER})
"""Never stored, whatever the template says of incomplete forms."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A place of a form that is not as it must be."""

    field: str
    fault: Fault
    zh: str
    en: str

    def issue(self) -> Issue:
        """Return it as an error names it."""
        return Issue(self.field, self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Checked:
    """A form against its template.

    Attributes:
        values: What was given, trimmed and in its canonical spelling.
        findings: All that is wrong, in the template's order.
        needed: Fields that must be there: always, or by a rule in this case.
        met: Those of them that are there and right.
    """

    values: dict[str, object]
    findings: tuple[Finding, ...]
    needed: tuple[str, ...]
    met: tuple[str, ...]

    @property
    def score(self) -> float:
        """How complete it is, 0 to 1."""
        return len(self.met) / len(self.needed) if self.needed else 1.0

    @property
    def missing(self) -> tuple[str, ...]:
        """Needed and not there, or not right."""
        return tuple(name for name in self.needed if name not in self.met)


class FormState(StrEnum):
    """Where a ticket's form stands."""

    OPEN = "open"  # something is missing and nobody has handed it in as it is
    COMPLETE = "complete"
    WAITING = "waiting"  # handed in incomplete: quality decides (FM-03)
    ACCEPTED = "accepted"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class FormView:
    """A ticket's form as it stands.

    Attributes:
        values: Secure values masked.
        version: Of what was handed in; 0: nothing yet.
        book_version: Edition of the book of forms that ``template`` is from.
        origins: Field → where a value that nobody handed in comes from: ``text``, ``picture``, ``record``, ``person``.
        sealed: Names of secure fields that are filled.
        reason: Why it was sent back.
    """

    ticket_id: str
    number: int
    template: Template
    book_version: int
    values: Values
    files: Mapping[str, StoredFile]
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    score: float
    state: FormState
    version: int
    writable: bool
    origins: Mapping[str, str] = field(default_factory=dict)
    sealed: tuple[str, ...] = ()
    reason: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingForm:
    """A line of quality's queue of incomplete forms."""

    ticket_id: str
    number: int
    title: str
    conversation_id: str
    template_id: str
    missing: tuple[str, ...]
    score: float
    since: datetime


@dataclass(frozen=True, slots=True)
class Compliance:
    """How many tickets are as they must be (FM-09).

    Attributes:
        tickets: Those with a form of their own standing.
        required: Of them, with every required field.
        with_proof: Those that need a picture, video or file.
        proof: Of those, with all of them.
        decided: Those that quality had to decide about.
        approved: Of those, accepted.
    """

    tickets: int
    required: int
    with_proof: int
    proof: int
    decided: int
    approved: int
