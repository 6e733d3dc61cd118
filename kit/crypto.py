"""Encryption of personal text: AES-256-GCM bound to its row, a key per person: erase the key, erase the person.

A person's data key is wrapped by the master key and kept in ``person_keys``. Every sealed value carries a version byte
and a random 96-bit nonce (NIST SP 800-38D) and is bound to ``context`` (table, column, row) as associated data: moved
to another row, it no longer opens (RELIABILITY A53).
"""

import hashlib
import hmac
import os
from collections.abc import Collection
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, Session
from kit.errors import ErrorKind, JiedaiError

_VERSION = b"\x01"
_HELD = "person_keys"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class SealBroken(JiedaiError):
    """A sealed value does not open: wrong key, wrong row or changed bytes."""

    kind = ErrorKind.CONFLICT
    code = "seal_broken"

    def __init__(self) -> None:
        super().__init__("数据无法解密", "The data cannot be decrypted")


class PersonKey(Base):
    """A person's wrapped data key; emptying it erases the person's texts for good.

    The row stays, empty: whatever is still written about an erased person must not get a new key.
    """

    __tablename__ = "person_keys"

    person_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)


class Vault:
    """Seals and opens personal text with the owner's key.

    Args:
        master_secret: Any secret bytes of at least 32 bytes; the wrapping key is derived from it (HKDF, RFC 5869).
    """

    def __init__(self, master_secret: bytes) -> None:
        self._master = AESGCM(_derived(master_secret, b"jiedai person keys"))
        self._hashing = _derived(master_secret, b"jiedai keyed hashes")

    def keyed_hash(self, purpose: str, data: bytes) -> bytes:
        """Return a hash that only this installation can make (HMAC-SHA256), 32 bytes.

        Args:
            purpose: What it is for; the same data for another purpose hashes to something else.
            data: What is hashed.
        """
        return hmac.digest(self._hashing, purpose.encode() + b"\0" + data, hashlib.sha256)

    def preload(self, session: Session, person_ids: Collection[str]) -> set[str]:
        """Read many persons' keys in one query, so that opening a list of values asks for none of them again.

        Returns:
            Those who have a key; the others were erased.
        """
        rows = session.scalars(select(PersonKey).where(PersonKey.person_id.in_(person_ids)))
        found = {row.person_id: row for row in rows}
        session.info.setdefault(_HELD, {}).update(found)
        return {person_id for person_id, row in found.items() if row.wrapped_key}

    def erase(self, session: Session, person_id: str) -> None:
        """Destroy a person's key: nothing sealed with it opens again, and nothing new gets one."""
        self._person(session, person_id)
        row = session.get_one(PersonKey, person_id)
        row.wrapped_key = b""
        session.flush()

    def is_erased(self, session: Session, person_id: str) -> bool:
        """Tell whether a person's key was destroyed."""
        row = _key_row(session, person_id)
        return row is not None and not row.wrapped_key

    def open_kept(self, session: Session, person_id: str, context: str, sealed: bytes, *, erased: str = "") -> str:
        """Decrypt a value of ``seal`` to show it; raises as ``open``, but not where the person was erased.

        Args:
            session: The unit of work.
            person_id: Whose.
            context: Of what.
            sealed: The value.
            erased: What stands in its place where the person was erased.
        """
        if self.is_erased(session, person_id):
            return erased
        return self.open(session, person_id, context, sealed)

    def seal(self, session: Session, person_id: str, context: str, text: str) -> bytes:
        """Encrypt ``text`` for ``person_id``, bound to ``context`` such as ``messages.text:<id>``."""
        # surrogatepass: what a client sent as a lone surrogate comes back as that surrogate.
        return _encrypt(self._person(session, person_id), text.encode("utf-8", "surrogatepass"), context)

    def open(self, session: Session, person_id: str, context: str, sealed: bytes) -> str:
        """Decrypt a value of ``seal``.

        Raises:
            SealBroken: The key is gone (the person was erased), the row is another one, or bytes changed.
        """
        return self.open_bytes(session, person_id, context, sealed).decode("utf-8", "surrogatepass")

    def seal_bytes(self, session: Session, person_id: str, context: str, data: bytes) -> bytes:
        """Encrypt a file's bytes, as ``seal`` does a text."""
        return _encrypt(self._person(session, person_id), data, context)

    def open_bytes(self, session: Session, person_id: str, context: str, sealed: bytes) -> bytes:
        """Decrypt a value of ``seal_bytes``; raises as ``open`` does."""
        row = _key_row(session, person_id)
        if row is None or not row.wrapped_key:
            raise SealBroken
        return _decrypt(AESGCM(_decrypt(self._master, row.wrapped_key, f"person:{person_id}")), sealed, context)

    def prepare(self, session: Session, person_ids: Collection[str]) -> None:
        """Read the keys of several people at once, before texts of theirs are opened one by one."""
        rows = session.scalars(select(PersonKey).where(PersonKey.person_id.in_(person_ids)))
        session.info.setdefault(_HELD, {}).update({row.person_id: row for row in rows})

    def _person(self, session: Session, person_id: str) -> AESGCM:
        row = _key_row(session, person_id)
        if row is None:
            key = AESGCM.generate_key(bit_length=_KEY_BYTES * 8)
            row = PersonKey(person_id=person_id, wrapped_key=_encrypt(self._master, key, f"person:{person_id}"))
            session.add(row)
            session.flush()
            return AESGCM(key)
        if not row.wrapped_key:  # erased: what is still written is sealed with a key that nobody keeps
            return AESGCM(AESGCM.generate_key(bit_length=_KEY_BYTES * 8))
        return AESGCM(_decrypt(self._master, row.wrapped_key, f"person:{person_id}"))


def _key_row(session: Session, person_id: str) -> PersonKey | None:
    """Return a person's key, read once a unit of work: the session itself holds its rows only weakly."""
    row = session.get(PersonKey, person_id)
    session.info.setdefault(_HELD, {})[person_id] = row
    return row


def _derived(master_secret: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(master_secret)


def load_master_secret(configured: str, path: Path) -> bytes:
    """Return the configured secret, or the one in ``path``, made on the first call with mode 0600."""
    if configured:
        return configured.encode()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        secret = os.urandom(_KEY_BYTES)
        file.write(secret)
    return secret


def _encrypt(cipher: AESGCM, data: bytes, context: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + cipher.encrypt(nonce, data, context.encode())


def _decrypt(cipher: AESGCM, sealed: bytes, context: str) -> bytes:
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, body, context.encode())
    except InvalidTag:
        raise SealBroken from None  # the cause would only repeat it
