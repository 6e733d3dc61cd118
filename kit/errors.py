"""The one error base. A package states its facts as subclasses; only ``api`` maps a kind to an HTTP status."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ErrorKind(StrEnum):
    """What went wrong in the caller's terms; ``api`` turns it into an HTTP status."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    STALE = "stale"  # the caller said which version they mean, and it is no longer that one
    FORBIDDEN = "forbidden"
    UNAUTHENTICATED = "unauthenticated"
    INVALID = "invalid"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Issue:
    """One of several things that are wrong with an input.

    Attributes:
        field: Where, as a path (``policies.0.targets``, ``row 17, order_no``).
        reason_zh: What, in Chinese.
        reason_en: The same in English.
    """

    field: str
    reason_zh: str
    reason_en: str


class JiedaiError(Exception):
    """An expected failure with a sentence that a user may read.

    Args:
        message_zh: The sentence in Chinese; must hold no secret and no personal data.
        message_en: The same in English.
        field: The input field at fault, where there is one.
        issues: Everything that is wrong, where an input can be wrong in several places.
    """

    kind: ErrorKind = ErrorKind.INVALID
    code: str = "error"
    passing: bool = False
    """Whether the very same request may succeed in a moment."""

    def __init__(
        self, message_zh: str, message_en: str, *, field: str | None = None, issues: Sequence[Issue] = ()
    ) -> None:
        super().__init__(message_en)
        self.message_zh = message_zh
        self.message_en = message_en
        self.field = field
        self.issues = tuple(issues)

    def message(self, lang: str) -> str:
        """Return the sentence in the user's language (``zh…`` is Chinese, everything else English)."""
        return self.message_zh if lang.lower().startswith("zh") else self.message_en
