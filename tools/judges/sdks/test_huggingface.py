"""`huggingface_hub`: its inference client with an API like that of OpenAI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from tools.judges.sdks.apis import EXAMPLES, KEY

if TYPE_CHECKING:
    from speccast.testing import Emulator

pytestmark = pytest.mark.speccast(EXAMPLES / "openai", key=KEY)

MESSAGES: Any = [{"role": "user", "content": "What does a red fox eat?"}]


@pytest.fixture
def client(speccast_emulator: Emulator) -> InferenceClient:
    return InferenceClient(base_url=f"{speccast_emulator.url}/v1", api_key=KEY)


def test_chat_has_an_answer(client: InferenceClient) -> None:
    completion = client.chat_completion(MESSAGES, model="gpt-4o-mini", max_tokens=50)
    assert "fox" in completion.choices[0].message.content
    assert completion.usage.total_tokens > 0


@pytest.mark.parametrize(
    ("options", "status"), [({"temperature": 3}, 400), ({"model": "no-such-model"}, 404)]
)
def test_errors_have_their_status(client: InferenceClient, options: dict[str, Any], status: int) -> None:
    with pytest.raises(HfHubHTTPError) as caught:
        client.chat_completion(MESSAGES, **{"model": "gpt-4o-mini", **options})
    assert caught.value.response.status_code == status


def test_a_failure_is_an_error(client: InferenceClient, speccast_emulator: Emulator) -> None:
    speccast_emulator.fault("status=500")
    with pytest.raises(HfHubHTTPError):
        client.chat_completion(MESSAGES, model="gpt-4o-mini")
