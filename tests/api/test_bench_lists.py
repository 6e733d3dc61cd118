"""The lists' benchmark: what it measures, and that both databases hold what it says they hold. No speed is asserted."""

import os
from pathlib import Path

import pytest
from conftest import POSTGRES_URL
from sqlalchemy import text

from api.bench.errors import PartSkipped
from api.bench.lists import making
from api.bench.lists.repository import Loader, Naive
from api.bench.lists.run import DEEP, SEARCHES, ListOptions, run_lists
from kit.crypto import Vault
from kit.db import Database
from tickets.lists.schemas import Filter
from tickets.lists.service import ListService

NAMES = {"open_page", "page_1", f"page_{DEEP}", "count"}
NAMES |= {f"api_{page}_{share}" for page in ("open", "page_1", f"page_{DEEP}") for share in ("p50", "p95")}
NAMES |= {f"text_{name}" for name in SEARCHES}


def _silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


@pytest.mark.slow
def test_each_figure_is_measured_on_both_databases(tmp_path: Path) -> None:
    missing: list[PartSkipped] = []
    options = ListOptions(tickets=300, postgres_url=POSTGRES_URL, requests=5)

    figures = run_lists(options, tmp_path, _silent, missing.append)

    if missing and os.environ.get("CI"):
        pytest.fail(str(missing))
    databases = ("sqlite",) if missing else ("sqlite", "postgres")
    assert set(figures) == {f"{database}_{name}" for database in databases for name in NAMES}
    assert {(figure.unit, figure.n) for figure in figures.values()} == {("ms", 5)}
    beside = {name for name, figure in figures.items() if figure.peer is not None}
    assert {name.split("_", 1)[1] for name in beside} == {n for n in NAMES if not n.startswith("api")} | {
        f"api_page_{DEEP}_p50",
        f"api_page_{DEEP}_p95",
    }


def test_without_a_server_the_rest_is_measured(tmp_path: Path) -> None:
    missing: list[PartSkipped] = []
    nobody = "postgresql+psycopg://postgres@127.0.0.1:9/postgres"

    figures = run_lists(
        ListOptions(tickets=100, postgres_url=nobody, requests=5, with_words=False), tmp_path, _silent, missing.append
    )

    assert [error.code for error in missing] == ["no_postgres"]
    assert "127.0.0.1:9" in str(missing[0])
    assert {name.split("_", 1)[0] for name in figures} == {"sqlite"}
    assert not any("text" in name for name in figures)


def test_tickets_are_made_from_a_seed_and_a_tenth_is_open() -> None:
    made = list(making.tickets(2_000))

    assert made == list(making.tickets(2_000))
    assert 0.05 < sum(m.resolved_at is None for m in made) / len(made) < 0.15
    assert [m.created_at for m in made] == sorted(m.created_at for m in made)


def test_a_filled_database_answers_both_sides_alike(database: Database, store) -> None:
    with database.transaction() as session:
        talk, _ = store.conversations.open(
            session, channel="web", account="b", external_user="1", name="客户", lang="zh"
        )
        customer = store.conversations.get(session, talk).customer_id
        session.execute(text("DELETE FROM groups"))
    loader = Loader(database, [(customer, talk)])
    loader.people()
    assert list(loader.tickets(making.tickets(200))) == [200]
    assert list(loader.terms(making.tickets(200), making.Hasher(Vault(b"k" * 32)))) == [200]
    loader.settle()
    loader.close()
    naive = Naive(database)

    with database.reading() as session:
        like = session.scalar(text("SELECT count(*) FROM tickets WHERE title LIKE '%漏水%'"))
        counts = ListService(store.vault, store.clock).counts(session, {"x": Filter(text="漏水")}, None)
    assert counts["x"].number == like > 5
    assert naive.page(0) == 50
    assert naive.open_page() > 0
    assert naive.search("漏水") == min(50, like)
    assert naive.count() > 100
