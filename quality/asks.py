"""Finds where a speaker asks for something, from its names and the shop's forms of asking."""

import re
from collections.abc import Sequence
from typing import Any

from kit.patterns import compile_pattern
from kit.phrases import fold
from quality.filters import HitFilter
from quality.reading import ReadTurn, Span, Talk, merge
from quality.ruleset import NOUN, Asking, Filters, Pattern


class AskFinder:
    """Finds questions for one thing.

    Args:
        name: Prefix of its groups of phrases; unique in the rule set.
        asking: The forms of asking and what makes them none.
        nouns: Names of the thing.
        asks: Further patterns that ask for it.
        filters: What makes a hit none for this thing.
        negation_reach: How far before a question a negation counts, in characters.
    """

    def __init__(
        self,
        name: str,
        asking: Asking,
        nouns: Sequence[str],
        *,
        asks: Sequence[Pattern] = (),
        filters: Filters | None = None,
        negation_reach: int = 6,
    ) -> None:
        self._triggers = f"{name}:asks"
        # RE2 reads the names as they are folded in the text; longest first, for alternation takes the first that fits.
        names = "|".join(sorted((re.escape(fold(noun).text) for noun in nouns), key=len, reverse=True))
        forms = [form.replace(NOUN, f"(?:{names})") for form in asking.forms] if nouns else []
        self._patterns: list[Any] = [compile_pattern(text) for text in (*forms, *(ask.re2 for ask in asks))]
        # One question to RE2 tells most turns that name a thing from those that ask for it.
        self._any = compile_pattern("|".join([*forms, *(ask.re2 for ask in asks)]))
        self._filters = [
            HitFilter(f"{name}:form", asking, negation_reach),
            HitFilter(f"{name}:thing", filters or Filters(), negation_reach),
        ]
        self.groups: dict[str, Sequence[str]] = {self._triggers: [*nouns, *(t for ask in asks for t in ask.triggers)]}
        for part in self._filters:
            self.groups |= part.groups

    def may_ask(self, talk: Talk) -> bool:
        """Tell whether the thing is named anywhere in a talk."""
        return self._triggers in talk.groups

    def find(self, turn: ReadTurn) -> list[Span]:
        """Return the spans of a turn's folded text that ask for the thing, in order and without overlap."""
        if not turn.has(self._triggers) or not self._any.search(turn.text):
            return []
        found = sorted(
            match.span()
            for pattern in self._patterns
            for match in pattern.finditer(turn.text)
            if all(part.counts(turn, *match.span()) for part in self._filters)
        )
        return merge(found)
