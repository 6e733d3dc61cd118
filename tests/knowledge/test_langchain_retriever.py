from dataclasses import replace

from knowledge.adapters.langchain_retriever import KnowledgeRetriever
from knowledge.schemas import Audience, Scope


def test_langchain_gets_our_passages_with_their_citations(shelf, customer: Scope) -> None:
    retriever = KnowledgeRetriever(service=shelf.service, database=shelf.database, scope=customer, limit=3)

    documents = retriever.invoke("签收次日起 7 天内可申请无理由退货")

    assert len(documents) == 3
    first = documents[0]
    assert first.page_content == "期限：自签收次日起 7 天内可申请无理由退货。"
    assert first.id == "policy-return@2#1"
    assert first.metadata["article_id"] == "policy-return"
    assert first.metadata["version"] == 2
    assert first.metadata["degraded"] is False


def test_audience_holds_for_langchain_too(shelf, customer: Scope) -> None:
    """SE-12."""

    def articles(scope: Scope | None) -> set[str]:
        retriever = KnowledgeRetriever(service=shelf.service, database=shelf.database, scope=scope, limit=50)
        return {d.metadata["article_id"] for d in retriever.invoke("客服处置：冒烟起火")}

    assert "sop-agent-fire" not in articles(customer)
    assert "sop-agent-fire" not in articles(None)
    assert "sop-agent-fire" in articles(replace(customer, audience=Audience.AGENT))


def test_it_runs_in_a_chain(shelf, customer: Scope) -> None:
    retriever = KnowledgeRetriever(service=shelf.service, database=shelf.database, scope=customer)
    chain = retriever | (lambda documents: [d.metadata["passage_id"] for d in documents])

    assert chain.batch(["退货期限", "申请开票"])[1]
