"""Rules about asking again for a fact that the customer has already given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kit.patterns import compile_pattern
from quality.asks import AskFinder
from quality.checks.findings import make_finding
from quality.reading import ReadTurn, Talk, merge, overlaps
from quality.ruleset import Asking, Fact, Filters, RepetitionRule, Words
from quality.schemas import Finding, TurnEvidence
from tickets.words import Role


@dataclass(frozen=True, slots=True)
class _Repetition:
    """A fact, where it was given, and the turn that asks again."""

    label: Words
    given: TurnEvidence
    asked: TurnEvidence
    by: Role


class RepetitionCheck:
    """Finds facts that were given by the customer and asked for later.

    Args:
        rule: The rule; its phrases are good reasons to ask again.
        asking: The forms of asking.
        version: Version of the rule set.
    """

    needs_context = True

    def __init__(self, rule: RepetitionRule, asking: Asking, version: str) -> None:
        self._rule = rule
        self._version = version
        self._reasons = f"{rule.name}:phrases", f"{rule.name}:customer_reasons"
        self._facts = [_FactReader(rule.name, fact, asking, rule) for fact in rule.parameters.facts]
        self._crossing = timedelta(seconds=rule.parameters.crossing_seconds)
        self.groups: dict[str, Sequence[str]] = dict(
            zip(self._reasons, (rule.phrases, rule.parameters.customer_reasons), strict=True)
        )
        for fact in self._facts:
            self.groups |= fact.groups

    def run(self, talk: Talk) -> Finding | None:
        """Return every fact asked for again, with the turn that had given it."""
        facts = [fact for fact in self._facts if fact.finder.may_ask(talk)]
        found = [again for fact in facts for again in self._repetitions(talk, fact)]
        if not found:
            return None
        labels = {again.label.en: again.label for again in found}.values()
        detail = Words(zh="、".join(label.zh for label in labels), en=", ".join(label.en for label in labels))
        evidence = [place for again in found for place in (again.given, again.asked)]
        return make_finding(self._rule, self._version, evidence, [again.by for again in found], detail)

    def _repetitions(self, talk: Talk, fact: "_FactReader") -> list[_Repetition]:
        asked = {place: span for place, turn in enumerate(talk.turns) if (span := self._asks(turn, fact))}
        if not asked:
            return []  # most talks: nothing is looked for in the customer's turns
        found: list[_Repetition] = []
        given: list[tuple[ReadTurn, TurnEvidence]] = []
        for place, turn in enumerate(talk.turns[: max(asked) + 1]):
            reason = self._reason(turn, fact)
            if reason is not None:
                given = []  # "that number is not found", "I have another order": asking again is right
            if turn.role is Role.CUSTOMER:
                value = fact.value(turn)
                given += [(turn, value)] if value and (reason is None or value.start > reason) else []
            elif given and place in asked and not fact.several(given) and not self._crossed(given[-1][0], turn):
                found.append(_Repetition(fact.label, given[-1][1], turn.evidence(*asked[place]), turn.role))
        return found

    def _reason(self, turn: ReadTurn, fact: "_FactReader") -> int | None:
        """Return where the last good reason to ask again begins in the raw text, if there is one."""
        groups = fact.reasons, self._reasons[turn.role is Role.CUSTOMER]
        return max((turn.evidence(*span).start for group in groups for span in turn.spans(group)), default=None)

    def _asks(self, turn: ReadTurn, fact: "_FactReader") -> tuple[int, int] | None:
        if turn.role not in self._rule.applies_to:
            return None
        return next(iter(fact.finder.find(turn)), None)

    def _crossed(self, given: ReadTurn, asked: ReadTurn) -> bool:
        """Tell whether the question was on its way when the answer came."""
        if given.turn.at is None or asked.turn.at is None:
            return False
        return asked.turn.at - given.turn.at < self._crossing


class _FactReader:
    """How one fact is asked for and what an answer looks like."""

    def __init__(self, rule_name: str, fact: Fact, asking: Asking, rule: Filters) -> None:
        name = f"{rule_name}:{fact.fact}"
        exceptions = (*fact.exceptions, *rule.exceptions)
        filters = Filters(exceptions=exceptions, negations=rule.negations, unless=rule.unless)
        self.finder = AskFinder(name, asking, fact.nouns, asks=fact.asks, filters=filters)
        self.label = fact.label
        self.reasons = f"{name}:reasons"
        self.groups = self.finder.groups | {self.reasons: fact.reasons}
        self._values: list[Any] = [compile_pattern(pattern) for pattern in fact.values]
        self._any_value = compile_pattern("|".join(fact.values))
        self._not_values: list[Any] = [compile_pattern(pattern) for pattern in fact.not_values]
        self._picture = fact.picture

    def several(self, given: Sequence[tuple[ReadTurn, TurnEvidence]]) -> bool:
        """Tell whether different values were given, so that asking which one is meant is right."""
        if self._picture:
            return False
        return len({"".join(filter(str.isalnum, place.quote)).upper() for _, place in given}) > 1

    def value(self, turn: ReadTurn) -> TurnEvidence | None:
        """Return where the customer gives the fact, or ``None``."""
        if not self._any_value.search(turn.text):
            return turn.whole() if self._picture and turn.turn.pictures else None
        others = merge(sorted(m.span() for pattern in self._not_values for m in pattern.finditer(turn.text)))
        for pattern in self._values:
            for match in pattern.finditer(turn.text):
                if not overlaps(others, match.span()):
                    return turn.evidence(*match.span())
        return turn.whole() if self._picture and turn.turn.pictures else None
