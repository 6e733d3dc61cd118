"""A conversation as the copilot reads it: who said what, what is still open, which steps were done."""

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.cues import (
    Ask,
    asks_of,
    cycled_power,
    deeds_of,
    is_bare,
    is_power_cycle,
    reports_outcome,
    says_solved,
    tried_clauses,
)
from kit.phrases import fold
from kit.text import bigrams, is_blank, language_of
from knowledge.schemas import Step
from tickets.schemas import Message
from tickets.words import Role

# A thing in common and the same kind of deed (过滤器 and cleaning) name a step. Without the deed it takes three shared
# bigrams and two fifths of the clause: two happen by chance in any talk about one appliance (水管, 排水).
_MIN_SHARED = 3
_MIN_SHARE = 0.4
_HAN_PAIR = 2
_PROPOSED_CHARS = 8  # a shorter action is too common to be recognised in an agent's sentence


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done already, and the words that say so."""

    seq: int
    words: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The messages of a conversation, oldest first."""

    messages: tuple[Message, ...]

    @property
    def last_seq(self) -> int:
        """The newest message's number; 0 in an empty talk."""
        return self.messages[-1].seq if self.messages else 0

    @property
    def customer(self) -> tuple[Message, ...]:
        """The customer's messages that have words."""
        return tuple(m for m in self.messages if m.role is Role.CUSTOMER and not is_blank(m.raw))

    @property
    def open(self) -> tuple[Message, ...]:
        """The customer's messages since a person last answered."""
        answered = max((m.seq for m in self.messages if m.role is Role.AGENT), default=0)
        return tuple(m for m in self.customer if m.seq > answered)

    @property
    def awaits_customer(self) -> bool:
        """Whether a person has answered and the customer has said nothing since."""
        return not self.open and any(m.role is Role.AGENT for m in self.messages)

    @property
    def lang(self) -> str:
        """The customer's language, by their open messages, else by all of theirs."""
        return language_of(" ".join(m.raw for m in self.open or self.customer))

    def asks(self) -> dict[Ask, int]:
        """Return what the open messages ask for, with the first message that does."""
        found: dict[Ask, int] = {}
        for message in self.open:
            for ask in asks_of(message.raw):
                found.setdefault(ask, message.seq)
        return found

    def solved(self) -> bool:
        """Tell whether the customer's last open message says that the matter is settled."""
        return bool(self.open) and says_solved(self.open[-1].raw)

    def said_by_us(self, words: str) -> bool:
        """Tell whether an agent or the bot has said these words already."""
        wanted = _compact(words)
        return any(wanted in _compact(m.raw) for m in self.messages if m.role in {Role.AGENT, Role.BOT})

    def done(self, steps: Sequence[Step]) -> dict[int, Done]:
        """Return the steps that were done already, by number: told by the customer, or proposed and then reported on.

        Doubt leaves a step open: doing it twice costs a minute, skipping it may cost a visit.
        """
        found = self._reported_on(steps)
        for message in self.customer:
            for clause in tried_clauses(message.raw):
                number = _step_of(clause, steps)
                if number is not None:
                    found.setdefault(number, Done(message.seq, clause))
        return found

    def _reported_on(self, steps: Sequence[Step]) -> dict[int, Done]:
        found: dict[int, Done] = {}
        proposed: list[int] = []
        for message in self.messages:
            if message.role is Role.CUSTOMER:
                if proposed and reports_outcome(message.raw):
                    for number in proposed:
                        found.setdefault(number, Done(message.seq, message.raw.strip()))
                    proposed = []
            elif message.role in {Role.AGENT, Role.BOT}:
                said = _compact(message.raw)
                # Only the newest proposal counts: an answer is to what was said last.
                named = [s.number for s in steps if len(s.action) >= _PROPOSED_CHARS and _compact(s.action) in said]
                proposed = named or proposed
        return found


def _step_of(clause: str, steps: Sequence[Step]) -> int | None:
    """Return the one step that a clause is about, ``None`` where none is or two could be."""
    if cycled_power(clause):
        cycles = [step.number for step in steps if is_power_cycle(step.action)]
        if len(cycles) == 1:
            return cycles[0]
    said, deeds = _pairs(clause), deeds_of(clause)
    same_deed = [(len(said & _pairs(step.action)), step.number) for step in steps if deeds & deeds_of(step.action)]
    enough = max(_MIN_SHARED, _MIN_SHARE * len(said))
    same_words = [(n, step.number) for step in steps if (n := len(said & _pairs(step.action))) >= enough]
    return _clear_winner([pair for pair in same_deed if pair[0]]) or _clear_winner(same_words)


def _clear_winner(scored: Sequence[tuple[int, int]]) -> int | None:
    best = sorted(scored, reverse=True)[:2]
    return None if not best or (len(best) > 1 and best[0][0] == best[1][0]) else best[0][1]


def _pairs(text: str) -> set[str]:
    """Return Han bigrams and Latin words that name a thing; single characters and bare deeds say too little."""
    return {token for token in bigrams(text) if len(token) >= _HAN_PAIR and not is_bare(token)}


def _compact(text: str) -> str:
    return "".join(fold(text).text.split())
