"""Rows of the knowledge base: versions of articles, the passages cut from them, and who owns which question."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime


class ArticleRow(Base):
    """One version of an article; but for its questions, its content never changes once it is published."""

    __tablename__ = "knowledge_articles"
    __table_args__ = (Index("ix_knowledge_articles_status", "status"),)

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    lang: Mapped[str] = mapped_column(String(8))
    products: Mapped[list[str]] = mapped_column(JSON, default=list)
    models: Mapped[list[str]] = mapped_column(JSON, default=list)
    regions: Mapped[list[str]] = mapped_column(JSON, default=list)
    channels: Mapped[list[str]] = mapped_column(JSON, default=list)
    labels: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    questions: Mapped[list[str]] = mapped_column(JSON, default=list)
    audience: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    effective_from: Mapped[datetime] = mapped_column(UtcDateTime)
    effective_to: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    body: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(String(64))
    created_by: Mapped[str] = mapped_column(String(64), default="")
    approved_by: Mapped[str] = mapped_column(String(64), default="")


class PassageRow(Base):
    """A passage; kept for as long as its version, so that an old citation can still be opened."""

    __tablename__ = "knowledge_passages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "version"],
            ["knowledge_articles.id", "knowledge_articles.version"],
            ondelete="CASCADE",
        ),
        Index("ix_knowledge_passages_article_id_version", "article_id", "version"),
        Index("ix_knowledge_passages_family_code", "family", "code"),
    )

    id: Mapped[str] = mapped_column(String(160), primary_key=True)
    point_id: Mapped[str] = mapped_column(String(36), unique=True)
    article_id: Mapped[str] = mapped_column(String(120))
    version: Mapped[int]
    ordinal: Mapped[int]
    heading: Mapped[str] = mapped_column(String(400), default="")
    text: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(40), default="")
    family: Mapped[str] = mapped_column(String(64), default="")
    step: Mapped[int | None] = mapped_column(default=None)


class QuestionRow(Base):
    """The way from a question's point in the index to its article; the words stand there."""

    __tablename__ = "knowledge_questions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "version"],
            ["knowledge_articles.id", "knowledge_articles.version"],
            ondelete="CASCADE",
        ),
        Index("ix_knowledge_questions_article_id_version", "article_id", "version"),
    )

    point_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    article_id: Mapped[str] = mapped_column(String(120))
    version: Mapped[int]
