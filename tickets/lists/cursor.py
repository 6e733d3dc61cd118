"""Cursors: a place in a list, signed, so that whatever comes back changed or from elsewhere is refused."""

import base64
import binascii
import hmac
import json
from datetime import UTC, datetime, timedelta

from kit.crypto import Vault
from tickets.lists.errors import CursorForeign
from tickets.lists.schemas import Key, Sort

_PURPOSE = "tickets.cursor"
_MARK_BYTES = 9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """Return an instant as whole microseconds since 1970, exactly."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def encode(vault: Vault, sort: Sort, key: Key) -> str:
    """Return the cursor behind a ticket."""
    value = microseconds(key.value) if isinstance(key.value, datetime) else key.value
    payload = json.dumps([sort, value, key.number], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mark(vault, payload) + payload).decode().rstrip("=")


def decode(vault: Vault, sort: Sort, cursor: str) -> Key:
    """Return the place that a cursor names.

    Raises:
        CursorForeign: Not given out by this installation, or for another order.
    """
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise CursorForeign from None  # says nothing more
    mark, payload = raw[:_MARK_BYTES], raw[_MARK_BYTES:]
    if not hmac.compare_digest(mark, _mark(vault, payload)):
        raise CursorForeign
    name, value, number = json.loads(payload)
    if name != sort:
        raise CursorForeign
    at = _EPOCH + timedelta(microseconds=value) if isinstance(value, int) else value
    return Key(at, number)


def _mark(vault: Vault, payload: bytes) -> bytes:
    return vault.keyed_hash(_PURPOSE, payload)[:_MARK_BYTES]
