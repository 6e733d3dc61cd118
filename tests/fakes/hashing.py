"""Passwords hashed by the real method at its least cost: a quarter of a second each is for production."""

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tickets.service import PasswordHasher


def quick_hasher() -> PasswordHasher:
    return PasswordHasher(PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))
