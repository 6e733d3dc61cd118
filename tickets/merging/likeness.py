"""When two texts tell of the same problem: a fixed count of shared words, no model."""

from dataclasses import dataclass

from kit.text import bigrams
from tickets.merging.schemas import Likeness


def likeness(one: str, other: str) -> float:
    """Return how much of the shorter text's words stand in the longer one, 0 to 1; 0 where one has no word.

    The overlap coefficient over pairs of Han characters and whole Latin words: a short "还是不脱水" beside the long
    story of a machine that does not spin is a repetition, and a measure over both texts' words would miss it.

    Example:
        >>> round(likeness("洗衣机不脱水", "洗衣机脱水时不脱水，显示E3"), 2)
        1.0
        >>> likeness("洗衣机不脱水", "空调漏水")
        0.0
    """
    words, others = _words(one), _words(other)
    smaller = min(len(words), len(others))
    return len(words & others) / smaller if smaller else 0.0


def words_of(text: str) -> int:
    """Return how many different words ``likeness`` compares of a text."""
    return len(_words(text))


def _words(text: str) -> frozenset[str]:
    """Single Han characters say nothing: 不, 水 and 机 stand in every complaint."""
    return frozenset(word for word in bigrams(text) if len(word) > 1)


@dataclass(frozen=True, slots=True)
class Matter:
    """What is compared of a ticket; empty: not known."""

    order: str
    model: str
    label_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two tickets of one customer, filed within the window, may be one matter, and why."""

    sure: bool
    why: tuple[Likeness, ...]
    similarity: float


def judge(one: Matter, other: Matter, threshold: float) -> Verdict | None:
    """Compare two tickets of one customer.

    Sure are only the same order, the same type of label and alike words: another problem with the same order stays a
    ticket of its own (DM-02). Without an order number on both, the same appliance or type of label is a suggestion, and
    a person decides. Two different orders are two matters.

    Returns:
        The verdict; ``None`` where nothing speaks for one matter.
    """
    if one.order and other.order and one.order != other.order:
        return None
    similarity = likeness(one.text, other.text)
    same = {
        Likeness.SAME_ORDER: bool(one.order) and one.order == other.order,
        Likeness.SAME_MODEL: bool(one.model) and one.model == other.model,
        Likeness.SAME_LABEL: bool(one.label_type) and one.label_type == other.label_type,
        Likeness.SAME_WORDS: similarity >= threshold,
    }
    sure = same[Likeness.SAME_ORDER] and same[Likeness.SAME_LABEL] and same[Likeness.SAME_WORDS]
    likely = same[Likeness.SAME_LABEL] or same[Likeness.SAME_WORDS]
    if not (likely or (same[Likeness.SAME_MODEL] and not same[Likeness.SAME_ORDER])):
        return None
    why = tuple(name for name, holds in same.items() if holds)
    return Verdict(sure, (Likeness.SAME_CUSTOMER, *why), similarity)
