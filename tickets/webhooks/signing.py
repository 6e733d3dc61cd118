"""Signatures by the Standard Webhooks rules: ``v1,<base64 of HMAC-SHA256(secret, id.timestamp.body)>``.

Source: github.com/standard-webhooks/standard-webhooks, specification, "Signature scheme"; its test vector is a test.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

_PREFIX = "whsec_"
_SECRET_BYTES = 32  # the standard asks for 24 to 64


def new_secret() -> str:
    """Return a fresh signing secret as a receiver types it in."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(message_id: str, at: datetime, body: bytes, signers: Sequence[str]) -> dict[str, str]:
    """Return the headers of a webhook.

    Args:
        message_id: The same on every try, so that a receiver can drop a second arrival.
        at: Of this try; a receiver refuses what is over five minutes off.
        body: The bytes that are sent.
        signers: Secrets that sign, newest first; several while one replaces another.
    """
    timestamp = str(int(at.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return {
        "Content-Type": "application/json",
        "User-Agent": "Jiedai-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in signers),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
