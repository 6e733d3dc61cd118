"""Makes what a reader found in a picture searchable: rows of text in reading order, and each bar code by itself."""

from collections.abc import Iterator, Sequence

from intake.extraction.passages import Origin, Passage, Sight, make_passage
from kit.ai.ports import Box, ReadLine, ReadPicture
from kit.text import normalise
from tickets.schemas import PictureRegion
from tickets.words import AttachmentId

_SAME_ROW = 0.5  # share of the lower line's height that must overlap
_MAX_RATIO = 2.0  # print of one row; a display's digits beside the names of its keys are no row
_MAX_LINES = 200  # more lines than a screenshot of a long page has


def passages_of(attachment_id: AttachmentId, picture: ReadPicture) -> Iterator[Passage]:
    """Yield the printed text of a picture as one passage, then each bar code.

    Boxes that stand side by side become one row, so that a label and its value are neighbours; rows are separated by
    line breaks, which may lie inside a wrapped number.
    """
    lines = [line for line in picture.lines[:_MAX_LINES] if line.kind != "barcode"]
    if lines:
        yield _passage(attachment_id, lines, Origin.PICTURE)
    for line in picture.lines[:_MAX_LINES]:
        if line.kind == "barcode":
            yield _passage(attachment_id, [line], Origin.BARCODE)


def _passage(attachment_id: AttachmentId, lines: Sequence[ReadLine], origin: Origin) -> Passage:
    text, owner = "", list[int]()
    for index, line in enumerate(lines):
        gap = "" if index == 0 else " " if _side_by_side(lines[index - 1].box, line.box) else "\n"
        folded = gap + normalise(line.text).text.replace("\n", " ")
        text += folded
        owner += [index] * len(folded)

    def sight(start: int, end: int) -> Sight:
        touched = sorted(set(owner[start:end]))
        box = union([lines[i].box for i in touched])
        confidence = min(lines[i].confidence for i in touched)
        return Sight(text[start:end].replace("\n", " "), PictureRegion(attachment_id, box), confidence)

    return make_passage(text, origin, sight)


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around others."""
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
    return Box(left, top, right - left, bottom - top)


def _side_by_side(first: Box, second: Box) -> bool:
    if first.height > first.width and second.height > second.width:  # a page that lies on its side
        first, second = _mirrored(first), _mirrored(second)
    low, high = sorted((first.height, second.height))
    overlap = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    return overlap >= _SAME_ROW * low and high <= _MAX_RATIO * low


def _mirrored(box: Box) -> Box:
    return Box(box.y, box.x, box.height, box.width)
