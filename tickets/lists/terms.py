"""Which words of a ticket can be searched for, and what stands for them in the database (ADR-0015)."""

import re
from collections.abc import Iterable

from kit.crypto import Vault
from kit.text import bigrams

_PURPOSE = "tickets.search"
_TERM_BYTES = 8
_LONGEST = 40  # longer "words" are addresses of pages and noise
_PREFIX_FROM, _PREFIXED_TO = 3, 12  # a model is found from its third letter on; an order number only whole
_MAX_STORED = 4_000  # about forty pages of talk; what comes after is not searched
_MAX_ASKED = 16  # a pasted paragraph: its first words are enough, each further one costs a look-up a line
_JOINTS = re.compile(r"[-_.]+")


def stored_words(texts: Iterable[str]) -> set[str]:
    """Return the words under which texts are found.

    Han text gives characters and pairs; Latin words and codes are kept without separators and by their parts, up to
    twelve characters with every beginning from three on.

    Example:
        >>> sorted(stored_words(["WX-75漏水"]))
        ['75', 'wx', 'wx7', 'wx75', '水', '漏', '漏水']
    """
    words: set[str] = set()
    for text in texts:
        for token in bigrams(text):
            words.update(_forms(token))
        if len(words) > _MAX_STORED:
            break
    return words


def number_words(number: int) -> set[str]:
    """Return the words under which a ticket's number is found: as digits and with its letter, only whole."""
    return {str(number), f"t{number}"}


def asked_words(text: str) -> tuple[str, ...]:
    """Return the words that must all stand on a ticket; empty for a text without letters or digits.

    Example:
        >>> asked_words("不脱水 ＷＸ75")
        ('不脱', '脱水', 'wx75')
    """
    tokens = dict.fromkeys("".join(_JOINTS.split(token))[:_LONGEST] for token in bigrams(text))
    pairs = [token for token in tokens if len(token) > 1 and not token.isascii()]
    covered = {char for pair in pairs for char in pair}
    return tuple(token for token in tokens if token and token not in covered)[:_MAX_ASKED]


def hashed(vault: Vault, words: Iterable[str]) -> list[int]:
    """Return what stands for words: 63 bits of a keyed hash each, in the order given."""
    return [
        int.from_bytes(vault.keyed_hash(_PURPOSE, word.encode("utf-8", "replace"))[:_TERM_BYTES], "big") >> 1
        for word in words
    ]


def _forms(token: str) -> set[str]:
    if not token.isascii():
        return {token[:_LONGEST]}
    parts = _JOINTS.split(token)
    return {form for word in {*parts, "".join(parts)} for form in _beginnings(word[:_LONGEST])}


def _beginnings(word: str) -> set[str]:
    if len(word) > _PREFIXED_TO:
        return {word}
    return {word, *(word[:end] for end in range(_PREFIX_FROM, len(word)))} - {""}
