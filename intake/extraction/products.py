"""Model numbers: only what the catalogue lists; a family's name alone is no model."""

import re
from collections.abc import Iterator, Sequence

from intake.extraction.catalogue import ModelHit, ModelIndex
from intake.extraction.passages import MODEL_WINDOW, Found, Passage, Window
from intake.extraction.schemas import Method
from tickets.words import FieldName, Verdict

_UNLISTED = re.compile(r"[A-Z]{1,4}[0-9]{2,4}[A-Z]{0,4}")
_LABEL = re.compile(r"(?:型号|机型|MODEL(?: ?(?:NO|NUMBER))?|货号)[^A-Z0-9]{0,4}$")
_LABEL_REACH = 20
_SHORT_WORD = 4  # letters; 「PRO」 and 「MAX」 are in every other sentence
_MAX_TRAIL = 6  # letters and digits of a suffix behind a hyphen


def find_models(passage: Passage, index: ModelIndex, taken: Sequence[tuple[int, int]]) -> list[Found]:
    """Return the models named in a passage, from left to right.

    Args:
        passage: The text.
        index: The shop's models.
        taken: Spans that are something else already (order numbers).

    Returns:
        Models of the catalogue, and writings that look like one but are not listed (verdict ``UNKNOWN``).
    """
    named = list(_in_chunks(passage, index, taken))
    nicknames = [p for p in _phrases(passage, index) if not _overlaps(p, [(n.start, n.end) for n in named])]
    exact_families = {n.family: n.normal for n in named if n.verdict is Verdict.VALID}
    # 「TV75-PRO 75寸的」: beside a model's own name a nickname of another model of that family is a description.
    kept = [p for p in nicknames if exact_families.get(p.family, p.normal) == p.normal]
    return sorted([*named, *kept], key=lambda f: f.start)


def _in_chunks(passage: Passage, index: ModelIndex, taken: Sequence[tuple[int, int]]) -> Iterator[Found]:
    place = 0
    while place < len(passage.chunks):
        windows = [w for w in passage.windows(place, MODEL_WINDOW) if not _hits(w.start, w.end, taken)]
        chosen = _lookup(passage, windows, index)
        if chosen is not None:
            window, hit = chosen
            yield _found(window, hit)
            place = window.last + 1
            continue
        if windows and (unlisted := _unlisted(passage, windows, index)):
            yield unlisted
        place += 1


def _lookup(passage: Passage, windows: list[Window], index: ModelIndex) -> tuple[Window, ModelHit] | None:
    """Return the longest reading that is a model; exchanged characters only where nothing fits as it stands."""
    for look in (index.exact, index.lookalike):
        for window in reversed(windows):
            if not _bounded(passage, window) or not _telling(passage, window):
                continue
            if hit := look(window.text):
                return window, hit
    return None


def _bounded(passage: Passage, window: Window) -> bool:
    """Tell whether the writing ends where the window ends: ``WX75G-B`` is another article than ``WX75G``."""
    flat = passage.flat
    if flat[window.start - 1 : window.start] == "-" and flat[window.start - 2 : window.start - 1].isascii():
        before = flat[window.start - 2 : window.start - 1]
        if before.isalnum():
            return False
    if flat[window.end : window.end + 1] not in ("-", "_"):
        return True
    after = flat[window.end + 1 : window.end + 2]
    return not (after.isascii() and after.isalnum())


def _telling(passage: Passage, window: Window) -> bool:
    """Tell whether a writing can be a model by itself: digits alone, or a short word, need 型号 before them."""
    plain = window.text.isdigit() or (window.text.isalpha() and len(window.text) <= _SHORT_WORD)
    return not plain or _LABEL.search(passage.flat[max(0, window.start - _LABEL_REACH) : window.start]) is not None


def _unlisted(passage: Passage, windows: list[Window], index: ModelIndex) -> Found | None:
    """Return a writing of a model's form that the catalogue does not have."""
    window = windows[0]
    trail = re.match(r"[-_]?([A-Z0-9]+)", passage.flat[window.end :])
    end = window.end + trail.end() if trail and len(trail.group(1)) <= _MAX_TRAIL else window.end
    labelled = _LABEL.search(passage.flat[max(0, window.start - _LABEL_REACH) : window.start]) is not None
    alike = _UNLISTED.fullmatch(window.text) is not None
    family_like = any(window.text.startswith(head) for head in index.heads)
    if not (alike and (labelled or family_like)):
        return None
    normal = "".join(c for c in passage.flat[window.start : end] if c.isalnum())
    return Found(FieldName.MODEL, window.start, end, normal, Verdict.UNKNOWN, Method.UNLISTED)


def _phrases(passage: Passage, index: ModelIndex) -> Iterator[Found]:
    """Find nicknames with Han characters, spaces inside them ignored."""
    if not index.phrases:
        return
    places = [i for i, c in enumerate(passage.flat) if c.isalnum()]
    text = "".join(passage.flat[i] for i in places)
    place = 0
    while place < len(text):
        alias = next((a for a in index.phrases.get(text[place], ()) if text.startswith(a, place)), None)
        if alias is None or not _whole(text, place, alias):
            place += 1
            continue
        hit = index.exact(alias)
        assert hit is not None
        yield _located(hit, places[place], places[place + len(alias) - 1] + 1)
        place += len(alias)


def _whole(text: str, place: int, alias: str) -> bool:
    """Tell whether Latin letters or digits at a nickname's edge end there: 「165寸」 is not 「65寸」."""
    before, after = text[place - 1 : place] if place else "", text[place + len(alias) : place + len(alias) + 1]
    cut_before = alias[0].isascii() and before.isascii() and before.isalnum()
    cut_after = alias[-1].isascii() and after.isascii() and after.isalnum()
    return not (cut_before or cut_after)


def _found(window: Window, hit: ModelHit) -> Found:
    return _located(hit, window.start, window.end)


def _located(hit: ModelHit, start: int, end: int) -> Found:
    model = hit.model
    return Found(FieldName.MODEL, start, end, model.model, Verdict.VALID, hit.method, hit.flags, model.family)


def _hits(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < e and s < end for s, e in spans)


def _overlaps(found: Found, spans: Sequence[tuple[int, int]]) -> bool:
    return _hits(found.start, found.end, spans)
