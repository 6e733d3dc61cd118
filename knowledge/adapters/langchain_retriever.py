"""Our retrieval as a LangChain retriever, for whoever builds chains of their own on the shop's knowledge.

LangChain's base class is needed where the class is defined, so this module is imported only by who wants it.
"""

from datetime import UTC, datetime

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from kit.db import Database
from knowledge.schemas import Audience, Hit, Scope
from knowledge.service import KnowledgeService


class KnowledgeRetriever(BaseRetriever):
    """Finds passages in force; each document carries what a citation needs.

    Attributes:
        service: The knowledge base.
        database: Where a search opens its own short read.
        scope: For whom and about what; ``None``: a customer, everything, at the time of the call.
        limit: Most documents.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    service: KnowledgeService
    database: Database
    scope: Scope | None = None
    limit: int = 5

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain passes it
    ) -> list[Document]:
        """Search once (LangChain calls this)."""
        scope = self.scope or Scope(at=datetime.now(UTC), audience=Audience.CUSTOMER)
        with self.database.reading() as session:
            return [_document(hit) for hit in self.service.search(session, query, scope, self.limit)]


def _document(hit: Hit) -> Document:
    passage = hit.passage
    metadata = {
        "passage_id": passage.id,
        "article_id": passage.article_id,
        "version": passage.version,
        "title": passage.title,
        "heading": passage.heading,
        "kind": passage.kind.value,
        "score": hit.score,
        "degraded": hit.degraded,
    }
    return Document(id=passage.id, page_content=passage.text, metadata=metadata)
