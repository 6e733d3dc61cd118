"""SQL of the knowledge base."""

from collections.abc import Iterable, Sequence
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import delete, select, tuple_

from kit.db import Session
from knowledge.models import ArticleRow, PassageRow, QuestionRow
from knowledge.questions import questions_of
from knowledge.schemas import Article, ArticleKind, ArticleStatus, Audience, Passage

_IN_LIMIT = 500  # below SQLite's 32,766 and any server's bound on parameters


def point_id(passage_id: str) -> str:
    """Return the index's id of a passage or question: always the same one, so writing twice stores once."""
    return str(uuid5(NAMESPACE_URL, f"jiedai:passage:{passage_id}"))


def put(session: Session, article: Article, body_hash: str, created_by: str, passages: Iterable[Passage]) -> None:
    """Insert a version, or replace an unreleased one, with its passages."""
    row = session.get(ArticleRow, (article.id, article.version))
    if row is None:
        row = ArticleRow(id=article.id, version=article.version, created_by=created_by)
        session.add(row)
    for name in ("kind", "title", "lang", "audience", "status", "effective_from", "effective_to", "body"):
        setattr(row, name, getattr(article, name))
    row.products, row.models = list(article.products), list(article.models)
    row.regions, row.channels = list(article.regions), list(article.channels)
    row.labels = [list(path) for path in article.labels]
    row.body_hash, row.approved_by = body_hash, article.approved_by
    session.flush()
    session.execute(
        delete(PassageRow).where(PassageRow.article_id == article.id, PassageRow.version == article.version)
    )
    session.add_all(_passage_row(passage) for passage in passages)
    put_questions(session, article)


def put_questions(session: Session, article: Article) -> None:
    """Replace the questions of a version, whatever its status."""
    session.get_one(ArticleRow, (article.id, article.version)).questions = list(article.questions)
    session.execute(
        delete(QuestionRow).where(QuestionRow.article_id == article.id, QuestionRow.version == article.version)
    )
    session.add_all(
        QuestionRow(point_id=point_id(question.id), article_id=article.id, version=article.version)
        for question in questions_of(article)
    )
    session.flush()


def stored(session: Session, article_id: str, version: int) -> tuple[Article, str, str] | None:
    """Return a version with its content's fingerprint and its author."""
    row = session.get(ArticleRow, (article_id, version))
    return None if row is None else (_article(row), row.body_hash, row.created_by)


def versions(session: Session, article_id: str) -> list[Article]:
    """Return every version of an article, oldest first."""
    rows = session.scalars(select(ArticleRow).where(ArticleRow.id == article_id).order_by(ArticleRow.version))
    return [_article(row) for row in rows]


def change(session: Session, article: Article) -> None:
    """Write what may change of a version: its status, approval and window."""
    row = session.get_one(ArticleRow, (article.id, article.version))
    row.status, row.approved_by = article.status, article.approved_by
    row.effective_from, row.effective_to = article.effective_from, article.effective_to
    session.flush()


def articles(session: Session, status: ArticleStatus | None = None, kind: ArticleKind | None = None) -> list[Article]:
    """List versions by id."""
    query = select(ArticleRow).order_by(ArticleRow.id, ArticleRow.version)
    if status is not None:
        query = query.where(ArticleRow.status == status)
    if kind is not None:
        query = query.where(ArticleRow.kind == kind)
    return [_article(row) for row in session.scalars(query)]


def published_passages(session: Session, *, codes_only: bool = False) -> list[tuple[Passage, Article]]:
    """Return every passage (or every code-table row) of a published version with its article, in order."""
    parents = {(a.id, a.version): a for a in articles(session, ArticleStatus.PUBLISHED)}
    query = (
        select(PassageRow)
        .join(ArticleRow, (ArticleRow.id == PassageRow.article_id) & (ArticleRow.version == PassageRow.version))
        .where(ArticleRow.status == ArticleStatus.PUBLISHED)
        .order_by(PassageRow.article_id, PassageRow.version, PassageRow.ordinal)
    )
    if codes_only:
        query = query.where(PassageRow.code != "")
    found = ((row, parents[row.article_id, row.version]) for row in session.scalars(query))
    return [(_passage(row, parent), parent) for row, parent in found]


def by_points(session: Session, point_ids: Sequence[str]) -> dict[str, tuple[Passage, Article]]:
    """Look up what the index found; ids that it made up or kept too long are simply missing."""
    rows: list[PassageRow] = []
    for start in range(0, len(point_ids), _IN_LIMIT):
        batch = point_ids[start : start + _IN_LIMIT]
        rows += session.scalars(select(PassageRow).where(PassageRow.point_id.in_(batch)))
    # Articles apart, not joined: a hundred passages come from a few dozen articles, each read once.
    parents = _by_keys(session, {(row.article_id, row.version) for row in rows})
    found = ((row, parents[row.article_id, row.version]) for row in rows)
    return {row.point_id: (_passage(row, parent), parent) for row, parent in found}


def question_owners(session: Session, point_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Look up whose questions the index found: article and version by point; strange ids are simply missing."""
    owners: dict[str, tuple[str, int]] = {}
    for start in range(0, len(point_ids), _IN_LIMIT):
        batch = point_ids[start : start + _IN_LIMIT]
        rows = session.execute(
            select(QuestionRow.point_id, QuestionRow.article_id, QuestionRow.version).where(
                QuestionRow.point_id.in_(batch)
            )
        )
        owners |= {point: (article_id, version) for point, article_id, version in rows}
    return owners


def openings(session: Session, keys: Iterable[tuple[str, int]]) -> dict[str, tuple[Passage, Article]]:
    """Return the first passage of each version, by point."""
    return by_points(session, [point_id(f"{article_id}@{version}#1") for article_id, version in sorted(keys)])


def passage(session: Session, passage_id: str) -> tuple[Passage, Article] | None:
    """Return a passage of any version, in force or not."""
    return by_points(session, [point_id(passage_id)]).get(point_id(passage_id))


def code_rows(session: Session) -> list[tuple[Passage, Article]]:
    """Return the rows of every published code table."""
    return published_passages(session, codes_only=True)


def _by_keys(session: Session, keys: set[tuple[str, int]]) -> dict[tuple[str, int], Article]:
    query = select(ArticleRow).where(tuple_(ArticleRow.id, ArticleRow.version).in_(sorted(keys)))
    return {(row.id, row.version): _article(row) for row in session.scalars(query)}


def _passage_row(passage: Passage) -> PassageRow:
    return PassageRow(
        id=passage.id,
        point_id=point_id(passage.id),
        article_id=passage.article_id,
        version=passage.version,
        ordinal=passage.ordinal,
        heading=passage.heading,
        text=passage.text,
        code=passage.code,
        family=passage.family,
        step=passage.step,
    )


def _passage(row: PassageRow, article: Article) -> Passage:
    return Passage(
        id=row.id,
        article_id=row.article_id,
        version=row.version,
        title=article.title,
        heading=row.heading,
        text=row.text,
        kind=article.kind,
        ordinal=row.ordinal,
        lang=article.lang,
        code=row.code,
        family=row.family,
        step=row.step,
    )


def _article(row: ArticleRow) -> Article:
    return Article(
        id=row.id,
        version=row.version,
        kind=ArticleKind(row.kind),
        title=row.title,
        lang=row.lang,
        audience=Audience(row.audience),
        status=ArticleStatus(row.status),
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        body=row.body,
        products=tuple(row.products),
        models=tuple(row.models),
        regions=tuple(row.regions),
        channels=tuple(row.channels),
        labels=tuple(tuple(path) for path in row.labels),
        questions=tuple(row.questions),
        approved_by=row.approved_by,
    )
