"""Rules about what must not be asked for in an open chat."""

from quality.asks import AskFinder
from quality.checks.findings import make_finding
from quality.reading import Talk
from quality.ruleset import Asking, AskingRule
from quality.schemas import Finding


class AskingCheck:
    """Finds requests for forbidden things.

    Args:
        rule: The rule; its phrases are names of the things.
        asking: The forms of asking.
        version: Version of the rule set.
    """

    needs_context = False

    def __init__(self, rule: AskingRule, asking: Asking, version: str) -> None:
        self._rule = rule
        self._version = version
        self._finder = AskFinder(
            rule.name,
            asking,
            rule.phrases,
            asks=rule.patterns,
            filters=rule,
            negation_reach=rule.parameters.negation_reach,
        )
        self.groups = self._finder.groups

    def run(self, talk: Talk) -> Finding | None:
        """Return the requests made by the rule's roles."""
        if not self._finder.may_ask(talk):
            return None
        hits = [(turn, span) for turn in talk.by(self._rule.applies_to) for span in self._finder.find(turn)]
        if not hits:
            return None
        evidence = [turn.evidence(*span) for turn, span in hits]
        return make_finding(self._rule, self._version, evidence, [turn for turn, _ in hits])
