"""What a record of the audit is, and how the chain of its seals stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from kit.jobs.schemas import JobKind, QueueName

SEAL = JobKind("audit.seal", QueueName.BULK)
"""Takes what is not sealed yet into the chain."""

SEAL_EVERY = timedelta(minutes=5)
GRACE = timedelta(seconds=60)
"""Age from which a record is sealed: a transaction that began before it has ended by then, nearly always. One that has
not is sealed by the next seal; nothing depends on it, since each record carries its seal's number."""

FIRST = "0" * 64
"""What stands before the first seal."""


@dataclass(frozen=True, slots=True)
class Private:
    """Words of or about a person that belong to a record; sealed with that person's key (ADR 0004).

    Attributes:
        person_id: Whose key.
        data: What is sealed.
    """

    person_id: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Act:
    """Something to record.

    Attributes:
        actor: A user name, ``customer``, or a machine by its own name, such as ``bot`` or ``ai:classifier`` (SE-10).
        action: What was done, e.g. ``person.added``.
        subject_kind: What kind of thing it was done to.
        subject_id: Which one.
        data: Ids, states, numbers; never what a person wrote.
        private: What a person wrote.
    """

    actor: str
    action: str
    subject_kind: str
    subject_id: str
    data: Mapping[str, object] = field(default_factory=dict)
    private: Private | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A record as a screen shows it.

    Attributes:
        seal: Number of its seal; ``None``: not sealed yet.
        private: What was sealed with a person's key; ``None``: nothing was, or the person was erased.
        erased: Something was sealed, and the person's key is gone.
    """

    id: str
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    data: Mapping[str, object]
    seal: int | None
    private: Mapping[str, object] | None = None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which records are wanted, newest first.

    Attributes:
        actor: Whose.
        action: Which action.
        subject_id: About which thing.
        since: From this instant on.
        until: Before this instant.
        before: Id of the last record of the page before.
    """

    actor: str = ""
    action: str = ""
    subject_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: str | None = None


class Break(StrEnum):
    """What is wrong with a seal."""

    CHANGED = "changed"  # a record, or the seal itself, says something else than when it was sealed
    MISSING = "missing"  # records of it are gone
    ADDED = "added"  # it has more records than it sealed
    SEAL_MISSING = "seal_missing"  # there is no seal of that number, though later ones or its records are there


@dataclass(frozen=True, slots=True)
class ChainState:
    """How far the chain reaches.

    Attributes:
        seals: How many there are.
        sealed: Records that they hold.
        unsealed: Records that wait for the next one.
        sealed_at: When the last one was made.
        head: Hash of the last one; kept elsewhere, it proves that nothing before it was taken away.
    """

    seals: int
    sealed: int
    unsealed: int
    sealed_at: datetime | None
    head: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What computing the whole chain again found.

    Attributes:
        broken: Number of the first seal that does not fit; ``None``: all fit.
        how: What is wrong with it.
    """

    state: ChainState
    broken: int | None = None
    how: Break | None = None
