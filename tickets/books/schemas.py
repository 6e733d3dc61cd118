"""What a book is, and what an edition of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Page(BaseModel):
    """Base of everything written in a book: nothing unknown in it, nothing changed after it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


Body = TypeVar("Body", bound=Page)


@dataclass(frozen=True, slots=True)
class Book(Generic[Body]):
    """A document of rules that the business keeps.

    Attributes:
        name: Its key, e.g. ``sla``.
        body: What an edition must be; its validators say what is wrong, in ``ValueError`` (see ``both``).
        default: What is in force before anybody has written an edition.
    """

    name: str
    body: type[Body]
    default: Callable[[], Body]


@dataclass(frozen=True, slots=True)
class Edition(Generic[Body]):
    """A book as it stands at a version.

    Attributes:
        version: 0: nobody has written one yet; what is in force is the default.
        body: The content.
        author: Who wrote it; empty for the default.
        note: Why, in the author's words.
        at: When; ``None`` for the default.
    """

    version: int
    body: Body
    author: str = ""
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition in the list of a book's editions, without its content."""

    version: int
    author: str
    note: str
    at: datetime
