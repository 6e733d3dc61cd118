"""A picture reader that answers from a script."""

import hashlib
from collections.abc import Mapping

from kit.ai.pictures import check_picture
from kit.ai.ports import Box, ReadLine, ReadPicture

_LINE_HEIGHT = 40


def content_key(data: bytes) -> str:
    """Return the key of a file in a script: the SHA-256 of its bytes."""
    return hashlib.sha256(data).hexdigest()


class FakeReader:
    """Keeps the contract of ``kit.ai.ports.Reader``: refuses what is no picture, and reads what the script says.

    Args:
        script: What each file says, by ``content_key``; a file that is not in it fails loudly.
        lines: Where given, what every file says.
    """

    def __init__(
        self, script: Mapping[str, ReadPicture | tuple[str, ...]] | None = None, *, lines: tuple[str, ...] | None = None
    ) -> None:
        self._script = dict(script or {})
        self._lines = lines

    def read(self, data: bytes) -> ReadPicture:
        info = check_picture(data)
        said = self._lines if self._lines is not None else self._script.get(content_key(data))
        if said is None:
            fact = f"no script for the picture {content_key(data)}"
            raise AssertionError(fact)
        if isinstance(said, ReadPicture):
            return said
        return ReadPicture(info.width, info.height, picture_of(*said, width=info.width).lines)


def picture_of(*texts: str, width: int = 800, confidence: float = 0.95, barcodes: tuple[str, ...] = ()) -> ReadPicture:
    """Return a reading with one line below the other, then bar codes."""
    lines = [
        ReadLine(text, Box(0, _LINE_HEIGHT * i, width, _LINE_HEIGHT - 8), confidence, "text")
        for i, text in enumerate(texts)
    ]
    below = _LINE_HEIGHT * len(texts)
    lines += [ReadLine(text, Box(0, below, width, _LINE_HEIGHT), 1.0, "barcode") for text in barcodes]
    return ReadPicture(width, below + _LINE_HEIGHT * 2, tuple(lines))
