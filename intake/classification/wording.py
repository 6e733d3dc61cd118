"""The one sentence that tells a person why a prediction is what it is."""

from collections.abc import Sequence

from intake.classification.zones import NEVER, Thresholds
from tickets.schemas import Prediction
from tickets.words import LabelPath, Zone

ALTERNATIVES = 3  # as many as fit beside a label without scrolling

_ABSTENTIONS = {
    "unusable": ("没有可以判断的文字，请人工分类", "There are no words to judge by; a person decides"),
    "untrained": ("分类模型尚未训练，请人工分类", "The classifier has not been trained; a person decides"),
    "out_of_scope": (
        "不像售后问题或不在分类体系内，请人工判断",
        "It looks like none of the shop's matters; a person decides",
    ),
    "unsure": ("几种分类都有可能，把握不足，请人工选择", "Several labels are possible, none is sure; a person chooses"),
}


def abstention(why: str, lang: str, version: str, leaves: Sequence[tuple[LabelPath, float]] = ()) -> Prediction:
    """Return a prediction without a label, left to a person.

    Args:
        why: ``unusable``, ``untrained``, ``out_of_scope`` or ``unsure``.
        lang: ``zh…`` or anything else for English.
        version: The model's.
        leaves: The most probable leaves, best first, for the person to choose from.

    Returns:
        The human zone with an empty label and probability 0.
    """
    zh, en = _ABSTENTIONS[why]
    return Prediction((), 0.0, tuple(leaves[:ALTERNATIVES]), Zone.HUMAN, version, zh if _chinese(lang) else en)


def reason(
    zone: Zone, names: Sequence[str], probability: float, thresholds: Thresholds, *, lang: str, whole: bool
) -> str:
    """Say what was chosen, how sure it is, and which threshold that passed.

    Args:
        zone: Automatic or suggested.
        names: Names along the label.
        probability: Of the label.
        thresholds: Where the zones begin.
        lang: ``zh…`` or anything else for English.
        whole: Whether the label is a leaf; else the level below was unsure.

    Returns:
        One sentence.
    """
    sure, auto = f"{probability:.0%}", f"{thresholds.auto:.1%}"
    if _chinese(lang):
        backed = "" if whole else "，下级分类把握不足，只到这一级"
        if zone is Zone.AUTO:
            return f"判断为「{'/'.join(names)}」，把握 {sure}，达到自动归类线 {auto}{backed}"
        line = f"未到自动归类线 {auto}" if thresholds.auto < NEVER else "样本不足以开启自动归类"
        return f"建议「{'/'.join(names)}」，把握 {sure}，{line}{backed}"
    backed = "" if whole else "; the level below is unsure"
    if zone is Zone.AUTO:
        return f"Labelled “{' / '.join(names)}”: {sure} sure, at or above the automatic threshold {auto}{backed}"
    line = (
        f"below the automatic threshold {auto}" if thresholds.auto < NEVER else "too few examples for automatic labels"
    )
    return f"Suggested “{' / '.join(names)}”: {sure} sure, {line}{backed}"


def _chinese(lang: str) -> bool:
    return lang.lower().startswith("zh")
