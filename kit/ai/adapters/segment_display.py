"""Makes the digits of a seven-segment display readable for a text reader: segments are joined to strokes.

Text recognition knows printed letters, not seven bars with gaps between them: of 10 photographed displays RapidOCR read
none. Thresholding for light on dark and for dark on light, and closing the gaps (morphological closing, Serra 1982) at
two widths, gives it strokes. What variants agree on is taken.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kit.ai.ports import Box

_WORK_PX = 640  # long side that is worked on: digits of a display somebody photographed are then 40 px or more
_KERNELS_PX = (5, 9, 13)
_SEGMENT_GAP_PX = 15  # blobs closer than this are one digit
_DIGIT_GAP = 0.95  # of the height: a 1 stands at the right of its cell, so the gap before it is wide
_OVERLAP = 0.6  # of the lower one's height
_PAD_PX = 14
_MAX_DIGITS = 80  # groups looked at; a photograph of fabric has thousands
_MIN_BLOB_PX = 20  # area; smaller ones are noise
_MAX_WIDTH, _MAX_HEIGHT = 0.5, 0.6  # of the picture; larger blobs are housing and window
_MIN_WORD_HEIGHT = 0.05  # of the picture; smaller print is read without help
_ASPECT = (0.6, 5.0)  # width by height of two to four digits
_MAX_WORDS = 3  # a variant's largest
_TOKEN = re.compile(r"[A-Z]-?[0-9]{1,3}|[A-Z][A-Z]-?[0-9]{1,2}|[0-9SB][A-Z]")
_MAX_LINES = 12  # a page of text is no display
_CLEAR = 0.9  # print is read at 0.95 and more; segments taken for print below
_LIKELY = 0.6  # below it a reading is noise (texture of a photograph read at 0.24 and 0.29)
_SURE = 0.97  # one variant alone is believed at this confidence
# What a reader of print makes of segments; no other letter than H has two full uprights and a bar.
_LOOKS = str.maketrans("ε£—–_XKMN", "EE---HHHH", ". ")

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Token:
    """What a display says: text, place in pixels of the picture, confidence from 0 to 1."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class _Word:
    """A word cut out of a variant, black on white, and where it stood in the picture."""

    pixels: Pixels
    box: Box


@dataclass(frozen=True, slots=True)
class _Place:
    """A group of blobs: left, top, width and height in pixels that are worked on."""

    left: int
    top: int
    across: int
    down: int

    def continues(self, digit: "_Place") -> bool:
        """Tell whether a digit to the right belongs to this word; a minus lies anywhere in its height."""
        gap = digit.left - (self.left + self.across)
        overlap = min(self.top + self.down, digit.top + digit.down) - max(self.top, digit.top)
        tall = max(self.down, digit.down)
        return gap <= _DIGIT_GAP * tall and overlap >= _OVERLAP * min(self.down, digit.down)

    def joined(self, digit: "_Place") -> "_Place":
        """Return the place around both."""
        right = max(self.left + self.across, digit.left + digit.across)
        below = max(self.top + self.down, digit.top + digit.down)
        left, top = min(self.left, digit.left), min(self.top, digit.top)
        return _Place(left, top, right - left, below - top)

    def shaped(self) -> bool:
        """Tell whether it is as wide as two to four digits are."""
        return _ASPECT[0] * self.down <= self.across <= _ASPECT[1] * self.down


def wanted(lines: Sequence[tuple[str, float]]) -> bool:
    """Tell whether a picture may show a display that was not read.

    Args:
        lines: Text and confidence of what was read.

    Returns:
        Whether there is little text and no short code in it that was read with confidence.
    """
    read = (text for text, confidence in lines if confidence >= _CLEAR)
    return len(lines) <= _MAX_LINES and not any(_TOKEN.fullmatch(t.upper().translate(_LOOKS)) for t in read)


def read_display(pixels: Pixels, recognise: Callable[[list[Pixels]], list[tuple[str, float]]]) -> Token | None:
    """Read the seven-segment digits of a picture.

    Args:
        pixels: The picture as BGR, shape (height, width, 3).
        recognise: Reads one line from each of the given pictures: text and confidence.

    Returns:
        The token that most variants agree on, or ``None`` where none is believable.
    """
    words = _words(pixels)
    if not words:
        return None
    seen: dict[str, list[Token]] = defaultdict(list)
    for word, (text, confidence) in zip(words, recognise([w.pixels for w in words]), strict=True):
        said = text.upper().translate(_LOOKS)
        if confidence >= _LIKELY and _TOKEN.fullmatch(said):
            seen[said].append(Token(said, word.box, confidence))
    believed = [many for many in seen.values() if len(many) > 1 or many[0].confidence >= _SURE]
    if not believed:
        return None
    # A 1 is thin and gets lost, so of 「E10」 and 「E0」 the longer is what the display says.
    best = max(believed, key=lambda many: (_contains(many[0].text, seen), sum(t.confidence for t in many)))
    return max(best, key=lambda t: t.confidence)


def _contains(text: str, others: Collection[str]) -> bool:
    """Tell whether a reading has all characters of another one in their order, and a 1 besides."""
    return any(o.replace("1", "") == text.replace("1", "") and text.count("1") > o.count("1") for o in others)


def _words(pixels: Pixels) -> list[_Word]:
    """Cut the words out of every variant of a picture."""
    import cv2  # part of the reader's own installation; only picture workers load it

    scale = min(1.0, _WORK_PX / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    bright: Any = small.max(axis=2)
    dark: Any = 255 - cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    words: list[_Word] = []
    for channel, lifts in ((bright, (0.0, 0.5)), (dark, (0.0,))):
        threshold, _ = cv2.threshold(channel, 0, 255, cv2.THRESH_OTSU)
        for lift in lifts:
            mask = _blobs((channel > threshold + (255 - threshold) * lift).astype(np.uint8), cv2)
            places = _places(mask, cv2)
            for kernel in _KERNELS_PX if places else ():
                shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (kernel, kernel))
                drawn = 255 - cv2.GaussianBlur(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, shape), (5, 5), 0)
                words += [_cut(drawn, place, scale) for place in places]
    return words


def _blobs(mask: Pixels, cv2: Any) -> Any:  # noqa: ANN401 - OpenCV's module and arrays have no useful types
    """Keep blobs of a digit's size that do not touch the edge."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    height, width = mask.shape
    keep = np.zeros(count, np.uint8)
    for index in range(1, count):
        left, top, across, down, area = stats[index]
        inside = left > 0 and top > 0 and left + across < width and top + down < height
        sized = area >= _MIN_BLOB_PX and across <= _MAX_WIDTH * width and down <= _MAX_HEIGHT * height
        keep[index] = 255 if inside and sized else 0
    return keep[labels]


def _places(mask: Any, cv2: Any) -> list[_Place]:  # noqa: ANN401 - as above
    """Return the largest groups of blobs that are shaped like a few digits."""
    height = mask.shape[0]
    reach = cv2.getStructuringElement(cv2.MORPH_RECT, (_SEGMENT_GAP_PX, _SEGMENT_GAP_PX))
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(mask, reach))
    grown = _SEGMENT_GAP_PX // 2  # what dilating added on each side
    digits = [
        _Place(int(x) + grown, int(y) + grown, max(1, int(w) - 2 * grown), max(1, int(h) - 2 * grown))
        for x, y, w, h, _ in stats[1:]
    ]
    words: list[_Place] = []
    for digit in sorted(digits, key=lambda d: d.left)[:_MAX_DIGITS]:
        near = next((w for w in words if w.continues(digit)), None)
        if near is None:
            words.append(digit)
        else:
            words[words.index(near)] = near.joined(digit)
    shaped = [w for w in words if w.down >= _MIN_WORD_HEIGHT * height and w.shaped()]
    return sorted(shaped, key=lambda w: -w.down)[:_MAX_WORDS]


def _cut(drawn: Any, place: _Place, scale: float) -> _Word:  # noqa: ANN401 - as above
    rows, columns = slice(place.top, place.top + place.down), slice(place.left, place.left + place.across)
    word = np.pad(drawn[rows, columns], _PAD_PX, constant_values=255)
    box = Box(*(round(edge / scale) for edge in (place.left, place.top, place.across, place.down)))
    return _Word(np.repeat(word[:, :, None], 3, axis=2), box)
