"""Rules about courtesies that must be there: a greeting by whoever begins to serve, a closing by whoever ends."""

from collections.abc import Sequence

from quality.checks.findings import make_finding
from quality.reading import ReadTurn, Talk
from quality.ruleset import CourtesyRule
from quality.schemas import Finding
from tickets.words import Role


class CourtesyCheck:
    """Finds missing courtesies; a bot's courtesy is not the agent's, nor the other way round.

    Args:
        rule: The rule.
        version: Version of the rule set.
    """

    needs_context = True

    def __init__(self, rule: CourtesyRule, version: str) -> None:
        self._rule = rule
        self._version = version
        self._courtesies = f"{rule.name}:phrases"
        self._waits = f"{rule.name}:unless"
        self.groups: dict[str, Sequence[str]] = {self._courtesies: rule.phrases, self._waits: rule.unless}

    def run(self, talk: Talk) -> Finding | None:
        """Return the speakers' turns in which the courtesy should have stood."""
        missing = self._openings(talk) if self._rule.parameters.at == "opening" else self._closing(talk)
        if not missing:
            return None
        return make_finding(self._rule, self._version, [turn.whole() for turn in missing], missing)

    def _openings(self, talk: Talk) -> list[ReadTurn]:
        """First turn of every role that never greets; a person who takes over from a bot must greet again."""
        missing: list[ReadTurn] = []
        for role in self._rule.applies_to:
            turns = talk.by([role])[: self._rule.parameters.within_turns]
            if turns and not any(turn.has(self._courtesies) for turn in turns):
                missing.append(turns[0])
        return missing

    def _closing(self, talk: Talk) -> list[ReadTurn]:
        """Last turn of whoever served last, where the talk has ended and nothing closes it."""
        served = [turn for turn in talk.turns if turn.role is not Role.CUSTOMER]
        if not served or served[-1].role not in self._rule.applies_to:
            return []
        last = served[-1]
        if not talk.transcript.closed and (talk.turns[-1] is not last or last.has(self._waits)):
            return []  # the talk goes on: the customer has the last word, or is waited for
        turns = talk.by([last.role])[-self._rule.parameters.within_turns :]
        return [] if any(turn.has(self._courtesies) for turn in turns) else [last]
