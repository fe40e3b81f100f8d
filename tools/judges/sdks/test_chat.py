"""The SDK of OpenAI with a chat model of another API: one that answers like OpenAI, under another path.

Segmind has such models: `POST /v1/{slug}` with `messages`, and either header for the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai
import pytest
from openai.types.chat import ChatCompletion

from speccast.testing import Emulator, emulator
from tools.judges.sdks.apis import KEY, SEGMIND

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAT = """\
speccast: 1
slug: chat-1
title: A chat model
surfaces: [sync]
returns: [application/json]
answers:
  sync:
    body:
      id: chatcmpl-1
      object: chat.completion
      created: "{unix}"
      model: chat-1
      choices:
        - index: 0
          message: { role: assistant, content: "{text}" }
          finish_reason: stop
      usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 }
parameters:
  messages:
    type: array
    required: true
    minItems: 1
    items:
      type: object
      properties:
        role: { type: string, required: true, enum: [system, user, assistant] }
        content: { type: string, required: true }
  temperature: { type: number, minimum: 0, maximum: 2, default: 1 }
example:
  messages: [{ role: user, content: What does a red fox eat? }]
"""

BODY = {"messages": [{"role": "user", "content": "What does a red fox eat?"}]}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("chat") / "segmind"
    folder.mkdir()
    text = (SEGMIND / "api.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "api.yaml").write_text(
        "".join(line for line in text if not line.startswith("sample:")), "utf-8"
    )
    (folder / "chat-1.yaml").write_text(CHAT, encoding="utf-8")
    with emulator(folder, key=KEY) as running:
        yield running


@pytest.fixture
def client(api: Emulator) -> openai.OpenAI:
    api.reset()
    return openai.OpenAI(api_key=KEY, base_url=f"{api.url}/v1", max_retries=0)


def test_a_request_to_another_path_is_a_completion(client: openai.OpenAI) -> None:
    completion = client.post("/chat-1", cast_to=ChatCompletion, body={**BODY, "temperature": 0.5})
    [choice] = completion.choices
    assert (choice.message.role, choice.finish_reason) == ("assistant", "stop")
    assert choice.message.content is not None
    assert "fox" in choice.message.content
    assert completion.usage is not None
    assert completion.usage.total_tokens == 30


def test_errors_are_those_of_the_sdk(client: openai.OpenAI, api: Emulator) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/chat-1", cast_to=ChatCompletion, body={**BODY, "temperature": 3})
    assert "temperature" in str(caught.value.body)
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(api_key="a-wrong-key", base_url=f"{api.url}/v1").post(
            "/chat-1", cast_to=ChatCompletion, body=BODY
        )
    api.fault("status=429")
    with pytest.raises(openai.RateLimitError):
        client.post("/chat-1", cast_to=ChatCompletion, body=BODY)
