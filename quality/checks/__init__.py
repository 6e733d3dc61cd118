"""The checks: one small deterministic reader a family of rules."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from quality.checks.asking import AskingCheck
from quality.checks.courtesy import CourtesyCheck
from quality.checks.phrases import PhraseCheck
from quality.checks.promises import PromiseCheck
from quality.checks.repetition import RepetitionCheck
from quality.checks.waiting import WaitingCheck
from quality.errors import RuleSetInvalid
from quality.reading import Talk
from quality.ruleset import (
    AskingRule,
    CourtesyRule,
    PhraseRule,
    PromiseRule,
    RepetitionRule,
    RuleSet,
    WaitingRule,
)
from quality.schemas import Finding

__all__ = ["Check", "build_checks"]

_ERROR_CHARS = 200  # a form with all its names is thousands of characters long


class Check(Protocol):
    """Reads a talk for one rule."""

    @property
    def groups(self) -> Mapping[str, Sequence[str]]:
        """Phrases that must have been found before ``run``, by name of the group."""
        ...

    @property
    def needs_context(self) -> bool:
        """Whether the check makes sense only on a whole talk, not on one text before it is sent."""
        ...

    def run(self, talk: Talk) -> Finding | None:
        """Return what the rule finds, or ``None``."""
        ...


def build_checks(rules: RuleSet) -> list[Check]:
    """Make the check of every rule, in the rule set's order.

    Raises:
        RuleSetInvalid: A form of asking grows too large for RE2 with all the names of a thing.
    """
    try:
        return _build(rules)
    except ValueError as error:
        raise RuleSetInvalid(str(error)[:_ERROR_CHARS]) from error


def _build(rules: RuleSet) -> list[Check]:
    checks: list[Check] = []
    for rule in rules.rules:
        match rule:
            case PhraseRule():
                checks.append(PhraseCheck(rule, rules.version))
            case AskingRule():
                checks.append(AskingCheck(rule, rules.asking, rules.version))
            case CourtesyRule():
                checks.append(CourtesyCheck(rule, rules.version))
            case RepetitionRule():
                checks.append(RepetitionCheck(rule, rules.asking, rules.version))
            case WaitingRule():
                checks.append(WaitingCheck(rule, rules.version))
            case PromiseRule():
                checks.append(PromiseCheck(rule, rules.version))
    return checks
