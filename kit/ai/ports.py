"""What Jiedai needs of models, as small protocols with plain values, so that no vendor type leaves its adapter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kit.errors import ErrorKind, JiedaiError

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into unit vectors of one fixed width."""

    @property
    def name(self) -> str:
        """Identity of model and version, part of every cache key and model version."""
        ...

    @property
    def width(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts as they come (a "query:" prefix, where a model wants one, is the adapter's business).

        Args:
            texts: Any strings, also empty ones, NUL and lone surrogates.

        Returns:
            Shape (len(texts), width), rows of length 1.
        """
        ...


@dataclass(frozen=True, slots=True)
class Box:
    """A region of a picture in EXIF-corrected pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of text or a bar code found in a picture.

    Attributes:
        text: What it says.
        box: Where.
        confidence: 0 to 1, as the reader judges itself.
        kind: ``text`` or ``barcode``.
    """

    text: str
    box: Box
    confidence: float
    kind: str


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """What a reader found in a picture: its size after EXIF correction, and its lines from top to bottom."""

    width: int
    height: int
    lines: tuple[ReadLine, ...]


class Reader(Protocol):
    """Reads text and bar codes from a picture."""

    def read(self, data: bytes) -> ReadPicture:
        """Read a picture file.

        Raises:
            PictureRefused: It is no picture of a supported kind, too large, or broken.
        """
        ...


class PictureRefused(JiedaiError):
    """A file that is not read: the reason is in ``code`` (not_a_picture, unsupported, too_many_pixels, broken)."""

    kind = ErrorKind.INVALID

    def __init__(self, code: str, message_zh: str, message_en: str) -> None:
        super().__init__(message_zh, message_en, field="picture")
        self.code = code


@dataclass(frozen=True, slots=True)
class Completion:
    """A language model's answer with what it cost."""

    text: str
    model: str
    input_tokens: int
    output_tokens: int
    latency_ms: float


class LanguageModel(Protocol):
    """Answers a prompt; optional everywhere."""

    def complete(self, system: str, user: str, *, max_tokens: int) -> Completion:
        """Answer once.

        Raises:
            ModelUnavailable: It cannot be reached, is too slow, refuses, or answers something unusable.
        """
        ...


class ModelUnavailable(JiedaiError):
    """The language model gave no usable answer; ``code`` says why (timeout, connect, refused, bad_output)."""

    kind = ErrorKind.UNAVAILABLE

    def __init__(self, code: str) -> None:
        super().__init__(
            "语言模型暂不可用，已使用内置方式", "The language model is unavailable; the built-in way is used"
        )
        self.code = code
