"""The life of an article: draft, review, published, retired; and import from files. Published content never changes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto
from itertools import pairwise
from pathlib import Path

from kit.db import Session
from kit.errors import JiedaiError
from kit.text import displayable
from knowledge import repository
from knowledge.errors import ArticleNotFound, ArticleNotReleasable, ArticleUnreadable, ArticleVersionChanged
from knowledge.parsing import content_hash, passages_of, read_article
from knowledge.schemas import Article, ArticleStatus, ImportReport, Refusal

_RELEASED = {ArticleStatus.PUBLISHED, ArticleStatus.RETIRED}


def import_files(session: Session, source: Path | Sequence[Path]) -> ImportReport:
    """Import Markdown articles from files or from the ``.md`` files of a folder; repeating it changes nothing.

    Of a released version the questions alone may change, under the same number.
    """
    outcomes: list[_Outcome] = []
    refused: list[Refusal] = []
    for path in _files(source):
        try:
            outcomes.append(_save(session, read_article(_text(path), path.name)))
        except JiedaiError as error:
            refused.append(Refusal(path.name, error.message_zh, error.message_en))
    return _report(outcomes, refused)


def add(session: Session, articles: Iterable[Article]) -> ImportReport:
    """Store articles that did not come from files; raises ``ArticleVersionChanged`` where an import would refuse."""
    return _report([_save(session, _storable(article)) for article in articles], [])


def save_draft(session: Session, article: Article, author: str) -> Article:
    """Store a draft; an earlier draft of the same version is replaced."""
    draft = replace(_storable(article), status=ArticleStatus.DRAFT, approved_by="")
    _save(session, draft, author)
    return draft


def submit(session: Session, article_id: str, version: int) -> Article:
    """Hand a draft in for review."""
    article, _ = _known(session, article_id, version)
    if article.status is not ArticleStatus.DRAFT:
        raise _not_releasable("只有草稿可以提交审核", "Only a draft can be handed in for review")
    return _change(session, replace(article, status=ArticleStatus.REVIEW))


def publish(session: Session, article_id: str, version: int, approved_by: str) -> Article:
    """Release a reviewed version; its predecessor stays in force until the new one's first day.

    Raises:
        ArticleNotReleasable: It is not in review, or the approver is its author.
    """
    article, author = _known(session, article_id, version)
    if article.status is not ArticleStatus.REVIEW:
        raise _not_releasable("只有审核中的版本可以发布", "Only a version in review can be published")
    if not approved_by or approved_by == author:
        raise _not_releasable("发布须由作者以外的人批准", "Somebody other than the author must approve")
    released = _change(session, replace(article, status=ArticleStatus.PUBLISHED, approved_by=approved_by))
    _close_windows(session, article_id)
    return released


def retire(session: Session, article_id: str, version: int, now: datetime) -> Article:
    """Withdraw a version at once: it is found no more, but old citations of it still open."""
    article, _ = _known(session, article_id, version)
    end = min(article.effective_to or now, now)
    return _change(session, replace(article, status=ArticleStatus.RETIRED, effective_to=end))


class _Outcome(Enum):
    ADDED = auto()
    NEW_VERSION = auto()
    UNCHANGED = auto()
    QUESTIONS_CHANGED = auto()


def _report(outcomes: list[_Outcome], refused: list[Refusal]) -> ImportReport:
    return ImportReport(
        added=outcomes.count(_Outcome.ADDED),
        new_versions=outcomes.count(_Outcome.NEW_VERSION),
        unchanged=outcomes.count(_Outcome.UNCHANGED),
        refused=tuple(refused),
        questions_changed=outcomes.count(_Outcome.QUESTIONS_CHANGED),
    )


def _storable(article: Article) -> Article:
    """Replace what no database stores as text: NUL and lone surrogates."""
    questions = tuple(map(displayable, article.questions))
    return replace(article, title=displayable(article.title), body=displayable(article.body), questions=questions)


def _save(session: Session, article: Article, author: str = "") -> _Outcome:
    """Store a version with its passages, unless it is there already."""
    fingerprint = content_hash(article)
    known = repository.stored(session, article.id, article.version)
    if known is not None and known[1] == fingerprint and known[0].status in {article.status, ArticleStatus.RETIRED}:
        if known[0].questions == article.questions:
            return _Outcome.UNCHANGED
        repository.put_questions(session, article)
        return _Outcome.QUESTIONS_CHANGED
    if known is not None and known[0].status in _RELEASED:
        raise ArticleVersionChanged(article.id, article.version)
    first = not repository.versions(session, article.id)
    repository.put(session, article, fingerprint, author, passages_of(article))
    _close_windows(session, article.id)
    return _Outcome.ADDED if first else _Outcome.NEW_VERSION


def _close_windows(session: Session, article_id: str) -> None:
    """End each published version where the next one begins, so that one instant has one rule."""
    published = [a for a in repository.versions(session, article_id) if a.status is ArticleStatus.PUBLISHED]
    for old, new in pairwise(published):
        end = min(old.effective_to or new.effective_from, new.effective_from)
        if end != old.effective_to:
            repository.change(session, replace(old, effective_to=end))


def _known(session: Session, article_id: str, version: int) -> tuple[Article, str]:
    found = repository.stored(session, article_id, version)
    if found is None:
        raise ArticleNotFound(article_id, version)
    return found[0], found[2]


def _change(session: Session, article: Article) -> Article:
    repository.change(session, article)
    return article


def _not_releasable(zh: str, en: str) -> ArticleNotReleasable:
    return ArticleNotReleasable(zh, en)


def _files(source: Path | Sequence[Path]) -> list[Path]:
    if not isinstance(source, Path):
        return sorted(source)
    return sorted(source.glob("*.md")) if source.is_dir() else [source]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        zh, en = f"{path.name}：无法读取", f"{path.name}: cannot be read"
        raise ArticleUnreadable(zh, en) from error
