"""Patterns that users configure: RE2 alone, whose matching takes time linear in the text whatever the pattern."""

from typing import Any

import re2


def compile_pattern(pattern: str) -> Any:  # noqa: ANN401 - RE2 ships no types
    """Compile an RE2 pattern.

    Args:
        pattern: RE2 syntax; https://github.com/google/re2/wiki/Syntax.

    Returns:
        The compiled pattern.

    Raises:
        ValueError: RE2 refuses it, e.g. for a look-behind or a back-reference.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        message = f"pattern {pattern!r}: {error}"
        raise ValueError(message) from error
