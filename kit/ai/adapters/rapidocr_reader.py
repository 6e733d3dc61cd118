"""Reads pictures with RapidOCR (PP-OCRv6 models inside its wheel) and zxing-cpp; no network.

Where a picture has little text and no short code in it, it is looked at once more for a seven-segment display.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kit.ai.adapters import segment_display
from kit.ai.pictures import MAX_BYTES, MAX_PIXELS, open_picture
from kit.ai.ports import Box, ReadLine, ReadPicture

_FLIPPED_SHARE = 0.5  # of the lines; a receipt held upside down has nearly all of them turned by 180 degrees
_FLAT_BOX = 2.0  # only boxes this much wider than high tell the angle of their writing
_SURE_ALONE = 0.8  # a picture read as one line without being found as one; noise reads below 0.6
_SAME_ROW = 0.6  # of the lower box's height: centres closer than this stand in one row

Quad = NDArray[np.float32]
"""A box as its four corners, clockwise from the top left of the writing: shape (4, 2), x before y."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as the reader gives it: corners in pixels of the picture it read."""

    quad: Quad
    text: str
    confidence: float


class RapidOcrReader:
    """Reads text and bar codes (port ``kit.ai.ports.Reader``).

    The engine is loaded on first use (0.9 s, about 600 MB) and reads one picture at a time: its parts keep state
    between steps, and a second picture at once would need the memory again.

    Args:
        threads: Threads of one picture's computation.
        max_pixels: Largest declared width × height that is decoded.
        max_bytes: Largest file.
    """

    def __init__(self, *, threads: int = 2, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES) -> None:
        self._threads = threads
        self._max_pixels = max_pixels
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._engine: Any = None

    def read(self, data: bytes) -> ReadPicture:
        """Read a picture file.

        Args:
            data: A JPEG, PNG or WebP file.

        Returns:
            Its lines in reading order, then its bar codes; boxes in EXIF-corrected pixels of the original size.

        Raises:
            PictureRefused: It is no picture of a supported kind, too large, or broken.
        """
        picture = open_picture(data, self._max_pixels, self._max_bytes)
        scale = picture.width / picture.image.width, picture.height / picture.image.height
        pixels = np.ascontiguousarray(np.asarray(picture.image)[:, :, ::-1])  # the engine takes arrays as BGR
        codes = _barcodes(picture.image, scale)
        with self._lock:
            lines, flipped = self._text(pixels)
            lines = lines or self._filling(pixels)
            if not codes and segment_display.wanted([(line.text, line.confidence) for line in lines]):
                lines = _with_display(lines, segment_display.read_display(pixels, self._recognise))
        ordered = [_read_line(line, scale) for line in reading_order(lines, flipped=flipped)]
        return ReadPicture(picture.width, picture.height, (*ordered, *codes))

    def _recognise(self, words: list[segment_display.Pixels]) -> list[tuple[str, float]]:
        """Read one line from each picture, without looking for lines first."""
        read = self._loaded().recognize_txt(words)
        return [(str(text), float(score)) for text, score in zip(read.txts, read.scores, strict=True)]

    def _filling(self, pixels: segment_display.Pixels) -> list[_Line]:
        """Read a picture that one line of writing fills: there is no margin by which to find it."""
        height, width = pixels.shape[:2]
        if width < height:
            return []
        ((text, confidence),) = self._recognise([pixels])
        whole = _Line(_corners(Box(0, 0, width, height)), text, confidence)
        return [whole] if text.strip() and confidence >= _SURE_ALONE else []

    def _text(self, pixels: segment_display.Pixels) -> tuple[list[_Line], bool]:
        """Return the lines the engine finds, and whether most of them were upside down."""
        engine = self._loaded()
        # The steps of its __call__, one by one: only in between does it say which lines it turned.
        prepared, record = engine.preprocess_img(pixels)
        found, turned, read, crops = engine.run_ocr_steps(prepared, record)
        result = engine.build_final_output(pixels, found, turned, read, crops, record)
        if getattr(result, "boxes", None) is None or getattr(result, "txts", None) is None:
            return [], False
        labels = [label for label, _ in turned.cls_res or ()]
        flipped = sum("180" in label for label in labels) > _FLIPPED_SHARE * len(labels)
        lines = [
            _Line(np.asarray(quad, dtype=np.float32), str(text), float(score))
            for quad, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
        ]
        return lines, flipped

    def _loaded(self) -> Any:  # noqa: ANN401 - the vendor's engine has no type of its own
        if self._engine is None:
            # onnxruntime and OpenCV take 0.5 s and 100 MB to import: only a process that reads pictures pays.
            from rapidocr import RapidOCR

            self._engine = RapidOCR(
                params={
                    "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                    "Global.use_cls": True,  # without it a picture that is upside down is not read
                    "Global.log_level": "error",
                }
            )
        return self._engine


def reading_order(lines: Sequence[_Line], *, flipped: bool) -> list[_Line]:
    """Sort lines into rows from top to bottom, and rows from left to right, on a page that may be tilted.

    Args:
        lines: In any order.
        flipped: Whether the page is upside down: then reading begins at the bottom right.

    Returns:
        The same lines as a person would read them.
    """
    if not lines:
        return []
    angle = _tilt(lines)
    rows: list[list[tuple[float, float, float, _Line]]] = []
    placed = sorted((_placed(line, angle) for line in lines), key=lambda p: p[1])
    for place in placed:
        last = rows[-1] if rows else []
        height = min(place[2], *(p[2] for p in last)) if last else 0.0
        if last and place[1] - median(p[1] for p in last) < _SAME_ROW * height:
            last.append(place)
        else:
            rows.append([place])
    ordered = [p[3] for row in rows for p in sorted(row, key=lambda p: p[0])]
    return ordered[::-1] if flipped else ordered


def _tilt(lines: Sequence[_Line]) -> float:
    """Return the angle of the writing in radians: a quarter turn where most boxes stand on end, else their median."""
    angles, upright = list[float](), 0
    for line in lines:
        along, side = line.quad[1] - line.quad[0], line.quad[3] - line.quad[0]
        if np.hypot(*along) > _FLAT_BOX * np.hypot(*side):
            angles.append(atan2(float(along[1]), float(along[0])))
        upright += bool(np.hypot(*side) > _FLAT_BOX * np.hypot(*along))
    if upright > len(angles):
        return pi / 2  # the engine turns such crops one way; the other way round its classifier calls them flipped
    return median(angles) if angles else 0.0


def _placed(line: _Line, angle: float) -> tuple[float, float, float, _Line]:
    """Return a line's left edge, middle and height on the page turned level."""
    x, y = line.quad[:, 0], line.quad[:, 1]
    across, down = x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle)
    return float(across.min()), float(down.mean()), float(down.max() - down.min()), line


def _with_display(lines: list[_Line], token: segment_display.Token | None) -> list[_Line]:
    """Add what a display says, in place of what was made of its segments as print."""
    if token is None:
        return lines
    box = token.box
    apart = [
        line
        for line in lines
        if not (
            box.x <= line.quad[:, 0].mean() <= box.x + box.width
            and box.y <= line.quad[:, 1].mean() <= box.y + box.height
        )
    ]
    return [*apart, _Line(_corners(box), token.text, token.confidence)]


def _read_line(line: _Line, scale: tuple[float, float]) -> ReadLine:
    return ReadLine(line.text, _box(line.quad, scale), line.confidence, "text")


def _corners(box: Box) -> Quad:
    right, bottom = box.x + box.width, box.y + box.height
    return np.array([(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)], dtype=np.float32)


def _box(quad: Quad, scale: tuple[float, float]) -> Box:
    """Return the upright box around four corners, in pixels of the original."""
    left, top = (round(float(quad[:, axis].min()) * scale[axis]) for axis in (0, 1))
    right, bottom = (round(float(quad[:, axis].max()) * scale[axis]) for axis in (0, 1))
    return Box(max(0, left), max(0, top), right - max(0, left), bottom - max(0, top))


def _barcodes(image: Image.Image, scale: tuple[float, float]) -> list[ReadLine]:
    """Return the bar codes of a picture from top to bottom; their check digits make them certain."""
    import zxingcpp  # a native library of 3 MB that only picture workers need

    found: list[ReadLine] = []
    for code in zxingcpp.read_barcodes(image):
        corners = code.position
        points = (corners.top_left, corners.top_right, corners.bottom_right, corners.bottom_left)
        quad = np.array([(p.x, p.y) for p in points], dtype=np.float32)
        if code.valid and code.text.strip():
            found.append(ReadLine(code.text, _box(quad, scale), 1.0, "barcode"))
    return sorted(found, key=lambda line: (line.box.y, line.box.x))
