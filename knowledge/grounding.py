"""Is this sentence supported by that passage? Word for word or nearly so, never with another number or a lost "not".

Deterministic on purpose: the same check stands before every answer of the bot and every draft for an agent, and a
person can see why it refused. It does not understand paraphrase; what it cannot match it does not let pass.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.facts import Facts, Number, facts_of, fold, joined, negations, opposed, without_numbers
from knowledge.markdown import sentences
from knowledge.schemas import GroundingVerdict, Support

# Share of the sentence's bigrams that the best place must hold. Chosen between lightly reworded sentences of the demo
# shop (courtesy added, a clause dropped) and sentences of other passages; tests/knowledge/test_grounding.py repeats it.
_SUPPORTED_AT = 0.66
# A Latin word is a whole one, where a Han bigram is half of one: a single wrong word weighs more.
_SUPPORTED_AT_LATIN = 0.8
# From here on a sentence speaks of the same thing, so that a different number is a contradiction, not a new topic.
_SAME_TOPIC_AT = 0.5
_CLAUSE_AT = 0.6  # share of a clause's bigrams that makes another clause its counterpart
_WINDOW = 3  # adjacent sentences of a passage that one sentence may draw on

_COURTESY = re.compile(
    r"您好|你好|亲亲?[,，~]|您|请问|(?<!申)请|麻烦|谢谢|感谢|抱歉|哦|呢|呀|啦|哈|噢"
    r"|\b(?:please|hello|hi|thank you|thanks|sorry|you can|kindly)\b"
)
_LISTING = re.compile(r"^\s*(?:\d{1,2}[.、)]|[-*•])\s*")
_CLAUSE = re.compile(r"[，,。；;！!？?：:\n]+")
_WORD = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*|[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause with its bigrams (numbers and negations left out) and facts."""

    text: str
    grams: frozenset[str]
    facts: Facts


def supports(sentence: str, passage_text: str) -> GroundingVerdict:
    """Judge a sentence against a passage.

    Args:
        sentence: One sentence that states something; courtesy round it is ignored.
        passage_text: The passage, with its title where the sentence may lean on it.

    Returns:
        ``supported`` where the best place of the passage holds nearly all its words, all its numbers with their units,
        all its codes, and every clause the same way round; ``contradicted`` where the words are there but a number,
        a negation or an opposite differs; else ``unsupported``.
    """
    claim = _tidy(_LISTING.sub("", sentence))
    wanted = _grams(claim)
    if not wanted:
        return GroundingVerdict(Support.UNSUPPORTED, 0.0, "words")
    place, score = _best_place(wanted, [_tidy(part) for part in sentences(passage_text)])
    reason = _difference(claim, place, passage_text)
    if reason:
        known = score >= _SAME_TOPIC_AT
        return GroundingVerdict(Support.CONTRADICTED if known else Support.UNSUPPORTED, score, reason)
    latin = sum(map(str.isascii, wanted)) * 2 > len(wanted)
    if score < (_SUPPORTED_AT_LATIN if latin else _SUPPORTED_AT):
        return GroundingVerdict(Support.UNSUPPORTED, score, "words")
    return GroundingVerdict(Support.SUPPORTED, score)


def _difference(claim: str, place: str, passage_text: str) -> str:
    """Name the first hard fact in which the claim differs from the place; empty where none does."""
    if facts_of(claim).codes - facts_of(fold(passage_text)).codes:
        return "code"
    there = list(_clauses(place))
    if not _numbers_within(facts_of(claim), facts_of(place)):
        return "number"
    return next((reason for clause in _clauses(claim) if (reason := _clause_difference(clause, there))), "")


def _clause_difference(clause: _Clause, there: list[_Clause]) -> str:
    """Name the first hard fact in which one clause of the claim differs from its counterpart in the place."""
    if not all(_code_fits(code, clause, there) for code in clause.facts.codes):
        return "code"
    if not all(_number_fits(number, clause, there) for number in clause.facts.numbers):
        return "number"
    nearest = min(_nearest(clause.grams, there), key=lambda other: len(other.grams), default=clause)
    if not clause.grams or len(clause.grams & nearest.grams) < _CLAUSE_AT * len(clause.grams):
        return ""
    if len(negations(clause.text)) % 2 != _negations_over(nearest.text, clause.grams) % 2:
        return "negation"
    return "opposite" if opposed(clause.text, nearest.text) else ""


def _numbers_within(claim: Facts, place: Facts) -> bool:
    """Tell whether the place has all numbers of the claim, as often, with their units where both write one."""
    values = Counter(number.value for number in place.numbers)
    values.subtract(number.value for number in claim.numbers)
    if any(count < 0 for count in values.values()):
        return False
    return all(any(number.agrees(other) for other in place.numbers) for number in claim.numbers)


def _number_fits(number: Number, clause: _Clause, there: list[_Clause]) -> bool:
    """Tell whether the number stands where the passage speaks of the same thing.

    ``每台 100 元，电视每台 80 元`` does not bear out ``洗衣机每台 80 元``: of the clauses that give yuan, one of those
    nearest in words must give this number.
    """
    rivals = [other for other in there if any(n.unit == number.unit for n in other.facts.numbers)]
    nearest = _nearest(clause.grams, rivals)
    return not rivals or any(number.agrees(n) for other in nearest for n in other.facts.numbers)


def _code_fits(code: str, clause: _Clause, there: list[_Clause]) -> bool:
    """Tell the same of a code: of the clauses with codes, one nearest in its other words must have it."""
    rivals = [other for other in there if other.facts.codes]
    nearest = _nearest(clause.grams - clause.facts.codes, rivals)
    return any(code in other.facts.codes for other in nearest) or not rivals


def _nearest(grams: frozenset[str], clauses: list[_Clause]) -> list[_Clause]:
    """Return the clauses that share most bigrams, all of them where none shares any."""
    most = max((len(grams & clause.grams) for clause in clauses), default=0)
    return [clause for clause in clauses if len(grams & clause.grams) == most]


def _negations_over(text: str, grams: frozenset[str]) -> int:
    """Count the negations of a clause within, or right before, the part that shares words with ``grams``."""
    bare, origin = _without_negations(without_numbers(text))
    spans = [
        (origin[m.start() + i], origin[m.start() + i + (len(m[0]) if m[0][0] < "\u3400" else len(gram)) - 1] + 1)
        for m in _WORD.finditer(bare)
        for i, gram in _run_grams(m[0])
        if gram in grams
    ]
    if not spans:
        return 0
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    return sum(1 for s, e in negations(text) if s <= end and e >= start - 1)


def _best_place(wanted: frozenset[str], parts: list[str]) -> tuple[str, float]:
    """Find the run of up to ``_WINDOW`` adjacent sentences that holds most of the wanted bigrams; the shortest wins."""
    best, score = "", 0.0
    held = [_grams(part) for part in parts]
    for size in range(1, _WINDOW + 1):
        for start in range(len(parts) - size + 1):
            share = len(wanted & frozenset().union(*held[start : start + size])) / len(wanted)
            if share > score:
                best, score = "\n".join(parts[start : start + size]), share
    return best, score


def _tidy(text: str) -> str:
    return _COURTESY.sub("", fold(text))


def _clauses(text: str) -> Iterator[_Clause]:
    return (_Clause(part, _grams(part), facts_of(part)) for part in _CLAUSE.split(text) if part.strip())


def _grams(folded: str) -> frozenset[str]:
    bare, _ = _without_negations(without_numbers(folded))
    return frozenset(gram for run in _WORD.findall(bare) for _, gram in _run_grams(run))


def _run_grams(run: str) -> list[tuple[int, str]]:
    """Split a run into Han bigrams with their places; a Latin word or a lone Han character is one by itself."""
    if run[0] < "\u3400" or len(run) == 1:
        return [(0, joined(run))]
    return [(i, run[i : i + 2]) for i in range(len(run) - 1)]


def _without_negations(text: str) -> tuple[str, list[int]]:
    """Cut the negating words out; also return where each remaining character stood."""
    gone = {i for start, end in negations(text) for i in range(start, end)}
    kept = [i for i in range(len(text)) if i not in gone]
    return "".join(text[i] for i in kept), kept
