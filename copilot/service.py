"""The copilot's public face."""

from copilot.adapters.langchain_chat import LangChainDrafter
from copilot.feedback import FeedbackService
from copilot.ports import Drafter
from copilot.suggestion import SuggestionService
from copilot.summary import SummaryService
from kit.settings import ModelSettings

__all__ = ["FeedbackService", "SuggestionService", "SummaryService", "build_drafter"]


def build_drafter(settings: ModelSettings) -> Drafter | None:
    """Return what words drafts with the configured language model, ``None`` where none is configured."""
    return LangChainDrafter(settings) if settings.base_url and settings.name else None
