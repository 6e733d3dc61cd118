"""Staff and tokens as those see them who keep them."""

from dataclasses import dataclass
from datetime import datetime

from tickets.words import StaffRole


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What may be changed of a member of staff."""

    name: str
    role: StaffRole
    group_id: str | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as those see it who keep people."""

    username: str
    name: str
    role: StaffRole
    group_id: str | None
    lines: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program's key, without its secret."""

    id: str
    username: str
    name: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to add."""

    username: str
    change: PersonChange
