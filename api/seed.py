"""Seeding: groups, articles and the classifier from the shop's folder; doing it again changes nothing."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from api.indexing import sync_index
from api.wiring import Services
from intake.classification.schemas import Example
from kit.progress import ProgressReport
from tickets.service import ROUTING
from tickets.words import StaffRole

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What seeding did.

    Attributes:
        trained: Whether the classifier was trained anew; else the stored one was current.
    """

    articles: int
    trained: bool


def seed(services: Services, progress: ProgressReport | None = None) -> SeedReport:
    """Bring the store in line with the shop's folder.

    Args:
        services: The application's services.
        progress: Called with ``(what, done, total)`` during long work.
    """
    report = progress or _silent
    with services.database.transaction() as session:
        for group_id, zh, en in services.shop.groups:
            services.staff.save_group(session, group_id, zh, en)
        services.desk.form_overview.plant(session, services.shop.forms)
        services.desk.books.plant(session, ROUTING, services.shop.routing)
        if services.shop.rules:
            services.automation.keeper.plant(session, services.shop.rules)
    with services.database.transaction() as session:
        imported = services.knowledge.import_articles(session, services.shop.articles)
    for refusal in imported.refused:
        _log.warning("seed.article.refused", source=refusal.source, reason=refusal.reason_en)
    # Side by side: the index keeps the encoder busy while the classifier's training computes without it.
    with ThreadPoolExecutor(1) as pool:
        indexing = pool.submit(sync_index, services, report)
        trained = _train(services, report)
        indexing.result()
    return SeedReport(articles=imported.total, trained=trained)


def seed_staff(services: Services) -> str:
    """Make the demo shop's staff with one random password, unless somebody is there already.

    Returns:
        The password; empty where nobody was made. There is no built-in default (A60).
    """
    with services.database.reading() as session:
        if services.staff.members(session):
            return ""
    password = secrets.token_urlsafe(9)
    with services.database.transaction() as session:
        for person in services.shop.people:
            services.staff.save(
                session,
                username=person.username,
                name=person.name,
                role=StaffRole(person.role),
                group_id=person.group_id,
                password=password,
            )
    return password


def training_examples(services: Services) -> list[Example]:
    """Read the shop's labelled utterances; a null label is out of scope."""
    lines = services.shop.utterances.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [Example(row["text"], tuple(row["label"]) if row["label"] else None) for row in rows]


def _train(services: Services, report: ProgressReport) -> bool:
    examples = training_examples(services)
    if services.classification.is_current(examples):
        services.classification.load()
        return False
    services.classification.train(examples, lambda done, total: report("classifier", done, total))
    return True


def _silent(what: str, done: int, total: int) -> None:
    """Report nothing."""
