"""What every ``LanguageModel`` keeps, the scripted one and the real client alike."""

from collections.abc import Iterator

import pytest

from fakes.language_model import Reply, ScriptedModel, StubEndpoint, completion
from kit.ai.adapters.openai_chat import OpenAIChat
from kit.ai.ports import LanguageModel, ModelUnavailable
from kit.settings import ModelSettings


@pytest.fixture(params=["scripted", "openai"])
def answering(request: pytest.FixtureRequest) -> Iterator[LanguageModel]:
    """A model that answers "好的", then nothing, then not at all."""
    if request.param == "scripted":
        yield ScriptedModel(["好的", "", ModelUnavailable("refused")])
        return
    with StubEndpoint(completion("好的"), completion(""), Reply(status=400)) as stub:
        chat = OpenAIChat(ModelSettings(base_url=stub.url, name="tiny"))
        yield chat
        chat.close()


def test_an_answer_has_text_and_cost_and_everything_else_is_unavailable(answering: LanguageModel) -> None:
    answer = answering.complete("system", "user", max_tokens=10)
    codes = []
    for _ in range(2):
        with pytest.raises(ModelUnavailable) as caught:
            answering.complete("system", "user", max_tokens=10)
        codes.append(caught.value.code)

    assert answer.text == "好的"
    assert answer.model
    assert answer.input_tokens > 0
    assert answer.output_tokens > 0
    assert answer.latency_ms >= 0
    assert codes == ["bad_output", "refused"]
    assert all(caught.value.message(lang) for lang in ("zh", "en"))
