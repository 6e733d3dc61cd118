"""Identifiers: time-ordered UUIDs, so that an index on them stays local and a list by id is a list by age."""

from uuid_utils import uuid7

ID_PATTERN = "^[0-9a-f-]{36}$"
"""What an id looks like, for routes that take one."""


def new_id() -> str:
    """Return a new UUIDv7 (RFC 9562) as 36 lower-case characters."""
    return str(uuid7())
