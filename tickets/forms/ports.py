"""What forms ask of others."""

from typing import Protocol

from tickets.schemas import Field, PersonStatement
from tickets.words import FieldName, FieldState, Verdict


class FactReader(Protocol):
    """Judges what somebody typed as an order number, a model or a fault code."""

    def __call__(self, name: FieldName, text: str, by: PersonStatement, /) -> Field:
        """Return the fact in its canonical spelling, with what the shop's records say of it."""
        ...


def unread(name: FieldName, text: str, by: PersonStatement, /) -> Field:
    """Take a fact as it was typed, where nobody can judge it."""
    return Field(name, text, text.upper(), Verdict.UNKNOWN, 1.0, FieldState.CORRECTED, (by,))
