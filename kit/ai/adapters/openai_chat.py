"""A language model behind any OpenAI-compatible ``/v1/chat/completions`` endpoint, through the ``openai`` client."""

import threading
import time
from typing import Any

from kit.ai.endpoint import answer_within, endpoint_client, unavailable
from kit.ai.ports import Completion, ModelUnavailable
from kit.settings import ModelSettings


class OpenAIChat:
    """Implements ``LanguageModel``; safe to share between threads, its client is built once, on first use.

    Args:
        settings: Endpoint, key, model name and timeouts; ``base_url`` must be set.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client: Any = None

    def complete(self, system: str, user: str, *, max_tokens: int) -> Completion:
        """Implement ``LanguageModel.complete`` at temperature 0; at most two retries, on 429, 5xx or no connection."""
        client = self._connected()  # the first import is no part of the cap: a slow machine would never get an answer
        started = time.monotonic()
        try:
            with answer_within(self._settings.total_timeout_seconds):
                answer = client.chat.completions.create(
                    model=self._settings.name,
                    messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                    max_tokens=max_tokens,
                    temperature=0,
                )
            text = answer.choices[0].message.content
        # A wrong answer surfaces as any type: JSON, attribute, type and index errors beside the library's own.
        except Exception as error:
            raise unavailable(error) from error
        if not isinstance(text, str) or not text.strip():
            raise ModelUnavailable("bad_output")
        usage = answer.usage
        return Completion(
            text=text,
            model=str(answer.model or self._settings.name),
            input_tokens=usage.prompt_tokens if usage else 0,
            output_tokens=usage.completion_tokens if usage else 0,
            latency_ms=(time.monotonic() - started) * 1000,
        )

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _connected(self) -> Any:  # noqa: ANN401 - a vendor's client
        with self._lock:
            if self._client is None:
                import openai  # takes about a second to import, and only where a model is configured

                http: Any = endpoint_client(self._settings)
                # A local endpoint needs no key, but the library insists on one.
                key = self._settings.api_key.get_secret_value() or "none"
                self._client = openai.OpenAI(
                    base_url=self._settings.base_url, api_key=key, max_retries=0, http_client=http
                )
            return self._client
