"""Words a reply draft with a LangChain chain on any OpenAI-compatible endpoint: render → chat model → parse.

LangChain is used narrowly on purpose: no loaders, no agents, no tools, no templates of its own, no tracing.
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from copilot.ports import DraftRequest, WordedDraft, WordedSentence
from kit.ai.endpoint import answer_within, endpoint_client, unavailable
from kit.ai.ports import ModelUnavailable
from kit.prompts import Prompt, Trusted, load_prompt
from kit.settings import ModelSettings

_PROMPT = Path(__file__).parent.parent / "prompts" / "reply_draft.v1.md"
_MAX_SENTENCES = 6
_LANGUAGES = {"zh": "Simplified Chinese", "en": "English"}


class _Sentence(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    text: str = Field(min_length=1, max_length=400)
    sources: list[int] = Field(max_length=10)


class _Output(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    sentences: list[_Sentence] = Field(max_length=20)


class LangChainDrafter:
    """Implements ``Drafter``; the chain is built once, on first use.

    Args:
        settings: Endpoint, key, model name and timeouts; ``base_url`` must be set.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._prompt = load_prompt(_PROMPT)
        self._lock = threading.Lock()
        self._chain: Any = None

    def draft(self, request: DraftRequest) -> WordedDraft:
        """Implement ``Drafter.draft``."""
        # Tracing is decided by the environment unless it is switched off here: a conversation must not leave that way.
        from langsmith import tracing_context  # LangChain's own; its import takes a second

        chain = self._ready()  # importing the library is no part of the cap
        try:
            with answer_within(self._settings.total_timeout_seconds), tracing_context(enabled=False):
                output: _Output = chain.invoke(_values(request))
        # A wrong answer surfaces as any type: JSON, validation, attribute errors beside the library's own.
        except Exception as error:
            raise unavailable(error) from error
        sentences = tuple(WordedSentence(s.text, tuple(s.sources)) for s in output.sentences[:_MAX_SENTENCES])
        name = f"{self._prompt.id}.v{self._prompt.version}/{self._prompt.sha256[:12]}/{self._settings.name}"
        return WordedDraft(sentences, name[:160])

    def _ready(self) -> Any:  # noqa: ANN401 - a vendor's chain
        with self._lock:
            if self._chain is None:
                self._chain = _chain(self._settings, self._prompt)
            return self._chain


def _chain(settings: ModelSettings, prompt: Prompt) -> Any:  # noqa: ANN401 - a vendor's chain
    # Two seconds to import, and only where a model is configured.
    from langchain_core.messages import HumanMessage, SystemMessage
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.runnables import RunnableLambda
    from langchain_openai import ChatOpenAI

    def rendered(values: Mapping[str, object]) -> list[SystemMessage | HumanMessage]:
        said = prompt.render(values)
        return [SystemMessage(said.system), HumanMessage(said.user)]

    client: Any = endpoint_client(settings)
    model = ChatOpenAI(
        model=settings.name,
        base_url=settings.base_url,
        # A local endpoint needs no key, but the library insists on one.
        api_key=settings.api_key.get_secret_value() or "none",
        temperature=0,
        max_retries=0,
        http_client=client,
        use_responses_api=False,
        max_tokens=prompt.max_tokens,
    )
    return RunnableLambda(rendered) | model | StrOutputParser() | RunnableLambda(_parsed)


def _values(request: DraftRequest) -> dict[str, object]:
    return {
        "language": Trusted(_LANGUAGES.get(request.lang[:2], "English")),
        "max_sentences": _MAX_SENTENCES,
        "turns": [(Trusted(role), text) for role, text in request.turns],
        "sources": [{"index": s.index, "text": s.text} for s in request.sources],
        "must_ask": request.must_ask,
    }


def _parsed(text: str) -> _Output:
    """Read the model's answer; anything but the agreed JSON object is unusable."""
    bare = text.strip()
    if bare.startswith("```"):
        bare = bare.removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        return _Output.model_validate(json.loads(bare))
    except (json.JSONDecodeError, ValidationError, RecursionError) as error:
        raise ModelUnavailable("bad_output") from error
