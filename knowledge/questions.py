"""Questions that customers put to an article, in their own words: they help to find it and are nothing else.

Authors list them in the article's front matter (``questions:``) and may add to those of a released version, e.g. when
a search has missed. A type of their own, so that none can be quoted or cited where a passage is wanted.
"""

from dataclasses import dataclass

from knowledge.schemas import Article


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a version.

    Attributes:
        id: ``<article>@<version>?<ordinal>``; unlike a passage's, it names another text once the list changes.
    """

    id: str
    text: str


def questions_of(article: Article) -> list[Question]:
    """List a version's questions; ordinals count from 1."""
    stem = f"{article.id}@{article.version}"
    return [Question(f"{stem}?{ordinal}", text) for ordinal, text in enumerate(article.questions, start=1)]
