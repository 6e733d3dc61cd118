"""Safety wording as a rule beside the classifier: it votes for a priority, names its words, and knows negation (CL-15).

A rule of words misses paraphrases and a head misses rare words; each catches what the other lets through. The rule
leans to the safe side: a suspicion ("是不是漏电") counts, a pure question about the future ("会不会漏电") does not.
"""

from collections.abc import Iterable, Sequence

import re2

from intake.classification.schemas import UrgencyVote
from intake.classification.urgency_rules import DEFAULT_RULES, UrgencyRule
from kit.text import normalise
from tickets.words import Priority

_BEFORE_CHARS, _AFTER_CHARS = 16, 10


# "没有任何焦味", "并未起火", "没人受伤": a negator, then only words that may stand between it and the danger.
_NEGATED = re2.compile(
    r"(?:没有?|未|不|无|并非|别|防|免得|避免|以免|排除|预防)(?:任何|什么|出现|发生|造成|导致|看到|看见|闻到|发现|见|再|有|被|到|过|"
    r"明显|的|会|啥|人|谁|是|至于|曾|能|用|因此)*$"
    r"|\b(?:no|not|never|without|nobody|none|isn't|wasn't|aren't|didn't|doesn't|don't|hasn't|nothing)(?: \w+){0,3} $"
)
_HYPOTHETICAL = re2.compile(
    r"(?:会不会|万一|如果|要是|假如|倘若|怕|担心|以防|容易)(?:它|会|有|被|再|又|突然|发生|出现|将来|以后|真|真的|他|她|孩子|小孩|老人|漏水)*$"
    r"|\b(?:if|could|might|would|will|in case|afraid|worried)(?: \w+){0,3} $"
)
_CAN = re2.compile(r"(?:会|能)(?:有|被)?$")
_ASKED = re2.compile(r"^[^,。;!\n]{0,6}(?:吗|么|\?)")
# Forms that hold a negator and negate nothing: "whether it is", "nearly", "kept on", "did not expect".
_NO_NEGATION = re2.compile(r"是不是|有没有|是否|差点没|不停|不断|不时|没想到|不光|不仅|不但|不只|难道不")
_CLAUSE_END = frozenset(",。;!?、\n.")


class UrgencyRules:
    """A set of rules, compiled once.

    Args:
        rules: The shop's own, or ``DEFAULT_RULES``.
    """

    def __init__(self, rules: Sequence[UrgencyRule] = DEFAULT_RULES) -> None:
        self._rules = [_Compiled(rule) for rule in rules]

    def vote(self, raw: str) -> UrgencyVote | None:
        """Look for danger in a text.

        Args:
            raw: A customer's words, untrusted.

        Returns:
            The vote of highest priority, the first rule winning among equals; None where nothing dangerous is said,
            or it is negated or only imagined.
        """
        text = normalise(raw)
        folded = "".join(char.lower() if len(char.lower()) == 1 else char for char in text.text)
        best: UrgencyVote | None = None
        for compiled in self._rules:
            rule = compiled.rule
            if best is not None and best.priority <= rule.priority:
                continue
            if (span := compiled.find(folded)) is not None:
                start, end = text.raw_span(*span)
                best = UrgencyVote(rule.priority, rule.name, raw[start:end], start, end, rule.reason_zh, rule.reason_en)
        return best


class _Compiled:
    def __init__(self, rule: UrgencyRule) -> None:
        self.rule = rule
        self._patterns = [re2.compile(pattern) for pattern in rule.patterns]
        self._not_after = re2.compile(rule.not_after) if rule.not_after else None
        self._not_before = re2.compile(rule.not_before) if rule.not_before else None

    def find(self, folded: str) -> tuple[int, int] | None:
        """Return the first span that counts."""
        for pattern in self._patterns:
            for match in pattern.finditer(folded):
                if match.end() > match.start() and self._counts(folded, match.start(), match.end()):
                    return match.start(), match.end()
        return None

    def _counts(self, folded: str, start: int, end: int) -> bool:
        before = _NO_NEGATION.sub("~", _clause_before(folded, start))
        after = folded[end : end + _AFTER_CHARS]
        if self._not_after is not None and self._not_after.search(before):
            return False
        if self._not_before is not None and self._not_before.search(after):
            return False
        if _HYPOTHETICAL.search(before) or (_CAN.search(before) and _ASKED.search(after)):
            return False
        # "不冒烟了" tells of smoke that was there.
        return not _NEGATED.search(before) or (before.endswith("不") and after.startswith("了"))


def _clause_before(folded: str, start: int) -> str:
    begin = start
    while begin > max(0, start - _BEFORE_CHARS) and folded[begin - 1] not in _CLAUSE_END:
        begin -= 1
    return folded[begin:start]


_DEFAULT = UrgencyRules()


def urgency_vote(text: str) -> UrgencyVote | None:
    """Look for danger in a text by the built-in rules, see ``UrgencyRules.vote``."""
    return _DEFAULT.vote(text)


def is_urgent(text: str) -> bool:
    """Tell whether a text holds safety wording that proposes P1."""
    vote = urgency_vote(text)
    return vote is not None and vote.priority is Priority.P1


def most_urgent(texts: Iterable[str]) -> UrgencyVote | None:
    """Return the vote of highest priority over several texts, the earliest among equals."""
    votes = [vote for text in texts if (vote := urgency_vote(text)) is not None]
    return min(votes, key=lambda vote: vote.priority, default=None)
