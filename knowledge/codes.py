"""Exact lookup of fault codes. A code is right or it is not there; the nearest one is never offered instead."""

import re
from collections.abc import Sequence
from itertools import takewhile

from kit.text import normalise
from knowledge.schemas import CodeAnswer, CodeVerdict, Passage

_SEPARATORS = re.compile(r"[\s\-_.·/‐-―]+")
_LETTER_O = re.compile(r"(?<=\d)O|O(?=\d)")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
# Letters then digits (E-07, Er05, F 12) or digit then letters (5E), alone: not part of a model name, size or unit.
_MENTION = re.compile(
    r"(?<![A-Za-z0-9.])(?:[A-Za-z]{1,3}[ \-‐-―]?[0O]?\d{1,3}|\d[A-Za-z]{1,2})(?![A-Za-z0-9]|[-.][A-Za-z0-9])"
)
# A word that says a code follows; then a bare number is one too.
_CUED_NUMBER = re.compile(
    r"(?:代码|故障码|错误码?|编号|报错?|显示|提示|error|code|fault|err)\s*(?:code|number|no\.?|#|：|:|是|为)?\s*"
    r"(\d{1,4})(?![\d.A-Za-z]|\s*[%℃度天个小分次元])",
    re.IGNORECASE,
)
_CUE = re.compile(r"代码|故障|错误|报|显示|提示|跳|亮|闪|出现|error|code|fault|show|display|flash", re.IGNORECASE)
_MAX_TEXT = 4_000
_BARE_CODE_CHARS = 6  # a message as short as this, with a code in it, is about the code


def lookup(asked: str, rows: Sequence[Passage]) -> CodeAnswer:
    """Find a code among the rows of one or more tables.

    Spellings are folded step by step: case and width; separators and a letter O between digits; leading zeros. Each
    step is taken only if the one before found nothing, and only a single match counts: where a table has both ``E7``
    and ``E-07``, each is found as itself.

    Args:
        asked: The code as somebody wrote it.
        rows: Code-table rows in scope.

    Returns:
        The row, or why there is none.
    """
    if not rows:
        return CodeAnswer(CodeVerdict.NO_TABLE, asked)
    for step, fold in enumerate((_case, _joined, _bare)):
        wanted = fold(asked)
        found = [row for row in rows if wanted and fold(row.code) == wanted]
        if len(found) == 1:
            return CodeAnswer(CodeVerdict.FOUND, asked, found[0], folded=step > 0)
        if found:
            return CodeAnswer(CodeVerdict.AMBIGUOUS, asked, candidates=tuple(found))
    return CodeAnswer(CodeVerdict.NO_SUCH_CODE, asked)


def mentions(text: str, rows: Sequence[Passage]) -> list[str]:
    """Find what a text says as a fault code.

    Args:
        text: Words of a customer or an agent.
        rows: Code-table rows in scope. A code of theirs counts anywhere; another only if it begins as one of theirs
            does and a word such as 报 or error stands by, because A4, R32, 5G and KF35 look like codes too.

    Returns:
        Codes as written, in order, each once.
    """
    folded = normalise(text[:_MAX_TEXT]).text
    known = {_joined(row.code) for row in rows}
    beginnings = set(map(_begins, known))
    cued = bool(_CUE.search(folded)) or len(folded) <= _BARE_CODE_CHARS
    found = [(m.start(), m[0]) for m in _MENTION.finditer(folded)]
    kept = [(at, code) for at, code in found if _joined(code) in known or (cued and _begins(code) in beginnings)]
    kept += [(m.start(1), m[1]) for m in _CUED_NUMBER.finditer(folded)]
    if folded.strip().isdecimal() and len(folded.strip()) <= _BARE_CODE_CHARS:
        kept.append((0, folded.strip()))
    return list(dict.fromkeys(code for _, code in sorted(kept)))


def _begins(code: str) -> str:
    """Return the letters before the first digit; a code that begins with a digit begins like no other."""
    return "".join(takewhile(str.isalpha, _joined(code))) or "?"


def _case(code: str) -> str:
    return normalise(code).text.strip().upper()


def _joined(code: str) -> str:
    return _LETTER_O.sub("0", _SEPARATORS.sub("", _case(code)))


def _bare(code: str) -> str:
    return _LEADING_ZEROS.sub("", _joined(code))
