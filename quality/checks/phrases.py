"""Rules about what must not be said: phrases and patterns, with exceptions and negations."""

from collections.abc import Sequence

from kit.patterns import compile_pattern
from quality.checks.findings import make_finding
from quality.filters import HitFilter
from quality.reading import ReadTurn, Span, Talk, merge
from quality.ruleset import PhraseRule
from quality.schemas import Finding


class PhraseCheck:
    """Finds forbidden phrases and patterns.

    Args:
        rule: The rule.
        version: Version of the rule set.
    """

    needs_context = False

    def __init__(self, rule: PhraseRule, version: str) -> None:
        self._rule = rule
        self._version = version
        self._phrases = f"{rule.name}:phrases"
        self._filter = HitFilter(rule.name, rule, rule.parameters.negation_reach)
        self._patterns = [
            (f"{rule.name}:triggers{number}", compile_pattern(pattern.re2))
            for number, pattern in enumerate(rule.patterns)
        ]
        self._triggers = {self._phrases, *(group for group, _ in self._patterns)}
        self.groups: dict[str, Sequence[str]] = {
            self._phrases: rule.phrases,
            **{group: p.triggers for (group, _), p in zip(self._patterns, rule.patterns, strict=True)},
            **self._filter.groups,
        }

    def run(self, talk: Talk) -> Finding | None:
        """Return the forbidden things said by the rule's roles."""
        if self._triggers.isdisjoint(talk.groups):
            return None
        hits = [(turn, span) for turn in talk.by(self._rule.applies_to) for span in self._hits(turn)]
        if not hits:
            return None
        evidence = [turn.evidence(*span) for turn, span in hits]
        return make_finding(self._rule, self._version, evidence, [turn for turn, _ in hits])

    def _hits(self, turn: ReadTurn) -> list[Span]:
        found = list(turn.spans(self._phrases))
        for group, pattern in self._patterns:
            if turn.has(group):
                found.extend(match.span() for match in pattern.finditer(turn.text))
        return merge(sorted(span for span in found if self._filter.counts(turn, *span)))
