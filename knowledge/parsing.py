"""From an article file (Markdown with YAML front matter) to an article and its passages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import yaml

from kit.text import displayable
from knowledge.errors import ArticleUnreadable
from knowledge.markdown import Item, Section, Table, chunks, sections
from knowledge.schemas import Article, ArticleKind, ArticleStatus, Audience, Passage, Step

SHOP_ZONE = ZoneInfo("Asia/Shanghai")
"""Where a date without a time begins; China has one zone."""

# A passage must fit the encoder's 512 tokens with its title (0.85 tokens a Han character) and be short to read.
MAX_PASSAGE_CHARS = 400
_MAX_FILE_CHARS = 1_000_000
_MAX_HEADING_CHARS = 400
_MAX_CODE_CHARS = 40
_MAX_QUESTIONS = 50
_MAX_QUESTION_CHARS = 200
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,119}$")
_BRANCH = re.compile(r"\s*[｜|]\s*")
_EXPECTED = re.compile(r"(?:预期|expected)\s*[：:]\s*", re.IGNORECASE)
_OTHERWISE = re.compile(r"(?:否则|otherwise)\s*[：:]\s*", re.IGNORECASE)
_STEPS_HEADING = re.compile(r"步骤|排查|steps?\b", re.IGNORECASE)
_CODE_HEADER = re.compile(r"(?:故障)?代码$|(?:error |fault )?code$", re.IGNORECASE)
_Word = TypeVar("_Word", ArticleKind, Audience)
_CLAUSE_LEAD = re.compile(r"([^：:。；，,]{1,16})[：:]")


def read_article(text: str, source: str, zone: tzinfo = SHOP_ZONE) -> Article:
    """Read an article file.

    Args:
        text: The file's text.
        source: Its name, for messages.
        zone: Where dates of the front matter begin and end; ``effective_to`` is the last day in force.

    Returns:
        The article; published where ``approved_by`` is given, else a draft.

    Raises:
        ArticleUnreadable: No front matter, a missing or wrong field, no text.
    """
    head, body = _split(displayable(text), source)
    last_day = _instant(head.get("effective_to"), zone, source)
    approved_by = str(head.get("approved_by") or "")[:64]
    article_id = str(head.get("id") or "").partition("@")[0]
    if not _ID.match(article_id):
        raise _unreadable(source, "id")
    title = str(head.get("title") or "").strip()
    first_day = _instant(head.get("effective_from"), zone, source)
    if not title or first_day is None:
        raise _unreadable(source, "title" if not title else "effective_from")
    article = Article(
        id=article_id,
        version=_whole(head.get("version", 1), source),
        kind=_word(ArticleKind, head.get("kind"), "kind", source),
        title=title[:200],
        lang=str(head.get("lang") or "zh")[:8],
        audience=_word(Audience, head.get("audience", Audience.CUSTOMER), "audience", source),
        status=ArticleStatus.PUBLISHED if approved_by else ArticleStatus.DRAFT,
        effective_from=first_day,
        effective_to=last_day + timedelta(days=1) if last_day else None,
        body=body,
        labels=tuple(tuple(map(str, path)) for path in head.get("labels") or ()),
        approved_by=approved_by,
        questions=_questions(head.get("questions"), source),
        **{name: _words(head.get(name), name, source) for name in ("products", "models", "regions", "channels")},
    )
    if not passages_of(article):
        raise _unreadable(source, "body")
    return article


def content_hash(article: Article) -> str:
    """Fingerprint everything that a reader of this version relies on, as 64 hexadecimal digits.

    Its questions are not part of it: nobody reads them, and a release must be free to be found by more of them.
    """
    same = replace(article, status=ArticleStatus.DRAFT, effective_to=None, questions=())
    return sha256(repr(same).encode("utf-8", "backslashreplace")).hexdigest()


def passages_of(article: Article) -> list[Passage]:
    """Cut an article into passages, following its structure: steps, code rows and clauses stay whole.

    Args:
        article: Any article.

    Returns:
        Passages in reading order; ordinals count from 1.
    """
    drafts = [draft for section in sections(article.body) for draft in _cut(article, section)]
    return [
        Passage(
            id=f"{article.id}@{article.version}#{ordinal}",
            article_id=article.id,
            version=article.version,
            title=article.title,
            heading=draft.heading[:_MAX_HEADING_CHARS],
            text=draft.text,
            kind=article.kind,
            ordinal=ordinal,
            lang=article.lang,
            code=draft.code,
            family=article.products[0] if draft.code and article.products else "",
            step=draft.step,
        )
        for ordinal, draft in enumerate(drafts, start=1)
    ]


def steps_of(article: Article) -> list[Step]:
    """Read the steps of an SOP with their expected results and otherwise-branches."""
    numbered = {p.step: p.id for p in passages_of(article) if p.step is not None}
    items = (b for s in sections(article.body) if _is_steps(article, s) for b in s.blocks if isinstance(b, Item))
    return [Step(item.number, *_branches(item.text), numbered[item.number]) for item in items]


@dataclass(frozen=True, slots=True)
class _Draft:
    heading: str
    text: str
    code: str = ""
    step: int | None = None


def _cut(article: Article, section: Section) -> Iterator[_Draft]:
    """Yield a section's passages; lines between structured blocks are gathered."""
    heading = " > ".join(section.path)
    lines: list[str] = []
    for block in section.blocks:
        whole = _whole_block(article, section, block)
        if whole is None:
            lines.append(block if isinstance(block, str) else _as_line(block))
            continue
        yield from _text(heading, lines)
        lines = []
        yield from whole
    yield from _text(heading, lines)


def _whole_block(article: Article, section: Section, block: str | Item | Table) -> list[_Draft] | None:
    """Return the passages of a block that must not be cut or joined, ``None`` for any other block."""
    heading = " > ".join(section.path)
    if isinstance(block, Item) and _is_steps(article, section):
        action, expected, otherwise = _branches(block.text)
        labels = ("预期：", "否则：") if article.lang.startswith("zh") else ("Expected: ", "Otherwise: ")
        parts = [action, *(label + part for label, part in zip(labels, (expected, otherwise), strict=True) if part)]
        return [_Draft(f"{heading} {block.number}", "\n".join(parts), step=block.number)]
    if isinstance(block, Item) and article.kind is ArticleKind.POLICY:
        lead = _CLAUSE_LEAD.match(block.text)
        name = f"{block.number} {lead[1]}" if lead else str(block.number)
        return [_Draft(f"{heading} > {name}" if heading else name, block.text)]
    if isinstance(block, Table) and block.header and _CODE_HEADER.search(block.header[0]):
        return [_Draft(row[0], _row(block.header, row), code=row[0][:_MAX_CODE_CHARS]) for row in block.rows if row[0]]
    return None


def _is_steps(article: Article, section: Section) -> bool:
    return article.kind is ArticleKind.SOP and bool(section.path) and bool(_STEPS_HEADING.search(section.path[-1]))


def _branches(text: str) -> tuple[str, str, str]:
    """Split ``action｜预期：…｜否则：…`` into its three parts; missing ones are empty."""
    action, *rest = _BRANCH.split(text)
    expected = otherwise = ""
    for part in rest:
        if found := _EXPECTED.match(part):
            expected = part[found.end() :]
        elif found := _OTHERWISE.match(part):
            otherwise = part[found.end() :]
        else:
            action += f"，{part}"
    return action.strip(), expected.strip(), otherwise.strip()


def _row(header: tuple[str, ...], row: tuple[str, ...]) -> str:
    first = [" ".join(row[:2])]
    return "\n".join(first + [f"{name}：{cell}" for name, cell in zip(header[2:], row[2:], strict=False) if cell])


def _as_line(block: Item | Table) -> str:
    if isinstance(block, Item):
        return f"{block.number}. {block.text}"
    rows = ("；".join(f"{n}：{c}" for n, c in zip(block.header, r, strict=False) if c) for r in block.rows)
    return "\n".join(rows)


def _text(heading: str, lines: list[str]) -> Iterator[_Draft]:
    for chunk in chunks("\n".join(lines), MAX_PASSAGE_CHARS):
        yield _Draft(heading, chunk)


def _split(text: str, source: str) -> tuple[dict[str, Any], str]:
    """Separate front matter and body."""
    opened, _, rest = text.lstrip("\ufeff").replace("\r\n", "\n").partition("\n")
    head, closed, body = rest.partition("\n---\n")
    if opened.strip() != "---" or not closed or len(text) > _MAX_FILE_CHARS:
        raise _unreadable(source, "front matter")
    try:
        loaded = yaml.safe_load(head)
    except (yaml.YAMLError, ValueError):  # ValueError: a date such as 2026-13-01
        loaded = None
    if not isinstance(loaded, dict):
        raise _unreadable(source, "front matter")
    return loaded, body.strip()


def _whole(value: object, source: str) -> int:
    if isinstance(value, int) and value > 0:
        return value
    raise _unreadable(source, "version")


def _word(words: type[_Word], value: object, field: str, source: str) -> _Word:
    try:
        return words(str(value))
    except ValueError:
        raise _unreadable(source, field) from None  # the cause would only repeat it


def _words(value: object, field: str, source: str) -> tuple[str, ...]:
    if value is None or isinstance(value, list):
        return tuple(map(str, value or ()))
    raise _unreadable(source, field)


def _questions(value: object, source: str) -> tuple[str, ...]:
    """Read the questions; a colon with a space makes a mapping of a line, which is refused like any other mistake."""
    asked = [] if value is None else value
    if not isinstance(asked, list) or len(asked) > _MAX_QUESTIONS:
        raise _unreadable(source, "questions")
    if not all(isinstance(q, str) and 0 < len(q.strip()) <= _MAX_QUESTION_CHARS for q in asked):
        raise _unreadable(source, "questions")
    return tuple(dict.fromkeys(q.strip() for q in asked))


def _instant(value: object, zone: tzinfo, source: str) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    raise _unreadable(source, "date")


def _unreadable(source: str, field: str) -> ArticleUnreadable:
    zh, en = f"{source}：{field} 缺失或不正确", f"{source}: {field} is missing or wrong"
    return ArticleUnreadable(zh, en, field=field)
