"""Passwords: what one must be like, and its hash.

Argon2id costs a quarter of a second of CPU by design, so only one hash is computed at a time (RELIABILITY §0.10).
"""

import secrets
import threading
from functools import cache
from pathlib import Path

from pwdlib import PasswordHash

from tickets.people.errors import PasswordTooWeak

MIN_CHARS = 10
_COMMON = Path(__file__).with_name("common_passwords.txt")
_TEMPORARY_BYTES = 12


def check_password(password: str, username: str) -> None:
    """Refuse a password that is guessed first.

    Raises:
        PasswordTooWeak: Too short, the user name, or one that everybody tries.
    """
    if len(password) < MIN_CHARS:
        raise PasswordTooWeak.short(MIN_CHARS)
    folded = password.casefold()
    if username and username.casefold() in {folded, folded[::-1]}:
        raise PasswordTooWeak.name()
    if folded in _common() or len(set(folded)) <= 2:  # noqa: PLR2004 - "aaaaaaaaaa", "1212121212"
        raise PasswordTooWeak.common()


def temporary_password() -> str:
    """Return a random password that a person is told once."""
    return secrets.token_urlsafe(_TEMPORARY_BYTES)


class PasswordHasher:
    """Hashes and checks passwords, one at a time.

    Args:
        hasher: The method; nothing: Argon2id as pwdlib recommends it.
    """

    def __init__(self, hasher: PasswordHash | None = None) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        self._hashing = threading.Semaphore(1)
        self._decoy = ""

    def hash(self, password: str) -> str:
        """Return the hash to keep."""
        with self._hashing:
            return self._hasher.hash(password)

    def fits(self, password: str, hashed: str | None) -> bool:
        """Tell whether a password is the hashed one; without a hash it takes as long, so that time tells nothing."""
        with self._hashing:
            if not hashed:
                self._decoy = self._decoy or self._hasher.hash(secrets.token_urlsafe(16))
                self._hasher.verify(password, self._decoy)
                return False
            return self._hasher.verify(password, hashed)


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())
