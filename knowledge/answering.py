"""From the best passage to the sentences that are shown: word for word, each with its passage."""

from collections.abc import Sequence

from knowledge.markdown import sentences
from knowledge.schemas import ArticleKind, Citation, CitedSentence, Passage

# Longer passages are cut to the sentences round the best one: a chat bubble holds about this much without scrolling.
_MAX_CHARS = 400
_FIRST_STEPS = 2


def extract(passage: Passage, article_passages: Sequence[Passage]) -> tuple[CitedSentence, ...]:
    """Choose what to show of a passage: all of it.

    A passage is short enough to read (``knowledge.parsing.MAX_PASSAGE_CHARS``), and cutting it to the sentences nearest
    to the question lost answers (CMRC 2018, 300 questions: answer shown for 82 % at 260 characters, 89 % uncut).

    Args:
        passage: The passage that answers it.
        article_passages: All passages of its version, for an SOP found by its symptoms.

    Returns:
        Sentences in reading order. Symptoms answer nothing by themselves: there, the safety notes before the steps and
        the first steps are given.
    """
    if passage.kind is ArticleKind.SOP and passage.step is None:
        steps = [p for p in article_passages if p.step is not None]
        if steps and passage.ordinal < steps[0].ordinal:
            before = [p for p in article_passages if p.ordinal < steps[0].ordinal and p.ordinal > 1]
            shown = [*before, *steps[:_FIRST_STEPS]]
            return tuple(CitedSentence(text, p.id) for p in shown for text in sentences(p.text))
    return tuple(CitedSentence(text, passage.id) for text in sentences(passage.text))


def cite(shown: Sequence[CitedSentence], passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """List the passages of sentences, each once, in order."""
    known = {p.id: p for p in passages}
    used = dict.fromkeys(sentence.passage_id for sentence in shown)
    return tuple(Citation(i, known[i].article_id, known[i].version, known[i].title, known[i].heading) for i in used)
