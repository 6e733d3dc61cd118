"""Rules about a customer who is left without an answer, by the clock or at the end of the talk."""

from collections.abc import Sequence
from datetime import timedelta

from kit.phrases import PhraseMatcher
from quality.checks.findings import make_finding
from quality.reading import ReadTurn, Talk
from quality.ruleset import WaitingRule
from quality.schemas import Finding
from tickets.words import Role


class WaitingCheck:
    """Finds customers left waiting.

    Args:
        rule: The rule; its phrases mark a question or a request.
        version: Version of the rule set.
    """

    needs_context = True

    def __init__(self, rule: WaitingRule, version: str) -> None:
        self._rule = rule
        self._version = version
        # Of their own, and not read with the groups of all rules: these words are in nearly every message of a
        # customer and looked at in the few that waited.
        self._questions = PhraseMatcher(rule.phrases)
        self._acknowledgements = PhraseMatcher(rule.parameters.acknowledgements)
        self._withdrawals = PhraseMatcher(rule.parameters.withdrawals)
        self.groups: dict[str, Sequence[str]] = {}

    def run(self, talk: Talk) -> Finding | None:
        """Return the messages that waited too long or were never answered."""
        late: list[tuple[ReadTurn, Role]] = []
        in_charge = self._first_in_charge(talk)
        block: list[ReadTurn] = []
        for turn in talk.turns:
            if turn.role is Role.CUSTOMER:
                block.append(turn)
                continue
            in_charge = turn.role
            if waited := self._waited_too_long(block, turn):
                late.append((waited, in_charge))
            block = []
        if left := self._left(talk, block, in_charge):
            late.append((left, in_charge))
        late = [(turn, role) for turn, role in late if role in self._rule.applies_to]
        if not late:
            return None
        evidence = [turn.whole() for turn, _ in late]
        return make_finding(self._rule, self._version, evidence, [role for _, role in late])

    @staticmethod
    def _first_in_charge(talk: Talk) -> Role:
        """Who should have answered where nobody did: a person."""
        return next((turn.role for turn in talk.turns if turn.role is not Role.CUSTOMER), Role.AGENT)

    def _waited_too_long(self, block: Sequence[ReadTurn], answer: ReadTurn) -> ReadTurn | None:
        """The first message of a block that needed an answer and got it later than the norm."""
        limit = self._limit(answer.role)
        for turn in block:
            if turn.turn.at is None or answer.turn.at is None or answer.turn.at - turn.turn.at < limit:
                continue
            if self._needs_answer(turn):
                return turn
        return None

    def _left(self, talk: Talk, block: Sequence[ReadTurn], in_charge: Role) -> ReadTurn | None:
        """The last question that nobody answered."""
        if not block or self._withdrawals.find_folded(block[-1].text):
            return None
        waiting = [turn for turn in block if self._questions.find_folded(turn.text) and self._needs_answer(turn)]
        if not waiting:
            return None
        asked_at, now = waiting[0].turn.at, talk.transcript.observed_at
        if not talk.transcript.closed and now and asked_at and now - asked_at < self._limit(in_charge):
            return None  # there is still time to answer
        return waiting[-1]

    def _limit(self, role: Role) -> timedelta:
        minutes = self._rule.parameters.minutes
        return timedelta(minutes=minutes.get(role, max(minutes.values())))

    def _needs_answer(self, turn: ReadTurn) -> bool:
        """Tell whether a message says more than "ok, thanks": a letter is left when all such words are taken out."""
        if turn.turn.pictures or not any(char.isalnum() for char in turn.text):
            return bool(turn.turn.pictures) or "?" in turn.text
        left = list(turn.text)
        for _, start, end in self._acknowledgements.find_folded(turn.text):
            left[start:end] = " " * (end - start)
        return any(char.isalpha() for char in left)
