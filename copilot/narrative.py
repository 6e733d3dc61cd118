"""A talk in a few of its own sentences: those that most others speak of (a centroid summary over bigrams).

Radev et al. 2004, "Centroid-based summarization of multiple documents". Nothing is reworded, so nothing can be wrong
but the choice.
"""

import math
from collections import Counter
from collections.abc import Sequence

from copilot.schemas import Narrative
from copilot.talk import Sentence
from kit.text import bigrams
from tickets.words import Role

_PER_SIDE = 3
_MAX_CHARS = 60  # a longer sentence is a pasted text or a card
_MIN_TOKENS = 4
_HAN_PAIR = 2
_EARLY = 0.3  # how much more the first sentence of a side counts than its last: people begin with the matter


def narrative_of(sentences: Sequence[Sentence]) -> Narrative:
    """Choose the sentences.

    Args:
        sentences: The whole talk in order.

    Returns:
        Each side's sentences in order, and both sides' woven together with who speaks; empty texts where nobody says
        anything of the matter.
    """
    user = _chosen([s for s in sentences if s.role is Role.CUSTOMER])
    agent = _chosen([s for s in sentences if s.role in {Role.AGENT, Role.BOT}])
    both = sorted([*user, *agent], key=lambda s: s.turn)
    return Narrative(_text(user), _text(agent), _text(both, labelled=True))


def _chosen(side: Sequence[Sentence]) -> list[Sentence]:
    candidates = [(s, _tokens(s)) for s in side if not s.courtesy and len(s.text) <= _MAX_CHARS]
    candidates = [(s, tokens) for s, tokens in candidates if len(tokens) >= _MIN_TOKENS]
    weight = Counter(token for _, tokens in candidates for token in tokens)
    last = max(len(candidates) - 1, 1)
    scored = [
        (_centrality(tokens, weight) * _telling(s) * (1 + _EARLY * (1 - place / last)), place, s, tokens)
        for place, (s, tokens) in enumerate(candidates)
    ]
    chosen: list[tuple[int, Sentence]] = []
    covered: set[str] = set()
    for _, place, sentence, tokens in sorted(scored, key=lambda item: (-item[0], item[1])):
        if len(chosen) < _PER_SIDE and len(tokens & covered) * 2 <= len(tokens):
            chosen.append((place, sentence))
            covered |= tokens
    return [sentence for _, sentence in sorted(chosen, key=lambda item: item[0])]


def _telling(sentence: Sentence) -> float:
    """Halve what an agent asks: a summary tells what came of it."""
    return 0.5 if sentence.asks and sentence.role is not Role.CUSTOMER else 1.0


def _centrality(tokens: set[str], weight: Counter[str]) -> float:
    # Divided by a root of the length: by the length itself, the shortest sentences would win.
    return sum(math.log1p(weight[token]) for token in tokens) / math.sqrt(len(tokens))


def _tokens(sentence: Sentence) -> set[str]:
    return {token for token in bigrams(sentence.text) if len(token) >= _HAN_PAIR}


def _text(sentences: Sequence[Sentence], *, labelled: bool = False) -> str:
    parts: list[str] = []
    before: Role | None = None
    for sentence in sentences:
        side = Role.CUSTOMER if sentence.role is Role.CUSTOMER else Role.AGENT
        lead = "" if not labelled or side is before else ("用户：" if side is Role.CUSTOMER else "客服：")
        parts.append(f"{lead}{sentence.text}{'？' if sentence.asks else '。'}")
        before = side
    return "".join(parts)
