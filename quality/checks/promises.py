"""Rules about promises of a follow-up that say no time."""

from quality.checks.findings import make_finding
from quality.promises import PromiseFinder
from quality.reading import Talk
from quality.ruleset import PromiseRule
from quality.schemas import Finding, TurnEvidence


class PromiseCheck:
    """Finds promises without a due time.

    Args:
        rule: The rule.
        version: Version of the rule set.
    """

    needs_context = False

    def __init__(self, rule: PromiseRule, version: str) -> None:
        self._rule = rule
        self._version = version
        self.finder = PromiseFinder(rule)
        self.groups = self.finder.groups

    def run(self, talk: Talk) -> Finding | None:
        """Return the promises of a talk in which nobody says by when."""
        promises = self.finder.find(talk)
        # "You will be called within 24 hours" holds for the "we will call you soon" that is said around it.
        if not promises or any(promise.due for _, promise in promises):
            return None
        evidence = [TurnEvidence(p.turn_index, p.start, p.end, p.text) for _, p in promises]
        return make_finding(self._rule, self._version, evidence, [turn for turn, _ in promises])
