"""Makes a finding from a rule and its evidence."""

from collections.abc import Sequence

from quality.reading import ReadTurn
from quality.ruleset import Rule, Words
from quality.schemas import Finding, TurnEvidence
from tickets.words import Role

_PLACES = 50  # more would prove nothing further, and a hostile text could hold thousands
_NO_DETAIL = Words(zh="-", en="-")


def make_finding(
    rule: Rule,
    version: str,
    evidence: Sequence[TurnEvidence],
    at_fault: Sequence[ReadTurn | Role],
    detail: Words = _NO_DETAIL,
) -> Finding:
    """Fill in the rule's sentences.

    Args:
        rule: What was broken.
        version: Version of the rule set.
        evidence: Where; at least one place.
        at_fault: Turns or roles that fell short.
        detail: Replaces ``{detail}`` in the explanation.

    Returns:
        The finding, with the first fifty places; its sentences hold no words of the conversation, so that they may be
        kept when those are erased.
    """
    roles = dict.fromkeys(item if isinstance(item, Role) else item.role for item in at_fault)
    said, better = rule.explanation, rule.hint
    return Finding(
        rule=rule.name,
        severity=rule.severity,
        score=rule.score,
        evidence=tuple(dict.fromkeys(sorted(evidence, key=lambda place: (place.turn_index, place.start))))[:_PLACES],
        explanation_zh=f"{said.zh.replace('{detail}', detail.zh)}建议：{better.zh}",
        explanation_en=f"{said.en.replace('{detail}', detail.en)} Better: {better.en}",
        rule_version=version,
        roles=tuple(roles),
    )
